"""Asks for plans as an operator does, and holds against the audit that the asking has written nothing."""

import json
import time
from typing import Any

from local_aws.enforcement.access_levels import access_level
from meshstack_client import LocalEnvironment

# A session is no change, and neither are the calls by which the machine itself goes on.
NOT_OF_THE_ACCOUNT = {"sts:AssumeRole", "lambda:InvokeFunction", "lambda:Invoke", "states:StartExecution"}
ROLES_OF_PLANS = ("AVMPlan", "AVMVerificationRole")


def written_by(calls: list[dict[str, Any]], *roles: str) -> list[str]:
    """What roles with these words in their names have changed, as IAM's access levels say."""
    return [
        call["action"]
        for call in calls
        if any(role in (call["principal"] or "") for role in roles)
        and call["action"] not in NOT_OF_THE_ACCOUNT
        and access_level(call["action"]) not in ("Read", "List")
    ]


def steps_to_do(plan: dict[str, Any]) -> dict[str, str]:
    """The steps that a plan does not find settled, with what they would do."""
    return {one["Step"]: one["Plan"]["Words"] for one in plan["Plans"] if not one["Plan"]["IsEmpty"]}


class Planner:
    """The state machine of plans."""

    def __init__(self, environment: LocalEnvironment, local_aws: Any) -> None:
        self._states = environment.root_client("stepfunctions", environment.automation_account_id)
        self._machine = environment.state_machine_arn.replace("avm-vend-account", "avm-plan-account")
        self._local_aws = local_aws

    def ask(self, order: str) -> dict[str, Any]:
        """The plan of an order; fails when a call of the asking wrote anything."""
        mark = self._local_aws.mark()
        execution = self._states.start_execution(stateMachineArn=self._machine, input=order)["executionArn"]
        for _ in range(300):
            found = self._states.describe_execution(executionArn=execution)
            if found["status"] != "RUNNING":
                break
            time.sleep(0.1)
        assert found["status"] == "SUCCEEDED", (found.get("error"), found.get("cause"))
        calls = self._local_aws.calls(mark)
        assert any("AVMPlan" in (call["principal"] or "") for call in calls)
        assert written_by(calls, *ROLES_OF_PLANS) == []
        return json.loads(found["output"])
