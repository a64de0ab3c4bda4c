"""Carries a fault out: an error in the service's form, a cut connection, an ended sandbox, an old answer, or a wait.

The answer of a call that has its effect is thrown away.
"""

import socket
from collections.abc import Callable, Iterable
from typing import Any

from local_aws.enforcement.calls import Call
from local_aws.enforcement.responses import Application
from local_aws.faults import codes, holds, stale
from local_aws.faults.fault import OF_SANDBOXES, Fault

Refuse = Callable[[str, str, int], Iterable[bytes]]


def carry_out(
    fault: Fault,
    call: Call,
    application: Application,
    environ: dict[str, Any],
    start_response: Any,
    refuse: Refuse,
) -> Iterable[bytes]:
    """What the caller gets; `refuse` writes an error of the service."""
    if fault.kind == "stale":
        old = stale.answer(fault.event, call, application, environ)
        call.meets_fault, call.fault_label = old.differs, fault.label if old.differs else ""
        return old.write(start_response)
    if fault.kind == "held":
        holds.wait(id(fault))
        return application(environ, start_response)
    call.meets_fault, call.fault_label = True, fault.label
    if fault.has_effect:
        run_and_drop(application, environ)
    if fault.kind in OF_SANDBOXES:
        if fault.kind == "killed":
            call.sandbox.kill()
        else:
            call.sandbox.time_out()
        return cut(environ, start_response, "SandboxEnded")
    if fault.kind == "cut":
        return cut(environ, start_response, "ConnectionCut")
    return refuse(*codes.words(call, fault))


def run_and_drop(application: Application, environ: dict[str, Any]) -> None:
    """The call takes effect, but the caller never sees its answer."""
    result = application(environ, lambda *_: None)
    close = getattr(result, "close", None)
    for _ in result:
        pass
    if close:
        close()


def cut(environ: dict[str, Any], start_response: Any, name: str) -> Iterable[bytes]:
    """Ends the connection without a byte of an answer; the name is for the audit."""
    try:
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    except OSError:
        # The caller is gone already.
        pass
    start_response("500 Cut", [("x-amzn-errortype", name), ("Content-Length", "0")])
    return []
