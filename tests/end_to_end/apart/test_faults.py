"""A spread sample of the fault matrix: every function and every kind of fault, on local AWSs of its own.

The whole matrix is `make faults`; see the section on faults in local/README.md.
"""

import pytest
from vending import FUNCTIONS

from fault_matrix import recording, sample, workers
from fault_matrix.disturbance import ALONE, LOST, RESENT
from fault_matrix.points import ABORTED, KINDS
from fault_matrix.report import describe
from fault_matrix.scenarios import CHANGED, GIVEN, NEW, Scenario

SCENARIOS = (Scenario("production", NEW), Scenario("production", GIVEN), Scenario("sandbox", CHANGED))
SIZE, SEED = 34, 4
# What no vend that ends well calls.
NOT_IN_A_VEND = (
    "record-failure/main",
    "stopped-vend/main",
    "plan/main",
    "reconcile/main",
    "permission-downgrade/alone",
    "metering/main",
)
STATES_OF_SAMPLE = ("CreateAccount", "Enroll", "SetUpAccount", "PermissionDowngrade", "Completion", "Vended")


@pytest.fixture(scope="module")
def records():
    """The undisturbed vends, each twice: their worlds must be equal."""
    with workers.local_aws() as vends:
        return {
            scenario: recording.record(vends, scenario, 2 * place + 1)
            for place, scenario in enumerate(SCENARIOS)
        }


@pytest.fixture(scope="module")
def cells(records):
    """The sample: always the same for the same vends."""
    everything = sample.cells(records, every_call=False)
    of_calls = [cell for cell in everything if not cell.point.is_state]
    of_states = [cell for cell in everything if cell.point.action in STATES_OF_SAMPLE]
    return [*sample.spread(of_calls, SIZE, SEED), *of_states]


def test_the_sample_has_every_function_and_every_kind_of_fault(records, cells):
    points = [point for record in records.values() for point in record.points]
    # The machine itself is none, where it is aborted.
    functions = {point.function for point in points if point.function}
    assert len(functions) == len(set(FUNCTIONS) - set(NOT_IN_A_VEND))
    assert {cell.point.function for cell in cells if cell.point.function} == functions
    assert {cell.kind for cell in cells} == {*KINDS, ABORTED}


def test_no_fault_loses_a_vend(records, cells):
    results = []
    references = {scenario: record.world for scenario, record in records.items()}

    workers.run_all(cells, references, 2, 2, lambda cell, result, _: results.append((cell, result)))

    lost = [f"{describe(cell)}: {result.reason}" for cell, result in results if result.outcome == LOST]
    assert lost == []
    assert len(results) == len(cells)
    # Some faults are met by nobody: the call was not made this time, or the read had nothing new to miss.
    met = [result for _, result in results if result.outcome in (ALONE, RESENT)]
    assert len(met) > len(cells) * 0.7
    assert {result.outcome for result in met} == {ALONE, RESENT}
