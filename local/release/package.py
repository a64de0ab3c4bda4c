"""The folder of a package: the functions as zips, the templates that name them, and what tells where all of it comes from.

`sam deploy` and `aws cloudformation deploy` work in it as in the repository, without `sam build`.
"""

import shutil
from pathlib import Path

from release import archives, bill, crates, templates
from release.build import REPOSITORY, Architecture, commit_time, tools, version

FOLDERS = ("templates", "statemachine", "configuration")
FILES = ("LICENSE", "CHANGELOG.md", "samconfig.toml", "template.yaml")
SUFFIXES = {".yaml", ".json"}


def assemble(architecture: Architecture, programs: dict[str, Path], output: Path) -> Path:
    """Writes the folder from built programs; answers where."""
    number = version()
    folder = output / f"avm-{number}-{architecture.name}"
    shutil.rmtree(folder, ignore_errors=True)
    write_deployable(folder, architecture, programs)
    parts = crates.of_functions(architecture)
    (folder / "LICENSES-OF-OTHERS.txt").write_text(crates.licences(parts), encoding="utf-8")
    (folder / "bill-of-materials.cdx.json").write_text(bill.text(parts, number, commit_time()), encoding="utf-8")
    (folder / "BUILT-WITH.txt").write_text(tools(), encoding="utf-8")
    (folder / "SHA256SUMS").write_text(archives.sums(folder), encoding="utf-8")
    return folder


def write_deployable(folder: Path, architecture: Architecture, programs: dict[str, Path]) -> None:
    """Writes what is deployed: the zips of the programs, and the sources with them."""
    for program, path in programs.items():
        archives.write_function(folder / templates.FUNCTIONS / f"{program}.zip", path)
    for path in sources():
        place = folder / path.relative_to(REPOSITORY)
        place.parent.mkdir(parents=True, exist_ok=True)
        text = templates.of_zips(path, REPOSITORY, architecture.name) if path.suffix == ".yaml" else None
        place.write_bytes(path.read_bytes() if text is None else text.encode())


def sources() -> list[Path]:
    """What is packaged as it is, or with zips in it."""
    found = [path for name in FOLDERS for path in (REPOSITORY / name).rglob("*") if path.is_file()]
    return [REPOSITORY / name for name in FILES] + [path for path in found if path.suffix in SUFFIXES]
