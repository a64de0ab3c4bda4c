"""Code that was uploaded as a zip: its `bootstrap`, unpacked once for each content.

What `sam deploy` uploads runs from here; what the local deployment uploads only stands for a binary on the disk.
"""

import hashlib
import io
import os
import zipfile
from pathlib import Path

from local_aws import paths

PROGRAM = "bootstrap"


def program(code: bytes) -> Path | None:
    """The program in a zip; None for what is no zip, or has none."""
    if not zipfile.is_zipfile(io.BytesIO(code)):
        return None
    folder = paths.STATE_FOLDER / "code" / hashlib.sha256(code).hexdigest()
    path = folder / PROGRAM
    if path.is_file():
        return path
    with zipfile.ZipFile(io.BytesIO(code)) as archive:
        if PROGRAM not in archive.namelist():
            return None
        folder.mkdir(parents=True, exist_ok=True)
        # Another invocation may unpack it at the same time: whoever is last wins, with the same content.
        draft = folder / f"{PROGRAM}.{os.getpid()}.{id(archive)}"
        draft.write_bytes(archive.read(PROGRAM))
        draft.chmod(_mode(archive.getinfo(PROGRAM)))
        draft.replace(path)
    return path


def _mode(entry: zipfile.ZipInfo) -> int:
    """Its permissions, which Lambda takes from the zip: what is not executable there does not run."""
    return (entry.external_attr >> 16) & 0o777 or 0o644
