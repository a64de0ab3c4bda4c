"""A trust keeps the unique id of a role or user that it names: one that is made anew with that name is another.

Source: IAM User Guide, "AWS JSON policy elements: Principal": who deletes the role breaks the relationship; the trust then shows the id.
moto compares names.
"""

import json
from typing import Any

from moto.iam.models import IAMBackend, Role, User, iam_backends

from local_aws.credentials import PARTITION
from local_aws.enforcement.conditions import as_list
from local_aws.enforcement.policies import statements_of
from local_aws.patches import patch


def _with_id(names: Any, arn: str, unique_id: str) -> Any:
    if isinstance(names, list):
        return [unique_id if name == arn else name for name in names]
    return unique_id if names == arn else names


def _forget(arn: str, unique_id: str) -> None:
    """In all trusts that named it, the id takes the place of the name."""
    for account in list(iam_backends.values()):
        backend = dict.get(account, PARTITION)
        for role in list(backend.roles.values()) if backend is not None else []:
            if _names(role, arn):
                _replace(role, arn, unique_id)


def _names(role: Role, arn: str) -> bool:
    statements = statements_of(role.assume_role_policy_document)
    return any(
        arn in as_list(statement["Principal"].get("AWS"))
        for statement in statements
        if isinstance(statement.get("Principal"), dict)
    )


def _replace(role: Role, arn: str, unique_id: str) -> None:
    document = role.assume_role_policy_document
    policy = json.loads(document) if isinstance(document, str) else document
    for statement in as_list(policy["Statement"]):
        principal = statement.get("Principal")
        if isinstance(principal, dict) and "AWS" in principal:
            principal["AWS"] = _with_id(principal["AWS"], arn, unique_id)
    role.assume_role_policy_document = json.dumps(policy)


@patch(IAMBackend, "delete_role")
def _delete_role(original: Any, self: IAMBackend, role_name: str) -> None:
    role: Role = self.get_role(role_name)
    original(self, role_name)
    _forget(role.arn, role.id)


@patch(IAMBackend, "delete_user")
def _delete_user(original: Any, self: IAMBackend, user_name: str) -> None:
    user: User = self.get_user(user_name)
    original(self, user_name)
    _forget(user.arn, user.id)
