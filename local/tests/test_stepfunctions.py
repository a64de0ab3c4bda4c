"""The API of Step Functions: start, stop, describe, history, and the role of a machine.

What happens inside an execution is in test_state_language.
"""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from machines import one_state


def test_the_history_shows_the_states_with_times(
    states: Any, chain_machine: str, run: Callable[..., Any]
) -> None:
    ended = run(chain_machine, {"Key": "history", "Sets": [{"name": "a"}]})
    arn = ended["executionArn"]
    events = [
        event
        for page in states.get_paginator("get_execution_history").paginate(
            executionArn=arn, PaginationConfig={"PageSize": 10}
        )
        for event in page["events"]
    ]
    assert len({event["id"] for event in events}) == len(events) > 20
    entered = [e["stateEnteredEventDetails"]["name"] for e in events if "stateEnteredEventDetails" in e]
    assert entered[:5] == ["Prepare", "Poll", "Ready?", "Hold", "Poll"]
    assert entered[-1] == "End"
    assert all(event["timestamp"] for event in events)
    newest = states.get_execution_history(executionArn=arn, reverseOrder=True, maxResults=1)
    assert newest["events"][0]["type"] == "ExecutionSucceeded"


def test_a_start_under_the_same_name_joins_or_is_refused(
    states: Any, machine: Callable[..., str], finish: Callable[..., Any], unhurried: None
) -> None:
    arn = machine("slow", one_state({"Type": "Wait", "Seconds": 50, "End": True}))
    first = states.start_execution(stateMachineArn=arn, name="n-1", input='{"a":1}')
    again = states.start_execution(stateMachineArn=arn, name="n-1", input='{"a":1}')
    assert first["executionArn"] == again["executionArn"]
    assert first["startDate"] == again["startDate"]
    with pytest.raises(states.exceptions.ExecutionAlreadyExists):
        states.start_execution(stateMachineArn=arn, name="n-1", input='{"a":2}')
    assert finish(states, first["executionArn"])["status"] == "SUCCEEDED"
    with pytest.raises(states.exceptions.ExecutionAlreadyExists) as caught:
        states.start_execution(stateMachineArn=arn, name="n-1", input='{"a":1}')
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    unnamed = {states.start_execution(stateMachineArn=arn)["executionArn"] for _ in range(3)}
    assert len(unnamed) == 3
    with pytest.raises(states.exceptions.InvalidName):
        states.start_execution(stateMachineArn=arn, name="a b")


def test_describing_what_does_not_exist(states: Any, chain_machine: str) -> None:
    with pytest.raises(states.exceptions.ExecutionDoesNotExist):
        states.describe_execution(
            executionArn=chain_machine.replace("stateMachine", "execution") + ":nothing"
        )


def test_stop_aborts_at_once(states: Any, machine: Callable[..., str]) -> None:
    arn = machine("endless", one_state({"Type": "Wait", "Seconds": 5000, "End": True}))
    execution = states.start_execution(stateMachineArn=arn)["executionArn"]
    time.sleep(0.2)
    states.stop_execution(executionArn=execution, error="Stopped", cause="by a test")
    ended = states.describe_execution(executionArn=execution)
    assert (ended["status"], ended["error"], ended["cause"]) == ("ABORTED", "Stopped", "by a test")
    listed = states.list_executions(stateMachineArn=arn, statusFilter="ABORTED")["executions"]
    assert [entry["executionArn"] for entry in listed] == [execution]
    time.sleep(0.2)
    events = states.get_execution_history(executionArn=execution, reverseOrder=True)["events"]
    assert events[0]["type"] == "ExecutionAborted"


def test_what_has_ended_is_listed_by_its_end(states: Any, machine: Callable[..., str]) -> None:
    arn = machine("sorted", one_state({"Type": "Wait", "Seconds": 5000, "End": True}))
    started = []
    for _ in range(3):
        started.append(states.start_execution(stateMachineArn=arn)["executionArn"])
        time.sleep(0.01)
    states.stop_execution(executionArn=started[0])
    listed = states.list_executions(stateMachineArn=arn)["executions"]
    assert [entry["executionArn"] for entry in listed] == [started[0], started[2], started[1]]


def test_pages_of_running_executions_go_on_where_one_has_ended(states: Any, machine: Callable[..., str]) -> None:
    arn = machine("pages", one_state({"Type": "Wait", "Seconds": 5000, "End": True}))
    started = [states.start_execution(stateMachineArn=arn)["executionArn"] for _ in range(3)]
    asked = {"stateMachineArn": arn, "statusFilter": "RUNNING", "maxResults": 1}
    page = states.list_executions(**asked)
    (shown,) = page["executions"]
    states.stop_execution(executionArn=shown["executionArn"])

    found = [shown["executionArn"]]
    while token := page.get("nextToken"):
        page = states.list_executions(**asked, nextToken=token)
        found += [entry["executionArn"] for entry in page["executions"]]

    assert sorted(found) == sorted(started)
    with pytest.raises(states.exceptions.InvalidToken):
        states.list_executions(**asked, nextToken="somewhere")


def test_tasks_call_as_the_machines_role(
    states: Any, machine: Callable[..., str], run: Callable[..., Any]
) -> None:
    identity = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sts:getCallerIdentity",
        "Arguments": {},
        "Output": "{% $states.result.Arn %}",
        "End": True,
    }
    ended = run(machine("who", one_state(identity)), name="run-7")
    assert ended["status"] == "SUCCEEDED", ended
    assert json.loads(ended["output"]).endswith("assumed-role/who-role/run-7")


def test_a_role_that_step_functions_may_not_assume_is_refused(states: Any, client: Any) -> None:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "ec2.amazonaws.com"},
            }
        ],
    }
    role = client("iam").create_role(
        RoleName="not-for-states", AssumeRolePolicyDocument=json.dumps(trust)
    )["Role"]["Arn"]
    with pytest.raises(ClientError) as caught:
        states.create_state_machine(
            name="refused",
            definition=json.dumps(one_state({"Type": "Succeed"})),
            roleArn=role,
        )
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
