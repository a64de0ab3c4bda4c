"""Holds a request, or an answer, to the model of its operation: required members, types, lengths, patterns, enumerations.

moto checks none of it; SDKs check a part, and not every SDK the same part.
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import regex
from botocore.model import ListShape, MapShape, Shape, StructureShape

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "boolean": (bool,),
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
}


@dataclass(frozen=True)
class _Key:
    text: str


Path = tuple[str | int | _Key, ...]


def _shown(part: str | int | _Key) -> str:
    if isinstance(part, int):
        return f"{part}.member"
    return part[:1].lower() + part[1:] if isinstance(part, str) else part.text


@dataclass(frozen=True)
class Problem:
    """A value that breaks a constraint of the model; keys of maps and numbers of items are in the path only."""

    path: Path
    value: Any
    constraint: str

    def __str__(self) -> str:
        shown = "null" if self.value is None else f"'{self.value}'"
        parts = [_shown(part) for part in self.path]
        return f"Value {shown} at '{'.'.join(parts)}' failed to satisfy constraint: Member must {self.constraint}"

    @property
    def without_values(self) -> str:
        """The problem by the names of the model, which tells nothing of the data."""
        return f"{'.'.join(part for part in self.path if isinstance(part, str))} must {self.constraint}"


def problems(parameters: Any, shape: Shape | None) -> list[str]:
    """What is wrong with a request, in the words of AWS; nothing when it fits."""
    return [str(problem) for problem in found(parameters, shape)]


def found(document: Any, shape: Shape | None) -> Iterator[Problem]:
    """What is wrong with a request or an answer."""
    if shape is not None:
        yield from _structure((), document, shape)


def message(found: list[str]) -> str:
    """The text of a ValidationException."""
    plural = "" if len(found) == 1 else "s"
    return f"{len(found)} validation error{plural} detected: {'; '.join(found)}"


def _structure(path: Path, value: dict[str, Any], shape: StructureShape) -> Iterator[Problem]:
    for name in shape.required_members:
        if value.get(name) is None:
            yield Problem((*path, name), None, "not be null")
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from _value((*path, name), value[name], member)


def _value(path: Path, value: Any, shape: Shape) -> Iterator[Problem]:
    if getattr(shape, "is_document_type", False):
        return
    kinds = _TYPES.get(shape.type_name)
    if kinds and (not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds)):
        yield Problem(path, value, f"be of type {shape.type_name}")
    elif isinstance(shape, StructureShape):
        yield from _structure(path, value, shape)
    elif isinstance(shape, ListShape):
        yield from _size(path, value, shape, "length")
        for number, item in enumerate(value, start=1):
            yield from _value((*path, number), item, shape.member)
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            yield from _value(path, key, shape.key)
            yield from _value((*path, _Key(str(key))), item, shape.value)
    else:
        yield from _scalar(path, value, shape)


def _scalar(path: Path, value: Any, shape: Shape) -> Iterator[Problem]:
    pattern = shape.metadata.get("pattern")
    if shape.type_name == "integer":
        yield from _size(path, value, shape, "value")
    if shape.type_name != "string":
        return
    yield from _size(path, value, shape, "length")
    if pattern and not _compiled(pattern).fullmatch(value):
        yield Problem(path, value, f"satisfy regular expression pattern: {pattern}")
    if shape.metadata.get("enum") and value not in shape.metadata["enum"]:
        yield Problem(path, value, f"satisfy enum value set: [{', '.join(shape.metadata['enum'])}]")


@functools.cache
def _compiled(pattern: str) -> regex.Pattern[str]:
    # Not re: patterns have classes such as \p{L}.
    return regex.compile(pattern)


def _size(path: Path, value: Any, shape: Shape, what: str) -> Iterator[Problem]:
    size = value if what == "value" else len(value)
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield Problem(path, value, f"have {what} greater than or equal to {least}")
    if most is not None and size > most:
        yield Problem(path, value, f"have {what} less than or equal to {most}")
