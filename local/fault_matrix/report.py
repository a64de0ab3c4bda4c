"""What the matrix prints: progress while it runs, then the table, the reasons of what is lost, and the totals.

A file of JSON has every cell.
"""

import json
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from fault_matrix.disturbance import ALONE, LOST, NOTHING_OLD, RESENT, UNMET, Cell, Result
from fault_matrix.points import ABORTED, KINDS

_EVERY_SECONDS = 10
_WIDTH = 13


def say(text: str) -> None:
    """A line at once."""
    print(text, flush=True)


class Progress:
    """Counts results, and tells of them now and then; what is lost is told at once."""

    def __init__(self, total: int) -> None:
        self.results: list[tuple[Cell, Result, float]] = []
        self._total = total
        self._start = self._told = time.monotonic()

    def add(self, cell: Cell, result: Result, seconds: float) -> None:
        """One more result."""
        self.results.append((cell, result, seconds))
        if result.outcome == LOST:
            say(f"  LOST: {describe(cell)}: {result.reason}")
        now = time.monotonic()
        if now - self._told >= _EVERY_SECONDS or len(self.results) == self._total:
            self._told = now
            left = (now - self._start) / len(self.results) * (self._total - len(self.results))
            say(f"  {len(self.results)} of {self._total}, {totals(self.results)}; about {left / 60:.0f} min left")


def describe(cell: Cell) -> str:
    """A cell in words."""
    place = f" #{cell.point.earlier + 1}" if cell.point.earlier else ""
    region = f" in {cell.point.region}" if cell.point.service == "ec2" else ""
    return f"{cell.scenario.name}; {cell.point.name}{place}{region}; {cell.kind}"


def totals(results: list[tuple[Cell, Result, float]]) -> str:
    """How many of each outcome."""
    counted = Counter(result.outcome for _, result, _ in results)
    words = {NOTHING_OLD: "without an old answer"}
    outcomes = (ALONE, RESENT, NOTHING_OLD, UNMET, LOST)
    return ", ".join(f"{counted[outcome]} {words.get(outcome, outcome)}" for outcome in outcomes)


def table(results: list[tuple[Cell, Result, float]]) -> str:
    """Calls by faults; a number says how many calls of that name there are, where there are several."""
    rows: dict[tuple[str, str], dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for cell, result, _ in results:
        rows[(cell.scenario.name, cell.point.name)][cell.kind][result.outcome] += 1
    kinds = [kind for kind in (*KINDS, ABORTED) if any(kind in row for row in rows.values())]
    width = max(len(name) for _, name in rows) + 2
    lines, scenario = [], ""
    scenarios = list(dict.fromkeys(of_scenario for of_scenario, _ in rows))
    for (of_scenario, name), row in sorted(rows.items(), key=lambda one: scenarios.index(one[0][0])):
        if of_scenario != scenario:
            scenario = of_scenario
            lines += ["", scenario, " " * width + "".join(kind.ljust(_WIDTH) for kind in kinds)]
        lines.append((name.ljust(width) + "".join(_text(row[kind]).ljust(_WIDTH) for kind in kinds)).rstrip())
    return "\n".join(lines)


def _text(outcomes: Counter[str]) -> str:
    if not outcomes:
        return "·"
    if len(outcomes) == 1:
        ((outcome, number),) = outcomes.items()
        return outcome if number == 1 else f"{outcome} {number}"
    short = {ALONE: "a", RESENT: "r", UNMET: "u", NOTHING_OLD: "–", LOST: "LOST "}
    return " ".join(f"{short[outcome]}{number}" for outcome, number in outcomes.items())


def write(results: list[tuple[Cell, Result, float]], path: Path) -> None:
    """Every cell with its outcome, errors and reason."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines: list[dict[str, Any]] = [
        {
            "scenario": cell.scenario.name,
            "call": cell.point.name,
            "earlier": cell.point.earlier,
            "region": cell.point.region,
            "fault": cell.kind,
            "outcome": result.outcome,
            "errors": result.errors,
            "reason": result.reason,
            "seconds": round(seconds, 1),
        }
        for cell, result, seconds in results
    ]
    path.write_text(json.dumps(lines, indent=1), encoding="utf-8")
