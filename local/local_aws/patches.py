"""Corrections of moto, each where it is written: `@patch(owner, "name")` replaces a function, `replace` a value.

Writing one changes nothing yet: `install` first looks for every target, names all that are missing, and then changes
them once. No target has two corrections, so their order does not matter.
"""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])
_MISSING = object()


@dataclass(frozen=True)
class Patch:
    """One correction: `make` turns what the owner has under that name into what it has afterwards."""

    owner: Any
    name: str
    place: str
    make: Callable[[Any], Any]
    adds: bool = False

    @property
    def target(self) -> str:
        """The target as `module:Class.name`."""
        if inspect.ismodule(self.owner):
            return f"{self.owner.__name__}:{self.name}"
        return f"{self.owner.__module__}:{self.owner.__qualname__}.{self.name}"

    def original(self) -> Any:
        """What the owner has now, methods of classes unbound; _MISSING for nothing."""
        return inspect.getattr_static(self.owner, self.name, _MISSING)


class TargetError(Exception):
    """moto is not what the corrections were written for."""


class Patches:
    """A list of corrections that are installed together."""

    def __init__(self) -> None:
        self._patches: list[Patch] = []
        self._installed = 0

    def patch(self, owner: Any, name: str) -> Callable[[Function], Function]:
        """The decorated function takes the place of the owner's, which it is handed as its first argument."""

        def register(function: Function) -> Function:
            make = functools.partial(_corrected, function)
            self._patches.append(Patch(owner, name, _place(function), make))
            return function

        return register

    def add(self, owner: Any, name: str) -> Callable[[Function], Function]:
        """The decorated function becomes a method that the owner does not have."""

        def register(function: Function) -> Function:
            self._patches.append(Patch(owner, name, _place(function), lambda _: function, adds=True))
            return function

        return register

    def replace(self, owner: Any, name: str, value: Any) -> None:
        """Another value in place of the owner's."""
        place = str(inspect.currentframe().f_back.f_globals["__name__"])  # type: ignore[union-attr]
        self._patches.append(Patch(owner, name, place, lambda _: value))

    def listed(self) -> list[Patch]:
        """All corrections, by target."""
        return sorted(self._patches, key=lambda patch: patch.target)

    def install(self) -> None:
        """Makes all corrections that were not made before; raises TargetError, and makes none, if one cannot be."""
        new = self._patches[self._installed :]
        problems = [*self._duplicates(), *_problems(new)]
        if problems:
            raise TargetError("moto cannot be corrected:\n" + "\n".join(f"  {text}" for text in problems))
        for patch in new:
            setattr(patch.owner, patch.name, patch.make(patch.original()))
        self._installed = len(self._patches)

    def _duplicates(self) -> list[str]:
        places: dict[str, list[str]] = {}
        for patch in self._patches:
            places.setdefault(patch.target, []).append(patch.place)
        return [
            f"{target} is corrected more than once, in {' and '.join(found)}"
            for target, found in places.items()
            if len(found) > 1
        ]


def _problems(patches: list[Patch]) -> list[str]:
    missing = [
        f"{patch.target} does not exist, corrected in {patch.place}"
        for patch in patches
        if not patch.adds and patch.original() is _MISSING
    ]
    existing = [
        f"{patch.target} exists already, added in {patch.place}"
        for patch in patches
        if patch.adds and patch.original() is not _MISSING
    ]
    return missing + existing


def _place(function: Callable[..., Any]) -> str:
    return f"{function.__module__}:{function.__qualname__}"


def _corrected(function: Callable[..., Any], original: Any) -> Any:
    """The function bound to the original, as the same kind of attribute."""
    if isinstance(original, property):
        return property(_wrapped(function, original.fget))
    if isinstance(original, classmethod | staticmethod):
        return type(original)(_wrapped(function, original.__func__))
    return _wrapped(function, original)


def _wrapped(function: Callable[..., Any], original: Any) -> Callable[..., Any]:
    # Without the original's attributes: an abstract method that is corrected is abstract no longer.
    @functools.wraps(original, updated=())
    def corrected(*arguments: Any, **named: Any) -> Any:
        return function(original, *arguments, **named)

    return corrected


_all = Patches()
patch, add, replace, listed, install = _all.patch, _all.add, _all.replace, _all.listed, _all.install
