"""Calls that are held: each goes on, unharmed, when its fault is taken back.

So a test keeps vends at the states that it wants, for as long as it needs.
"""

import threading
import time

# So that nothing hangs for ever.
LONGEST_SECONDS = 600.0

_changed = threading.Condition()
_held: dict[int, str] = {}


def begin(key: int, label: str) -> None:
    """The call that has met this fault is about to wait."""
    with _changed:
        _held[key] = label


def release(label: str) -> None:
    """Those with that label go on, or all."""
    with _changed:
        for key in [key for key, own in _held.items() if not label or own == label]:
            del _held[key]
        _changed.notify_all()


def wait(key: int) -> None:
    """Until the call is released."""
    end = time.monotonic() + LONGEST_SECONDS
    with _changed:
        while key in _held and time.monotonic() < end:
            _changed.wait(end - time.monotonic())
