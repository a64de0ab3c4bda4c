"""Everybody who could try to call: the user of meshStack, administrators of all kinds of accounts, and roles of ours.

Each is a name and credentials. Sessions of the functions' roles come from the files that `make local` writes.
"""

import functools
import json
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from meshstack_client import LocalEnvironment, MeshStack

Credentials = dict[str, str]
ADMINISTRATOR_ACCESS = "arn:aws:iam::aws:policy/AdministratorAccess"
MESHFED_USER = "meshfed-service-user"
# No organization has it: what anybody with a credit card can have.
OUTSIDE_ACCOUNT_ID = "666666666666"


def administrator(environment: LocalEnvironment, account_id: str, name: str = "administrator") -> Credentials:
    """Keys of an IAM user who may do everything in an account."""
    iam = environment.root_client("iam", account_id)
    with suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_user(UserName=name)
    iam.attach_user_policy(UserName=name, PolicyArn=ADMINISTRATOR_ACCESS)
    return access_key(environment, account_id, name)


@functools.cache
def access_key(environment: LocalEnvironment, account_id: str, user: str) -> Credentials:
    """Keys of an IAM user, the same for all tests: IAM gives a user two, and meshStack has one of its user's."""
    key = environment.root_client("iam", account_id).create_access_key(UserName=user)["AccessKey"]
    return {"AccessKeyId": key["AccessKeyId"], "SecretAccessKey": key["SecretAccessKey"]}


def function_roles(environment: LocalEnvironment, folder: Path) -> dict[str, Credentials]:
    """A session of the role of each function, by the role's name."""
    found = {}
    for path in sorted(folder.glob("*.env")):
        lines = (line.split("=", 1) for line in path.read_text(encoding="utf-8").splitlines())
        variables = {name: value[1:-1] for name, value in lines}
        keys = {
            "AccessKeyId": variables["AWS_ACCESS_KEY_ID"],
            "SecretAccessKey": variables["AWS_SECRET_ACCESS_KEY"],
            "SessionToken": variables["AWS_SESSION_TOKEN"],
        }
        arn = environment.client("sts", keys).get_caller_identity()["Arn"]
        found[arn.split("/")[1]] = keys
    return found


def meshstack_roles(environment: LocalEnvironment, meshstack: MeshStack) -> dict[str, Credentials]:
    """Sessions of the two roles of meshStack."""
    return {
        "MeshfedServiceRole": meshstack.assume(environment.management_account_id, "MeshfedServiceRole"),
        "MeshfedAutomationRole": meshstack.assume(environment.automation_account_id, "MeshfedAutomationRole"),
    }


def everybody(
    environment: LocalEnvironment, meshstack: MeshStack, functions: Path, member_account_id: str
) -> dict[str, Credentials]:
    """All principals by their names; those of a vended account are `member` ones."""
    accounts = {
        "management": environment.management_account_id,
        "automation": environment.automation_account_id,
        "meshcloud": environment.meshcloud_account_id,
        "member": member_account_id,
        "outside": OUTSIDE_ACCOUNT_ID,
    }
    ours = meshstack_roles(environment, meshstack)
    access_role = assume_when_ready(
        environment.client("sts", ours["MeshfedServiceRole"]),
        f"arn:aws:iam::{member_account_id}:role/MeshstackAccountAccessRole",
    )
    return {
        MESHFED_USER: {"AccessKeyId": environment.access_key_id, "SecretAccessKey": environment.secret_access_key},
        **{f"{kind} administrator": administrator(environment, id) for kind, id in accounts.items()},
        **ours,
        **function_roles(environment, functions),
        "member MeshstackAccountAccessRole": access_role,
    }


def assume_when_ready(sts: Any, role_arn: str, seconds: float = 30) -> Credentials:
    """A session of a role of an account that may be new."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return dict(sts.assume_role(RoleArn=role_arn, RoleSessionName="meshstack")["Credentials"])
        except ClientError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def roles_of(environment: LocalEnvironment, account_id: str) -> Iterator[dict[str, Any]]:
    """All roles of an account, but for those that belong to a service of AWS."""
    for page in environment.root_client("iam", account_id).get_paginator("list_roles").paginate():
        yield from (role for role in page["Roles"] if not role["Path"].startswith("/aws-service-role/"))


def statements(role: dict[str, Any]) -> list[dict[str, Any]]:
    """The statements of a role's trust policy."""
    document = role["AssumeRolePolicyDocument"]
    return list((json.loads(document) if isinstance(document, str) else document)["Statement"])
