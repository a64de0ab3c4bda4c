"""Evaluation of policy documents: identity policies (Action, Resource) and trust policies (Principal).

An explicit deny wins over every allow; without an allow the answer is an implicit deny.
"""

import functools
import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from local_aws.enforcement.conditions import Context, as_list, conditions_hold, with_variables
from local_aws.enforcement.wildcards import action_matches, arn_matches

log = logging.getLogger("local_aws.enforcement")


class Decision(Enum):
    ALLOWED = "allowed"
    IMPLICIT_DENY = "implicit deny"
    EXPLICIT_DENY = "explicit deny"
    BOUNDARY_DENY = "explicit deny of a permissions boundary"
    BOUNDARY_MISSING = "no allow of a permissions boundary"
    ORGANIZATION_DENY = "explicit deny of a service control policy"
    ORGANIZATION_MISSING = "no allow of a service control policy"
    RESOURCE_DENY = "explicit deny of a resource control policy"
    RESOURCE_MISSING = "no allow of a resource control policy"

    @property
    def denies(self) -> bool:
        """Whether no allow of any other policy helps."""
        return self not in (Decision.ALLOWED, Decision.IMPLICIT_DENY)


class TrustLevel(Enum):
    """How a trust policy allows a caller: not at all, through its account, or by its own name."""

    NONE = 0
    ACCOUNT = 1
    EXACT = 2


@dataclass(frozen=True)
class Caller:
    """What a trust policy can know of a caller; a service has no account."""

    arns: tuple[str, ...] = ()
    account_id: str | None = None
    service: str | None = None


@functools.lru_cache(maxsize=4096)
def _parsed(document: str) -> tuple[dict[str, Any], ...]:
    try:
        statements = json.loads(document).get("Statement", [])
    except (ValueError, AttributeError):
        log.warning("a policy document that is not JSON grants nothing")
        return ()
    return tuple(as_list(statements))


def statements_of(document: str | dict[str, Any] | None) -> tuple[dict[str, Any], ...]:
    """The statements of a policy document, given as text or as an object."""
    if not document:
        return ()
    if isinstance(document, dict):
        return tuple(as_list(document.get("Statement", [])))
    return _parsed(document)


def _action_applies(statement: dict[str, Any], action: str) -> bool:
    if "NotAction" in statement:
        return not any(action_matches(item, action) for item in as_list(statement["NotAction"]))
    return any(action_matches(item, action) for item in as_list(statement.get("Action")))


def _resource_applies(statement: dict[str, Any], resource: str, context: Context) -> bool:
    def matches(pattern: str) -> bool:
        return arn_matches(with_variables(pattern, context), resource)

    if "NotResource" in statement:
        return not any(matches(item) for item in as_list(statement["NotResource"]))
    return any(matches(item) for item in as_list(statement.get("Resource")))


def evaluate(
    documents: Iterable[str | dict[str, Any]], action: str, resource: str, context: Context
) -> Decision:
    """What a set of identity policies says about one action on one resource."""
    decision = Decision.IMPLICIT_DENY
    for document in documents:
        for statement in statements_of(document):
            if (
                _action_applies(statement, action)
                and _resource_applies(statement, resource, context)
                and conditions_hold(statement.get("Condition"), context)
            ):
                if statement.get("Effect") == "Deny":
                    return Decision.EXPLICIT_DENY
                if statement.get("Effect") == "Allow":
                    decision = Decision.ALLOWED
    return decision


def _account_principal(principal: str, caller: Caller) -> bool:
    if caller.account_id is None:
        return False
    if principal == caller.account_id:
        return True
    segments = principal.split(":")
    return len(segments) == 6 and segments[4:] == [caller.account_id, "root"]


def _principal_level(principals: Any, caller: Caller) -> TrustLevel:
    if principals == "*":
        return TrustLevel.ACCOUNT
    level = TrustLevel.NONE
    for kind, names in (principals or {}).items():
        for name in as_list(names):
            if kind == "Service" and name == caller.service and name is not None:
                return TrustLevel.EXACT
            if kind == "AWS" and caller.account_id is not None:
                if name in caller.arns:
                    return TrustLevel.EXACT
                if name == "*" or _account_principal(name, caller):
                    level = TrustLevel.ACCOUNT
    return level


def trust_level(
    trust_policy: str | dict[str, Any], action: str, caller: Caller, context: Context
) -> TrustLevel:
    """How far a role's trust policy lets this caller assume the role."""
    best = TrustLevel.NONE
    for statement in statements_of(trust_policy):
        level = _principal_level(statement.get("Principal"), caller)
        if (
            level is TrustLevel.NONE
            or not _action_applies(statement, action)
            or not conditions_hold(statement.get("Condition"), context)
        ):
            continue
        if statement.get("Effect") == "Deny":
            return TrustLevel.NONE
        if statement.get("Effect") == "Allow" and level.value > best.value:
            best = level
    return best
