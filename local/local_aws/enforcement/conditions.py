"""The Condition element of IAM policies: operators, set qualifiers and IfExists, as AWS evaluates them.

A request's keys are looked up without regard to letter case; an unknown operator never matches.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from local_aws.enforcement.wildcards import arn_matches, text_matches

Context = Mapping[str, str | list[str]]
Comparison = Callable[[str, str], bool]


def as_list(value: Any) -> list[Any]:
    """Policy elements may be one value or a list of them."""
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple, set)) else [value]


def _number(compare: Callable[[float, float], bool]) -> Comparison:
    def comparison(expected: str, actual: str) -> bool:
        try:
            return compare(float(actual), float(expected))
        except ValueError:
            return False

    return comparison


_POSITIVE: dict[str, Comparison] = {
    "StringEquals": lambda expected, actual: expected == actual,
    "StringEqualsIgnoreCase": lambda expected, actual: expected.lower() == actual.lower(),
    "StringLike": text_matches,
    "ArnEquals": arn_matches,
    "ArnLike": arn_matches,
    "Bool": lambda expected, actual: expected.lower() == actual.lower(),
    "NumericEquals": _number(lambda actual, expected: actual == expected),
    "NumericLessThan": _number(lambda actual, expected: actual < expected),
    "NumericLessThanEquals": _number(lambda actual, expected: actual <= expected),
    "NumericGreaterThan": _number(lambda actual, expected: actual > expected),
    "NumericGreaterThanEquals": _number(lambda actual, expected: actual >= expected),
    # Times of one form and one zone stand in the order of their letters.
    "DateLessThan": lambda expected, actual: actual < expected,
    "DateGreaterThan": lambda expected, actual: actual > expected,
}
_NEGATIVE = {
    "StringNotEquals": _POSITIVE["StringEquals"],
    "StringNotEqualsIgnoreCase": _POSITIVE["StringEqualsIgnoreCase"],
    "StringNotLike": _POSITIVE["StringLike"],
    "ArnNotEquals": _POSITIVE["ArnEquals"],
    "ArnNotLike": _POSITIVE["ArnLike"],
    "NumericNotEquals": _POSITIVE["NumericEquals"],
}


def lookup(context: Context, key: str) -> list[str] | None:
    """The request's values of a condition key; None when the request does not have it."""
    wanted = key.lower()
    for name, value in context.items():
        if name.lower() == wanted:
            return [str(item) for item in as_list(value)]
    return None


def with_variables(text: str, context: Context) -> str:
    """Replaces policy variables such as ${aws:PrincipalAccount} by the request's values."""

    def replacement(match: re.Match[str]) -> str:
        if match[1] in ("*", "?", "$"):
            return match[1]
        values = lookup(context, match[1])
        return values[0] if values and len(values) == 1 else match[0]

    return re.sub(r"\$\{([^}]+)\}", replacement, text)


def conditions_hold(conditions: Mapping[str, Mapping[str, Any]] | None, context: Context) -> bool:
    """Whether every operator holds for every key."""
    return all(
        _holds(operator, key, as_list(expected), context)
        for operator, keys in (conditions or {}).items()
        for key, expected in keys.items()
    )


def _text(value: Any, context: Context) -> str:
    return with_variables(str(value).lower() if isinstance(value, bool) else str(value), context)


def _holds(operator: str, key: str, expected: list[Any], context: Context) -> bool:
    qualifier, _, name = operator.rpartition(":")
    actual = lookup(context, key)
    values = [_text(item, context) for item in expected]
    if name == "Null":
        return any((actual is None) == (value.lower() == "true") for value in values)
    if_exists = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    negated = name in _NEGATIVE
    comparison = _NEGATIVE.get(name) or _POSITIVE.get(name)
    if comparison is None:
        return False
    if not actual:
        return if_exists or qualifier == "ForAllValues" or (negated and qualifier != "ForAnyValue")

    def satisfied(item: str) -> bool:
        return any(comparison(value, item) for value in values) is not negated

    if qualifier == "ForAnyValue" or (not qualifier and not negated):
        return any(satisfied(item) for item in actual)
    return all(satisfied(item) for item in actual)
