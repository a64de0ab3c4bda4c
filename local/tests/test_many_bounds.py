"""What `make many` compares with: the least time that AWS's limits allow, in each of its cases."""

import pytest

from bench import many
from bench.limits import Bound, Case
from local_aws.services.organizations.models import account_creation
from local_aws.services.stacksets.operations import queue


def test_managed_execution_that_queues_all_is_as_one_operation_after_the_other() -> None:
    queued, unmanaged = Case("queued", reading="queue"), Case("unmanaged", managed_execution=False, reading="concurrent")
    path = Bound(1, queued).seconds
    assert path == Bound(1, unmanaged).seconds
    assert Bound(100, queued).seconds == Bound(100, unmanaged).seconds == path + 99 * queue.OPERATION_SECONDS
    assert "operations on the StackSet" in Bound(100, queued).limits(100)[0][1]


def test_managed_execution_side_by_side_waits_for_the_creations_only() -> None:
    bound = Bound(100, Case("side by side", reading="concurrent"))
    rounds = 100 / account_creation.CREATIONS_AT_ONCE - 1
    assert bound.seconds == bound.path + rounds * account_creation.CREATION_SECONDS


def test_a_case_reads_as_the_environment_says_unless_it_says_so_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(queue.READING_VARIABLE, "queue")
    assert Case("any").reading == "queue"
    monkeypatch.delenv(queue.READING_VARIABLE)
    assert Case("any").reading == "concurrent"


def test_the_fourth_case_queues_all_and_its_local_aws_is_told_so() -> None:
    case = many.CASES[3]
    assert (case.reading, case.managed_execution, case.enrollment) == ("queue", True, False)
    assert many.variables_of(case)[queue.READING_VARIABLE] == "queue"
    assert set(many.CHOSEN.split(",")) <= {str(number) for number in range(1, len(many.CASES) + 1)}
