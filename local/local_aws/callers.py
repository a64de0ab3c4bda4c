"""Which process of a function makes a call: its own keys, and those of the roles that it has assumed, tell it.

So a fault can meet the calls of one invocation, and end the process that made one.
"""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any
from weakref import WeakValueDictionary

from local_aws.enforcement.calls import Call

_sandboxes: "WeakValueDictionary[str, Any]" = WeakValueDictionary()
_lock = threading.Lock()
_current = threading.local()


def register(access_key_id: str, sandbox: Any) -> None:
    """These keys were given to that sandbox."""
    with _lock:
        _sandboxes[access_key_id] = sandbox


def hand_on(access_key_id: str) -> None:
    """These keys were made for the call that this thread works on: they belong to the sandbox of its caller."""
    call = current()
    if call is not None and call.sandbox is not None:
        register(access_key_id, call.sandbox)


def complete(call: Call) -> None:
    """Adds to a call which sandbox makes it, for which function and event."""
    with _lock:
        sandbox = _sandboxes.get(call.access_key_id or "")
    if sandbox is None:
        return
    call.sandbox, call.function = sandbox, sandbox.configuration.name
    call.event = call.event or sandbox.event


@contextlib.contextmanager
def making(call: Call) -> Iterator[None]:
    """While it lasts, this thread works on that call."""
    before = getattr(_current, "call", None)
    _current.call = call
    try:
        yield
    finally:
        _current.call = before


def current() -> Call | None:
    """The call that this thread works on."""
    call: Call | None = getattr(_current, "call", None)
    return call
