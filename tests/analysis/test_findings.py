"""Every finding of parliament, cloudsplaining and checkov is repaired or answered, and every answer is to a finding.

And the comparison itself: that it can fail.
"""

from collections.abc import Callable

import pytest
from findings import Answer, Finding, answers, by_checkov, by_cloudsplaining, by_parliament, stale, unanswered
from policies import DOWNGRADES, REPOSITORY, TEMPLATES, identity_policies, topic_policies

TOOLS = {"parliament": by_parliament, "cloudsplaining": by_cloudsplaining, "checkov": by_checkov}


@pytest.mark.parametrize("tool", TOOLS)
def test_every_finding_is_answered_and_every_answer_needed(tool):
    find: Callable[[], list[Finding]] = TOOLS[tool]
    findings, given = find(), [answer for answer in answers() if answer.tool == tool]
    assert findings, f"{tool} finds nothing: it has not looked"
    assert unanswered(findings, given) == []
    assert stale(findings, given) == []


def test_every_answer_says_why():
    assert all(len(answer.reason) > 40 for answer in answers())
    assert {answer.tool for answer in answers()} == set(TOOLS)


def test_all_documents_are_looked_at():
    where = [policy.where for policy in identity_policies()]
    assert len(where) == len(set(where)) > 30
    assert len(DOWNGRADES) == 3
    assert all(any(one.startswith(f"{path.stem}") for one in where) for path in DOWNGRADES)
    templates = {one.split()[0] for one in where if " " in one}
    # The guard rails are of the organization, no identity's; the secrets, the StackSet and the bucket have no policy.
    without = {f"templates/{name}.yaml" for name in ("guard-rails", "external-ids", "landing-zone", "package")}
    assert templates == {str(path.relative_to(REPOSITORY)) for path in TEMPLATES} - without
    assert list(topic_policies())


def test_no_intrinsic_function_is_left_in_a_document():
    for policy in (*identity_policies(), *topic_policies()):
        # What IAM itself replaces, at each request.
        text = str(policy.document).replace("${aws:", "")
        assert not any(mark in text for mark in ("Fn::", "'Ref'", "${", "None")), policy.where


def test_an_unknown_finding_and_a_stale_answer_are_told():
    known = Finding("parliament", "RESOURCE_STAR", "template.yaml Role Policy", "iam:GetRole")
    given = [
        Answer("parliament", "RESOURCE_STAR", "template.yaml Role *", "iam:Get*", "a reason"),
        Answer("parliament", "RESOURCE_STAR", "template.yaml Gone *", "*", "a reason"),
    ]
    assert unanswered([known], given) == []
    assert stale([known], given) == given[1:]
    for other in (
        known._replace(tool="checkov"),
        known._replace(check="UNKNOWN_ACTION"),
        known._replace(where="template.yaml Other Policy"),
        known._replace(subject="iam:PutRolePolicy"),
    ):
        assert unanswered([other], given) == [other]
