"""Parameter overrides of stack instances: given, kept, reset.

Corrects moto, which replaces the set's parameters by the overrides and accepts keys that the template does not declare.
"""

from typing import Any

from local_aws.corrections.cloudformation import parameters
from local_aws.corrections.cloudformation.errors import validation_error

from .model import StackSet


def check(stack_set: StackSet, given: list[dict[str, Any]] | None) -> None:
    """Refuses keys that the set's template does not declare, and entries with two meanings."""
    keys = [entry.get("ParameterKey", "") for entry in given or []]
    parameters.refuse_undeclared(stack_set.parsed, set(keys))
    for entry in given or []:
        if entry.get("UsePreviousValue") and entry.get("ParameterValue"):
            raise validation_error(
                f"Invalid input for parameter key {entry['ParameterKey']}. Cannot specify usePreviousValue as true"
                " and non empty value for a parameter"
            )
    if len(keys) != len(set(keys)):
        raise validation_error("Duplicate parameter keys are not allowed in ParameterOverrides")


def applied(before: dict[str, str], given: list[dict[str, Any]] | None) -> dict[str, str]:
    """The overrides after a request: absent keeps all, a list resets what it does not name."""
    if given is None:
        return dict(before)
    after: dict[str, str] = {}
    for entry in given:
        key = entry["ParameterKey"]
        if not entry.get("UsePreviousValue"):
            after[key] = entry.get("ParameterValue") or ""
        elif key in before:
            after[key] = before[key]
    return after


def stack_values(stack_set: StackSet, instance_overrides: dict[str, str]) -> dict[str, str]:
    """The parameters of an instance's stack; raises when one has no value or a wrong one."""
    parsed = stack_set.parsed
    declared = set(parameters.declared(parsed))
    # An update of the set's template may have removed parameters that are still overridden.
    kept = {key: value for key, value in instance_overrides.items() if key in declared}
    return parameters.resolve(parsed, {**stack_set.values, **kept})
