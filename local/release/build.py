"""The functions, built by cargo-lambda so that the same sources make the same bytes, wherever they lie.

No path of the machine gets into a program: folders are written under other names, by the compilers of Rust and of C.
"""

import json
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent
PACKAGE = "functions"


@dataclass(frozen=True)
class Architecture:
    """A processor, under its names with AWS, cargo-lambda and the compiler."""

    name: str
    flag: str
    target: str


ARCHITECTURES = {
    one.name: one
    for one in (
        Architecture("arm64", "--arm64", "aarch64-unknown-linux-gnu"),
        Architecture("x86_64", "--x86-64", "x86_64-unknown-linux-gnu"),
    )
}


def of_this_machine() -> Architecture:
    """The processor for which a function can be run here."""
    machine = platform.machine()
    return next(one for one in ARCHITECTURES.values() if machine in (one.name, one.target.partition("-")[0]))


def build(architecture: Architecture, target: Path, programs: list[str]) -> dict[str, Path]:
    """Builds these functions, or all; answers the program of each."""
    chosen = [word for program in programs for word in ("--bin", program)] or ["--bins"]
    places = renamed(target)
    rust = [f"--remap-path-prefix={place}={name}" for place, name in places.items()]
    c = " ".join(f"-ffile-prefix-map={place}={name}" for place, name in places.items())
    folder = target / "lambda" / architecture.name
    subprocess.run(
        [
            "cargo", "lambda", "build", "--release", "--locked", architecture.flag, "--package", PACKAGE, *chosen,
            "--lambda-dir", str(folder), "--config", f"build.rustflags={json.dumps(rust)}",
        ],
        cwd=REPOSITORY,
        env={
            **os.environ,
            # cargo-lambda lies beside this Python.
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", ""))),
            "CARGO_TARGET_DIR": str(target),
            "CARGO_INCREMENTAL": "0",
            "SOURCE_DATE_EPOCH": str(commit_time()),
            "TARGET_CFLAGS": c,
        },
        check=True,
    )  # fmt: skip
    return {program: folder / program / "bootstrap" for program in programs or sorted(os.listdir(folder))}


def tools() -> str:
    """What the bytes of the programs depend on, besides the sources."""
    rust = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout
    ours = "".join(f"{name}: {metadata.version(name)}\n" for name in ("cargo-lambda", "ziglang"))
    return rust + ours


def renamed(target: Path) -> dict[str, str]:
    """Folders of this machine, and the names under which programs know them; the longest first, as one is in another."""
    home = os.environ.get("CARGO_HOME") or str(Path.home() / ".cargo")
    names = {home: "/cargo", str(REPOSITORY): "/avm", str(target): "/target", str(Path(sys.prefix).resolve()): "/tools"}
    return dict(sorted(names.items(), key=lambda pair: len(pair[0])))


def commit_time() -> int:
    """When the sources were committed, in seconds since 1970; without git a fixed time."""
    words = ["git", "log", "-1", "--format=%ct"]
    answer = subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    return int(answer.stdout.strip() or 315532800)


def version() -> str:
    """The version of the workspace."""
    words = ["cargo", "metadata", "--locked", "--no-deps", "--format-version", "1"]
    answer = subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    packages = json.loads(answer.stdout)["packages"]
    return next(str(one["version"]) for one in packages if one["name"] == PACKAGE)
