"""Asks for plans as an operator does, and holds against the audit that the asking has written nothing."""

import json
from typing import Any

from local_aws.enforcement.access_levels import access_level
from meshstack_client import LocalEnvironment, Operator

MACHINE = "role/AVMPlanMachineRole"
# The roles of plans; completion and default-vpcs look into accounts through the last one, too.
ROLES_OF_PLANS = (MACHINE, "role/AVMPlanFunctionRole", "role/AVMPlanRole", "role/AVMVerificationRole")


def calls_of(calls: list[dict[str, Any]], *roles: str) -> list[dict[str, Any]]:
    """The calls of principals with one of these in their names."""
    return [call for call in calls if any(role in (call["principal"] or "") for role in roles)]


def written_by(calls: list[dict[str, Any]], *roles: str) -> list[str]:
    """What they have changed, as IAM's access levels say. A session is no change, nor is how the machine asks for plans."""
    return [
        call["action"]
        for call in calls_of(calls, *roles)
        if call["action"] != "sts:AssumeRole"
        and not (call["action"] == "lambda:InvokeFunction" and MACHINE in call["principal"])
        and access_level(call["action"]) not in ("Read", "List")
    ]


def steps_to_do(plan: dict[str, Any]) -> dict[str, str]:
    """The steps that a plan does not find settled, with what they would do."""
    return {one["Step"]: one["Plan"]["Words"] for one in plan["Plans"] if not one["Plan"]["IsEmpty"]}


def left_by(plan: dict[str, Any]) -> tuple[str, bool]:
    """What a vend would leave, in words, and whether that is nothing to do."""
    [told] = [one["Plan"] for one in plan["Plans"] if one["Step"] == "left-instances"]
    return told["Words"], told["IsEmpty"]


class Planner:
    """The state machine of plans."""

    def __init__(self, environment: LocalEnvironment, local_aws: Any) -> None:
        self._operator = Operator(environment)
        self._machine = environment.state_machine_arn.replace("avm-vend-account", "avm-plan-account")
        self._local_aws = local_aws

    def ask(self, order: str) -> dict[str, Any]:
        """The plan of an order; fails when a call of the asking wrote anything."""
        mark = self._local_aws.mark()
        started = self._operator.states.start_execution(stateMachineArn=self._machine, input=order)
        found = self._operator.wait_for_end(started["executionArn"], 30)
        assert found["status"] == "SUCCEEDED", (found.get("error"), found.get("cause"))
        calls = self._local_aws.calls(mark)
        assert calls_of(calls, "role/AVMPlan")
        assert written_by(calls, *ROLES_OF_PLANS) == []
        return json.loads(found["output"])
