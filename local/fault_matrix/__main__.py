"""`make faults`: disturbs every call of a vend with every fault, one at a time, and shows what became of each vend.

The exit code is 1 if anything is lost. A part: make faults FAULTS="--landing-zone sandbox --sample 100". In modes of the local AWS:
make faults FAULTS="--mode all --sample 10".
"""

import argparse
import os
import signal
import sys
import time
from pathlib import Path

from fault_matrix import modes, recording, report, sample, scenarios, workers
from fault_matrix.disturbance import LOST, Cell
from fault_matrix.points import ABORTED, KINDS
from fault_matrix.recording import Record
from fault_matrix.scenarios import Scenario
from local_aws.paths import REPOSITORY


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m fault_matrix", description=__doc__)
    parser.add_argument("--landing-zone", action="append", choices=scenarios.LANDING_ZONES)
    parser.add_argument("--vend", action="append", choices=[scenarios.NEW, scenarios.GIVEN, scenarios.CHANGED])
    parser.add_argument("--fault", action="append", choices=[*KINDS, ABORTED])
    parser.add_argument("--mode", action="append", choices=[*modes.MODES, modes.ALL], help="of the local AWS; several in turn")
    parser.add_argument("--call", default="", help="only calls whose name has this text, e.g. enroll:")
    parser.add_argument("--sample", type=int, help="so many cells, spread over functions, faults and vends")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument(
        "--every-call",
        action="store_true",
        help="also calls that are alike: EC2 in all regions, every look of a wait, what follows create-account"
        " where meshStack made the account",
    )
    parser.add_argument("--processes", type=int, default=min(4, os.cpu_count() or 2), help="local AWSs side by side")
    parser.add_argument("--vends", type=int, default=2, help="vends at a time in each")
    parser.add_argument("--results", type=Path, default=REPOSITORY / ".local" / "faults.json")
    return parser.parse_args()


def record(wanted: argparse.Namespace) -> dict[Scenario, Record]:
    """The undisturbed vends."""
    found = {}
    with workers.local_aws() as vends:
        for place, scenario in enumerate(scenarios.SCENARIOS):
            if scenario.landing_zone not in (wanted.landing_zone or scenarios.LANDING_ZONES):
                continue
            if wanted.vend and scenario.kind not in wanted.vend:
                continue
            found[scenario] = recording.record(vends, scenario, 2 * place + 1, wanted.every_call)
            made = found[scenario]
            report.say(f"  {scenario.name}: {len(made.points)} calls, {len(made.states)} states")
    return found


def choose(wanted: argparse.Namespace, records: dict[Scenario, Record]) -> list[Cell]:
    """The cells that are asked for."""
    cells = [
        cell
        for cell in sample.cells(records, wanted.every_call)
        if cell.kind in (wanted.fault or [*KINDS, ABORTED]) and wanted.call in cell.point.name
    ]
    return sample.spread(cells, wanted.sample, wanted.seed) if wanted.sample else cells


def main() -> int:
    """Records, disturbs, reports, in each mode."""
    wanted = arguments()
    names = modes.chosen(wanted.mode)
    lost = 0
    for name in names:
        with modes.within(name):
            path = wanted.results if name == modes.USUAL else wanted.results.with_stem(f"{wanted.results.stem}-{name}")
            lost += run(wanted, name, path)
    return 1 if lost else 0


def run(wanted: argparse.Namespace, mode: str, path: Path) -> int:
    """The matrix in the mode that holds; how much was lost."""
    start = time.monotonic()
    report.say(f"Undisturbed vends, mode {mode}")
    records = record(wanted)
    cells = choose(wanted, records)
    report.say(f"Disturbed vends: {len(cells)}, {wanted.vends} at a time on each of {wanted.processes} local AWSs")
    progress = report.Progress(len(cells))
    references = {scenario: made.world for scenario, made in records.items()}
    workers.run_all(cells, references, wanted.processes, wanted.vends, progress.add)
    order = {cell: place for place, cell in enumerate(cells)}
    results = sorted(progress.results, key=lambda one: order[one[0]])
    report.write(results, path)
    report.say(report.table(results))
    lost = [(cell, result) for cell, result, _ in results if result.outcome == LOST]
    for cell, result in lost:
        report.say(f"LOST: {report.describe(cell)}: {result.reason}")
    minutes = (time.monotonic() - start) / 60
    report.say(f"\n{len(results)} disturbed vends in {minutes:.1f} min, mode {mode}: {report.totals(results)}.")
    report.say(f"Every cell: {path}")
    return len(lost)


if __name__ == "__main__":
    # Like an interrupt: what was started ends, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())
