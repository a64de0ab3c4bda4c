"""Which test fails without which denial or condition: killers.yaml, read and held against the templates.

Its entries are tried from the top; a pattern may name several mutants, and none is without one.
"""

import fnmatch
from dataclasses import dataclass
from pathlib import Path

import yaml

from policy_mutants.mutants import Mutant

FILE = Path(__file__).parent / "killers.yaml"


@dataclass(frozen=True)
class Killer:
    """The test that fails without what the pattern names, or why there is none here."""

    pattern: str
    test: str | None
    reason: str | None

    def fits(self, mutant: Mutant) -> bool:
        """Whether the entry is for this mutant."""
        return fnmatch.fnmatchcase(mutant.name, self.pattern.replace("[", "[[]"))


def read() -> list[Killer]:
    """All entries of the file."""
    entries = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return [Killer(entry["without"], entry.get("test"), entry.get("reason")) for entry in entries]


def of(mutant: Mutant, killers: list[Killer]) -> Killer | None:
    """The first entry that is for this mutant."""
    return next((killer for killer in killers if killer.fits(mutant)), None)


def problems(mutants: list[Mutant], killers: list[Killer]) -> list[str]:
    """Mutants that no test is named for, entries that are for no mutant, and entries that name both or neither."""
    found = [f"no test is named for: {mutant.name}" for mutant in mutants if of(mutant, killers) is None]
    used = {of(mutant, killers) for mutant in mutants}
    found += [f"is for nothing in the templates: {killer.pattern}" for killer in killers if killer not in used]
    return found + [
        f"needs a test or a reason, and not both: {killer.pattern}"
        for killer in killers
        if bool(killer.test) == bool(killer.reason)
    ]
