"""Which cells are run: all, or a spread sample that has every kind of fault and every function in it.

The same seed gives the same sample.
"""

import random
from collections import Counter

from fault_matrix import scenarios
from fault_matrix.disturbance import Cell
from fault_matrix.recording import Record
from fault_matrix.scenarios import Scenario

# With AccountId, only these do something else than without; what follows is the same vend.
_BEFORE_PLACING = ("", "AVMEntryPoint", "avm-create-account")


def cells(records: dict[Scenario, Record], every_call: bool) -> list[Cell]:
    """All cells; without `every_call`, the vend of an account of meshStack is disturbed until the account is known."""
    found = []
    for scenario, record in records.items():
        for point in [*record.points, *record.states]:
            repeated = scenario.kind == scenarios.GIVEN and (
                point.is_state or point.function not in _BEFORE_PLACING or _is_later(point.resource)
            )
            if every_call or not repeated:
                found += [Cell(scenario, point, kind) for kind in point.kinds()]
    return found


def _is_later(resource: str) -> bool:
    return bool(resource) and resource not in ("function:AVMEntryPoint", "function:avm-create-account")


def spread(everything: list[Cell], size: int, seed: int) -> list[Cell]:
    """So many cells, with functions, kinds of faults and scenarios as even as they can be."""
    left = list(everything)
    random.Random(seed).shuffle(left)
    used: Counter[tuple[str, str]] = Counter()
    chosen = []
    while left and len(chosen) < size:
        best = min(left, key=lambda cell: [sum(used[trait] for trait in _traits(cell)), used[_traits(cell)[0]]])
        left.remove(best)
        chosen.append(best)
        used.update(_traits(best))
    return chosen


def _traits(cell: Cell) -> list[tuple[str, str]]:
    return [
        ("function", cell.point.function or cell.point.resource or "state"),
        ("kind", cell.kind),
        ("scenario", cell.scenario.name),
    ]
