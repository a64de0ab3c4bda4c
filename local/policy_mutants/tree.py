"""A second repository for one mutant after the other: its templates are its own, all else is the first's.

The local AWS and the tests find what they need from where their own files are, so those are copied.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from policy_mutants import mutants
from policy_mutants.mutants import Mutant

_COPIED = ("local", "tests", "templates")
_LEFT_OUT = shutil.ignore_patterns("node_modules", ".pytest_cache")


class Tree:
    """The copy, in a folder that is empty before."""

    def __init__(self, repository: Path, folder: Path) -> None:
        self.folder = folder
        self._texts = {path: (repository / path).read_text(encoding="utf-8") for path in mutants.templates(repository)}
        for entry in repository.iterdir():
            if entry.name in _COPIED:
                shutil.copytree(entry, folder / entry.name, ignore=_LEFT_OUT)
            elif entry.is_file():
                shutil.copy2(entry, folder / entry.name)
            elif entry.name != ".git":
                os.symlink(entry, folder / entry.name)

        # As the mutants are written, so that a test which minds that fails with nothing taken out, too.
        for path, text in self._texts.items():
            self._write(path, mutants.rendered(text))

    @contextmanager
    def lacking(self, mutant: Mutant) -> Iterator[None]:
        """The copy with this mutant."""
        text = self._texts[mutant.template]
        self._write(mutant.template, mutants.rendered(text, mutant))
        try:
            yield
        finally:
            self._write(mutant.template, mutants.rendered(text))

    def _write(self, path: str, text: str) -> None:
        (self.folder / path).write_text(text, encoding="utf-8")
