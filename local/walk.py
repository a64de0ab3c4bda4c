"""The commands of a page of docs, taken out word for word, and one shell in which all of them run.

Nothing is put in, left out or replaced, but for the block of the reader's own values, whose names are held to the test's.
"""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from local_aws.paths import REPOSITORY

DOCS = REPOSITORY / "docs"
TOOLS = REPOSITORY / ".local" / "sam" / "bin"
_BLOCK = re.compile(r"(?ms)^(?P<own><!-- The reader's own[^\n]*-->\n)?```sh\n(?P<text>.*?)^```$")
_VARIABLE = re.compile(r"(?m)(?:^export |\s)([A-Z_]+)=")


@dataclass(frozen=True)
class Block:
    """A fenced block of commands; `place` is its page and line."""

    place: str
    text: str
    is_the_readers: bool


def blocks(page: str) -> list[Block]:
    """All blocks of commands of a page, in their order."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return [
        Block(f"{page}:{text[: found.start('text')].count(chr(10)) + 1}", found["text"], bool(found["own"]))
        for found in _BLOCK.finditer(text)
    ]


def wanted_of_the_reader(found: list[Block]) -> set[str]:
    """The variables that the reader sets."""
    own = [block for block in found if block.is_the_readers]
    assert len(own) == 1, "one block is the reader's own"
    lines = [line for line in own[0].text.splitlines() if not line.startswith("#")]
    return set(_VARIABLE.findall("\n".join(lines)))


def script(found: list[Block]) -> str:
    """One script of all blocks; it ends at the first command that fails, and says where each block begins."""
    parts = ["set -euo pipefail"]
    for block in found:
        if not block.is_the_readers:
            parts.append(f"echo '== {block.place}'\n{block.text}")
    return "\n".join(parts)


def with_tools() -> dict[str, str]:
    """The search path of a reader who has done the first step of docs/DEPLOY.md."""
    return {"PATH": f"{TOOLS}{os.pathsep}{os.environ['PATH']}"}


def run(text: str, variables: dict[str, str], log: Path, seconds: int, folder: Path = REPOSITORY) -> str:
    """Runs the script in the repository, or in another folder, without a terminal; answers what it has said."""
    with log.open("w", encoding="utf-8") as output:
        finished = subprocess.run(
            ["bash", "-c", text],
            cwd=folder,
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            check=False,
        )
    said = log.read_text(encoding="utf-8")
    assert finished.returncode == 0, f"exit code {finished.returncode}:\n{said[-8000:]}"
    return said


def follow(page: str, variables: dict[str, str], log: Path, seconds: int) -> str:
    """Runs all commands of a page, as one who has the tools and signs in by these variables."""
    return run(script(blocks(page)), {**variables, **with_tools()}, log, seconds)
