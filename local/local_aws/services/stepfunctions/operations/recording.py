"""Keeps what expressions were evaluated with, for a comparison with another engine of the language.

Only where AVM_LOCAL_EXPRESSIONS names a folder: the values are those of requests, addresses included.
"""

import json
import os
import re
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER_VARIABLE = "AVM_LOCAL_EXPRESSIONS"
_VARIABLE = re.compile(r"\$([A-Za-z]\w*)")

_kept: set[str] = set()
_lock = threading.Lock()


@dataclass(frozen=True)
class Evaluation:
    """An expression, and the variables that it reads."""

    expression: str
    bindings: dict[str, Any]


def keep(expression: str, bindings: dict[str, Any]) -> None:
    """Writes an evaluation down, unless one with values of the same kinds was written before."""
    folder = os.environ.get(FOLDER_VARIABLE)
    if not folder:
        return
    read = {name: bindings[name] for name in _VARIABLE.findall(expression) if name in bindings}
    mark = json.dumps([expression, _kinds(read)])
    with _lock:
        if mark in _kept:
            return
        _kept.add(mark)
        with open(Path(folder) / f"expressions-{os.getpid()}.jsonl", "a", encoding="utf-8") as lines:
            lines.write(json.dumps([expression, read]) + "\n")


def kept(folder: Path) -> list[Evaluation]:
    """What all local AWS of a run have written there."""
    files = sorted(folder.glob("expressions-*.jsonl"))
    return [Evaluation(*json.loads(line)) for file in files for line in file.read_text("utf-8").splitlines()]


def _kinds(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _kinds(item) for key, item in sorted(value.items())}
    if isinstance(value, list):
        return [_kinds(item) for item in value[:2]]
    return type(value).__name__
