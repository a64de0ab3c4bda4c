"""Where things are: the repository, the binaries and the folder for what a run leaves behind.

Everything below `.local` is ignored by git and may be deleted; AVM_LOCAL_FOLDER moves logs and env elsewhere.
"""

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent
STATE_FOLDER = Path(os.environ.get("AVM_LOCAL_FOLDER") or REPOSITORY / ".local").resolve()
LOG_FOLDER = STATE_FOLDER / "logs"
ENVIRONMENT_FILE = STATE_FOLDER / "env"
FUNCTIONS_FOLDER = STATE_FOLDER / "functions"
BINARIES_VARIABLE = "AVM_LOCAL_BINARIES"
AUDIT_VARIABLE = "AVM_LOCAL_AUDIT_FOLDER"


def audit_log() -> Path:
    """Where the audit goes: to the logs, or to a folder that keeps those of several local AWS, each under its own name."""
    kept = os.environ.get(AUDIT_VARIABLE)
    return Path(kept) / f"audit-{os.getpid()}.log" if kept else LOG_FOLDER / "audit.log"


def binaries_folder() -> Path:
    """The folder of the functions' binaries: AVM_LOCAL_BINARIES, else what a plain `cargo build` makes."""
    chosen = os.environ.get(BINARIES_VARIABLE)
    if chosen:
        return Path(chosen)
    target = os.environ.get("CARGO_TARGET_DIR")
    return (Path(target) if target else REPOSITORY / "target") / "debug"


def binary(name: str) -> Path | None:
    """The binary, as `cargo build` (a file) or `cargo lambda build` (a folder with bootstrap) leaves it."""
    for candidate in (binaries_folder() / name, binaries_folder() / name / "bootstrap"):
        if candidate.is_file() and os.access(candidate, os.X_OK):
            return candidate
    return None
