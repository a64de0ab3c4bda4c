"""Local AWS processes side by side, each with a few vends at a time, work on the cells.

A local AWS is started anew after some vends: lists grow with every account, and make every vend longer.
"""

import itertools
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fault_matrix.disturbance import LOST, UNMET, Cell, Disturbance, Result
from fault_matrix.scenarios import Scenario
from fault_matrix.vends import SharedEnvironment, Vends
from local_aws.clock import TIME_SCALE_VARIABLE
from local_aws.process import LocalAwsProcess

TIME_SCALE = "0.002"
VENDS_PER_PROCESS = 60
_END = -1
_STOP_SECONDS = 60
# What was lost or not met once may be the accident of a loaded machine: it counts when it happens again.
_TRIES = {LOST: 2, UNMET: 2}


@contextmanager
def local_aws() -> Iterator[Vends]:
    """A local AWS of one's own, where AWS's waits hardly take time, unless a mode is about time."""
    with tempfile.TemporaryDirectory() as folder:
        variables = {TIME_SCALE_VARIABLE: os.environ.get(TIME_SCALE_VARIABLE, TIME_SCALE)}
        with LocalAwsProcess(Path(folder), variables=variables) as process:
            yield Vends(SharedEnvironment.load(process.environment_file))


def run_all(
    cells: list[Cell],
    references: dict[Scenario, dict[str, Any]],
    processes: int,
    vends_at_a_time: int,
    on_result: Callable[[Cell, Result, float], None],
) -> None:
    """Runs every cell once and hands each result on as it comes."""
    context = multiprocessing.get_context("spawn")
    tasks, results = context.Queue(), context.Queue()
    for index in range(len(cells)):
        tasks.put(index)
    for _ in range(processes):
        tasks.put(_END)
    arguments = (cells, references, vends_at_a_time, tasks, results)
    workers = [context.Process(target=_work, args=arguments, daemon=False) for _ in range(processes)]
    for worker in workers:
        worker.start()
    try:
        for _ in cells:
            index, result, seconds = _next(results, workers)
            on_result(cells[index], result, seconds)
    except BaseException:
        for worker in workers:
            worker.terminate()
        raise
    finally:
        for worker in workers:
            worker.join(_STOP_SECONDS)


def _next(results: Any, workers: list[Any]) -> tuple[int, Result, float]:
    while True:
        try:
            return results.get(timeout=5)
        except Exception as empty:
            if not any(worker.is_alive() for worker in workers):
                raise RuntimeError("the workers have ended before their work has") from empty


def _work(
    cells: list[Cell],
    references: dict[Scenario, dict[str, Any]],
    vends_at_a_time: int,
    tasks: Any,
    results: Any,
) -> None:
    # Ends the local AWS of this worker, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    index = tasks.get()
    while index != _END:
        with local_aws() as vends, ThreadPoolExecutor(vends_at_a_time) as pool:
            disturbance, numbers = Disturbance(vends, references), itertools.count(1)
            running = []
            for _ in range(VENDS_PER_PROCESS):
                running.append(pool.submit(_cell, disturbance, cells, index, numbers, results))
                while sum(not one.done() for one in running) >= vends_at_a_time:
                    time.sleep(0.02)
                index = tasks.get()
                if index == _END:
                    break


def _cell(
    disturbance: Disturbance, cells: list[Cell], index: int, numbers: Iterator[int], results: Any
) -> None:
    start, tries = time.monotonic(), 0
    while True:
        tries += 1
        try:
            result = disturbance.run(cells[index], next(numbers))
        except Exception as error:
            result = Result(LOST, [], f"the harness failed: {error!r}")
        if tries >= _TRIES.get(result.outcome, 1):
            break
    results.put((index, result, time.monotonic() - start))
