"""The fault matrix's own rules: which calls are told apart, which cells are run, and what counts as lost."""

import os
from typing import Any

import pytest

from fault_matrix import errors, modes, points, sample, world
from fault_matrix.disturbance import ALONE, LOST, Cell, Disturbance, Lost, Result
from fault_matrix.points import ABORTED, DENIED, KILLED, KINDS, STALE, THROTTLED, Point
from fault_matrix.recording import Record
from fault_matrix.report import table, totals
from fault_matrix.scenarios import CHANGED, GIVEN, NEW, Scenario
from local_aws import rates
from local_aws.deploy import control_tower, surroundings
from local_aws.enforcement import propagation
from local_aws.lambda_service import pool, processor
from local_aws.services.stacksets.operations import queue

ROLE = "arn:aws:iam::1:role/"
EXECUTION = "arn:aws:states:eu-central-1:1:execution:avm-vend-account:one"


def call(function: str, role: str, action: str, **more: Any) -> dict[str, Any]:
    """A line of the audit."""
    return {
        "function": function,
        "principal": f"{ROLE}{role}",
        "service": action.split(":")[0],
        "action": action,
        "region": "eu-central-1",
        "resources": ["*"],
        "status": 200,
        "error": None,
        "execution": EXECUTION,
        **more,
    }


def point(action: str, function: str = "avm-enroll") -> Point:
    """A call of a function."""
    service, _, name = action.partition(":")
    return Point(function, "R", service, name, "eu-central-1", "", 0)


def test_calls_of_the_vend_are_told_apart_and_all_others_left_out() -> None:
    invoked = {"resources": ["arn:aws:lambda:eu-central-1:1:function:avm-enroll"]}
    found = points.of_calls(
        [
            call("", "MeshfedServiceRole", "organizations:CreateAccount"),
            call("", "AVMStateMachineRole", "lambda:InvokeFunction", **invoked),
            call("avm-enroll", "A", "iam:GetRole"),
            call("avm-enroll", "A", "iam:GetRole"),
            call("avm-enroll", "B", "iam:GetRole"),
        ]
    )
    assert [(one.role, one.action, one.resource, one.earlier) for one in found] == [
        ("AVMStateMachineRole", "InvokeFunction", "function:avm-enroll", 0),
        ("A", "GetRole", "", 0),
        ("A", "GetRole", "", 1),
        ("B", "GetRole", "", 0),
    ]


def test_of_looks_at_what_takes_time_three_stand_for_all() -> None:
    looks = [call("avm-enroll", "A", "servicecatalog:DescribeRecord") for _ in range(9)]
    others = [call("avm-enroll", "A", "iam:GetRole", resources=[f"{ROLE}{number}"]) for number in range(4)]
    found = points.of_calls([*looks, *others], every_call=False)
    assert [(one.action, one.earlier) for one in found] == [
        *(("DescribeRecord", number) for number in (0, 1, 8)),
        *(("GetRole", number) for number in range(4)),
    ]
    assert len(points.of_calls([*looks, *others])) == 13


def test_each_call_meets_the_faults_that_it_can_meet() -> None:
    assert point("iam:GetRole").kinds() == list(KINDS)
    assert STALE not in point("iam:CreateRole").kinds()
    assert KILLED not in point("lambda:InvokeFunction", function="").kinds()
    (state,) = points.of_states([{"stateEnteredEventDetails": {"name": "Enroll"}}, {}] * 2)
    assert state.kinds() == [ABORTED]
    assert state.fault(ABORTED, "p1")["state"] == "Enroll"


def test_a_sample_is_spread_and_always_the_same() -> None:
    made = [point("iam:GetRole", function) for function in ("a", "b", "c") for _ in range(20)]
    everything = sample.cells({Scenario("sandbox", NEW): Record(made, [], {})}, every_call=False)
    chosen = sample.spread(everything, 24, 1)
    assert chosen == sample.spread(everything, 24, 1) != sample.spread(everything, 24, 2)
    assert {cell.point.function for cell in chosen} == {"a", "b", "c"}
    assert {cell.kind for cell in chosen} == set(KINDS)


def test_with_account_id_only_the_beginning_is_disturbed() -> None:
    made = [point("iam:GetRole", function) for function in ("AVMEntryPoint", "avm-create-account", "avm-enroll")]
    records = {Scenario("sandbox", GIVEN): Record(made, [], {})}
    functions = {cell.point.function for cell in sample.cells(records, every_call=False)}
    assert functions == {"AVMEntryPoint", "avm-create-account"}
    assert len({cell.point for cell in sample.cells(records, every_call=True)}) == 3


