"""IAM needs of IAM Identity Center: the instance, permission sets, accounts; the store, users, groups, memberships.

As the service authorization reference has them; what a request only describes is looked up, or is all of its kind.
"""

from collections.abc import Callable
from typing import Any

from local_aws.credentials import PARTITION
from local_aws.enforcement.needs import ANY, Need, Parameters, Scope, tag_context

_NEW = {"CreatePermissionSet"}
# Which kinds of the identity store an operation needs besides the store itself.
_KINDS: dict[str, tuple[str, ...]] = {
    "CreateGroupMembership": ("group", "user"),
    "DeleteGroup": ("group",),
    "DeleteGroupMembership": ("group", "membership", "user"),
    "DeleteUser": ("user",),
    "DescribeGroup": ("group",),
    "DescribeGroupMembership": ("group", "membership", "user"),
    "DescribeUser": ("user",),
    "GetGroupId": ("group",),
    "GetGroupMembershipId": ("group", "membership", "user"),
    "GetUserId": ("user",),
    "IsMemberInGroups": ("memberships", "group", "user"),
    "ListGroupMemberships": ("memberships", "group"),
    "ListGroupMembershipsForMember": ("memberships", "user"),
    "ListGroups": ("groups",),
    "ListUsers": ("users",),
    "UpdateGroup": ("group",),
    "UpdateUser": ("user",),
}


def _without_owner(identity_store_id: str) -> str | None:
    """As long as there are no stores, none belongs to anybody."""


def _nothing_found(identity_store_id: str, action: str, parameters: Parameters) -> dict[str, str]:
    return {}


# Set by the identity stores: whose one is, and the ids of what a request names otherwise than by its id: by a unique
# attribute, or through a membership.
store_owner: Callable[[str], str | None] = _without_owner
looked_up: Callable[[str, str, Parameters], dict[str, str]] = _nothing_found


def _arn(kind: str, identifier: Any) -> str:
    return f"arn:{PARTITION}:sso:::{kind}/{identifier}"


def sso_needs(scope: Scope, action: str, parameters: Parameters) -> list[Need]:
    """The needs of a call of sso-admin."""
    name, context = f"sso:{action}", tag_context(parameters)
    if parameters.get("ResourceArn"):
        return [Need(name, str(parameters["ResourceArn"]), context)]
    instance = str(parameters.get("InstanceArn") or "")
    arns = [instance, str(parameters.get("PermissionSetArn") or parameters.get("ApplicationArn") or "")]
    if action in _NEW:
        arns.append(_arn("permissionSet", f"{instance.rsplit('/', 1)[-1]}/*"))
    account_id = parameters.get("AccountId")
    if parameters.get("TargetType") == "AWS_ACCOUNT":
        account_id = parameters.get("TargetId")
    elif parameters.get("TargetType") == "ALL_PROVISIONED_ACCOUNTS":
        account_id = "*"
    if account_id:
        arns.append(_arn("account", account_id))
    return [Need(name, arn, context) for arn in arns if arn] or [Need(name, ANY, context)]


def _plain(identifier: Any) -> str:
    return str(identifier).rsplit("/", 1)[-1]


def _named(parameters: Parameters) -> dict[str, list[str]]:
    member = parameters.get("MemberId")
    user_id = parameters.get("UserId") or (member.get("UserId") if isinstance(member, dict) else None)
    groups = parameters.get("GroupIds") or [parameters.get("GroupId")]
    named = {"user": [user_id], "group": groups, "membership": [parameters.get("MembershipId")]}
    return {kind: [_plain(one) for one in ids if one] for kind, ids in named.items()}


def identity_store_needs(scope: Scope, action: str, parameters: Parameters) -> list[Need]:
    """The needs of a call of the identity store, which may belong to another account than the caller's."""
    name, identifier = f"identitystore:{action}", parameters.get("IdentityStoreId")
    if not identifier:
        return [Need(name, ANY)]
    owner = store_owner(str(identifier)) or scope.account_id
    arns = [f"arn:{PARTITION}:identitystore::{owner}:identitystore/{_plain(identifier)}"]
    named, found = _named(parameters), looked_up(str(identifier), action, parameters)
    for kind in _KINDS.get(action, ()):
        ids = named.get(kind) or [found.get(kind, "*")]
        arns += [f"arn:{PARTITION}:identitystore:::{kind.rstrip('s')}/{one}" for one in ids]
    return [Need(name, arn) for arn in arns]
