"""What the functions are built of: each crate with its version, licence, checksum and the texts of its licence.

As cargo resolves it for the functions alone, on one processor, and without what only builds or tests.
"""

import json
import re
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path

from release.build import PACKAGE, REPOSITORY, Architecture

TEXTS = re.compile(r"(?i)(licen[cs]e|copying|notice|unlicense)")


@dataclass(frozen=True, order=True)
class Crate:
    """One crate of others."""

    name: str
    version: str
    licence: str
    checksum: str
    folder: Path

    def texts(self) -> list[str]:
        """The texts of its licence that come with it."""
        found = sorted(path for path in self.folder.iterdir() if path.is_file() and TEXTS.match(path.name))
        return [path.read_text(encoding="utf-8", errors="replace").strip() for path in found]


def of_functions(architecture: Architecture) -> list[Crate]:
    """The crates of others, by name."""
    tree = _cargo(
        "tree", "--package", PACKAGE, "--edges", "normal", "--target", architecture.target, "--prefix", "none", "--format", "{p}"
    )
    wanted = {tuple(line.split()[:2]) for line in tree.splitlines() if line.strip()}
    known = json.loads(_cargo("metadata", "--format-version", "1"))["packages"]
    lock = tomllib.loads((REPOSITORY / "Cargo.lock").read_text(encoding="utf-8"))["package"]
    checksums = {(one["name"], one["version"]): one.get("checksum", "") for one in lock}
    return sorted(
        Crate(
            one["name"],
            one["version"],
            one["license"] or "",
            checksums[one["name"], one["version"]],
            Path(one["manifest_path"]).parent,
        )
        for one in known
        if (one["name"], f"v{one['version']}") in wanted and one["source"] is not None
    )


def licences(crates: list[Crate]) -> str:
    """Who asks for what, and each text once, with the crates that have it."""
    lines = [f"{crate.name} {crate.version}: {crate.licence}" for crate in crates]
    owners: dict[str, list[str]] = {}
    for crate in crates:
        for text in crate.texts():
            owners.setdefault(text, []).append(f"{crate.name} {crate.version}")
    parts = [f"{'=' * 100}\n{', '.join(names)}\n{'=' * 100}\n\n{text}\n" for text, names in owners.items()]
    return "What the functions are built of.\n\n" + "\n".join(lines) + "\n\n" + "\n".join(parts)


def _cargo(*words: str) -> str:
    answer = subprocess.run(
        ["cargo", words[0], "--locked", *words[1:]], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    return answer.stdout
