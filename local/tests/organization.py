"""An organization for the tests, with accounts that are made in it through the API.

Its time scale is 0 where a test does not look at the time, so that accounts are ready at once.
"""

import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.organizations.models import organizations_backends
from waiting import eventually

from local_aws.services.organizations.models import account_creation

ACCESS_ROLE = "MeshstackAccountAccessRole"
_numbers = itertools.count(1)


@pytest.fixture
def instant(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that takes time on AWS is done at once."""
    monkeypatch.setenv("AVM_LOCAL_TIME_SCALE", "0")


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Creations take as long as on AWS, until `end_creations`; none is left behind."""
    monkeypatch.setenv("AVM_LOCAL_TIME_SCALE", "1")
    yield
    end_creations()


def end_creations() -> None:
    """The time of all creations has come."""
    for creation in account_creation.creations_of(organizations_backends["123456789012"]["aws"]):
        creation.due = 0.0


@pytest.fixture(scope="session")
def organizations(client: Callable[..., Any]) -> Any:
    """Organizations as the management account's root."""
    management = client("organizations")
    try:
        management.describe_organization()
    except management.exceptions.AWSOrganizationsNotInUseException:
        management.create_organization(FeatureSet="ALL")
    return management


@pytest.fixture
def root_id(organizations: Any) -> str:
    return str(organizations.list_roots()["Roots"][0]["Id"])


def unique(prefix: str) -> str:
    """A name that no other test uses."""
    return f"{prefix}-{next(_numbers)}"


def request_account(organizations: Any, **changes: Any) -> dict[str, Any]:
    """CreateAccount with a name and an address of its own."""
    name = unique("account")
    request = {"AccountName": name, "Email": f"{name}@example.com", "RoleName": ACCESS_ROLE, **changes}
    return organizations.create_account(**request)["CreateAccountStatus"]


def finished(organizations: Any, request_id: str) -> dict[str, Any]:
    """The status of a creation at its end."""

    def look() -> dict[str, Any] | None:
        answer = organizations.describe_create_account_status(CreateAccountRequestId=request_id)
        status: dict[str, Any] = answer["CreateAccountStatus"]
        return None if status["State"] == "IN_PROGRESS" else status

    return dict(eventually(look))


def new_account(organizations: Any, **changes: Any) -> str:
    """The id of a new account."""
    status = finished(organizations, request_account(organizations, **changes)["Id"])
    assert status["State"] == "SUCCEEDED", status
    return str(status["AccountId"])


@pytest.fixture
def member(organizations: Any, instant: None) -> Iterator[str]:
    """The id of a new account that is ready."""
    yield new_account(organizations)


def error_of(call: Callable[..., Any], **arguments: Any) -> dict[str, Any]:
    """The error of a call, with its status and whatever else its body has."""
    try:
        call(**arguments)
    except ClientError as error:
        response = error.response
        return {
            **{key: value for key, value in response.items() if key not in ("Error", "ResponseMetadata")},
            **response["Error"],
            "status": response["ResponseMetadata"]["HTTPStatusCode"],
        }
    raise AssertionError("the call succeeds")


def allow(*actions: str, resource: Any = "*", condition: dict[str, Any] | None = None) -> dict[str, Any]:
    """A policy that allows these actions."""
    statement: dict[str, Any] = {"Effect": "Allow", "Action": list(actions), "Resource": resource}
    if condition:
        statement["Condition"] = condition
    return {"Version": "2012-10-17", "Statement": [statement]}


def trust(principal: Any, condition: dict[str, Any] | None = None, kind: str = "AWS") -> str:
    """A trust policy."""
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {kind: principal},
    }
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def new_role(
    client: Callable[..., Any],
    account_id: str,
    trust_policy: str,
    policy: dict[str, Any] | None = None,
    **changes: Any,
) -> str:
    """The ARN of a new role."""
    iam = client("iam", account_id)
    name = unique("role")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust_policy, **changes)["Role"]
    if policy:
        iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=json.dumps(policy))
    return str(role["Arn"])


def session(client: Callable[..., Any], role_arn: str, **changes: Any) -> dict[str, Any]:
    """Credentials of a role of an account that trusts its own root."""
    request = {"RoleArn": role_arn, "RoleSessionName": "test", **changes}
    return client("sts", role_arn.split(":")[4]).assume_role(**request)["Credentials"]


def new_user(
    client: Callable[..., Any], account_id: str, policy: dict[str, Any] | None = None
) -> tuple[str, dict[str, str]]:
    """ARN and keys of a new user."""
    iam = client("iam", account_id)
    name = unique("user")
    user = iam.create_user(UserName=name)["User"]
    if policy:
        iam.put_user_policy(UserName=name, PolicyName="rights", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return str(user["Arn"]), {"AccessKeyId": key["AccessKeyId"], "SecretAccessKey": key["SecretAccessKey"]}
