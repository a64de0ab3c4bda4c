"""Starts a function as Lambda does and measures it: to its first `next`, to its first answer, its memory.

The function acts on the local AWS with its deployed role; every run is a new process.
"""

import json
import os
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from local_aws.lambda_service.configuration import FunctionConfiguration
from local_aws.lambda_service.invocation import Invocation, Outcome
from local_aws.lambda_service.runtime_api import RuntimeApi
from local_aws.service_roles import service_session_credentials

from .replay import ReplayServer

ANSWER_SECONDS = 60


@dataclass(frozen=True)
class Measurement:
    """The medians of some runs: milliseconds and KiB."""

    first_next: float
    first_answer: float
    first_answer_on_local_aws: float
    memory: float


@dataclass(frozen=True)
class Subject:
    """What is measured: a deployed function, the command that runs it, and the event that it gets."""

    configuration: FunctionConfiguration
    command: list[str]
    event: object
    prepare: Callable[[], None] = lambda: None
    variables: dict[str, str] = field(default_factory=dict)


class _MeasuredApi(RuntimeApi):
    """A Runtime API that notes when the process asks for its first invocation."""

    def __init__(self) -> None:
        super().__init__()
        self.first_next = 0.0

    def next(self) -> Invocation | None:
        self.first_next = self.first_next or time.perf_counter()
        return super().next()


def measure(subject: Subject, replay: ReplayServer, runs: int) -> Measurement:
    """Runs the subject so many times on the local AWS, and as often on its replayed answers."""
    local = []
    for _ in range(runs):
        subject.prepare()
        local.append(_run(subject, {}))
    endpoint = {"AWS_ENDPOINT_URL": replay.url}
    subject.prepare()
    replay.record()
    _run(subject, endpoint)
    replayed = []
    for _ in range(runs):
        replay.replay()
        replayed.append(_run(subject, endpoint))
    first_next, first_answer, memory = (
        statistics.median(column) for column in zip(*replayed, strict=True)
    )
    on_local_aws = statistics.median(one[1] for one in local)
    return Measurement(first_next, first_answer, on_local_aws, memory)


def _run(subject: Subject, variables: dict[str, str]) -> tuple[float, float, float]:
    configuration = subject.configuration
    credentials = service_session_credentials(
        configuration.role_arn,
        "lambda.amazonaws.com",
        configuration.arn,
        configuration.name,
    )
    api = _MeasuredApi()
    environment = {
        **configuration.environment(api.address, credentials),
        **subject.variables,
        **variables,
    }
    invocation = Invocation(
        function_arn=configuration.arn,
        payload=json.dumps(subject.event).encode(),
        timeout_seconds=ANSWER_SECONDS,
    )
    api.submit(invocation)
    start = time.perf_counter()
    process = subprocess.Popen(
        subject.command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        outcome = invocation.wait(ANSWER_SECONDS)
        end = time.perf_counter()
        memory = _resident_kib(process.pid)
    finally:
        process.kill()
        process.wait()
        api.close()
    _require_success(subject.command, outcome)
    return (api.first_next - start) * 1000, (end - start) * 1000, memory


def _require_success(command: list[str], outcome: Outcome | None) -> None:
    if outcome is None or outcome.failed:
        answer = outcome.payload.decode() if outcome else "no answer"
        raise RuntimeError(f"{Path(command[0]).name} failed: {answer}")


def _resident_kib(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise RuntimeError(f"process {pid} has ended, so its memory cannot be read")


def size(binary: Path) -> int:
    """The size of a binary in bytes."""
    return os.stat(binary).st_size
