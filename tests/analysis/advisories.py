"""Looks the dependencies of Rust, Python and npm up in the databases of known vulnerabilities.

A finding fails. What could not be looked up is told, loudly, and fails where REQUIRE_ADVISORIES is set.
"""

import json
import os
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent.parent
UNREACHED = "the database cannot be reached"


@dataclass(frozen=True)
class Verdict:
    """What a database knows of the dependencies of a lock file."""

    of: str
    findings: tuple[str, ...] = ()
    unchecked: str = ""


def _run(*command: str, folder: Path = REPOSITORY) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def rust(status: int, words: str) -> Verdict:
    """cargo-deny's verdict: deny.toml says what it takes for a finding."""
    if status == 0:
        return Verdict("Cargo.lock")
    if "failed to fetch advisory database" in words:
        return Verdict("Cargo.lock", unchecked=UNREACHED)
    return Verdict("Cargo.lock", (words.strip() or f"cargo-deny ended with {status}",))


def python(name: str, report: Any, words: str) -> Verdict:
    """pip-audit's verdict on what the lock file has for a group."""
    if report is None:
        reached = "requests.exceptions" not in words and "Failed to" not in words
        return Verdict(name, (words.strip(),) if reached else (), "" if reached else UNREACHED)
    dependencies = report["dependencies"]
    findings = tuple(
        f"{one['name']} {one['version']}: {known['id']}, repaired in {', '.join(known['fix_versions']) or 'no version'}"
        for one in dependencies
        for known in one.get("vulns", ())
    )
    skipped = [one["name"] for one in dependencies if "skip_reason" in one]
    if len(skipped) == len(dependencies):
        return Verdict(name, findings, UNREACHED)
    return Verdict(name, findings, f"the database does not know {', '.join(skipped)}" if skipped else "")


def npm(report: Any) -> Verdict:
    """npm's verdict on the lock file of the checks of the state machine."""
    if not isinstance(report, dict) or "vulnerabilities" not in report:
        return Verdict("tests/asl/package-lock.json", unchecked=UNREACHED)
    findings = tuple(f"{name}: {one['severity']}" for name, one in report["vulnerabilities"].items())
    return Verdict("tests/asl/package-lock.json", findings)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def python_groups() -> list[str]:
    """The groups that the lock file of Python has; the Makefile writes a file of each."""
    return list(tomllib.loads((REPOSITORY / "local" / "pyproject.toml").read_text("utf-8"))["dependency-groups"])


def verdicts() -> list[Verdict]:
    """Those of all lock files."""
    audit = ("pip-audit", "--require-hashes", "--disable-pip", "--progress-spinner", "off", "--format", "json")
    deny = _run("cargo-deny", "--locked", "--log-level", "error", "check", "advisories")
    found = [rust(deny.returncode, deny.stderr)]
    for group in python_groups():
        answer = _run(*audit, "--requirement", f".local/groups/{group}.txt")
        found.append(python(f"local/uv.lock, group {group}", _json(answer.stdout), answer.stderr))
    return [*found, npm(_json(_run("npm", "audit", "--json", folder=REPOSITORY / "tests" / "asl").stdout))]


def main() -> int:
    """Tells every verdict; the exit code is 1 for a finding."""
    looked_up = verdicts()
    for verdict in looked_up:
        for finding in verdict.findings:
            print(f"KNOWN VULNERABILITY in {verdict.of}: {finding}", file=sys.stderr)
        if verdict.unchecked:
            print(f"NOT CHECKED for known vulnerabilities: {verdict.of}: {verdict.unchecked}", file=sys.stderr)
        elif not verdict.findings:
            print(f"no known vulnerability: {verdict.of}")
    is_unchecked = any(verdict.unchecked for verdict in looked_up)
    failed = any(verdict.findings for verdict in looked_up)
    return int(failed or (is_unchecked and bool(os.environ.get("REQUIRE_ADVISORIES"))))


if __name__ == "__main__":
    sys.exit(main())
