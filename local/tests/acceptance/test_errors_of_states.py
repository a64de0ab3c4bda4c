"""What an execution tells of errors: names, causes, and the events of its history."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from local_aws.services.stepfunctions.operations import history
from machines import one_state, task

UNDEFINED = "LocalStack, test_assign_reference_variables.py::test_undefined_reference, recorded on AWS 2024-11-21"
WRONG_ITEMS = "LocalStack, test_base_scenarios.py::test_map_state_items_eval_jsonata_fail, recorded on AWS 2024-11-19"
TOO_LARGE = "LocalStack, error_handling/test_states_errors.py, recorded on AWS 2024-03-21"
MAP_TIMEOUT = "LocalStack, timeouts/test_timeouts.py::test_service_lambda_map_timeout, recorded on AWS 2024-03-10"
ERROR_OUTPUT = "LocalStack, states_variables/test_error_output.py, recorded on AWS 2024-11-13"
HISTORY_FULL = "floci-io/floci issue 2734, a history measured on AWS; Step Functions quotas: 25,000 events"

Run = Callable[..., dict[str, Any]]
Told = Callable[[dict[str, Any]], list[tuple[str, dict[str, Any]]]]


@pytest.fixture
def told(states: Any) -> Told:
    """The events of an execution: their types and their details."""

    def read(execution: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        events = states.get_execution_history(executionArn=execution["executionArn"], maxResults=1000)["events"]
        return [
            (event["type"], next((event[key] for key in event if key.endswith("EventDetails")), {}))
            for event in events
        ]

    return read


def undefined(field: str) -> str:
    return (
        "An error occurred while executing the state 'Only' (entered at the event id #2)."
        f" The JSONata expression '$nobody' specified for the field '{field}' returned nothing (undefined)."
    )


@pytest.mark.source(UNDEFINED)
@pytest.mark.parametrize(
    ("field", "state"),
    [
        ("Output", {"Type": "Pass", "Output": "{% $nobody %}"}),
        ("Output/result", {"Type": "Pass", "Output": {"result": "{% $nobody %}"}}),
        ("Assign/result", {"Type": "Pass", "Assign": {"result": "{% $nobody %}"}}),
        ("Arguments", {"Type": "Task", "Arguments": "{% $nobody %}"}),
        ("Arguments/FunctionName", {"Type": "Task", "Arguments": {"FunctionName": "{% $nobody %}"}}),
    ],
)
def test_an_undefined_value_is_told_once_with_state_and_field(
    machine: Callable[..., str], run: Run, told: Told, field: str, state: dict[str, Any]
) -> None:
    if state["Type"] == "Task":
        state = {**state, "Resource": "arn:aws:states:::lambda:invoke"}
    name = f"undefined-{field.replace('/', '-')}"
    execution = run(machine(name, one_state({**state, "End": True})))

    ending = told(execution)[2:]
    expected = {"error": "States.QueryEvaluationError", "cause": undefined(field)}
    assert ending == [
        ("EvaluationFailed", {**expected, "location": field, "state": "Only"}),
        ("ExecutionFailed", expected),
    ]
    assert (execution["error"], execution["cause"]) == (expected["error"], expected["cause"])


@pytest.mark.source(WRONG_ITEMS)
@pytest.mark.parametrize(
    ("expression", "kind", "value"),
    [("1", "number", "1"), ("'a'", "string", '"a"'), ("true", "boolean", "true"), ("null", "null", "null")],
)
def test_items_that_are_no_list_fail_the_map(
    machine: Callable[..., str], run: Run, told: Told, expression: str, kind: str, value: str
) -> None:
    inner = {"StartAt": "One", "States": {"One": {"Type": "Pass", "End": True}}}
    state = {"Type": "Map", "Items": f"{{% {expression} %}}", "ItemProcessor": inner, "End": True}
    execution = run(machine(f"items-{kind}", one_state(state)))

    cause = (
        "An error occurred while executing the state 'Only' (entered at the event id #2)."
        f" The JSONata expression '{expression}' specified for the field 'Items' returned an unexpected result type."
        f" Expected 'array', but was '{kind}' for value: {value}"
    )
    kinds = [event for event, _ in told(execution)]
    assert kinds == ["ExecutionStarted", "MapStateEntered", "EvaluationFailed", "MapStateFailed", "ExecutionFailed"]
    assert (execution["error"], execution["cause"]) == ("States.QueryEvaluationError", cause)


@pytest.mark.source(TOO_LARGE)
@pytest.mark.parametrize("caught", ["States.DataLimitExceeded", "States.ALL"])
def test_an_answer_that_is_too_large_can_be_caught(
    machine: Callable[..., str], function: Callable[..., Any], run: Run, told: Told, caught: str
) -> None:
    name, _ = function()
    catch = [{"ErrorEquals": [caught], "Output": "{% $states.errorOutput %}", "Next": "Caught"}]
    state = task(name, {"do": "large", "size": 262_145}, End=True, Catch=catch)
    execution = run(machine(f"large-{caught[7:]}", one_state(state, Caught={"Type": "Succeed"})))

    assert json.loads(execution["output"]) == {
        "Error": "States.DataLimitExceeded",
        "Cause": "The state/task 'lambda' returned a result with a size exceeding the maximum number of bytes"
        " service limit.",
    }
    failed = dict(told(execution))["TaskFailed"]
    assert (failed["error"], failed["resource"], failed["resourceType"]) == (
        "States.DataLimitExceeded",
        "invoke",
        "lambda",
    )


def timed_out_inside(name: str) -> dict[str, Any]:
    slow = task(name, {"do": "sleep", "seconds": 3}, End=True, TimeoutSeconds=1)
    return {"StartAt": "Slow", "States": {"Slow": slow}}


@pytest.mark.source(MAP_TIMEOUT)
def test_a_name_of_aws_leaves_an_iteration_as_it_is(
    machine: Callable[..., str], function: Callable[..., Any], run: Run
) -> None:
    name, _ = function(timeout=5)
    state = {"Type": "Map", "Items": [1], "ItemProcessor": timed_out_inside(name), "End": True}
    execution = run(machine("map-overtime", one_state(state)))

    assert execution["error"] == "States.Timeout"
    assert "cause" not in execution


@pytest.mark.source(MAP_TIMEOUT)
@pytest.mark.parametrize("caught", ["States.Timeout", "States.ALL"])
def test_the_catcher_around_branches_gets_a_name_of_aws(
    machine: Callable[..., str], function: Callable[..., Any], run: Run, caught: str
) -> None:
    name, _ = function(timeout=5)
    catch = [{"ErrorEquals": [caught], "Output": "{% $states.errorOutput.Error %}", "Next": "Caught"}]
    state = {"Type": "Parallel", "Branches": [timed_out_inside(name)], "End": True, "Catch": catch}
    execution = run(machine(f"parallel-{caught[7:]}", one_state(state, Caught={"Type": "Succeed"})))

    assert json.loads(execution["output"]) == "States.Timeout"


@pytest.mark.source(ERROR_OUTPUT)
def test_the_cause_of_a_functions_error_is_written_compactly(
    machine: Callable[..., str], function: Callable[..., Any], run: Run
) -> None:
    name, _ = function()
    error = {"errorType": "Busy", "errorMessage": "später, \"bitte\"", "stackTrace": ["a: b", "c, d"]}
    execution = run(machine("compact", one_state(task(name, {"do": "fail", "error": error}, End=True))))

    assert execution["error"] == "Busy"
    assert execution["cause"] == json.dumps(error, separators=(",", ":"), ensure_ascii=False)


@pytest.mark.source(ERROR_OUTPUT)
def test_a_state_that_a_failing_branch_was_in_is_told_as_aborted(
    machine: Callable[..., str], function: Callable[..., Any], run: Run, told: Told
) -> None:
    name, _ = function()
    fail = task(name, {"do": "fail", "error": {"errorType": "Exception", "errorMessage": "no"}}, End=True)
    branch = {"StartAt": "Inner", "States": {"Inner": fail}}
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]
    state = {"Type": "Parallel", "Branches": [branch], "End": True, "Catch": catch}
    kinds = [kind for kind, _ in told(run(machine("aborted", one_state(state, Caught={"Type": "Succeed"}))))]

    assert "TaskStateAborted" in kinds


@pytest.mark.source(HISTORY_FULL)
def test_an_execution_ends_at_the_last_event_that_its_history_has_room_for(
    machine: Callable[..., str], run: Run, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "MAXIMUM_EVENTS", 40)
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]
    forever = {"Type": "Pass", "Next": "Again"}
    inner = {"StartAt": "Once", "States": {"Once": {"Type": "Pass", "Next": "Again"}, "Again": {**forever, "Next": "Once"}}}
    state = {"Type": "Parallel", "Branches": [inner], "End": True, "Catch": catch}
    execution = run(machine("forever", one_state(state, Caught={"Type": "Succeed"})))

    assert (execution["status"], execution["error"]) == ("FAILED", "States.Runtime")
    assert execution["cause"] == "The execution reached the maximum number of history events (40)."
    events = told(execution)
    assert len(events) == 40
    assert events[-1] == ("ExecutionFailed", {"error": "States.Runtime", "cause": execution["cause"]})
