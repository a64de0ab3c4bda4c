"""What a function has of the machine, in a mode: a share of a processor, and no more memory than its own.

With AVM_LOCAL_LAMBDA_PROCESSOR=memory a function has memory / 1,769 MB of a processor ("Configure Lambda function memory" of Lambda's
developer guide), from its first invocation on: before, it has a whole one ("Utilize initialization phase" of AWS's Serverless Land;
the developer guide does not say). A process that has had more is stopped until it is even. On Linux only.
"""

import contextlib
import ctypes
import os
import re
import signal
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

PROCESSOR_VARIABLE = "AVM_LOCAL_LAMBDA_PROCESSOR"
BY_MEMORY = "memory"
WHOLE_MEGABYTES = 1769
# How often one looks, and for how long a process that has waited may make up for it.
LOOK_SECONDS, MADE_UP_SECONDS = 0.005, 0.02
_PEAK = re.compile(r"(?m)^VmHWM:\s+(\d+) kB$")
_library = ctypes.CDLL(None, use_errno=True)


def wanted() -> bool:
    """Whether functions have no more than Lambda gives them; raises ValueError for a value that says nothing."""
    text = os.environ.get(PROCESSOR_VARIABLE, "").strip()
    if text not in ("", BY_MEMORY):
        raise ValueError(f"{PROCESSOR_VARIABLE} must be {BY_MEMORY}, not {text!r}")
    return text == BY_MEMORY


def peak_megabytes(pid: int) -> float:
    """The most memory that a process has had; nothing is known of one that has ended."""
    with contextlib.suppress(OSError):
        found = _PEAK.search(Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
        return int(found[1]) / 1024 if found else 0.0
    return 0.0


@dataclass
class _Held:
    """A process with its share, the time of a processor that it may still use, and when that was counted."""

    process: "subprocess.Popen[bytes]"
    share: float
    clock: int
    used: float
    counted: float
    left: float = 0.0
    stopped: bool = False

    def look(self) -> None:
        """Stops the process when it has had more than its share, and lets it go on when it is even."""
        now, used = time.monotonic(), time.clock_gettime(self.clock)
        due = self.left + self.share * (now - self.counted)
        self.left = min(due, self.share * MADE_UP_SECONDS) - (used - self.used)
        self.counted, self.used = now, used
        if (self.left < 0) != self.stopped:
            self.stopped = not self.stopped
            os.killpg(self.process.pid, signal.SIGSTOP if self.stopped else signal.SIGCONT)


class _Keeper:
    """Looks at all processes that are held, in a thread of its own while there are any."""

    def __init__(self) -> None:
        self._held: dict[int, _Held] = {}
        self._lock = threading.Lock()
        self._looks = False

    def add(self, process: "subprocess.Popen[bytes]", share: float) -> None:
        clock = ctypes.c_int()
        with self._lock, contextlib.suppress(OSError):
            if process.pid in self._held or _library.clock_getcpuclockid(process.pid, ctypes.byref(clock)):
                return
            used = time.clock_gettime(clock.value)
            self._held[process.pid] = _Held(process, share, clock.value, used, time.monotonic())
            if not self._looks:
                self._looks = True
                threading.Thread(target=self._look, name="processor", daemon=True).start()

    def _look(self) -> None:
        while self._looks:
            time.sleep(LOOK_SECONDS)
            with self._lock:
                for pid, held in list(self._held.items()):
                    try:
                        held.look()
                    except OSError:
                        # It has ended.
                        del self._held[pid]
                self._looks = bool(self._held)


_keeper = _Keeper()


def hold(process: "subprocess.Popen[bytes]", memory_size: int) -> None:
    """From now on the process has the share of that memory; once is enough."""
    _keeper.add(process, memory_size / WHOLE_MEGABYTES)
