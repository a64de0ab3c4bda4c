"""`python -m privileges`: prints the table of the last full end-to-end run; exit code 0 says that the proof holds."""

import sys

from .proof import prove
from .record import Record
from .table import lines


def main() -> int:
    """Reads the record, which `make test-end-to-end` leaves behind."""
    try:
        record = Record.read()
    except FileNotFoundError:
        print("no full run is recorded: make test-end-to-end", file=sys.stderr)
        return 2
    proof = prove(record)
    print("\n".join(lines(proof)))
    return 0 if proof.holds else 1


if __name__ == "__main__":
    sys.exit(main())
