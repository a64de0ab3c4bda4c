"""Zips that depend on nothing but their contents: no times, no owners, one order, permissions that are said here.

And the sums by which one can see that.
"""

import hashlib
import zipfile
from pathlib import Path

# The first time that a zip can have.
TIME = (1980, 1, 1, 0, 0, 0)
OF_UNIX = 3
REGULAR_FILE = 0o100000


def write(archive: Path, entries: dict[str, tuple[bytes, int]]) -> None:
    """Writes a zip of contents and permissions by name."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w") as file:
        for name in sorted(entries):
            content, permissions = entries[name]
            entry = zipfile.ZipInfo(name, TIME)
            entry.create_system = OF_UNIX
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (REGULAR_FILE | permissions) << 16
            file.writestr(entry, content, compresslevel=9)


def write_function(archive: Path, program: Path) -> None:
    """Writes the zip of a function, as Lambda wants it for a runtime of one's own."""
    write(archive, {"bootstrap": (program.read_bytes(), 0o755)})


def write_folder(archive: Path, folder: Path) -> None:
    """Writes a zip of a folder, below its name."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    names = {path: f"{folder.name}/{path.relative_to(folder).as_posix()}" for path in files}
    write(archive, {name: (path.read_bytes(), 0o644) for path, name in names.items()})


def sums(folder: Path, pattern: str = "**/*") -> str:
    """A line for each file, as `sha256sum --check` reads it."""
    files = sorted(path.relative_to(folder).as_posix() for path in folder.glob(pattern) if path.is_file())
    lines = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in files]
    return "".join(lines)
