"""The organization's IAM Identity Center for the tests, made once for all of them, with users and a SCIM endpoint."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from organization import unique
from waiting import eventually

from local_aws.deploy.single_sign_on import Person, SingleSignOn, set_up_single_sign_on
from local_aws.services.ssoadmin.models import Instance, find_instance

MANAGEMENT = "123456789012"
INSTANCE_ARN = "arn:aws:sso:::instance/ssoins-0123456789abcdef"
STORE = "d-0123456789"
PERMISSION_SET_PREFIX = "arn:aws:sso:::permissionSet/ssoins-0123456789abcdef"
GIVEN_PERMISSION_SET = f"{PERMISSION_SET_PREFIX}/ps-aaaabbbbccccdddd"
TENANT = "0a1b2c3d-4e5f-6a7b"
SECRET_ACCOUNT = "277777777777"
SECRET = "avm/scim-token"
PERSON = Person("ada@people.example", "ada@people.example", "Ada", "Lovelace")
GROUP_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Group"
USER_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


@pytest.fixture(scope="session")
def single_sign_on(organizations: Any) -> SingleSignOn:
    """What the platform team has set up."""
    names = ["Reader", GIVEN_PERMISSION_SET]
    return set_up_single_sign_on(INSTANCE_ARN, STORE, names, [PERSON], TENANT, SECRET_ACCOUNT, SECRET)


@pytest.fixture
def store(client: Callable[..., Any], single_sign_on: SingleSignOn) -> Any:
    """The identity store as the management account's root."""
    return client("identitystore")


@pytest.fixture
def sso(client: Callable[..., Any], single_sign_on: SingleSignOn) -> Any:
    """sso-admin as the management account's root."""
    return client("sso-admin")


@pytest.fixture
def slow_assignments(monkeypatch: pytest.MonkeyPatch, single_sign_on: SingleSignOn) -> Iterator[None]:
    """Assignments take as long as on AWS, until `end_assignments`; none is left behind."""
    monkeypatch.setenv("AVM_LOCAL_TIME_SCALE", "1")
    yield
    end_assignments()


def instance() -> Instance:
    found = find_instance()
    assert found is not None
    return found


def end_assignments() -> None:
    """The time of all requests has come."""
    for request in instance().requests.values():
        request.due = 0.0


def new_user(store: Any, **changes: Any) -> str:
    """The id of a new user; its name is also its e-mail address."""
    name = f"{unique('user')}@people.example"
    request = {
        "UserName": name,
        "DisplayName": name,
        "Name": {"GivenName": "Given", "FamilyName": "Family"},
        "Emails": [{"Value": name, "Type": "work", "Primary": True}],
        **changes,
    }
    return str(store.create_user(IdentityStoreId=STORE, **request)["UserId"])


def new_group(store: Any) -> str:
    """The id of a new group."""
    return str(store.create_group(IdentityStoreId=STORE, DisplayName=unique("group"))["GroupId"])


def finished_creation(sso: Any, request_id: str) -> dict[str, Any]:
    """The status of an assignment's creation at its end."""

    def look() -> dict[str, Any] | None:
        status: dict[str, Any] = sso.describe_account_assignment_creation_status(
            InstanceArn=INSTANCE_ARN, AccountAssignmentCreationRequestId=request_id
        )["AccountAssignmentCreationStatus"]
        return None if status["Status"] == "IN_PROGRESS" else status

    return dict(eventually(look))


def assignment(account_id: str, principal_id: str, **changes: Any) -> dict[str, Any]:
    """The request for an assignment to a group."""
    return {
        "InstanceArn": INSTANCE_ARN,
        "TargetId": account_id,
        "TargetType": "AWS_ACCOUNT",
        "PermissionSetArn": GIVEN_PERMISSION_SET,
        "PrincipalType": "GROUP",
        "PrincipalId": principal_id,
        **changes,
    }


def assign(sso: Any, request: dict[str, Any]) -> dict[str, Any]:
    """The status of a new assignment at its end."""
    created = sso.create_account_assignment(**request)["AccountAssignmentCreationStatus"]
    return finished_creation(sso, created["RequestId"])


def remove(sso: Any, request: dict[str, Any]) -> dict[str, Any]:
    """The status of a deletion whose time has come."""
    deletion = sso.delete_account_assignment(**request)["AccountAssignmentDeletionStatus"]
    assert deletion["Status"] == "IN_PROGRESS"
    return dict(
        sso.describe_account_assignment_deletion_status(
            InstanceArn=INSTANCE_ARN, AccountAssignmentDeletionRequestId=deletion["RequestId"]
        )["AccountAssignmentDeletionStatus"]
    )


def principals(sso: Any, account_id: str, permission_set_arn: str = GIVEN_PERMISSION_SET) -> list[str]:
    """Who has the permission set in the account."""
    pages = sso.get_paginator("list_account_assignments").paginate(
        InstanceArn=INSTANCE_ARN, AccountId=account_id, PermissionSetArn=permission_set_arn
    )
    return [one["PrincipalId"] for page in pages for one in page["AccountAssignments"]]


class Scim:
    """The SCIM endpoint with a token."""

    def __init__(self, endpoint: str, token: str) -> None:
        self.endpoint = endpoint
        self.token = token

    def __call__(self, method: str, path: str, document: Any = None, **query: Any) -> requests.Response:
        return requests.request(
            method,
            f"{self.endpoint}{path}",
            params=query,
            data=None if document is None else json.dumps(document),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/scim+json"},
            timeout=10,
        )

    def new_group(self, name: str | None = None, members: list[str] | None = None) -> str:
        """The id of a new group."""
        document = {"schemas": [GROUP_SCHEMA], "displayName": name or unique("scim-group")}
        entries = [{"value": user_id} for user_id in members or []]
        answer = self("POST", "Groups", {**document, "members": entries})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def patch(self, group_id: str, *operations: dict[str, Any]) -> requests.Response:
        document = {"schemas": [PATCH_SCHEMA], "Operations": list(operations)}
        return self("PATCH", f"Groups/{group_id}", document)


def members_operation(kind: str, *user_ids: str) -> dict[str, Any]:
    """The operation of a patch that adds or removes members, in AWS's way."""
    return {"op": kind, "path": "members", "value": [{"value": user_id} for user_id in user_ids]}


@pytest.fixture
def scim(client: Callable[..., Any], single_sign_on: SingleSignOn) -> Scim:
    """The endpoint with the token that the secret keeps."""
    secrets = client("secretsmanager", SECRET_ACCOUNT)
    token = secrets.get_secret_value(SecretId=single_sign_on.scim_token_secret_arn)["SecretString"]
    return Scim(single_sign_on.scim_endpoint, token)
