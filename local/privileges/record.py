"""What a full end-to-end run leaves behind for the proof: the audits, who holds which policies, and what was provoked.

It is kept in `.local/privileges`, until the next full run.
"""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from local_aws.paths import REPOSITORY

FOLDER = REPOSITORY / ".local" / "privileges"
RUN_FILE = "run.json"
PROVOKED_FILES = "provoked-*.jsonl"


@dataclass(frozen=True)
class Window:
    """A time, from one ISO date to another, in which a test has provoked refusals of a holder and an action.

    It holds for the local AWS of the test, told by the name of its audit: others that run meanwhile have their own.
    """

    audit: str
    start: str
    end: str
    holder: str = "*"
    action: str = "*"

    def holds(self, call: dict[str, Any], holder: str, action: str) -> bool:
        """Whether a refused call falls into it."""
        return (
            self.audit == call["audit"]
            and self.start <= call["time"] <= self.end
            and self.holder in ("*", holder)
            and self.action in ("*", action)
        )


@dataclass(frozen=True)
class Record:
    """A run: roles and users with the documents of their policies, and all calls of all local AWS."""

    folder: Path
    holders: Sequence[dict[str, Any]]
    provoked: Sequence[Window]

    def calls(self) -> Iterator[dict[str, Any]]:
        """The lines of all audits, each with the name of its audit."""
        for path in sorted(self.folder.glob("audit-*.log")):
            with path.open(encoding="utf-8") as lines:
                yield from ({**json.loads(line), "audit": path.name} for line in lines)

    def write(self) -> None:
        """Keeps what is not in the audits."""
        windows = [list(astuple(window)) for window in self.provoked]
        text = json.dumps({"holders": self.holders, "provoked": windows})
        (self.folder / RUN_FILE).write_text(text, encoding="utf-8")

    @classmethod
    def read(cls, folder: Path = FOLDER) -> "Record":
        """The record of the last full run; FileNotFoundError when there was none."""
        run = json.loads((folder / RUN_FILE).read_text(encoding="utf-8"))
        return cls(folder, run["holders"], [Window(*window) for window in run["provoked"]])


def make_folder(folder: Path = FOLDER) -> Path:
    """The folder, without what an earlier run has left."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in (*folder.glob("audit-*.log"), *folder.glob(PROVOKED_FILES), folder / RUN_FILE):
        old.unlink(missing_ok=True)
    return folder


def provoke(folder: Path, window: Window) -> None:
    """Keeps a window, whichever process of the run has it."""
    with (folder / PROVOKED_FILES.replace("*", str(os.getpid()))).open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(astuple(window)) + "\n")


def provoked(folder: Path) -> list[Window]:
    """The windows of all processes."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob(PROVOKED_FILES))]
    return [Window(*json.loads(line)) for text in texts for line in text.splitlines()]
