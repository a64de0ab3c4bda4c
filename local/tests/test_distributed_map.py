"""Distributed maps and the schedule that starts them: the rights that they need, and the failures that they bear.

What a machine does with them is in the end-to-end tests of the reconciler.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from administration import admin


def allowing(action: str) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trusting(service: str) -> str:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


OF_SCHEDULES = trusting("scheduler.amazonaws.com")
MAY_START = allowing("states:StartExecution")


def over(items: list[Any], **more: Any) -> dict[str, Any]:
    """A machine that fails for every item that is negative, and answers twice the others."""
    return {
        "QueryLanguage": "JSONata",
        "StartAt": "Each",
        "States": {
            "Each": {
                "Type": "Map",
                "Items": items,
                "ItemSelector": {"Number": "{% $states.context.Map.Item.Value %}"},
                "MaxConcurrency": 2,
                **more,
                "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                    "StartAt": "Check",
                    "States": {
                        "Check": {
                            "Type": "Choice",
                            "Choices": [{"Condition": "{% $states.input.Number < 0 %}", "Next": "Refused"}],
                            "Default": "Twice",
                        },
                        "Twice": {"Type": "Pass", "Output": "{% $states.input.Number * 2 %}", "End": True},
                        "Refused": {"Type": "Fail", "Error": "Negative", "Cause": "no negative numbers"},
                    },
                },
                "End": True,
            }
        },
    }


def test_each_item_is_worked_on_and_the_answers_are_in_the_order_of_the_items(
    machine: Callable[..., str], run: Callable[..., Any]
) -> None:
    ended = run(machine("doubling", over([1, 2, 3, 4, 5])))
    assert (ended["status"], json.loads(ended["output"])) == ("SUCCEEDED", [2, 4, 6, 8, 10])
    nothing = run(machine("doubling-nothing", over([])))
    assert json.loads(nothing["output"]) == []


@pytest.mark.parametrize(
    ("threshold", "status"),
    [
        ({}, "FAILED"),
        ({"ToleratedFailureCount": 1}, "SUCCEEDED"),
        ({"ToleratedFailurePercentage": 20.0}, "FAILED"),
        ({"ToleratedFailurePercentage": 100.0}, "SUCCEEDED"),
    ],
)
def test_failures_are_borne_up_to_the_threshold(
    machine: Callable[..., str], run: Callable[..., Any], threshold: dict[str, float], status: str
) -> None:
    name = f"bearing-{abs(hash(json.dumps(threshold)))}"
    ended = run(machine(name, over([1, -2, 3], **threshold)))
    assert ended["status"] == status, ended
    if status == "FAILED":
        assert ended["error"] == "States.ExceedToleratedFailureThreshold"


def test_a_role_that_may_not_start_its_machine_runs_no_map(
    machine: Callable[..., str], run: Callable[..., Any]
) -> None:
    ended = run(machine("may-not-start", over([1]), policy=allowing("sns:Publish")))
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Permissions")
    assert "states:StartExecution" in ended["cause"]


def schedule(client: Callable[..., Any], name: str, target: str, role: str, state: str = "ENABLED") -> None:
    client("scheduler").create_schedule(
        Name=name,
        ScheduleExpression="cron(0 2 * * ? *)",
        State=state,
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": target, "RoleArn": role},
    )


def test_a_schedule_starts_its_machine_under_its_role_unless_it_is_disabled(
    server: Any,
    client: Callable[..., Any],
    machine: Callable[..., str],
    service_role: Callable[..., str],
    finish: Callable[..., Any],
) -> None:
    arn = machine("scheduled", over([1]))
    account_id = arn.split(":")[4]
    role = service_role("schedule-role", trust=OF_SCHEDULES, policy=MAY_START)
    schedule(client, "nightly", arn, role)
    schedule(client, "switched-off", arn, role, state="DISABLED")
    _, answer = admin(server, "POST", f"schedules/{account_id}/nightly/fire")
    assert finish(client("stepfunctions"), answer["execution"])["status"] == "SUCCEEDED"
    assert admin(server, "POST", f"schedules/{account_id}/switched-off/fire") == (200, {"execution": None})
    assert admin(server, "POST", f"schedules/{account_id}/unknown/fire")[0] == 404


def test_a_schedule_needs_a_role_that_trusts_it_and_may_start_the_machine(
    server: Any, client: Callable[..., Any], machine: Callable[..., str], service_role: Callable[..., str]
) -> None:
    arn = machine("unscheduled", over([1]))
    untrusting = service_role("untrusting-role", trust=trusting("lambda.amazonaws.com"), policy=MAY_START)
    with pytest.raises(ClientError, match="must allow AWS EventBridge Scheduler to assume the role"):
        schedule(client, "untrusted", arn, untrusting)
    powerless = service_role("powerless-role", trust=OF_SCHEDULES, policy=allowing("sns:Publish"))
    schedule(client, "powerless", arn, powerless)
    status, answer = admin(server, "POST", f"schedules/{arn.split(':')[4]}/powerless/fire")
    assert status == 400
    assert "AccessDenied" in answer["error"]
