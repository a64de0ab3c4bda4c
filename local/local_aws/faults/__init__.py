"""Faults that a test asks for: which calls they meet, and what becomes of those calls.

`fault.py` says what a fault is, `codes.py` how each service words its errors, `effects.py` carries a fault out, `holds.py` has
what is held.
"""

import threading
from dataclasses import asdict
from typing import Any

from local_aws.enforcement.calls import Call
from local_aws.faults import holds
from local_aws.faults.fault import Fault

__all__ = ["Fault", "add", "clear", "pending", "take", "take_abort", "watched"]

_faults: list[Fault] = []
_lock = threading.Lock()


def add(fault: Fault) -> None:
    """The next calls that match will meet it."""
    with _lock:
        _faults.append(fault)


def clear(label: str = "") -> None:
    """No more faults, or none with that label; what such a fault holds goes on."""
    with _lock:
        holds.release(label)
        _faults[:] = [fault for fault in _faults if label and fault.label != label]


def pending() -> list[dict[str, Any]]:
    """What is still to happen."""
    with _lock:
        return [asdict(fault) for fault in _faults]


def watched(call: Call) -> str | None:
    """The event that the call belongs to, if an old answer may be wanted later in it."""
    with _lock:
        stale = (fault for fault in _faults if fault.kind == "stale" and fault.concerns(call))
        return next((fault.event for fault in stale), None)


def _use(fault: Fault) -> bool:
    if fault.skip:
        fault.skip -= 1
        return False
    if fault.kind == "held":
        holds.begin(id(fault), fault.label)
    fault.count -= 1
    if fault.count == 0:
        _faults.remove(fault)
    return True


def take(call: Call) -> Fault | None:
    """The fault that this call meets, if any; it counts as used."""
    with _lock:
        return next((fault for fault in list(_faults) if fault.matches(call) and _use(fault)), None)


def take_abort(state: str, execution_input: str) -> Fault | None:
    """The fault that aborts the execution that enters this state, if any."""
    with _lock:
        return next(
            (one for one in list(_faults) if one.aborts(state, execution_input) and _use(one)), None
        )
