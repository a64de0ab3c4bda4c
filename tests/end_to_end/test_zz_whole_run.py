"""Looks back at everything that the other tests made the AVM do: no function was denied what its step calls.

Its name puts it last; it fails when it saw no vend.
"""

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
