"""CreateAccount as AWS does it: accepted first, done later, five at once, one account per e-mail address.

moto makes the account at once, takes any name and any address again, and gives the access role no policy.
"""

import json
import secrets
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moto.core.utils import unix_time, utcnow
from moto.organizations.exceptions import AWSOrganizationsNotInUseException
from moto.organizations.models import FakeAccount, OrganizationsBackend

from local_aws.clock import scaled
from local_aws.enforcement.principals import iam_of
from local_aws.services.account.models import readiness
from local_aws.services.iam.models import root_users
from local_aws.services.organizations.exceptions import (
    ConstraintViolation,
    CreateAccountStatusNotFound,
)
from local_aws.services.organizations.validation import check_new_account

CREATION_SECONDS = 20
CREATIONS_AT_ONCE = 5
DEFAULT_ROLE_NAME = "OrganizationAccountAccessRole"
ADMINISTRATOR_POLICY = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
)


@dataclass
class Creation:
    """One request to create an account, and what became of it."""

    request_id: str
    request: dict[str, Any]
    requested: datetime
    due: float
    state: str = "IN_PROGRESS"
    completed: datetime | None = None
    account_id: str | None = None
    failure_reason: str | None = None

    @property
    def email(self) -> str:
        return str(self.request["Email"]).lower()

    def describe(self) -> dict[str, Any]:
        status: dict[str, Any] = {
            "Id": self.request_id,
            "AccountName": self.request["AccountName"],
            "State": self.state,
            "RequestedTimestamp": unix_time(self.requested),
        }
        if self.completed:
            status["CompletedTimestamp"] = unix_time(self.completed)
        if self.account_id:
            status["AccountId"] = self.account_id
        if self.failure_reason:
            status["FailureReason"] = self.failure_reason
        return status


def creations_of(backend: OrganizationsBackend) -> list[Creation]:
    """All creations of an organization, oldest first; they live as long as the organization."""
    if backend.org is None:
        return []
    return vars(backend.org).setdefault("creations", [])


def complete_due(backend: OrganizationsBackend) -> None:
    """Ends the creations whose time has come."""
    for creation in creations_of(backend):
        if creation.state == "IN_PROGRESS" and time.monotonic() >= creation.due:
            _complete(backend, creation)


def _complete(backend: OrganizationsBackend, creation: Creation) -> None:
    creation.completed = utcnow()
    if any(account.email.lower() == creation.email for account in backend.accounts):
        creation.state, creation.failure_reason = "FAILED", "EMAIL_ALREADY_EXISTS"
        return
    role_name = creation.request.get("RoleName") or DEFAULT_ROLE_NAME
    status = backend.create_account(**{**creation.request, "RoleName": role_name})
    creation.account_id = status["CreateAccountStatus"]["AccountId"]
    iam_of(creation.account_id).put_role_policy(role_name, "AdministratorAccess", ADMINISTRATOR_POLICY)
    readiness.account_created(creation.account_id, creation.due)
    root_users.account_created(backend, creation.account_id)
    creation.state = "SUCCEEDED"


def create_account(backend: OrganizationsBackend, request: dict[str, Any]) -> dict[str, Any]:
    """Accepts a creation; what comes of it is told by its status."""
    if backend.org is None:
        raise AWSOrganizationsNotInUseException
    check_new_account(request)
    creations = creations_of(backend)
    if sum(creation.state == "IN_PROGRESS" for creation in creations) >= CREATIONS_AT_ONCE:
        raise ConstraintViolation(
            "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED",
            "You have exceeded the number of accounts that can be created at the same time.",
        )
    creation = Creation(
        request_id=f"car-{secrets.token_hex(16)}",
        request=dict(request),
        requested=utcnow(),
        due=time.monotonic() + scaled(CREATION_SECONDS),
    )
    creations.append(creation)
    return {"CreateAccountStatus": creation.describe()}


def describe_status(backend: OrganizationsBackend, request_id: str) -> dict[str, Any]:
    """DescribeCreateAccountStatus."""
    for creation in creations_of(backend):
        if creation.request_id == request_id:
            return {"CreateAccountStatus": creation.describe()}
    raise CreateAccountStatusNotFound


def statuses(backend: OrganizationsBackend, states: list[str] | None) -> list[dict[str, Any]]:
    """ListCreateAccountStatus, without its pages."""
    return [
        creation.describe()
        for creation in creations_of(backend)
        if not states or creation.state in states
    ]


def account_path(backend: OrganizationsBackend, entity: Any) -> str:
    """The ids from the organization down to an account or organizational unit."""
    ids = [entity.id]
    parents = {unit.id: unit for unit in backend.ou}
    parent = parents.get(entity.parent_id)
    while parent is not None:
        ids.insert(0, parent.id)
        parent = parents.get(parent.parent_id)
    organization_id = backend.org.id if backend.org else ""
    return "/".join([organization_id, *ids]) + "/"


def describe_account(backend: OrganizationsBackend, account: FakeAccount) -> dict[str, Any]:
    """An account with its State next to the older Status, and its path."""
    return {**account.describe(), "State": account.state, "Paths": [account_path(backend, account)]}
