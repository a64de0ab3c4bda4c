"""One wanted fault: the calls that it meets, and what kind it is.

Texts that are left empty match every call; `skip` lets the first matching calls pass.
"""

from dataclasses import dataclass
from typing import Any

from local_aws.enforcement.actions import iam_action
from local_aws.enforcement.calls import Call

# Kinds that need the process of a function, which makes the call.
OF_SANDBOXES = {"killed", "timed-out"}
KINDS = {"error", "throttled", "server-error", "denied", "cut", "stale", "aborted", "held", *OF_SANDBOXES}
# What has had its effect unless a fault says otherwise.
_AFTER = OF_SANDBOXES
READING = ("Describe", "Get", "List", "Search", "Simulate", "BatchGet", "IsMember")


def is_read(action: str) -> bool:
    """Whether an operation only reads."""
    return action.startswith(READING)


@dataclass
class Fault:
    """One wanted fault; see README.md for what each field does."""

    kind: str = "error"
    code: str = ""
    principal: str = ""
    service: str = ""
    action: str = ""
    resource: str = ""
    region: str = ""
    function: str = ""
    event: str = ""
    state: str = ""
    skip: int = 0
    count: int = 1
    status: int = 400
    message: str = "A fault that was asked for."
    when: str = ""
    label: str = ""

    @classmethod
    def of(cls, document: dict[str, Any]) -> "Fault":
        """The fault of a JSON document; raises ValueError for what is not one."""
        fields = cls.__dataclass_fields__
        unknown = sorted(set(document) - set(fields))
        if unknown:
            raise ValueError(f"a fault may have {sorted(fields)}, not {unknown}")
        for name, value in document.items():
            if type(value) is not type(fields[name].default):
                raise ValueError(f"{name} is a {type(fields[name].default).__name__}")
        fault = cls(**document)
        fault._check()
        return fault

    def _check(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind is one of {sorted(KINDS)}")
        if (self.kind == "error") != bool(self.code):
            raise ValueError("a fault of the kind error has a code, the other kinds have none")
        if (self.kind == "aborted") != bool(self.state):
            raise ValueError("a fault of the kind aborted has a state, the other kinds have none")
        if self.when not in ("", "before", "after") or self.count < 1 or self.skip < 0:
            raise ValueError("when is before or after, count at least 1, skip at least 0")
        if not 400 <= self.status <= 599:
            raise ValueError("status is from 400 to 599")
        if self.kind == "stale" and (self.count > 1 or not self.event):
            raise ValueError("a stale answer is given once, in an event that is named")
        if self.kind == "held" and (self.count > 1 or self.when):
            raise ValueError("one call is held, before anything happens")

    @property
    def has_effect(self) -> bool:
        """Whether the call does what it would, before its caller meets the fault."""
        return self.when == "after" or (not self.when and self.kind in _AFTER)

    def concerns(self, call: Call) -> bool:
        """Whether the call is made for the event that the fault is bound to."""
        return self.event in call.event

    def matches(self, call: Call) -> bool:
        """Whether the call is one of those that the fault is meant for."""
        if self.kind == "aborted" or (self.kind == "stale" and not is_read(call.action)):
            return False
        if self.kind in OF_SANDBOXES and call.sandbox is None:
            return False
        arns = [call.principal.arn, call.principal.identity_arn] if call.principal else [""]
        return (
            self.concerns(call)
            and self.service in ("", call.service)
            and self.action in ("", call.action, iam_action(call).split(":", 1)[1])
            and self.region in ("", call.region)
            and self.function in ("", call.function)
            and any(self.principal in arn for arn in arns)
            and (not self.resource or any(self.resource in need.resource for need in call.needs))
        )

    def aborts(self, state: str, execution_input: str) -> bool:
        """Whether it aborts the execution with that input when it enters that state."""
        return self.kind == "aborted" and self.state == state and self.event in execution_input
