"""Parameters of a template: which values a stack gets, and the refusals of AWS for wrong ones.

Corrects moto, which ignores undeclared parameters, accepts any value and shows those that are NoEcho.
"""

import re
from typing import Any

from .errors import validation_error

HIDDEN = "****"


def declared(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The Parameters section."""
    return template.get("Parameters") or {}


def text_of(value: Any) -> str:
    """A default as the text that the API shows."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ",".join(text_of(item) for item in value)
    return str(value)


def refuse_undeclared(template: dict[str, Any], keys: set[str]) -> None:
    """A key that the template does not declare is an error."""
    unknown = sorted(keys - set(declared(template)))
    if unknown:
        raise validation_error(f"Parameters: [{', '.join(unknown)}] do not exist in the template")


def explicit_values(given: list[dict[str, Any]], previous: dict[str, str] | None) -> dict[str, str]:
    """What a request gives: its values, and the previous ones where it says so."""
    values: dict[str, str] = {}
    for parameter in given:
        key = parameter.get("ParameterKey") or ""
        if not parameter.get("UsePreviousValue"):
            values[key] = parameter.get("ParameterValue") or ""
            continue
        if parameter.get("ParameterValue"):
            raise validation_error(
                f"Invalid input for parameter key {key}. Cannot specify usePreviousValue as true"
                " and non empty value for a parameter"
            )
        if previous is None or key not in previous:
            raise validation_error(
                f"Invalid input for parameter key {key}. Cannot specify usePreviousValue as true"
                " for a parameter key not in the previous template"
            )
        values[key] = previous[key]
    return values


def with_defaults(template: dict[str, Any], values: dict[str, str]) -> dict[str, str]:
    """Every declared parameter's value: the given one, else the default; those with neither are left out."""
    result: dict[str, str] = {}
    for key, declaration in declared(template).items():
        if key in values:
            result[key] = values[key]
        elif "Default" in declaration:
            result[key] = text_of(declaration["Default"])
    return result


def resolve(template: dict[str, Any], values: dict[str, str]) -> dict[str, str]:
    """The values of all parameters of a stack, checked."""
    refuse_undeclared(template, set(values))
    complete = with_defaults(template, values)
    missing = [key for key in declared(template) if key not in complete]
    if missing:
        raise validation_error(f"Parameters: [{', '.join(missing)}] must have values")
    check_constraints(template, complete)
    return complete


def check_constraints(template: dict[str, Any], values: dict[str, str]) -> None:
    """Refuses values that the declarations do not allow."""
    for key, value in values.items():
        declaration = declared(template)[key]
        is_list = str(declaration.get("Type")) == "CommaDelimitedList" or "List<" in str(declaration.get("Type"))
        for item in value.split(",") if is_list else [value]:
            problem = _broken_constraint(key, item, declaration)
            if problem and "ConstraintDescription" in declaration:
                problem = f"Parameter {key} failed to satisfy constraint: {declaration['ConstraintDescription']}"
            if problem:
                raise validation_error(problem)


def _broken_constraint(key: str, value: str, declaration: dict[str, Any]) -> str | None:
    allowed = declaration.get("AllowedValues")
    if allowed is not None and value not in [text_of(item) for item in allowed]:
        return f"Parameter '{key}' must be one of AllowedValues"
    pattern = declaration.get("AllowedPattern")
    if pattern is not None and not re.fullmatch(_python_pattern(pattern), value):
        return f"Parameter '{key}' must match pattern {pattern}"
    if "MinLength" in declaration and len(value) < int(declaration["MinLength"]):
        return f"Parameter '{key}' must contain at least {declaration['MinLength']} characters"
    if "MaxLength" in declaration and len(value) > int(declaration["MaxLength"]):
        return f"Parameter '{key}' must contain at most {declaration['MaxLength']} characters"
    if declaration.get("Type") in ("Number", "List<Number>"):
        return _broken_number(key, value, declaration)
    return None


def _python_pattern(pattern: str) -> str:
    # Java's classes for ASCII letters and digits do not exist in Python.
    for java, python in (("\\p{Alnum}", "A-Za-z0-9"), ("\\p{Alpha}", "A-Za-z"), ("\\p{Digit}", "0-9")):
        pattern = pattern.replace(java, python)
    return pattern


def _broken_number(key: str, value: str, declaration: dict[str, Any]) -> str | None:
    try:
        number = float(value)
    except ValueError:
        return f"Parameter '{key}' must be a number."
    if "MinValue" in declaration and number < float(declaration["MinValue"]):
        return f"Parameter '{key}' must be a number not less than {declaration['MinValue']}"
    if "MaxValue" in declaration and number > float(declaration["MaxValue"]):
        return f"Parameter '{key}' must be a number not greater than {declaration['MaxValue']}"
    return None


def shown(template: dict[str, Any], values: dict[str, str]) -> list[dict[str, str]]:
    """Parameters as the API shows them: in the order of the template, secrets hidden."""
    result = []
    for key, declaration in declared(template).items():
        entry = {"ParameterKey": key}
        if key in values:
            hidden = text_of(declaration.get("NoEcho", False)).lower() == "true"
            entry["ParameterValue"] = HIDDEN if hidden else values[key]
        result.append(entry)
    return result
