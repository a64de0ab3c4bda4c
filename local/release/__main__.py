"""`python -m release`: builds the functions and writes a package for each processor, with its checksums.

`--architecture` and `--program` build less, to look at how a package comes about.
"""

import argparse
import os
from pathlib import Path

from release import archives
from release.build import ARCHITECTURES, REPOSITORY, build
from release.package import assemble


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m release", description=__doc__)
    parser.add_argument("--architecture", choices=sorted(ARCHITECTURES), action="append", help="both, if not given")
    parser.add_argument("--program", action="append", default=[], help="a function's binary; all, if not given")
    target = Path(os.environ.get("CARGO_TARGET_DIR") or REPOSITORY / "target").resolve()
    parser.add_argument("--target", type=Path, default=target, help="where cargo builds")
    parser.add_argument("--output", type=Path, default=target / "package", help="where the packages go")
    arguments = parser.parse_args()
    for name in arguments.architecture or sorted(ARCHITECTURES):
        architecture = ARCHITECTURES[name]
        programs = build(architecture, arguments.target.resolve(), arguments.program)
        folder = assemble(architecture, programs, arguments.output)
        archives.write_folder(folder.with_name(f"{folder.name}.zip"), folder)
        print(f"{folder}.zip", flush=True)
    whole = arguments.output
    (whole / "SHA256SUMS").unlink(missing_ok=True)
    (whole / "SHA256SUMS").write_text(archives.sums(whole, "*.zip"), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
