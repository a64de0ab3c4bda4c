"""What can be taken out of the templates: every statement that denies, and every key of every condition.

A trust policy is called `trust`; a statement has the name of its Sid, or its place in its policy.
"""

import copy
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_aws.deploy import sam

Way = tuple[str | int, ...]

_TRUST = "AssumeRolePolicyDocument"


@dataclass(frozen=True)
class Mutant:
    """One template without one denial or one key of a condition; the name is unique."""

    template: str
    way: Way
    name: str


def templates(repository: Path) -> list[str]:
    """The paths of the templates, from the root of the repository."""
    return ["template.yaml", *sorted(f"templates/{path.name}" for path in (repository / "templates").glob("*.yaml"))]


def of(repository: Path) -> list[Mutant]:
    """All mutants, in the order of the templates."""
    found = [mutant for path in templates(repository) for mutant in of_template(path, read(repository / path))]
    twice = [name for name, count in Counter(mutant.name for mutant in found).items() if count > 1]
    assert not twice, f"statements that share a name: {twice}"
    return found


def rendered(text: str, mutant: Mutant | None = None) -> str:
    """The text of a template as JSON, without what the mutant lacks."""
    outer = sam.parse(text)
    changed = removed(_parsed(text), mutant) if mutant else _parsed(text)
    if _is_text(outer):
        outer["Fn::Sub"][0] = json.dumps(changed, indent=1, ensure_ascii=False)
        changed = outer
    return json.dumps(changed, indent=1, ensure_ascii=False)


def read(path: Path) -> dict[str, Any]:
    """The template in a file, also if it is text that another includes."""
    return _parsed(path.read_text(encoding="utf-8"))


def _parsed(text: str) -> dict[str, Any]:
    template = sam.parse(text)
    return sam.parse(template["Fn::Sub"][0]) if _is_text(template) else template


def _is_text(template: dict[str, Any]) -> bool:
    """Whether it is a template as text, which another includes."""
    return "Fn::Sub" in template


def removed(template: dict[str, Any], mutant: Mutant) -> dict[str, Any]:
    """The template without what the mutant lacks, and without an operator, a condition or a list that has become empty."""
    changed = copy.deepcopy(template)
    way = mutant.way
    _remove(changed, way)
    while (way := way[:-1]) and _at(changed, way) in ({}, []):
        _remove(changed, way)
    return changed


def _at(part: Any, way: Way) -> Any:
    for step in way:
        part = part[step]
    return part


def _remove(template: dict[str, Any], way: Way) -> None:
    parent = _at(template, way[:-1])
    if len(way) > 1 and way[-2] == "Fn::If":
        parent[way[-1]] = {"Ref": "AWS::NoValue"}
    else:
        del parent[way[-1]]


def of_template(path: str, template: dict[str, Any]) -> Iterator[Mutant]:
    """The mutants of one template, whose path is part of their names."""
    for resource, definition in template.get("Resources", {}).items():
        for way, statement in _statements(definition, ("Resources", resource)):
            place = f"{path} {resource} {_called(way, statement)}"
            if statement["Effect"] == "Deny":
                yield Mutant(path, way, f"{place} denial")
            for key in _keys(statement.get("Condition"), (*way, "Condition")):
                branch = " otherwise" if key[-3] == 2 else ""
                yield Mutant(path, key, f"{place} {key[-2]} {key[-1]}{branch}")


def _called(way: Way, statement: dict[str, Any]) -> str:
    name = "trust" if _TRUST in way else f"statement {way[-1]}"
    return str(statement.get("Sid") or name)


def _statements(part: Any, way: Way) -> Iterator[tuple[Way, dict[str, Any]]]:
    if isinstance(part, dict):
        if "Effect" in part and ("Action" in part or "NotAction" in part):
            yield way, part
            return
        for key, value in part.items():
            yield from _statements(value, (*way, key))
    elif isinstance(part, list):
        for place, value in enumerate(part):
            yield from _statements(value, (*way, place))


def _keys(condition: Any, way: Way) -> Iterator[Way]:
    """The ways to the keys of a condition, also of one that depends on a parameter."""
    if isinstance(condition, dict) and "Fn::If" in condition:
        for place in (1, 2):
            yield from _keys(condition["Fn::If"][place], (*way, "Fn::If", place))
    elif isinstance(condition, dict) and "Ref" not in condition:
        for operator, keys in condition.items():
            yield from ((*way, operator, key) for key in keys)
