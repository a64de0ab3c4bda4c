"""Looks back at everything that the other tests made the AVM do: no function was denied what its step calls.

And no role of plans has written anything. Its name puts it last; it fails when it saw no vend and no plan.
"""

from local_aws.enforcement.access_levels import access_level

# The roles of plans; of these, completion and default-vpcs look into accounts through the last one, too.
ROLES_OF_PLANS = ("AVMPlanFunctionRole", "AVMPlanRole", "AVMVerificationRole")


def test_no_function_was_denied_what_its_step_calls(local_aws):
    calls = [call for call in local_aws.calls() if "role/AVM" in (call["principal"] or "")]
    assert len(calls) > 100
    denied = [call for call in calls if call["error"] in ("AccessDenied", "AccessDeniedException")]
    # A new account is not ready at once: its roles cannot be assumed. Refusals that tests ask for are known.
    unexpected = [
        call
        for call in denied
        if local_aws.is_unexpected(call) and call["action"] != "sts:AssumeRole"
    ]
    assert unexpected == []


def test_no_role_of_plans_has_written_anything(local_aws):
    calls = [
        call
        for call in local_aws.calls()
        if any(f"role/{role}" in (call["principal"] or "") for role in ROLES_OF_PLANS)
        and call["action"] != "sts:AssumeRole"
    ]
    assert any("role/AVMPlanRole" in call["principal"] for call in calls)
    written = {call["action"] for call in calls if access_level(call["action"]) not in ("Read", "List")}
    assert written == set()
