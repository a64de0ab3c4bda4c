"""Who calls: finds the principal behind an access key, and the policies that hold for it.

Root keys (see local_aws.credentials) are for setting up; policies do not hold for them.
"""

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.core.utils import utcnow
from moto.iam.exceptions import NotFoundException
from moto.iam.models import IAMBackend, Role, iam_backends
from moto.organizations.models import organizations_backends
from moto.sts.models import AssumedRole, STSBackend

from local_aws import callers
from local_aws.credentials import PARTITION, root_account_id
from local_aws.enforcement import propagation
from local_aws.enforcement.policies import Caller
from local_aws.patches import patch

_sessions: dict[str, AssumedRole] = {}
_sessions_lock = threading.Lock()


class AuthenticationError(Exception):
    """The credentials of a call are of no account here, or no longer valid."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Principal:
    """A root, a user or the session of a role; `identity_arn` is what policies and trusts name."""

    kind: str
    account_id: str
    arn: str
    identity_arn: str
    session_name: str | None = None
    session_policy: str | None = field(default=None, repr=False)

    @property
    def is_root(self) -> bool:
        return self.kind == "root"

    @property
    def caller(self) -> Caller:
        return Caller(arns=(self.arn, self.identity_arn), account_id=self.account_id)

    def context(self) -> dict[str, str | list[str]]:
        """The condition keys that every call of this principal has."""
        kinds = {"root": "Account", "user": "User", "role": "AssumedRole"}
        keys: dict[str, str | list[str]] = {
            "aws:PrincipalArn": self.identity_arn,
            "aws:PrincipalAccount": self.account_id,
            "aws:PrincipalType": kinds[self.kind],
            "aws:PrincipalIsAWSService": "false",
            "aws:CurrentTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "aws:ViaAWSService": "false",
            "aws:SecureTransport": "true",
        }
        if self.kind == "user":
            keys["aws:username"] = self.identity_arn.rsplit("/", 1)[-1]
        organization_id = organization_of(self.account_id)
        if organization_id:
            keys["aws:PrincipalOrgID"] = organization_id
        for tag in _tags(self):
            keys[f"aws:PrincipalTag/{tag['Key']}"] = tag["Value"]
        return keys


def iam_of(account_id: str) -> IAMBackend:
    """The IAM of an account, whether or not anything is in it."""
    return iam_backends[account_id][PARTITION]


def organization_of(account_id: str) -> str | None:
    """The id of the organization that an account belongs to."""
    management_id, _ = organizations_backends.master_accounts.get(account_id, (account_id, PARTITION))
    organization = organizations_backends[management_id][PARTITION].org
    return organization.id if organization else None


def find_role(role_arn: str) -> Role | None:
    """The role of that ARN, in whichever account it is."""
    segments = role_arn.split(":")
    if len(segments) != 6 or segments[4] not in iam_backends:
        return None
    try:
        return iam_of(segments[4]).get_role_by_arn(role_arn)
    except NotFoundException:
        return None


def find_user(user_arn: str) -> Any:
    """The IAM user of that ARN, or None."""
    segments = user_arn.split(":")
    if len(segments) != 6 or segments[4] not in iam_backends:
        return None
    users = list(iam_of(segments[4]).users.values())
    return next((user for user in users if user.arn == user_arn), None)


def _tags(principal: Principal) -> list[dict[str, str]]:
    if principal.kind == "role":
        role = find_role(principal.identity_arn)
        return list(role.tags or []) if role else []
    return []


def resolve(access_key_id: str, session_token: str | None) -> Principal:
    """The principal of an access key; raises AuthenticationError when nobody has it."""
    account_id = root_account_id(access_key_id)
    if account_id:
        arn = f"arn:{PARTITION}:iam::{account_id}:root"
        return Principal("root", account_id, arn, arn)
    with _sessions_lock:
        session = _sessions.get(access_key_id)
    if session is not None:
        return _of_session(session, session_token)
    for account_id, account in list(iam_backends.items()):
        backend = dict.get(account, PARTITION)
        key = backend.access_keys.get(access_key_id) if backend is not None else None
        if key is not None and key.user_name and key.status == "Active":
            user = backend.users.get(key.user_name)
            if user is not None:
                return Principal("user", account_id, user.arn, user.arn)
    raise AuthenticationError(
        "InvalidClientTokenId", "The security token included in the request is invalid."
    )


def _of_session(session: AssumedRole, session_token: str | None) -> Principal:
    if session_token != session.session_token:
        raise AuthenticationError(
            "InvalidClientTokenId", "The security token included in the request is invalid."
        )
    if session.expiration.replace(tzinfo=None) < utcnow():
        raise AuthenticationError(
            "ExpiredToken", "The security token included in the request is expired"
        )
    return Principal(
        "role", session.account_id, session.arn, session.role_arn, session.session_name, session.policy
    )


def identity_policies(principal: Principal) -> dict[str, str]:
    """The documents of all policies of a user or a role: inline ones by name, managed ones by ARN."""
    if principal.kind == "role":
        role = find_role(principal.identity_arn)
        known = propagation.rights(role) if role else None
        return policies_of(known) if known else {}
    user = find_user(principal.identity_arn)
    if user is None:
        return {}
    groups = iam_of(principal.account_id).get_groups_for_user(user.name)
    inherited = {
        f"{group.name}/{name}": document for group in groups for name, document in policies_of(group).items()
    }
    return {**inherited, **policies_of(user)}


def boundary_policies(principal: Principal) -> list[str] | None:
    """The permissions boundary of a role or a user, or None when it has none."""
    find = {"role": find_role, "user": find_user}.get(principal.kind)
    arn = getattr(find(principal.identity_arn), "permissions_boundary_arn", None) if find else None
    if not arn:
        return None
    policy = iam_of(principal.account_id).managed_policies.get(arn)
    return [default_document(policy)] if policy else []


def default_document(policy: Any) -> str:
    """The document of a managed policy that counts."""
    return next(
        (version.document for version in policy.versions if version.version_id == policy.default_version_id),
        "",
    )


def policies_of(holder: Any) -> dict[str, str]:
    """The documents of a role, user or group: inline ones by name, managed ones by ARN."""
    # Copies: other threads change a role's policies while this one reads them.
    attached = {policy.arn: default_document(policy) for policy in list(holder.managed_policies.values())}
    return {**dict(holder.policies), **attached}


@patch(STSBackend, "assume_role")
def _assume_role(original: Any, self: STSBackend, *arguments: Any, **named: Any) -> AssumedRole:
    """Every session is found by its key. No source; AWS keeps its sessions in its own way."""
    session: AssumedRole = original(self, *arguments, **named)
    with _sessions_lock:
        _sessions[session.access_key_id] = session
    callers.hand_on(session.access_key_id)
    return session


@patch(STSBackend, "get_assumed_role_from_access_key")
def _session_of_key(_: Any, __: STSBackend, access_key_id: str) -> AssumedRole | None:
    """moto looks through the list of all sessions. No source; it is the same answer, found faster."""
    return _sessions.get(access_key_id)


@patch(IAMBackend, "get_roles")
def _get_roles(_: Any, self: IAMBackend) -> list[Role]:
    """moto iterates over the roles themselves, which other threads create and delete meanwhile. No source; AWS has no such threads."""
    return list(self.roles.values())
