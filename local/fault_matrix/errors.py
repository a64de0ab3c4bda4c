"""The error names under which a disturbed vend or call may fail: those of ERRORS.md, and Lambda's own.

Names that mean "this is not known" are no answer to a fault.
"""

import re

from local_aws.paths import REPOSITORY

_ROW = re.compile(r"^\| `(\w+)` \|", re.MULTILINE)
_UNKNOWN = {"Internal", "InvalidState"}
PLATFORM = {"Runtime.ExitError", "Runtime.OutOfMemory", "Sandbox.Timedout"}


def typed() -> set[str]:
    """All names that say what has happened."""
    text = (REPOSITORY / "ERRORS.md").read_text(encoding="utf-8")
    ours = text.partition("## Names of the AVM")[2].partition("\n## ")[0]
    names = set(_ROW.findall(ours))
    if len(names) < 20:
        raise RuntimeError("ERRORS.md is not written as this module reads it")
    return names - _UNKNOWN


def is_typed(name: str | None) -> bool:
    """Whether a vend may fail under that name."""
    return name is not None and (name in typed() or name in PLATFORM or name.startswith("Lambda."))