def test_of_a_change_readers_are_only_misled() -> None:
    made = [point("iam:GetRole"), point("sts:AssumeRole"), point("iam:GetRole", "w"), point("iam:PutRolePolicy", "w")]
    cells = sample.cells({Scenario("sandbox", CHANGED): Record(made, [], {})}, every_call=False)
    assert {cell.kind for cell in cells if cell.point.function == "avm-enroll"} == {STALE}
    assert {cell.kind for cell in cells if cell.point.function == "w"} == set(KINDS)


def test_the_tags_must_be_the_last_write() -> None:
    tags = call("avm-completion", "C", "organizations:TagResource")
    write, read = call("avm-enroll", "A", "iam:CreateRole"), call("avm-completion", "C", "iam:GetRole")
    Disturbance._check_order([write, tags, read], EXECUTION)
    Disturbance._check_order([write, tags, {**read, "action": "budgets:ViewBudget"}], EXECUTION)
    Disturbance._check_order([write, {**tags, "status": 500, "error": "SandboxEnded"}], EXECUTION)
    for calls in ([tags, write], [write], [write, {**tags, "status": 400, "error": "AccessDenied"}]):
        with pytest.raises(Lost, match="CreateRole"):
            Disturbance._check_order(calls, EXECUTION)
    with pytest.raises(Lost, match="nothing"):
        Disturbance._check_order([tags], "another")


@pytest.mark.parametrize(
    ("name", "says_something"),
    [
        ("Throttled", True),
        ("DowngradeFailed", True),
        ("Lambda.TooManyRequestsException", True),
        ("Runtime.ExitError", True),
        ("Internal", False),
        ("InvalidState", False),
        ("StateMachine.QueryEvaluationError", False),
        ("States.Timeout", False),
        (None, False),
    ],
)
def test_only_names_that_say_what_has_happened_count(name: str | None, says_something: bool) -> None:
    assert errors.is_typed(name) is says_something


def test_every_difference_of_two_worlds_is_told() -> None:
    assert world.differences({"alias": "a", "unit": "/b"}, {"alias": "a", "unit": "/b"}) == []
    (told,) = world.differences({"alias": "a", "unit": "/b"}, {"alias": "a", "unit": "/c"})
    assert told == 'unit: "/c" and not "/b"'


def test_the_table_shows_what_is_lost() -> None:
    scenario = Scenario("sandbox", NEW)
    results = [
        (Cell(scenario, point("iam:GetRole"), THROTTLED), Result(ALONE), 1.0),
        (Cell(scenario, point("iam:GetRole"), THROTTLED), Result(ALONE), 1.0),
        (Cell(scenario, point("iam:GetRole"), DENIED), Result(LOST, [], "why"), 1.0),
    ]
    assert totals(results).endswith("1 LOST")
    row = table(results).splitlines()[-1]
    assert row.split() == ["enroll:", "iam:GetRole", "alone", "2", "LOST"]


def test_a_mode_holds_for_what_is_started_in_it_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVM_LOCAL_STACKSETS", "concurrent")
    monkeypatch.delenv("AVM_LOCAL_RATES", raising=False)
    with modes.within("queue"), modes.within("rates"):
        assert (os.environ["AVM_LOCAL_STACKSETS"], os.environ["AVM_LOCAL_RATES"]) == ("queue", "published")
        assert queue.reading() == "queue"
        assert rates.wanted()
    assert os.environ["AVM_LOCAL_STACKSETS"] == "concurrent"
    assert not rates.wanted()


def _key() -> str | None:
    return os.environ.get(surroundings.KEY_VARIABLE)


def test_every_mode_is_one_of_the_local_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    readers = (queue.reading, rates.wanted, pool.concurrency, propagation.wanted_delay, _key, control_tower.version, processor.wanted)
    usual = [read() for read in readers]
    for name in set(modes.MODES) - {modes.USUAL}:
        with modes.within(name):
            assert [read() for read in readers] != usual, name
    assert modes.chosen(None) == ["usual"]
    assert modes.chosen(["rates", "all"]) == list(modes.MODES)
    assert modes.chosen(["rates", "queue", "rates"]) == ["rates", "queue"]
