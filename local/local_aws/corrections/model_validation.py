"""Holds a request to the model of its operation: required members, types, lengths, ranges, patterns, enumerations.

moto checks none of it; SDKs check a part, and not every SDK the same part.
"""

from collections.abc import Iterator
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


def _member(name: str) -> str:
    return name[:1].lower() + name[1:]


def _fails(path: str, value: Any, constraint: str) -> str:
    shown = "null" if value is None else f"'{value}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: Member must {constraint}"


def problems(parameters: Any, shape: Shape | None) -> list[str]:
    """What is wrong with a request, in the words of AWS; nothing when it fits."""
    return [] if shape is None else list(_structure("", parameters, shape))


def message(found: list[str]) -> str:
    """The text of a ValidationException."""
    plural = "" if len(found) == 1 else "s"
    return f"{len(found)} validation error{plural} detected: {'; '.join(found)}"


def _structure(path: str, value: dict[str, Any], shape: StructureShape) -> Iterator[str]:
    for name in shape.required_members:
        if value.get(name) is None:
            yield _fails(f"{path}{_member(name)}", None, "not be null")
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from _value(f"{path}{_member(name)}", value[name], member)


def _value(path: str, value: Any, shape: Shape) -> Iterator[str]:
    if getattr(shape, "is_document_type", False):
        return
    kinds = _TYPES.get(shape.type_name)
    if kinds and (not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds)):
        yield _fails(path, value, f"be of type {shape.type_name}")
    elif isinstance(shape, StructureShape):
        yield from _structure(f"{path}.", value, shape)
    elif isinstance(shape, ListShape):
        yield from _size(path, value, shape, "length")
        for number, item in enumerate(value, start=1):
            yield from _value(f"{path}.{number}.member", item, shape.member)
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            yield from _value(path, key, shape.key)
            yield from _value(f"{path}.{key}", item, shape.value)
    else:
        yield from _scalar(path, value, shape)


def _scalar(path: str, value: Any, shape: Shape) -> Iterator[str]:
    pattern = shape.metadata.get("pattern")
    if shape.type_name == "integer":
        yield from _size(path, value, shape, "value")
    if shape.type_name != "string":
        return
    yield from _size(path, value, shape, "length")
    # Not re: patterns have classes such as \p{L}.
    if pattern and not regex.fullmatch(pattern, value):
        yield _fails(path, value, f"satisfy regular expression pattern: {pattern}")
    if shape.metadata.get("enum") and value not in shape.metadata["enum"]:
        yield _fails(path, value, f"satisfy enum value set: [{', '.join(shape.metadata['enum'])}]")


def _size(path: str, value: Any, shape: Shape, what: str) -> Iterator[str]:
    size = value if what == "value" else len(value)
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield _fails(path, value, f"have {what} greater than or equal to {least}")
    if most is not None and size > most:
        yield _fails(path, value, f"have {what} less than or equal to {most}")
