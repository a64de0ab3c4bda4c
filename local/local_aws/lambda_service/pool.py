"""The sandboxes of all functions: started on demand, kept warm, at most a few per function.

Beyond that number callers wait. With AVM_LOCAL_LAMBDA_CONCURRENCY=10 an account has so many invocations at a time in a region, as
new accounts of AWS have, and more are refused.
"""

import contextlib
import json
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator

from local_aws.lambda_service.configuration import FunctionConfiguration
from local_aws.lambda_service.invocation import Invocation, Outcome
from local_aws.lambda_service.sandbox import Sandbox, SandboxError, log_line

MAXIMUM_SANDBOXES = 16
WAIT_SECONDS = 60.0
CONCURRENCY_VARIABLE = "AVM_LOCAL_LAMBDA_CONCURRENCY"


class Throttled(Exception):
    """No sandbox became free in time, or the account has as many invocations as it may."""


def concurrency() -> int | None:
    """How many invocations an account may have at a time; none is no limit."""
    text = os.environ.get(CONCURRENCY_VARIABLE, "").strip()
    if text and not (text.isdecimal() and int(text)):
        raise ValueError(f"{CONCURRENCY_VARIABLE} must be a number from 1 on, not {text!r}")
    return int(text) if text else None


class FunctionPool:
    """The sandboxes of one version of a function."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._idle: list[Sandbox] = []
        self._all: set[Sandbox] = set()
        self._starting = 0

    def invoke(self, configuration: FunctionConfiguration, invocation: Invocation) -> Outcome:
        try:
            sandbox = self._take(configuration)
        except SandboxError as error:
            return error.outcome
        try:
            outcome = sandbox.run(invocation)
        finally:
            self._give_back(sandbox)
        if outcome.failed:
            log_line(configuration, f"{invocation.request_id} failed: {_error_type(outcome)}")
        return outcome

    def kill_all(self) -> None:
        with self._changed:
            sandboxes, self._all = self._all, set()
            self._idle.clear()
            self._changed.notify_all()
        for sandbox in sandboxes:
            sandbox.kill()

    def kill_idle(self) -> None:
        with self._changed:
            sandboxes, self._idle = self._idle, []
            self._all.difference_update(sandboxes)
            self._changed.notify_all()
        for sandbox in sandboxes:
            sandbox.kill()

    def _take(self, configuration: FunctionConfiguration) -> Sandbox:
        end = time.monotonic() + WAIT_SECONDS
        with self._changed:
            while True:
                while self._idle:
                    sandbox = self._idle.pop()
                    if sandbox.usable(configuration):
                        return sandbox
                    self._all.discard(sandbox)
                    sandbox.kill()
                if len(self._all) + self._starting < MAXIMUM_SANDBOXES:
                    self._starting += 1
                    break
                if not self._changed.wait(end - time.monotonic()):
                    raise Throttled
        return self._start(configuration)

    def _start(self, configuration: FunctionConfiguration) -> Sandbox:
        sandbox = None
        try:
            sandbox = Sandbox(configuration)
        finally:
            with self._changed:
                self._starting -= 1
                if sandbox is not None:
                    self._all.add(sandbox)
                self._changed.notify()
        return sandbox

    def _give_back(self, sandbox: Sandbox) -> None:
        usable = sandbox.usable(sandbox.configuration)
        with self._changed:
            if usable and sandbox in self._all:
                self._idle.append(sandbox)
            else:
                self._all.discard(sandbox)
                usable = False
            self._changed.notify()
        if not usable:
            sandbox.kill()


def _error_type(outcome: Outcome) -> str:
    """Only the name: messages may carry what must not be logged."""
    try:
        return str(json.loads(outcome.payload)["errorType"])
    except (ValueError, KeyError, TypeError):
        return "without an errorType"


_pools: dict[tuple[str, str, str, str], FunctionPool] = {}
_pools_lock = threading.Lock()
_at_work: Counter[tuple[str, str]] = Counter()
_work_changed = threading.Condition()


@contextlib.contextmanager
def _counted(account: tuple[str, str], waits: bool) -> Iterator[None]:
    """One of the invocations that an account may have at a time; Throttled where it has them all."""
    limit = concurrency()
    end = time.monotonic() + WAIT_SECONDS
    with _work_changed:
        while limit is not None and _at_work[account] >= limit:
            if not waits or not _work_changed.wait(end - time.monotonic()):
                raise Throttled
        _at_work[account] += 1
    try:
        yield
    finally:
        with _work_changed:
            _at_work[account] -= 1
            _work_changed.notify_all()


def invoke(configuration: FunctionConfiguration, invocation: Invocation, is_event: bool = False) -> Outcome:
    """Runs the invocation in a free sandbox of the function's version; Lambda keeps an event until there is room for it."""
    key = (configuration.account_id, configuration.region, configuration.name, configuration.version)
    with _pools_lock:
        pool = _pools.setdefault(key, FunctionPool())
    with _counted(key[:2], is_event):
        return pool.invoke(configuration, invocation)


def at_work() -> int:
    """How many invocations there are now, in all accounts."""
    with _work_changed:
        return _at_work.total()


def recycle(function_name: str) -> None:
    """Ends the sandboxes of a function that do nothing now, as Lambda may do at any time."""
    with _pools_lock:
        pools = [pool for (_, _, name, _), pool in _pools.items() if name == function_name]
    for pool in pools:
        pool.kill_idle()


def shutdown() -> None:
    """Ends every sandbox of every function."""
    with _pools_lock:
        pools = list(_pools.values())
        _pools.clear()
    for pool in pools:
        pool.kill_all()
