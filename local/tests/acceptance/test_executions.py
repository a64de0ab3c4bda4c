"""Calls of Step Functions: how executions and machines are described, started twice, and refused."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from machines import one_state

API = "LocalStack, stepfunctions/v2/test_sfn_api.py, recorded on AWS 2023-06-22 to 2024-08-21"
LOGS = "LocalStack, stepfunctions/v2/test_sfn_api_logs.py, recorded on AWS 2024-06-01"
EVENTS = "LocalStack, stepfunctions/v2/base/test_base.py::test_event_bridge_events_base, recorded on AWS 2024-02-07"

PASS = one_state({"Type": "Pass", "End": True})
WAIT = one_state({"Type": "Wait", "Seconds": 9000, "End": True})


def refusal(call: Callable[..., Any], **parameters: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


@pytest.mark.source(API)
def test_a_finished_execution_is_described_completely(
    machine: Callable[..., str], run: Callable[..., Any]
) -> None:
    described = run(machine("describe-me", PASS), {"a": 1})
    del described["ResponseMetadata"], described["startDate"], described["stopDate"]
    arn = described.pop("executionArn")
    assert described == {
        "stateMachineArn": arn.replace(":execution:", ":stateMachine:").rpartition(":")[0],
        "name": arn.rpartition(":")[2],
        "status": "SUCCEEDED",
        "input": '{"a": 1}',
        "inputDetails": {"included": True},
        "output": '{"a":1}',
        "outputDetails": {"included": True},
        "redriveCount": 0,
        "redriveStatus": "NOT_REDRIVABLE",
        "redriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
    }


@pytest.mark.source(API)
def test_the_same_start_is_one_execution_and_another_input_is_refused(
    states: Any, machine: Callable[..., str]
) -> None:
    arn = machine("twice", WAIT)
    start = {"stateMachineArn": arn, "name": "one", "input": '{"a": 1}'}
    first, second = states.start_execution(**start), states.start_execution(**start)
    assert (first["executionArn"], first["startDate"]) == (second["executionArn"], second["startDate"])
    code, message = refusal(states.start_execution, **{**start, "input": '{"a": 2}'})
    assert (code, message) == ("ExecutionAlreadyExists", f"Execution Already Exists: '{first['executionArn']}'")
    states.stop_execution(executionArn=first["executionArn"])


@pytest.mark.source(API)
def test_a_stopped_wait_has_three_events(states: Any, machine: Callable[..., str], finish: Callable[..., Any]) -> None:
    execution = states.start_execution(stateMachineArn=machine("stopped", WAIT))["executionArn"]
    time.sleep(0.3)
    states.stop_execution(executionArn=execution)
    assert finish(states, execution)["status"] == "ABORTED"
    time.sleep(0.3)
    events = states.get_execution_history(executionArn=execution)["events"]
    assert [(event["id"], event["previousEventId"], event["type"]) for event in events] == [
        (1, 0, "ExecutionStarted"),
        (2, 0, "WaitStateEntered"),
        (3, 0, "ExecutionAborted"),
    ]


@pytest.mark.source(API)
def test_what_does_not_exist_is_named(states: Any, machine: Callable[..., str]) -> None:
    missing = machine("exists", PASS).replace("exists", "missing")
    code, message = refusal(states.start_execution, stateMachineArn=missing)
    assert (code, message) == ("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{missing}'")
    execution = f"{missing.replace(':stateMachine:', ':execution:')}:none"
    for call in (states.describe_execution, states.get_execution_history):
        assert refusal(call, executionArn=execution) == (
            "ExecutionDoesNotExist",
            f"Execution Does Not Exist: '{execution}'",
        )


@pytest.mark.source(API)
def test_a_text_that_is_no_arn_is_told(states: Any) -> None:
    for call, name in (
        (states.describe_state_machine, "stateMachineArn"),
        (states.list_executions, "stateMachineArn"),
        (states.describe_execution, "executionArn"),
        (states.get_execution_history, "executionArn"),
    ):
        assert refusal(call, **{name: "no_arn"}) == ("InvalidArn", "Invalid Arn: 'Invalid ARN prefix: no_arn'")


@pytest.mark.source(API)
def test_a_machine_is_made_twice_only_if_it_is_the_same(
    states: Any, service_role: Callable[..., str], machine: Callable[..., str]
) -> None:
    arn = machine("same", PASS)
    again = {"name": "same", "roleArn": states.describe_state_machine(stateMachineArn=arn)["roleArn"]}
    assert states.create_state_machine(definition=json.dumps(PASS), **again)["stateMachineArn"] == arn
    assert refusal(states.create_state_machine, definition=json.dumps(WAIT), **again) == (
        "StateMachineAlreadyExists",
        f"State Machine Already Exists: '{arn}'",
    )


@pytest.mark.source(API)
def test_a_definition_without_states_is_invalid(states: Any, service_role: Callable[..., str]) -> None:
    code, message = refusal(
        states.create_state_machine,
        name="invalid",
        definition='{"Comment": "none", "StartAt": "One"}',
        roleArn=service_role("invalid-machine"),
    )
    assert code == "InvalidDefinition"
    assert message.startswith("Invalid State Machine Definition: '")


@pytest.mark.source(LOGS)
def test_a_log_has_one_place_that_exists(states: Any, client: Callable[..., Any], machine: Callable[..., str]) -> None:
    group = "/aws/vendedlogs/of-machines"
    client("logs").create_log_group(logGroupName=group)
    role = states.describe_state_machine(stateMachineArn=machine("with-role", PASS))
    prefix = f"arn:aws:logs:{':'.join(role['stateMachineArn'].split(':')[3:5])}:log-group"

    def make(*names: str, level: str = "ALL") -> dict[str, Any]:
        destinations = [{"cloudWatchLogsLogGroup": {"logGroupArn": f"{prefix}:{name}:*"}} for name in names]
        logging = {"level": level, "destinations": destinations}
        wanted = {"definition": json.dumps(PASS), "roleArn": role["roleArn"], "loggingConfiguration": logging}
        return dict(states.create_state_machine(name="logged", **wanted))

    code, beginning = "InvalidLoggingConfiguration", "Invalid Logging Configuration:"
    for names in ((), (group, group)):
        text = f"{beginning} Must specify exactly one Log Destination."
        assert refusal(lambda names=names: make(*names)) == (code, text)
    assert refusal(lambda: make("/of/nobody")) == (code, f"{beginning} Log Destination not found.")
    assert make(group)["stateMachineArn"]


@pytest.mark.source(API)
def test_an_input_that_is_no_json_is_invalid(states: Any, machine: Callable[..., str]) -> None:
    arn = machine("input", PASS)
    for text in ("not json", "{'a': 1}", ""):
        code, message = refusal(states.start_execution, stateMachineArn=arn, input=text)
        assert code == "InvalidExecutionInput"
        assert message.startswith("Invalid State Machine Execution Input: '")


@pytest.fixture
def status_events(client: Callable[..., Any]) -> Callable[[int], list[dict[str, Any]]]:
    """The events of all executions from now on, at a queue that a rule sends them to."""
    sqs, events = client("sqs"), client("events")
    queue = sqs.create_queue(QueueName="status-events")["QueueUrl"]
    queue_arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="status-events", EventPattern=json.dumps({"source": ["aws.states"]}))
    events.put_targets(Rule="status-events", Targets=[{"Id": "queue", "Arn": queue_arn}])

    def read(count: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        end = time.monotonic() + 10
        while len(found) < count and time.monotonic() < end:
            found += [json.loads(one["Body"]) for one in sqs.receive_message(QueueUrl=queue).get("Messages", [])]
        return sorted(found, key=lambda event: event["detail"]["stopDate"] or 0)

    return read


@pytest.mark.source(EVENTS)
def test_the_events_of_an_execution_say_all_that_aws_says(
    machine: Callable[..., str], run: Callable[..., Any], status_events: Callable[..., Any]
) -> None:
    execution = run(machine("told", PASS), {"a": 1})
    started, ended = status_events(2)
    assert set(started) == set(ended) == {
        "version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail",
    }  # fmt: skip
    assert started["account"] == execution["executionArn"].split(":")[4]
    assert started["resources"] == [execution["executionArn"]]
    known = {"executionArn", "stateMachineArn", "name", "startDate", "stopDate", "input"}
    assert {key: value for key, value in started["detail"].items() if key not in known} == {
        "status": "RUNNING",
        "inputDetails": {"included": True},
        "output": None,
        "outputDetails": None,
        "stateMachineVersionArn": None,
        "stateMachineAliasArn": None,
        "redriveCount": 0,
        "redriveDate": None,
        "redriveStatus": "NOT_REDRIVABLE",
        "redriveStatusReason": "Execution is RUNNING and cannot be redriven",
        "error": None,
        "cause": None,
    }
    assert json.loads(ended["detail"]["output"]) == {"a": 1}
    assert ended["detail"]["outputDetails"] == {"included": True}
