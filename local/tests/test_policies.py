"""Evaluation of policy documents: wildcards, Not-elements, denies, conditions and trust levels."""

from typing import Any

import pytest
from organization import allow

from local_aws.enforcement.conditions import conditions_hold
from local_aws.enforcement.policies import Caller, Decision, TrustLevel, evaluate, trust_level
from local_aws.enforcement.wildcards import arn_matches

ROLE = "arn:aws:iam::111111111111:role/path/name"


def statement(**elements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **elements}]}


@pytest.mark.parametrize(
    ("pattern", "arn", "matches"),
    [
        ("*", ROLE, True),
        (ROLE, ROLE, True),
        ("arn:aws:iam::*:role/*", ROLE, True),
        ("arn:*:iam::*:role/path/name", ROLE, True),
        ("arn:aws:iam::*:role/nam?", "arn:aws:iam::1:role/name", True),
        ("arn:aws:iam::*:role/name", ROLE, False),
        ("arn:aws:*:role/name", "arn:aws:iam::1:role/name", False),
        ("arn:aws:logs:*:*:log-group:/a:*", "arn:aws:logs:eu-central-1:1:log-group:/a:log-stream:b", True),
    ],
)
def test_arns_are_matched_by_segment(pattern: str, arn: str, matches: bool) -> None:
    assert arn_matches(pattern, arn) is matches


@pytest.mark.parametrize(
    ("document", "decision"),
    [
        (allow("iam:GetRole"), Decision.ALLOWED),
        (allow("IAM:get*"), Decision.ALLOWED),
        (allow("iam:ListRoles"), Decision.IMPLICIT_DENY),
        (allow("iam:GetRole", resource="arn:aws:iam::*:role/other"), Decision.IMPLICIT_DENY),
        (statement(NotAction="iam:Delete*", Resource="*"), Decision.ALLOWED),
        (statement(NotAction="iam:Get*", Resource="*"), Decision.IMPLICIT_DENY),
        (statement(Action="*", NotResource=[ROLE]), Decision.IMPLICIT_DENY),
        (statement(Action="*", NotResource="arn:aws:iam::*:user/*"), Decision.ALLOWED),
        (statement(Effect="Deny", Action="iam:*", Resource="*"), Decision.EXPLICIT_DENY),
        ("no json", Decision.IMPLICIT_DENY),
    ],
)
def test_a_policy_decides(document: Any, decision: Decision) -> None:
    assert evaluate([document], "iam:GetRole", ROLE, {}) is decision


def test_a_deny_wins_over_an_allow() -> None:
    deny = statement(Effect="Deny", Action="iam:GetRole", Resource="*")
    assert evaluate([allow("*"), deny], "iam:GetRole", ROLE, {}) is Decision.EXPLICIT_DENY


def test_variables_are_replaced() -> None:
    document = allow("iam:GetRole", resource="arn:aws:iam::${aws:PrincipalAccount}:role/path/*")
    assert evaluate([document], "iam:GetRole", ROLE, {"aws:PrincipalAccount": "111111111111"}) is Decision.ALLOWED
    assert evaluate([document], "iam:GetRole", ROLE, {"aws:PrincipalAccount": "2"}) is Decision.IMPLICIT_DENY


TAGS = {"aws:TagKeys": ["avm:execution", "Stage"], "aws:RequestTag/Stage": "dev"}


