"""IAM needs of IAM Identity Center: the instance, permission sets, accounts; the store, users, groups, memberships.

As the service authorization reference has them; what a request only describes is looked up, or is all of its kind.
"""

from collections.abc import Callable
from typing import Any

from local_aws.enforcement.needs import ANY, Need, Parameters, Scope, tag_context
from local_aws.enforcement.reference import resource_kinds

# By kind: what the ids of a request and those that are looked up go by. All of a kind have one ARN.
_IDS = {"Group": "group", "GroupMembership": "membership", "User": "user"}
_ALL = ("AllGroupMemberships", "AllGroups", "AllUsers")


def _without_owner(identity_store_id: str) -> str | None:
    """As long as there are no stores, none belongs to anybody."""


def _no_key() -> str | None:
    """The key is AWS's own."""


def _nothing_found(identity_store_id: str, action: str, parameters: Parameters) -> dict[str, str]:
    return {}


# Set by the identity stores: whose one is, and the ids of what a request names otherwise than by its id: by a unique
# attribute, or through a membership.
store_owner: Callable[[str], str | None] = _without_owner
looked_up: Callable[[str, str, Parameters], dict[str, str]] = _nothing_found
# Set by the administration: the customer's key under which the instance and its store are encrypted.
key_arn: Callable[[], str | None] = _no_key


def _decrypt(scope: Scope, service: str) -> list[Need]:
    """Under a customer's key each call needs to decrypt, through its service (service authorization references, dependent actions)."""
    if (arn := key_arn()) is None:
        return []
    return [Need("kms:Decrypt", arn, {"kms:ViaService": f"{service}.{scope.region}.amazonaws.com"})]


def _plain(identifier: Any) -> str:
    return str(identifier).rsplit("/", 1)[-1]


def sso_needs(scope: Scope, action: str, parameters: Parameters) -> list[Need]:
    """The needs of a call of sso-admin."""
    return _sso_needs(scope, action, parameters) + _decrypt(scope, "sso")


def _sso_needs(scope: Scope, action: str, parameters: Parameters) -> list[Need]:
    name, context = f"sso:{action}", tag_context(parameters)
    if parameters.get("ResourceArn"):
        return [Need(name, str(parameters["ResourceArn"]), context)]
    kinds = resource_kinds(name)
    instance = str(parameters.get("InstanceArn") or "")
    permission_set = str(parameters.get("PermissionSetArn") or "")
    if not permission_set and "PermissionSet" in kinds:
        # A new one has no id yet.
        permission_set = scope.arn("sso", "PermissionSet", _plain(instance), "*")
    account_id = parameters.get("AccountId")
    if parameters.get("TargetType") == "AWS_ACCOUNT":
        account_id = parameters.get("TargetId")
    elif parameters.get("TargetType") == "ALL_PROVISIONED_ACCOUNTS":
        account_id = "*"
    arns = {
        "Instance": instance,
        "PermissionSet": permission_set,
        "Application": str(parameters.get("ApplicationArn") or ""),
        "Account": scope.arn("sso", "Account", str(account_id)) if account_id else "",
    }
    needed = [Need(name, arn, context) for kind, arn in arns.items() if arn and kind in kinds]
    return needed or [Need(name, ANY, context)]


def _named(parameters: Parameters) -> dict[str, list[str]]:
    member = parameters.get("MemberId")
    user_id = parameters.get("UserId") or (member.get("UserId") if isinstance(member, dict) else None)
    groups = parameters.get("GroupIds") or [parameters.get("GroupId")]
    named = {"user": [user_id], "group": groups, "membership": [parameters.get("MembershipId")]}
    return {kind: [_plain(one) for one in ids if one] for kind, ids in named.items()}


def identity_store_needs(scope: Scope, action: str, parameters: Parameters) -> list[Need]:
    """The needs of a call of the identity store, which may belong to another account than the caller's."""
    return _identity_store_needs(scope, action, parameters) + _decrypt(scope, "identitystore")


def _identity_store_needs(scope: Scope, action: str, parameters: Parameters) -> list[Need]:
    name, identifier = f"identitystore:{action}", parameters.get("IdentityStoreId")
    kinds = resource_kinds(name)
    if not identifier or not kinds:
        return [Need(name, ANY)]
    owner = store_owner(str(identifier)) or scope.account_id
    arns = [scope.arn("identitystore", "Identitystore", _plain(identifier), account_id=owner)]
    arns += [scope.arn("identitystore", kind) for kind in _ALL if kind in kinds]
    named, found = _named(parameters), looked_up(str(identifier), action, parameters)
    for kind, called in _IDS.items():
        if kind in kinds:
            ids = named.get(called) or [found.get(called, "*")]
            arns += [scope.arn("identitystore", kind, one) for one in ids]
    return [Need(name, arn) for arn in arns]
