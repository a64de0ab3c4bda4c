"""The states language on the local AWS: JSONata, variables, retries, catches, maps and waits as AWS has them.

The functions behind the tasks are binaries/behave.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest

from machines import one_state, task


def test_a_chain_polls_waits_maps_and_retries(chain_machine: str, run: Callable[..., Any]) -> None:
    order = {"Key": "good", "Sets": [{"name": "a"}, {"name": "b"}]}
    ended = run(chain_machine, order, name="good-1")
    assert ended["status"] == "SUCCEEDED", ended
    output = json.loads(ended["output"])
    assert output["attempts"] == 3
    assert output["applied"] == [{"name": "a", "rounds": 1}, {"name": "b", "rounds": 1}]
    assert output["execution"] == ended["executionArn"]
    assert ended["executionArn"].endswith(":execution:chain:good-1")
    assert json.loads(ended["input"]) == order
    assert ended["stopDate"] >= ended["startDate"]


def test_an_error_in_a_map_reaches_the_failure_path_with_name_and_cause(
    chain_machine: str, run: Callable[..., Any]
) -> None:
    order = {"Key": "bad", "Sets": [{"name": "a"}, {"name": "b", "fail": True}]}
    ended = run(chain_machine, order)
    assert (ended["status"], ended["error"]) == ("FAILED", "StackSetFailed")
    assert json.loads(ended["cause"])["errorMessage"] == 'the "inner" cause\n'


def test_an_empty_map_is_passed(chain_machine: str, run: Callable[..., Any]) -> None:
    ended = run(chain_machine, {"Key": "none", "Sets": []})
    assert json.loads(ended["output"])["applied"] == []


def test_retries_end_and_hand_on_the_last_error(
    states: Any, machine: Callable[..., str], function: Callable[..., Any], run: Callable[..., Any]
) -> None:
    name, _ = function()
    busy = {"do": "fail", "error": {"errorType": "Throttled", "errorMessage": "later"}}
    arn = machine("busy", one_state(task(name, busy, End=True)))
    ended = run(arn)
    assert ended["error"] == "Throttled"
    history = states.get_execution_history(executionArn=ended["executionArn"], maxResults=1000)
    kinds = [event["type"] for event in history["events"]]
    assert kinds.count("TaskScheduled") == 5


def test_a_functions_time_out_has_lambdas_name(
    machine: Callable[..., str], function: Callable[..., Any], run: Callable[..., Any]
) -> None:
    name, _ = function(timeout=1)
    arn = machine("overtime", one_state(task(name, {"do": "sleep", "seconds": 9}, End=True)))
    assert run(arn)["error"] == "Sandbox.Timedout"


def test_a_tasks_time_out_is_states_timeout(
    machine: Callable[..., str], function: Callable[..., Any], run: Callable[..., Any]
) -> None:
    name, _ = function(timeout=5)
    state = task(name, {"do": "sleep", "seconds": 3}, End=True, TimeoutSeconds=1)
    assert run(machine("state-overtime", one_state(state)))["error"] == "States.Timeout"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$states.input.text", 'quo"te\\ and\nline'),
        ("$states.input.nothing", None),
        ("$type($states.input.nothing)", "null"),
        ("$states.input.nulls[0]", None),
        ("$count($states.input.nulls)", 2),
        ("$string($states.input.nulls)", "[null,1]"),
        ("$states.input.nothing = null", True),
        ("$exists($states.input.absent)", False),
        ("$merge([$states.input.object, {'b': 2}])", {"a": 1, "b": 2}),
        ("[$states.input.list]", [1, 2]),
        ("$partition([1,2,3], 2)", [[1, 2], [3]]),
        ("$range(1, 5, 2)", [1, 3, 5]),
        ("$parse('{\"x\": [1]}').x", [1]),
        ("$hash('a', 'SHA-256')", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"),
        ("$length($uuid())", 36),
        ("$states.input.list[$ > 1]", 2),
        ("$substring($states.context.Execution.StartTime, 10, 1)", "T"),
    ],
)
def test_jsonata_values(
    machine: Callable[..., str], expression: str, value: Any, run: Callable[..., Any]
) -> None:
    state = {"Type": "Pass", "Assign": {"v": f"{{% {expression} %}}"}, "Next": "Then"}
    then = {"Type": "Succeed", "Output": "{% $v %}"}
    arn = machine(f"jsonata-{abs(hash(expression))}", one_state(state, Then=then))
    data = {
        "text": 'quo"te\\ and\nline',
        "nothing": None,
        "nulls": [None, 1],
        "object": {"a": 1},
        "list": [1, 2],
    }
    ended = run(arn, data)
    assert ended["status"] == "SUCCEEDED", ended
    assert json.loads(ended["output"]) == value


@pytest.mark.parametrize("expression", ["$states.input.absent", "1 + 'a'", "function($x){$x}"])
def test_jsonata_errors_can_be_caught(
    machine: Callable[..., str],
    function: Callable[..., Any],
    expression: str,
    run: Callable[..., Any],
) -> None:
    name, _ = function()
    caught = {"ErrorEquals": ["States.QueryEvaluationError"], "Next": "Caught"}
    state = task(name, {"answer": f"{{% {expression} %}}"}, End=True, Catch=[caught])
    definition = one_state(state, Caught={"Type": "Succeed", "Output": "caught"})
    ended = run(machine(f"wrong-{abs(hash(expression))}", definition))
    assert ended.get("output") == '"caught"', ended


def test_an_assignment_sees_the_variables_from_before_the_state(
    machine: Callable[..., str], run: Callable[..., Any]
) -> None:
    state = {"Type": "Pass", "Assign": {"a": 1}, "Next": "Swap"}
    swap = {"Type": "Pass", "Assign": {"a": 2, "b": "{% $a %}"}, "Next": "Then"}
    then = {"Type": "Succeed", "Output": "{% [$a, $b] %}"}
    ended = run(machine("assign", one_state(state, Swap=swap, Then=then)))
    assert json.loads(ended["output"]) == [2, 1]


def test_ten_at_once(states: Any, chain_machine: str, finish: Callable[..., Any]) -> None:
    arns = [
        states.start_execution(
            stateMachineArn=chain_machine,
            input=json.dumps({"Key": f"many-{number}", "Sets": [{"name": "a"}]}),
        )["executionArn"]
        for number in range(10)
    ]
    assert {finish(states, arn)["status"] for arn in arns} == {"SUCCEEDED"}
