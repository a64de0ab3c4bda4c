"""Which cells are run: all, or a spread sample that has every kind of fault and every function in it.

The same seed gives the same sample.
"""

import random
from collections import Counter

from fault_matrix import scenarios
from fault_matrix.disturbance import Cell
from fault_matrix.points import STALE, Point
from fault_matrix.recording import Record
from fault_matrix.scenarios import Scenario

# With AccountId, only these do something else than without: the rest is the same vend, but for what an account that was just made
# cannot need.
_OF_AN_OLDER_ACCOUNT = ("AVMEntryPoint", "avm-create-account", "avm-elevation")


def cells(records: dict[Scenario, Record], every_call: bool) -> list[Cell]:
    """All cells; without `every_call`, those that say nothing new are left out."""
    found = []
    for scenario, record in records.items():
        writers = {point.function for point in record.points if not point.is_read}
        for point in [*record.points, *record.states]:
            kinds = point.kinds()
            if not every_call:
                kinds = [kind for kind in kinds if _says_something(scenario, point, kind, writers)]
            found += [Cell(scenario, point, kind) for kind in kinds]
    return found


def _says_something(scenario: Scenario, point: Point, kind: str, writers: set[str]) -> bool:
    """Whether a cell is not the same as one of a vend of a new account."""
    function = point.function or point.resource.removeprefix("function:")
    if scenario.kind == scenarios.GIVEN:
        return function in _OF_AN_OLDER_ACCOUNT
    if scenario.kind == scenarios.CHANGED and not point.is_state:
        # What only reads, and finds all as it should be, can only be misled.
        return function in writers or kind == STALE
    return True


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
