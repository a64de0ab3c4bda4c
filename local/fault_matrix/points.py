"""The single calls of an undisturbed vend, and the faults that can meet each.

A call is told by function, role, action, region, and how many like it come before it in the vend.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

THROTTLED, SERVER_ERROR, DENIED = "throttled", "HTTP 500", "denied"
CUT_BEFORE, CUT_AFTER = "cut before", "cut after"
KILLED, TIMED_OUT, STALE, ABORTED = "killed", "timed out", "stale", "aborted"
KINDS = (THROTTLED, SERVER_ERROR, CUT_BEFORE, CUT_AFTER, KILLED, TIMED_OUT, DENIED, STALE)
_DOCUMENTS: dict[str, dict[str, Any]] = {
    # For as long as the SDK tries, so that the step fails and the state machine has to try again.
    THROTTLED: {"kind": "throttled", "count": 3},
    SERVER_ERROR: {"kind": "server-error"},
    CUT_BEFORE: {"kind": "cut", "when": "before"},
    CUT_AFTER: {"kind": "cut", "when": "after"},
    KILLED: {"kind": "killed"},
    TIMED_OUT: {"kind": "timed-out"},
    DENIED: {"kind": "denied"},
    STALE: {"kind": "stale"},
    ABORTED: {"kind": "aborted"},
}
_READING = ("Describe", "Get", "List", "Search")
# The same calls are made in every region; these stand for all: the home region, and one that was just enabled.
EC2_REGIONS = ("eu-central-1", "eu-south-1")
# What the functions use; calls of the outside world (root keys, meshStack making accounts) are no part of a vend.
CALLERS = ("AVMStateMachineRole", "MeshfedAutomationRole")


@dataclass(frozen=True)
class Point:
    """One call of a vend, or one state that it enters."""

    function: str
    role: str
    service: str
    action: str
    region: str
    resource: str
    earlier: int

    @property
    def is_state(self) -> bool:
        """Whether it is a state and no call."""
        return self.service == "state"

    @property
    def is_read(self) -> bool:
        """Whether nothing can change by it, but who the caller is."""
        return self.action.startswith((*_READING, "AssumeRole"))

    @property
    def name(self) -> str:
        """Function and action, as the table shows them."""
        if self.is_state:
            return f"state {self.action}"
        by = self.function.removeprefix("avm-") or self.role.removesuffix("Role")
        to = f" {self.resource.removeprefix('function:avm-').removeprefix('function:')}" if self.resource else ""
        return f"{by}: {self.service}:{self.action}{to}"

    def fault(self, kind: str, label: str) -> dict[str, Any]:
        """The document that disturbs this point in the vend of the project that the label names."""
        if self.is_state:
            wanted: dict[str, Any] = {"state": self.action}
        else:
            wanted = {
                "function": self.function,
                "principal": f":role/{self.role}",
                "service": self.service,
                "action": self.action,
                "region": self.region,
                "resource": self.resource,
            }
        return {**_DOCUMENTS[kind], **wanted, "skip": self.earlier, "event": label, "label": label}

    def kinds(self) -> list[str]:
        """The faults that can meet it."""
        if self.is_state:
            return [ABORTED]
        kinds = list(KINDS)
        if not self.function:
            kinds = [kind for kind in kinds if kind not in (KILLED, TIMED_OUT)]
        if not self.action.startswith(_READING):
            kinds.remove(STALE)
        return kinds


def of_calls(calls: Iterable[dict[str, Any]], every_call: bool = True) -> list[Point]:
    """The points of the audit's lines of one vend; of equal calls (looks at what takes time) the first two and the last."""
    earlier: Counter[tuple[str, ...]] = Counter()
    equal: dict[tuple[str, ...], list[Point]] = defaultdict(list)
    for call in calls:
        role = (call["principal"] or "").rpartition("/")[2]
        if not call["function"] and role not in CALLERS:
            continue
        action = call["action"].split(":")[1]
        resource = ""
        if not call["function"]:
            if action != "InvokeFunction":
                continue
            resource = "function:" + call["resources"][0].split(":")[6]
        key = (call["function"], role, call["service"], action, call["region"], resource)
        equal[(*key, *call["resources"])].append(Point(*key, earlier[key]))
        earlier[key] += 1
    kept = [ones if every_call else [*ones[:2], *ones[2:][-1:]] for ones in equal.values()]
    return [point for ones in kept for point in ones]


def of_states(events: Iterable[dict[str, Any]]) -> list[Point]:
    """The states that an execution has entered, each once."""
    entered = (event.get("stateEnteredEventDetails", {}).get("name") for event in events)
    names = dict.fromkeys(name for name in entered if name)
    return [Point("", "", "state", name, "", "", 0) for name in names]
