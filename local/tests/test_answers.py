"""Answers are held to the model of their operation, whatever the protocol; what is told has no values in it."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from local_aws.api import answers
from local_aws.enforcement.calls import Call

ACCOUNT = {"Id": "111111111111", "Email": "ada@example.com", "Name": "a", "State": "ACTIVE"}
IAM = """<GetRoleResponse><GetRoleResult><Role><Path>/</Path><RoleName>{name}</RoleName><RoleId>AROA1234567890ABCDEF</RoleId>
<Arn>arn:aws:iam::111111111111:role/a</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate>{more}</Role></GetRoleResult>
</GetRoleResponse>"""


def found(service: str, action: str, body: Any, status: int = 200, protocol: str = "json", **headers: str) -> list[str]:
    call = Call(service, action, "eu-central-1", protocol, None, None)
    content = body if isinstance(body, str) else json.dumps(body)
    return answers.problems(call, status, list(headers.items()), content.encode())


def test_an_answer_of_json_that_fits() -> None:
    assert found("organizations", "DescribeAccount", {"Account": ACCOUNT}) == []


@pytest.mark.parametrize(
    ("account", "problem"),
    [
        ({**ACCOUNT, "Id": "1"}, r"Account.Id must satisfy regular expression pattern: ^\d{12}$"),
        ({**ACCOUNT, "Email": "a"}, "Account.Email must have length greater than or equal to 6"),
        ({**ACCOUNT, "Name": 7}, "Account.Name must be of type string"),
        ({**ACCOUNT, "JoinedTimestamp": "soon"}, "cannot be read: ValueError"),
        ({**ACCOUNT, "Nickname": "a"}, "Account.Nickname is not in the model"),
    ],
)
def test_an_answer_of_json_that_does_not_fit(account: dict[str, Any], problem: str) -> None:
    told = found("organizations", "DescribeAccount", {"Account": account})
    assert f"organizations:DescribeAccount {problem}" in told
    assert "ada" not in str(told)


def test_states_have_values_of_their_own() -> None:
    (told,) = found("organizations", "DescribeAccount", {"Account": {**ACCOUNT, "State": "SLEEPING"}})
    assert "Account.State must satisfy enum value set: [" in told


def test_an_answer_of_xml() -> None:
    assert found("iam", "GetRole", IAM.format(name="a", more=""), protocol="query") == []
    (told,) = found("iam", "GetRole", IAM.format(name="a b", more=""), protocol="query")
    assert told == r"iam:GetRole Role.RoleName must satisfy regular expression pattern: [\w+=,.@-]+"
    long = IAM.format(name="a", more="<MaxSessionDuration>1</MaxSessionDuration>")
    assert "Role.MaxSessionDuration must have value greater than" in found("iam", "GetRole", long, protocol="query")[0]
    assert found("iam", "GetRole", IAM.replace("<Path>/</Path>", ""), protocol="query")
    assert "cannot be read" in found("iam", "GetRole", "<", protocol="query")[0]


def test_errors_have_a_code_the_models_status_and_its_members() -> None:
    conflict = {"__type": "ConflictException", "Message": "m", "Reason": "UNIQUENESS_CONSTRAINT_VIOLATION"}
    assert found("identitystore", "CreateGroup", conflict, 409) == []
    (told,) = found("identitystore", "CreateGroup", {**conflict, "Reason": "BECAUSE"}, 409)
    assert "error ConflictException: Reason must satisfy enum value set" in told
    (told,) = found("identitystore", "CreateGroup", {"Message": "m"}, 400)
    assert told == "identitystore:CreateGroup error has no code"
    body = "<ErrorResponse><Error><Code>{}</Code><Message>m</Message></Error></ErrorResponse>"
    assert found("iam", "GetRole", body.format("NoSuchEntity"), 404, "query") == []
    (told,) = found("iam", "GetRole", body.format("NoSuchEntity"), 400, "query")
    assert told == "iam:GetRole error NoSuchEntity must have the status 404, not 400"
    # Codes that are not in the model are AWS's, too.
    assert found("iam", "GetRole", body.format("AccessDenied"), 403, "query") == []


def test_what_aws_itself_answers_outside_of_its_models_is_right() -> None:
    product = {"ProductViewSummary": {"Type": "CONTROL_TOWER_ACCOUNT"}}
    assert found("servicecatalog", "DescribeProduct", product) == []
    assert found("sso", "GetInlinePolicyForPermissionSet", {"InlinePolicy": ""}) == []


def test_each_violation_is_kept_once_and_fails_the_test_that_sees_it(
    client: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "_violations", {})
    monkeypatch.setattr(answers, "is_as_on_aws", lambda problem: False)
    monkeypatch.setattr(answers, "_of_success", lambda *_: iter(["is wrong"]))
    for _ in range(2):
        client("sts").get_caller_identity()
    assert answers.violations() == ["sts:GetCallerIdentity is wrong"]
