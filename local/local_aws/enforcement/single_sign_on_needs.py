"""IAM needs of IAM Identity Center: the instance, permission sets, accounts; the store, users, groups, memberships.

As the service authorization reference has them; what a request only describes is looked up, or is all of its kind.
"""

from typing import Any

from local_aws.corrections.identity_store import api
from local_aws.corrections.identity_store.directory import Directory, find_directory
from local_aws.corrections.json_services import Refusal
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


def _looked_up(directory: Directory | None, action: str, parameters: Parameters) -> dict[str, str]:
    """The ids of what a request names otherwise: by a unique attribute, or through a membership."""
    find = {
        "GetUserId": api.get_user_id,
        "GetGroupId": api.get_group_id,
        "GetGroupMembershipId": api.describe_group_membership,
        "DeleteGroupMembership": api.describe_group_membership,
        "DescribeGroupMembership": api.describe_group_membership,
    }.get(action)
    if directory is None or find is None:
        return {}
    try:
        with directory.operation():
            found = find(directory, dict(parameters))
    except (Refusal, KeyError, TypeError, AttributeError):
        # Not there, or not a request at all: the service says so to whoever may ask for anything.
        return {}
    found = {**found, **found.pop("MemberId", {})}
    return {kind: found[key] for kind, key in _ID_MEMBERS.items() if key in found}


_ID_MEMBERS = {"user": "UserId", "group": "GroupId", "membership": "MembershipId"}


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
    directory = find_directory(str(identifier))
    owner = directory.account_id if directory else scope.account_id
    arns = [f"arn:{PARTITION}:identitystore::{owner}:identitystore/{_plain(identifier)}"]
    named, found = _named(parameters), _looked_up(directory, action, parameters)
    for kind in _KINDS.get(action, ()):
        ids = named.get(kind) or [found.get(kind, "*")]
        arns += [f"arn:{PARTITION}:identitystore:::{kind.rstrip('s')}/{one}" for one in ids]
    return [Need(name, arn) for arn in arns]
