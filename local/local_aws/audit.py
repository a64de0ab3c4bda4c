"""One line of JSON for every call: who, in which account, which IAM action on what, with which answer.

No parameters are written, so no secrets are; e-mail addresses in session names are masked.
"""

import json
import logging
import os
import re
import threading
import time
from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import count
from typing import Any

from flask import Flask, got_request_exception

from local_aws.enforcement.actions import iam_action
from local_aws.enforcement.authorization import grants_for, witnesses
from local_aws.enforcement.calls import CALL_KEY, Call
from local_aws.enforcement.gateway import is_aws_call
from local_aws.enforcement.grants import Grant
from local_aws.enforcement.needs import Need
from local_aws.enforcement.principals import Principal
from local_aws.enforcement.responses import Application
from local_aws.services.events import models as events

LOG_VARIABLE = "AVM_LOCAL_AUDIT_LOG"
_KEPT_CALLS = 20_000
_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(\.[\w-]+)+")
# Steps are called with the execution that they work for.
_EXECUTION_OF_STEP = re.compile(r'"Execution": ?"([^"]+)"')
_ERROR_CODE = re.compile(r"<Code>([^<]+)</Code>")

log = logging.getLogger("local_aws.audit")

_calls: deque[dict[str, Any]] = deque(maxlen=_KEPT_CALLS)
_numbers = count(1)
_lock = threading.Lock()


def calls_since(number: int) -> list[dict[str, Any]]:
    """The calls with a greater number, oldest first."""
    with _lock:
        return [call for call in _calls if call["number"] > number]


def log_name() -> str:
    """The name of the log that the calls are written to; empty if they are written to none."""
    return os.path.basename(os.environ.get(LOG_VARIABLE) or "")


def last_number() -> int:
    """The number of the latest call; 0 before the first."""
    with _lock:
        return _calls[-1]["number"] if _calls else 0


def _header(headers: list[tuple[str, str]], wanted: str) -> str | None:
    return next((value for name, value in headers if name.lower() == wanted), None)


def _error_code(status: int, headers: list[tuple[str, str]], body: bytes) -> str | None:
    if status < 400:
        return None
    error_type = _header(headers, "x-amzn-errortype")
    if error_type:
        return error_type.split(":")[0].split("#")[-1]
    text = body[:4000].decode("utf-8", "replace")
    match = _ERROR_CODE.search(text)
    if match:
        return match[1]
    try:
        return str(json.loads(text).get("__type", "Unknown")).split("#")[-1]
    except (ValueError, AttributeError):
        return "Unknown"


def _execution(call: Call) -> str | None:
    """The execution that a call names, to correlate it with a vend."""
    execution_arn = call.parameters.get("executionArn")
    if isinstance(execution_arn, str):
        return execution_arn
    if call.service == "states" and call.action == "StartExecution":
        machine = str(call.parameters.get("stateMachineArn", ""))
        return f"{machine.replace(':stateMachine:', ':execution:')}:{call.parameters.get('name')}"
    found = _EXECUTION_OF_STEP.search(call.event)
    return found[1] if found else None


def _need(need: Need, grants: list[Grant]) -> dict[str, Any]:
    """What a call needs, and the grants that allow it, as (policy, statement, action, resource)."""
    by = [[grant.policy, grant.statement, grant.action, grant.resource] for grant in grants]
    return {"action": need.action, "resource": need.resource, "grants": by}


def _line(call: Call, status: int, error: str | None, started: float) -> dict[str, Any]:
    principal = call.principal
    # A caller may pass anything as a resource: names with e-mail addresses are masked in the whole line.
    line = {
        "time": datetime.fromtimestamp(started, UTC).isoformat(timespec="milliseconds"),
        "requestId": call.request_id,
        "principal": principal.identity_arn if principal else None,
        "session": principal.session_name if principal else None,
        "account": principal.account_id if principal else None,
        "region": call.region,
        "service": call.service,
        "action": iam_action(call),
        "resources": list(dict.fromkeys(need.resource for need in call.needs)),
        "needs": [_need(need, grants) for need, grants in zip(call.needs, call.grants, strict=False)],
        "status": status,
        "error": error,
        "injected": call.meets_fault,
        "fault": call.fault_label,
        "function": call.function,
        "milliseconds": round((time.time() - started) * 1000, 1),
        "trace": call.trace_id,
        "execution": _execution(call),
    }
    return _masked(line)


def _masked(line: dict[str, Any]) -> dict[str, Any]:
    return dict(json.loads(_EMAIL.sub("<e-mail>", json.dumps(line))))


def _write(line: dict[str, Any]) -> None:
    path = os.environ.get(LOG_VARIABLE)
    if path:
        with open(path, "a", encoding="utf-8") as lines:
            lines.write(json.dumps(line) + "\n")


def witness(principal: Principal, need: Need, region: str, allowed: bool) -> None:
    """Writes what a service did with a principal's rights; only to the log, since nobody called."""
    line = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "principal": principal.identity_arn,
        "session": principal.session_name,
        "account": principal.account_id,
        "region": region,
        "service": need.action.split(":")[0],
        "action": need.action,
        "resources": [need.resource],
        "needs": [_need(need, grants_for(principal, need, region))],
        "error": None if allowed else "AccessDenied",
        "injected": False,
        "within": True,
    }
    with _lock:
        _write({"number": next(_numbers), **_masked(line)})


witnesses.append(witness)


def record(call: Call, status: int, error: str | None, started: float) -> None:
    """Keeps a call, and writes it to the log when there is one."""
    line = _line(call, status, error, started)
    with _lock:
        line = {"number": next(_numbers), **line}
        _calls.append(line)
        _write(line)


@got_request_exception.connect
def _log_failure(sender: Flask, exception: BaseException, **_: Any) -> None:
    """moto keeps its own failures nowhere."""
    log.error("the local AWS itself failed", exc_info=exception)


def audited(application: Application) -> Application:
    """The application with a line for every call: moto logs requests without their callers."""

    def audit(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if not is_aws_call(environ):
            return application(environ, start_response)
        started = time.time()
        seen: list[Any] = ["500", []]

        def remember(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            seen[:] = [status, headers]
            return start_response(status, headers, *rest)

        result = application(environ, remember)
        try:
            body = b"".join(result)
        finally:
            if hasattr(result, "close"):
                result.close()
        status = int(seen[0].split()[0])
        call = environ.get(CALL_KEY)
        if call is not None:
            call.request_id = _header(seen[1], "x-amzn-requestid") or call.request_id
            error = _error_code(status, seen[1], body)
            record(call, status, error, started)
            events.tell_of_call(call, error)
        return [body]

    return audit