@pytest.mark.parametrize(
    ("operator", "key", "expected", "context", "holds"),
    [
        ("StringEquals", "sts:ExternalId", "a", {"sts:ExternalId": "a"}, True),
        ("StringEquals", "STS:externalid", ["b", "a"], {"sts:ExternalId": "a"}, True),
        ("StringEquals", "sts:ExternalId", "a", {"sts:ExternalId": "A"}, False),
        ("StringEquals", "sts:ExternalId", "a", {}, False),
        ("StringEqualsIfExists", "sts:ExternalId", "a", {}, True),
        ("StringEqualsIfExists", "sts:ExternalId", "a", {"sts:ExternalId": "b"}, False),
        ("StringNotEquals", "sts:ExternalId", ["a", "b"], {"sts:ExternalId": "b"}, False),
        ("StringNotEquals", "sts:ExternalId", "a", {}, True),
        ("StringLike", "aws:RequestTag/Stage", "d*", TAGS, True),
        ("StringNotLike", "aws:RequestTag/Stage", "d*", TAGS, False),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/a", {"aws:PrincipalArn": "arn:aws:iam::1:role/a"}, True),
        ("ArnEquals", "aws:SourceArn", "arn:aws:sns:*:1:x", {"aws:SourceArn": "arn:aws:sns:eu:2:x"}, False),
        ("ForAllValues:StringLike", "aws:TagKeys", ["avm:*", "Stage"], TAGS, True),
        ("ForAllValues:StringLike", "aws:TagKeys", "avm:*", TAGS, False),
        ("ForAllValues:StringEquals", "aws:TagKeys", "Stage", {}, True),
        ("ForAnyValue:StringLike", "aws:TagKeys", "avm:*", TAGS, True),
        ("ForAnyValue:StringEquals", "aws:TagKeys", "ProductName", TAGS, False),
        ("ForAnyValue:StringEquals", "aws:TagKeys", "Stage", {}, False),
        ("ForAllValues:StringNotEquals", "aws:TagKeys", "ProductName", TAGS, True),
        ("ForAnyValue:StringNotEquals", "aws:TagKeys", "Stage", TAGS, True),
        ("Null", "aws:RequestTag/Stage", "false", TAGS, True),
        ("Null", "aws:RequestTag/Other", True, TAGS, True),
        ("Null", "aws:TagKeys", "true", TAGS, False),
        ("Bool", "aws:SecureTransport", True, {"aws:SecureTransport": "true"}, True),
        ("BoolIfExists", "aws:SecureTransport", "true", {}, True),
        ("NumericLessThanEquals", "sts:DurationSeconds", "3600", {"sts:DurationSeconds": "900"}, True),
        ("DateLessThan", "aws:CurrentTime", "2026-11-05T10:00:00Z", {"aws:CurrentTime": "2026-11-05T09:59:59Z"}, True),
        ("DateLessThan", "aws:CurrentTime", "2026-11-05T10:00:00Z", {"aws:CurrentTime": "2026-11-05T10:00:00Z"}, False),
        ("DateGreaterThan", "aws:CurrentTime", "2026-11-05T10:00:00Z", {"aws:CurrentTime": "2026-11-05T09:59:59Z"}, False),
        ("StringMatchesSomehow", "aws:TagKeys", "a", TAGS, False),
    ],
)
def test_a_condition_holds_or_not(
    operator: str, key: str, expected: Any, context: dict[str, Any], holds: bool
) -> None:
    assert conditions_hold({operator: {key: expected}}, context) is holds


def test_all_conditions_must_hold() -> None:
    conditions = {"StringEquals": {"a:b": "1", "a:c": "2"}}
    assert conditions_hold(conditions, {"a:b": "1", "a:c": "2"})
    assert not conditions_hold(conditions, {"a:b": "1", "a:c": "3"})


@pytest.mark.parametrize(
    ("principal", "level"),
    [
        ({"AWS": ROLE}, TrustLevel.EXACT),
        ({"AWS": "arn:aws:iam::111111111111:root"}, TrustLevel.ACCOUNT),
        ({"AWS": ["222222222222", "111111111111"]}, TrustLevel.ACCOUNT),
        ({"AWS": ["111111111111", ROLE]}, TrustLevel.EXACT),
        ({"AWS": "*"}, TrustLevel.ACCOUNT),
        ({"AWS": "arn:aws:iam::222222222222:root"}, TrustLevel.NONE),
        ({"Service": "lambda.amazonaws.com"}, TrustLevel.NONE),
    ],
)
def test_a_trust_reaches_a_caller(principal: Any, level: TrustLevel) -> None:
    caller = Caller(arns=("arn:aws:sts::111111111111:assumed-role/name/s", ROLE), account_id="111111111111")
    document = {"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}}
    assert trust_level(document, "sts:AssumeRole", caller, {}) is level


def test_the_inline_policies_of_a_role_have_their_limit_together(client: Any) -> None:
    """IAM User Guide, "IAM and AWS STS quotas": 10,240 characters, white space not counted."""
    iam = client("iam")
    trust = '{"Version": "2012-10-17", "Statement": []}'
    iam.create_role(RoleName="full", AssumeRolePolicyDocument=trust)
    large = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get", "Resource": "%s"}]}'
    iam.put_role_policy(RoleName="full", PolicyName="one", PolicyDocument=(large % f"arn:aws:s3:::{'x' * 6000}") + " " * 9000)
    with pytest.raises(iam.exceptions.LimitExceededException, match="Maximum policy size of 10240 bytes exceeded for role full"):
        iam.put_role_policy(RoleName="full", PolicyName="two", PolicyDocument=large % f"arn:aws:s3:::{'x' * 6000}")
    iam.put_role_policy(RoleName="full", PolicyName="one", PolicyDocument=large % f"arn:aws:s3:::{'x' * 9000}")
