"""`make mutate-policies`: each denial and condition of the templates taken out in turn, and the named test run.

The exit code is 1 if a test passes without what it is named for. A part: make mutate-policies MUTANTS="--only AVMBoundary".
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from local_aws.paths import REPOSITORY
from policy_mutants import killers, mutants
from policy_mutants.killers import Killer
from policy_mutants.mutants import Mutant
from policy_mutants.tree import Tree

SECONDS = 600
END_TO_END = "tests/end_to_end"
LOG = "last.log"


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m policy_mutants", description=__doc__)
    parser.add_argument("--only", default="", help="only mutants whose name has this text")
    parser.add_argument("--list", action="store_true", help="show the mutants and their tests, and run nothing")
    return parser.parse_args()


def main() -> int:
    """Lists or runs; prints one line for each mutant."""
    wanted, named = arguments(), killers.read()
    everything = mutants.of(REPOSITORY)
    if found := killers.problems(everything, named):
        print("\n".join(found), file=sys.stderr)
        return 2
    chosen = [mutant for mutant in everything if wanted.only in mutant.name]
    if wanted.list:
        for mutant in chosen:
            print(f"{mutant.name}: {_words(killers.of(mutant, named))}")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        tree = Tree(REPOSITORY, Path(folder))
        return _run_all(tree, [(mutant, killer) for mutant in chosen if (killer := killers.of(mutant, named))])


def _words(killer: Killer | None) -> str:
    return killer.test or f"not here: {killer.reason}" if killer else "nothing"


def _run_all(tree: Tree, chosen: list[tuple[Mutant, Killer]]) -> int:
    sound = {test: _judged(tree, test) == "SURVIVED" for test in sorted({one.test for _, one in chosen if one.test})}
    for test in (test for test, passes in sound.items() if not passes):
        print(f"fails with nothing taken out: {test}", flush=True)
    counted = {"killed": 0, "SURVIVED": 0, "not here": 0, "BROKEN": 0}
    for place, (mutant, killer) in enumerate(chosen, 1):
        start = time.monotonic()
        outcome = _outcome(tree, mutant, killer) if sound.get(killer.test or "", True) else "BROKEN"
        counted[outcome] += 1
        seconds = time.monotonic() - start
        print(f"{place:>4} of {len(chosen)}  {outcome:<9} {seconds:>5.0f} s  {mutant.name}: {_words(killer)}", flush=True)
    print(", ".join(f"{count} {outcome}" for outcome, count in counted.items()))
    return 1 if counted["SURVIVED"] or counted["BROKEN"] else 0


def _outcome(tree: Tree, mutant: Mutant, killer: Killer) -> str:
    if not killer.test:
        return "not here"
    with tree.lacking(mutant):
        return _judged(tree, killer.test)


def _judged(tree: Tree, test: str) -> str:
    return _end_to_end(tree.folder, test) if ".py" in test else _contract(tree.folder, test)


def _end_to_end(folder: Path, name: str) -> str:
    # pytest's exit codes: whatever is neither is no judgement of a test, as a local AWS that does not start.
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", f"{END_TO_END}/{name}"]
    environment = {"PYTHONPATH": str(folder / "local"), "PYTHONDONTWRITEBYTECODE": "1"}
    return {1: "killed", 0: "SURVIVED"}.get(_run(command, folder, environment), "BROKEN")


def _contract(folder: Path, name: str) -> str:
    module, test = name.split("::")
    command = ["cargo", "test", "--locked", "--quiet", "--package", "contract-tests", "--test", module, "--", "--exact", test]
    status = _run(command, REPOSITORY, {"AVM_REPOSITORY": str(folder)})
    # cargo's exit code does not tell a failed test from one that could not be built.
    ended = (folder / LOG).read_text(encoding="utf-8")
    return "SURVIVED" if status == 0 and "1 passed" in ended else "killed" if "1 failed" in ended else "BROKEN"


def _run(command: list[str], folder: Path, variables: dict[str, str]) -> int:
    """The exit code; what was printed is in the log beside the templates."""
    tree = Path(variables.get("AVM_REPOSITORY", folder))
    with (tree / LOG).open("w", encoding="utf-8") as log:
        return subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, **variables},
            stdout=log,
            stderr=subprocess.STDOUT,
            timeout=SECONDS,
            check=False,
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
