"""Faults that a test asks for: the next matching calls answer an error instead of what they would.

"before": the call has no effect; "after": it has its effect, but the caller gets the error.
"""

import threading
from dataclasses import asdict, dataclass
from typing import Any

from local_aws.enforcement.calls import Call


@dataclass
class Fault:
    """One wanted error; empty texts match every call."""

    code: str
    principal: str = ""
    service: str = ""
    action: str = ""
    resource: str = ""
    count: int = 1
    status: int = 400
    message: str = "A fault that was asked for."
    when: str = "before"

    @classmethod
    def of(cls, document: dict[str, Any]) -> "Fault":
        """The fault of a JSON document; raises ValueError for what is not one."""
        known = set(cls.__dataclass_fields__)
        unknown = sorted(set(document) - known)
        if unknown or not isinstance(document.get("code"), str):
            raise ValueError(f"a fault has a code and may have {sorted(known - {'code'})}, not {unknown}")
        fault = cls(**document)
        if fault.when not in ("before", "after") or fault.count < 1 or not 400 <= fault.status <= 599:
            raise ValueError("when is before or after, count at least 1, status from 400 to 599")
        return fault

    def matches(self, call: Call) -> bool:
        arns = [call.principal.arn, call.principal.identity_arn] if call.principal else [""]
        return (
            self.service in ("", call.service)
            and self.action in ("", call.action)
            and any(self.principal in arn for arn in arns)
            and (not self.resource or any(self.resource in need.resource for need in call.needs))
        )


_faults: list[Fault] = []
_lock = threading.Lock()


def add(fault: Fault) -> None:
    """The next calls that match will fail."""
    with _lock:
        _faults.append(fault)


def clear() -> None:
    """No more faults."""
    with _lock:
        _faults.clear()


def pending() -> list[dict[str, Any]]:
    """What is still to happen."""
    with _lock:
        return [asdict(fault) for fault in _faults]


def take(call: Call) -> Fault | None:
    """The fault that this call meets, if any; it counts as used."""
    with _lock:
        fault = next((one for one in _faults if one.matches(call)), None)
        if fault is not None:
            fault.count -= 1
            if fault.count == 0:
                _faults.remove(fault)
        return fault
