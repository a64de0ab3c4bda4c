"""One invocation of a function on its way from the caller to a sandbox and back.

Whoever resolves it first decides: the function's answer, its error, its exit or its time-out.
"""

import json
import queue
import threading
import time
import uuid
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Outcome:
    """What the caller gets; `failed` becomes the X-Amz-Function-Error header."""

    payload: bytes
    failed: bool

    @classmethod
    def error(cls, error_type: str, message: str) -> "Outcome":
        return cls(
            json.dumps({"errorType": error_type, "errorMessage": message}).encode(), failed=True
        )


def new_trace_header() -> str:
    """A sampled X-Ray trace header, as Lambda makes one when the caller sends none."""
    return f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Parent={uuid.uuid4().hex[:16]};Sampled=1"


@dataclass
class Invocation:
    """A request: its payload and what the Runtime API tells the function about it."""

    payload: bytes
    function_arn: str
    timeout_seconds: float
    trace_header: str = field(default_factory=new_trace_header)
    client_context: str | None = None
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    started: threading.Event = field(default_factory=threading.Event)
    deadline: float = 0.0
    _outcome: "queue.Queue[Outcome]" = field(default_factory=lambda: queue.Queue(maxsize=1))

    def start(self) -> None:
        """The sandbox has taken it: from now on the function's time-out runs."""
        self.deadline = time.time() + self.timeout_seconds
        self.started.set()

    def resolve(self, outcome: Outcome) -> None:
        try:
            self._outcome.put_nowait(outcome)
        except queue.Full:
            return
        self.started.set()

    def wait(self, seconds: float) -> Outcome | None:
        """The outcome, or None when there is none after so many seconds."""
        try:
            return self._outcome.get(timeout=max(0.0, seconds))
        except queue.Empty:
            return None

    def timed_out(self) -> Outcome:
        return Outcome.error(
            "Sandbox.Timedout",
            f"RequestId: {self.request_id} Error: Task timed out after {self.timeout_seconds:.2f} seconds",
        )

    def exited(self, reason: str) -> Outcome:
        return Outcome.error(
            "Runtime.ExitError", f"RequestId: {self.request_id} Error: {reason}"
        )
