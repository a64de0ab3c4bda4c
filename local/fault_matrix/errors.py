"""The error names under which a disturbed vend or call may fail: those of shared/core/src/error.rs, and Lambda's own.

Names that mean "this is not known" are no answer to a fault.
"""

import re

from local_aws.paths import REPOSITORY

_LINE = re.compile(r'^    (\w+), (?:Busy|BadInput|Terminal|TimedOut), "', re.MULTILINE)
_UNKNOWN = {"Internal", "InvalidState"}
PLATFORM = {"Runtime.ExitError", "Sandbox.Timedout"}


def typed() -> set[str]:
    """All names that say what has happened."""
    text = (REPOSITORY / "shared" / "core" / "src" / "error.rs").read_text(encoding="utf-8")
    names = set(_LINE.findall(text))
    if len(names) < 20:
        raise RuntimeError("shared/core/src/error.rs is not written as this module reads it")
    return names - _UNKNOWN


def is_typed(name: str | None) -> bool:
    """Whether a vend may fail under that name."""
    return name is not None and (name in typed() or name in PLATFORM or name.startswith("Lambda."))
