"""Undisturbed vends: which calls they make, which states they enter, and which world they leave.

Each scenario is vended twice: the second one is the record, and the worlds of both must be equal.
"""

from dataclasses import dataclass
from typing import Any

from fault_matrix import points, scenarios, world
from fault_matrix.points import Point
from fault_matrix.scenarios import Scenario
from fault_matrix.vends import Vends

@dataclass(frozen=True)
class Record:
    """One scenario undisturbed."""

    points: list[Point]
    states: list[Point]
    world: dict[str, Any]


def record(vends: Vends, scenario: Scenario, first_number: int, every_call: bool = False) -> Record:
    """Vends twice and answers the second vend; raises RuntimeError where one fails or their worlds differ."""
    once = _vend(vends, scenario, first_number, every_call)
    again = _vend(vends, scenario, first_number + 1, every_call)
    unequal = world.differences(once.world, again.world)
    if unequal:
        raise RuntimeError(f"{scenario.name}: two undisturbed vends differ in {unequal}")
    kept = again.points if every_call else [point for point in again.points if _stands_for_all(point)]
    return Record(kept, again.states, again.world)


def _stands_for_all(point: Point) -> bool:
    return point.service != "ec2" or point.region in points.EC2_REGIONS


def _vend(vends: Vends, scenario: Scenario, number: int, every_call: bool) -> Record:
    tenant = scenarios.prepare(scenario, vends.environment, vends.meshstack, number)
    if scenario.kind == scenarios.CHANGED:
        _succeed(vends, tenant.payload)
        tenant = scenarios.changed(tenant)
    mark = vends.mark()
    execution_arn = _succeed(vends, tenant.payload)
    calls = vends.calls(mark)
    account = vends.operator.account_by_email(tenant.email)
    if account is None:
        raise RuntimeError(f"{scenario.name}: no account was made")
    states = points.of_states(vends.operator.events(execution_arn))
    made = points.of_calls(calls, every_call)
    return Record(made, states, world.describe(vends.environment, tenant, account["Id"]))


def _succeed(vends: Vends, payload: dict[str, Any]) -> str:
    execution = vends.ended(vends.send(payload)["executionArn"])
    if execution["status"] != "SUCCEEDED":
        raise RuntimeError(f"an undisturbed vend failed: {execution.get('error')}: {execution.get('cause')}")
    return str(execution["executionArn"])
