"""Holds what the policies grant against what was called: which grants nobody needed, which calls lacked one.

A grant is one action pattern on one resource pattern of one statement; it is used by a call that succeeded through it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from local_aws.enforcement.grants import grants_in

from .exceptions import EXCEPTIONS, NOT_DEPLOYED, GrantException
from .record import Record
from .scope import HOLDERS

# Sessions of tests that try what must not work: what they reach uses no grant, and what they are refused is not missed.
ATTACKER = "attacker"
REFUSED = (
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "AuthorizationError",
    "AuthorizationErrorException",
)
# The session of an execution, which has its name: `avm-<key>-<month>-<generation>`.
_EXECUTION = re.compile(r"avm-.+-[0-9]{4}-[0-9]{2}-[0-9]+")
_ACCOUNT_ID = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")


@dataclass(frozen=True, order=True)
class GrantKey:
    """A grant of a holder (a role or user), the same in whichever account the holder is."""

    holder: str
    policy: str
    statement: str
    action: str
    resource: str


@dataclass
class Use:
    """How a grant was used: its condition, the calls, how many of them nothing else allowed, and an example."""

    condition: str = ""
    calls: int = 0
    alone: int = 0
    actions: Counter[str] = field(default_factory=Counter)
    example: str = ""


@dataclass(frozen=True, order=True)
class Missing:
    """What a holder was refused although no test had wanted that."""

    holder: str
    action: str
    resource: str
    why: str


@dataclass
class Proof:
    """What came out."""

    granted: dict[GrantKey, Use]
    excepted: dict[GrantKey, GrantException]
    unused: list[tuple[GrantKey, str]]
    missing: Counter[Missing]
    stale: list[GrantException]
    absent: list[str]

    @property
    def holds(self) -> bool:
        """Whether nothing is unused, nothing missing, and the list of exceptions no longer than it must be."""
        return not (self.unused or self.missing or self.stale or self.absent)

    def complaints(self) -> list[str]:
        """What is wrong, a line each."""
        return [
            *(
                f"unused: {key.holder}, {key.policy}, {key.statement}: {key.action} on {key.resource}: {why}"
                for key, why in self.unused
            ),
            *(
                f"missing: {lacking.holder}: {lacking.action} on {lacking.resource}, {count} times: {lacking.why}"
                for lacking, count in sorted(self.missing.items())
            ),
            *(f"an exception that nothing needs: {exception}" for exception in self.stale),
            *(f"not judged, but for its entry in NOT_DEPLOYED: {holder}" for holder in self.absent),
        ]


def _general(text: str, own_account: str) -> str:
    """A pattern without the ids of accounts, which differ from run to run."""
    return _ACCOUNT_ID.sub(lambda found: "<own>" if found[0] == own_account else "<account>", text)


def _holder_of(call: dict[str, Any]) -> str | None:
    principal = call.get("principal") or ""
    kind, _, name = principal.rpartition(":")[2].partition("/")
    return name if kind in ("role", "user") and name in HOLDERS else None


def _granted(holders: Iterable[dict[str, Any]]) -> dict[GrantKey, Use]:
    found = {}
    for holder in holders:
        name, account = holder["name"], holder["account"]
        policies = holder["policies"] if name in HOLDERS else {}
        for policy, document in policies.items():
            for grant, _ in grants_in(policy, document):
                key = GrantKey(name, policy, grant.statement, grant.action, _general(grant.resource, account))
                found[key] = Use(_general(grant.condition, account))
    return found


def _needs(call: dict[str, Any], holder: str) -> Iterator[tuple[dict[str, Any], list[GrantKey]]]:
    for need in call["needs"]:
        keys = [
            GrantKey(holder, policy, statement, action, _general(resource, call["account"]))
            for policy, statement, action, resource in need["grants"]
        ]
        yield need, keys


def _use(granted: dict[GrantKey, Use], call: dict[str, Any], holder: str) -> None:
    for need, keys in _needs(call, holder):
        known = [key for key in keys if key in granted]
        for key in known:
            use = granted[key]
            use.calls += 1
            use.alone += len(known) == 1
            use.actions[need["action"]] += 1
            use.example = use.example or f"{need['action']} {_general(need['resource'], call['account'])}"


def _lacking(call: dict[str, Any], holder: str, assumed: set[tuple[str, str]]) -> Missing | None:
    """What a refused call lacked. A trust that lets the same role in elsewhere was not ready or not there yet."""
    resources = [_general(need["resource"], call["account"]) for need in call["needs"]]
    for need, resource in zip(call["needs"], resources, strict=True):
        if not need["grants"]:
            return Missing(holder, need["action"], resource, "no policy allows it")
    if call["action"] != "sts:AssumeRole":
        return Missing(holder, call["action"], resources[0] if resources else "*", "a policy or the service denies it")
    if (holder, resources[0]) in assumed:
        return None
    return Missing(holder, call["action"], resources[0], "no trust lets it in, anywhere")


def _judge(key: GrantKey, use: Use) -> str | None:
    """Why a grant is more than was needed; None: it is not."""
    if not use.calls:
        return "no call needed it"
    if re.search(r"[*?]|^Not", key.action):
        return f"a pattern of actions, of which {', '.join(sorted(use.actions))} would do"
    if not use.alone:
        return "every call was allowed by another grant, too"
    return None


def _disturbed(calls: Iterable[tuple[dict[str, Any], str]]) -> set[str]:
    """The executions that have met a fault: what they are refused after an old answer is the fault's doing."""
    sessions = {call.get("session") or "" for call, _ in calls if call.get("fault")}
    return {session for session in sessions if _EXECUTION.fullmatch(session)}


def prove(record: Record) -> Proof:
    """Reads the whole record, twice: what is refused depends on what is granted elsewhere."""
    granted = _granted(record.holders)
    ours = [
        (call, holder)
        for call in record.calls()
        if (holder := _holder_of(call)) and not (call.get("session") or "").startswith(ATTACKER)
    ]
    assumed = set()
    for call, holder in ours:
        if call["error"] is None:
            _use(granted, call, holder)
            if call["action"] == "sts:AssumeRole":
                assumed.add((holder, _general(call["resources"][0], call["account"])))
    disturbed = _disturbed(ours)
    missing: Counter[Missing] = Counter()
    for call, holder in ours:
        is_wanted = call["injected"] or call.get("session") in disturbed
        lacking = _lacking(call, holder, assumed) if call["error"] in REFUSED and not is_wanted else None
        if lacking and not any(window.holds(call, holder, lacking.action) for window in record.provoked):
            missing[lacking] += 1
    return _conclude(granted, missing)


def _conclude(granted: dict[GrantKey, Use], missing: Counter[Missing]) -> Proof:
    excepted: dict[GrantKey, GrantException] = {}
    unused = []
    for key, use in sorted(granted.items()):
        why = _judge(key, use)
        if why is None:
            continue
        exception = next((exception for exception in EXCEPTIONS if exception.covers(key)), None)
        if exception:
            excepted[key] = exception
        else:
            unused.append((key, why))
    stale = [exception for exception in EXCEPTIONS if exception not in excepted.values()]
    absent = sorted(HOLDERS ^ {key.holder for key in granted} ^ NOT_DEPLOYED.keys())
    return Proof(granted, excepted, unused, missing, stale, absent)
