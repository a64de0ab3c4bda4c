"""Looks back at everything that the other tests made the AVM do: no function was denied what its step calls.

And no role of plans has written anything. Its name puts it last; it fails when it saw no vend and no plan.
"""

import pytest
from planning import ROLES_OF_PLANS, calls_of, written_by

pytestmark = pytest.mark.usefixtures("everything_else")


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
    calls = local_aws.calls()
    assert calls_of(calls, "role/AVMPlanRole")
    assert written_by(calls, *ROLES_OF_PLANS) == []
