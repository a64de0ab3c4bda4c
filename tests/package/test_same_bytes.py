"""A program that is built twice has the same bytes: from sources in two folders, in two target folders.

Half an hour, since all of a release is built twice. What is compared is committed.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from release.build import ARCHITECTURES, REPOSITORY

PROGRAM = "account-alias"
LIMIT_SECONDS = 2 * 3600


@pytest.fixture(scope="module")
def commit() -> str:
    """What is committed now: somebody may commit more before the last build."""
    found = subprocess.run(["git", "rev-parse", "HEAD"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return found.stdout.strip()


def packaged(commit: str, sources: Path, target: Path, architecture: str) -> Path:
    """The package of a clone of the repository, as `make package` builds it."""
    subprocess.run(["git", "clone", "--quiet", "--no-checkout", str(REPOSITORY), str(sources)], check=True)
    subprocess.run(["git", "checkout", "--quiet", commit], cwd=sources, check=True)
    subprocess.run(
        [
            sys.executable, "-m", "release", "--architecture", architecture, "--program", PROGRAM,
            "--target", str(target), "--output", str(target / "package"),
        ],
        cwd=sources,
        env={**os.environ, "PYTHONPATH": str(sources / "local")},
        timeout=LIMIT_SECONDS,
        check=True,
    )  # fmt: skip
    (folder,) = (target / "package").glob(f"avm-*-{architecture}")
    return folder


def program(target: Path, architecture: str) -> bytes:
    """What the zip holds."""
    return (target / "lambda" / architecture / PROGRAM / "bootstrap").read_bytes()


@pytest.mark.parametrize("architecture", sorted(ARCHITECTURES))
def test_two_builds_are_the_same_to_the_byte(architecture: str, commit: str, tmp_path: Path) -> None:
    places = {tmp_path / "one": tmp_path / "built", tmp_path / "the" / "other": tmp_path / "elsewhere" / "built"}
    packages = [packaged(commit, sources, target, architecture) for sources, target in places.items()]
    for target in places.values():
        assert os.fsencode(tmp_path) not in program(target, architecture), "a folder of this machine is in the program"
    first, second = ((package / "SHA256SUMS").read_text(encoding="utf-8") for package in packages)
    assert f"functions/{PROGRAM}.zip" in first
    assert first == second
