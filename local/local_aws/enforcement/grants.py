"""Which grants let a principal make a call: a pattern of actions and one of resources, in a statement of a policy.

The audit keeps them, so that it can be said afterwards which grants nobody needs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from local_aws.enforcement.conditions import Context, as_list, conditions_hold, with_variables
from local_aws.enforcement.policies import statements_of
from local_aws.enforcement.wildcards import action_matches, arn_matches


@dataclass(frozen=True)
class Grant:
    """One action pattern on one resource pattern of an allowing statement."""

    policy: str
    statement: str
    action: str
    resource: str
    condition: str = ""


def _patterns(statement: dict[str, Any], element: str) -> list[str]:
    """The patterns of Action or Resource; those of NotAction and NotResource are one that is told as it is."""
    negated = f"Not{element}"
    if negated in statement:
        return [f"{negated} {', '.join(as_list(statement[negated]))}"]
    return [str(pattern) for pattern in as_list(statement.get(element))]


def grants_in(policy: str, document: str | dict[str, Any]) -> Iterator[tuple[Grant, dict[str, Any]]]:
    """All grants of a policy, each with its statement; a statement without Sid has its place as its name."""
    for number, statement in enumerate(statements_of(document), start=1):
        if statement.get("Effect") != "Allow":
            continue
        name = str(statement.get("Sid") or f"statement {number}")
        condition = str(statement["Condition"]) if statement.get("Condition") else ""
        for action in _patterns(statement, "Action"):
            for resource in _patterns(statement, "Resource"):
                yield Grant(policy, name, action, resource, condition), statement


def granting(policies: dict[str, str], action: str, resource: str, context: Context) -> list[Grant]:
    """The grants that allow one action on one resource; whether something denies it is another question."""
    return [
        grant
        for policy, document in policies.items()
        for grant, statement in grants_in(policy, document)
        if _matches_action(grant.action, action)
        and _matches_resource(grant.resource, resource, context)
        and conditions_hold(statement.get("Condition"), context)
    ]


def _matches_action(pattern: str, action: str) -> bool:
    negated = pattern.removeprefix("NotAction ")
    if negated != pattern:
        return not any(action_matches(item, action) for item in negated.split(", "))
    return action_matches(pattern, action)


def _matches_resource(pattern: str, resource: str, context: Context) -> bool:
    negated = pattern.removeprefix("NotResource ")
    if negated != pattern:
        return not any(arn_matches(with_variables(item, context), resource) for item in negated.split(", "))
    return arn_matches(with_variables(pattern, context), resource)
