"""What parliament, cloudsplaining and checkov find, and the answers to it in `answers.yaml`.

A finding without an answer fails, and so does an answer, or a part of one, to which there is no finding any more.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from cloudsplaining.scan.policy_document import PolicyDocument
from parliament import analyze_policy_string
from policies import REPOSITORY, TEMPLATES, Policy, identity_policies, text_of, topic_policies

ANSWERS = Path(__file__).with_name("answers.yaml")
CHECKOV = os.environ.get("CHECKOV", str(REPOSITORY / ".local" / "checkov" / "bin" / "checkov"))


class Finding(NamedTuple):
    """Which tool finds what, where; the subject is the action that it is about, if there is one."""

    tool: str
    check: str
    where: str
    subject: str = "-"


class Answer(NamedTuple):
    """Why a finding stays: patterns with * for its place and subject, and the reason."""

    tool: str
    check: str
    where: str
    subject: str
    reason: str

    def fits(self, finding: Finding) -> bool:
        """Whether it answers that finding."""
        is_there = fnmatchcase(finding.where, self.where) and fnmatchcase(finding.subject, self.subject)
        return finding[:2] == self[:2] and is_there


def answers(document: Any = None) -> list[Answer]:
    """The answers of the file, one for each pair of a place and a subject."""
    document = document if document is not None else yaml.safe_load(ANSWERS.read_text("utf-8"))
    return [
        Answer(one["tool"], one["check"], where, subject, " ".join(one["reason"].split()))
        for one in document
        for where in one["where"]
        for subject in one.get("subjects", ["-"])
    ]


def unanswered(findings: list[Finding], given: list[Answer]) -> list[Finding]:
    """The findings that no answer fits."""
    return [finding for finding in findings if not any(answer.fits(finding) for answer in given)]


def stale(findings: list[Finding], given: list[Answer]) -> list[Answer]:
    """The answers that fit no finding."""
    return [answer for answer in given if not any(answer.fits(finding) for finding in findings)]


def by_parliament() -> list[Finding]:
    """What parliament finds in the policies of roles, users and topics."""
    found: set[Finding] = set()
    for policy in (*identity_policies(), *topic_policies()):
        for finding in analyze_policy_string(json.dumps(policy.document)).findings:
            found.update(Finding("parliament", finding.issue, policy.where, subject) for subject in _subjects(finding))
    return sorted(found)


def _subjects(finding: Any) -> list[str]:
    detail = finding.detail
    if finding.issue == "UNKNOWN_ACTION":
        return [finding.location["string"]]
    if isinstance(detail, list) and detail:
        return [one["action"] if isinstance(one, dict) else str(one) for one in detail]
    return ["-"]


def by_cloudsplaining() -> list[Finding]:
    """What cloudsplaining finds in the policies of roles and users."""
    return sorted({finding for policy in identity_policies() for finding in _risks(policy)})


def _risks(policy: Policy) -> Iterator[Finding]:
    document = PolicyDocument(policy.document)
    risks = {
        "PrivilegeEscalation": [one["type"] for one in document.allows_privilege_escalation],
        "DataExfiltration": document.allows_data_exfiltration_actions,
        "ResourceExposure": document.permissions_management_without_constraints,
        "InfrastructureModification": document.infrastructure_modification,
        "CredentialsExposure": document.credentials_exposure,
        "ServiceWildcard": document.service_wildcard,
    }
    for check, subjects in risks.items():
        yield from (Finding("cloudsplaining", check, policy.where, subject) for subject in subjects)


def by_checkov() -> list[Finding]:
    """What checkov finds in the templates; it runs in an environment of its own and fetches nothing."""
    names = [str(path.relative_to(REPOSITORY)) for path in TEMPLATES]
    command = [CHECKOV, "--framework", "cloudformation", "--skip-download", "--quiet", "--output", "json", "--file"]
    with tempfile.TemporaryDirectory() as folder:
        for path, name in zip(TEMPLATES, names, strict=True):
            copy = Path(folder, name)
            copy.parent.mkdir(exist_ok=True)
            copy.write_text(text_of(path), "utf-8")
        ran = subprocess.run([*command, *names], cwd=folder, capture_output=True, text=True, check=False)
    if ran.returncode not in (0, 1):
        raise RuntimeError(f"checkov ended with {ran.returncode}: {ran.stderr.strip()}")
    reports = json.loads(ran.stdout)
    found: list[Finding] = []
    for report in reports if isinstance(reports, list) else [reports]:
        summary = report["summary"]
        if summary["parsing_errors"] or summary["skipped"] or not summary["resource_count"]:
            raise RuntimeError(f"checkov could not look at everything: {summary}")
        for failed in report["results"]["failed_checks"]:
            place = f"{failed['file_path'].lstrip('/')} {failed['resource'].rsplit('.', 1)[-1]}"
            found.append(Finding("checkov", failed["check_id"], place))
    return sorted(found)
