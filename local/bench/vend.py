"""What a warm vend costs on the local AWS: API calls, state transitions, time outside of AWS calls.

A first vend warms the sandboxes; the second one is measured.
"""

import json
from dataclasses import dataclass
from typing import Any

from local_aws import audit
from meshstack_client import MeshStack, Operator


@dataclass(frozen=True)
class Vend:
    """The numbers of one vend; times in milliseconds."""

    seconds: float
    calls: int
    calls_by_service: dict[str, int]
    transitions: int
    invocations: int
    invocation_time: float
    call_time: float


def vend(
    meshstack: MeshStack, operator: Operator, project: str, landing_zone: str
) -> dict[str, Any]:
    """Vends an account that meshStack has made: payload, account, execution, and the last event of each step."""
    account = meshstack.create_account(f"bench-{project}", f"aws+bench.{project}@example.com")
    payload = meshstack.payload(account, "bench", project, LandingZone=landing_zone)
    answer = meshstack.invoke(payload)
    execution = operator.wait_for_end(answer["executionArn"])
    if execution["status"] != "SUCCEEDED":
        raise RuntimeError(f"the vend failed: {execution.get('error')}: {execution.get('cause')}")
    steps = _last_events(operator.events(execution["executionArn"]))
    return {"account": account, "payload": payload, "execution": execution, "steps": steps}


def _last_events(history: list[dict[str, Any]]) -> dict[str, Any]:
    """What each function was last invoked with, by the function's name."""
    events = {}
    for event in history:
        scheduled = event.get("taskScheduledEventDetails")
        if scheduled and scheduled["resourceType"] == "lambda":
            parameters = json.loads(scheduled["parameters"])
            # The ARN of a version, or of the function.
            events[parameters["FunctionName"].split(":")[6]] = parameters["Payload"]
    return events


def measure(meshstack: MeshStack, operator: Operator, landing_zone: str) -> Vend:
    """Vends one account more and counts."""
    mark = audit.last_number()
    execution = vend(meshstack, operator, f"measured-{landing_zone}", landing_zone)["execution"]
    calls = audit.calls_since(mark)
    automation = operator.environment.automation_account_id
    # What CloudFormation does inside the account is AWS's own work.
    made = [call for call in calls if _is_by_a_function(call["principal"] or "", automation)]
    invoked = [call for call in calls if call["action"] == "lambda:InvokeFunction"]
    by_service: dict[str, int] = {}
    for call in made:
        by_service[call["service"]] = by_service.get(call["service"], 0) + 1
    events = operator.events(execution["executionArn"])
    return Vend(
        seconds=(execution["stopDate"] - execution["startDate"]).total_seconds(),
        calls=len(made),
        calls_by_service=dict(sorted(by_service.items())),
        transitions=sum(event["type"].endswith("StateEntered") for event in events),
        invocations=len(invoked),
        invocation_time=sum(call["milliseconds"] for call in invoked),
        call_time=sum(call["milliseconds"] for call in made),
    )


def _is_by_a_function(principal: str, automation: str) -> bool:
    role = principal.rpartition("role/")[2]
    function_role = f"::{automation}:role/" in principal and (
        role.endswith("FunctionRole") or role == "PermissionDowngradeLambdaAdministrationRole"
    )
    return (
        function_role
        or role.startswith("AVM")
        and role != "AVMStateMachineRole"
        or role in ("MeshstackAccountAccessRole", "PermissionDowngradeLambdaExecutionRole")
    )
