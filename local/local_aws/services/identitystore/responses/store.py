"""The identity store's operations, on the directory that SCIM shares.

moto makes a store for any id, repeats memberships, leaves them behind, and knows no errors of uniqueness in them.
"""

import re
from collections.abc import Callable
from typing import Any

from scim2_models import (
    InvalidValueException,
    NotFoundException,
    Resource,
    ResourceType,
    UniquenessException,
)

from local_aws.api.own_services import Operation, Pages, Refusal, Request, invalid
from local_aws.enforcement.calls import Call
from local_aws.enforcement.principals import organization_of
from local_aws.services.identitystore.models.directories import find_directory
from local_aws.services.identitystore.models.directory import (
    GROUP,
    USER,
    Directory,
    GroupModel,
    UserModel,
    member_ids,
)

# What DescribeUser shows of a SCIM user, in its own spelling; AWS has one value of each list.
_USER_MEMBERS = (
    "userName",
    "name",
    "displayName",
    "nickName",
    "profileUrl",
    "emails",
    "addresses",
    "phoneNumbers",
    "userType",
    "title",
    "preferredLanguage",
    "locale",
    "timezone",
)
_KINDS = {"User": "USER", "Group": "GROUP"}
_PAGES = Pages()
# A name is no id, and neither is a store's.
_ID = re.compile(
    r"(arn:aws[a-z-]*:identitystore:::(user|group|membership)/)?([0-9a-f]{10}-)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    re.IGNORECASE,
)


def not_found(kind: str, identifier: Any) -> Refusal:
    """ResourceNotFoundException with the kind of what is missing, and its id where it was asked for by that."""
    fields = {"ResourceId": str(identifier)} if _ID.fullmatch(str(identifier)) else {}
    return Refusal("ResourceNotFoundException", f"{kind} not found.", ResourceType=kind, **fields)


def _conflict(message: str) -> Refusal:
    return Refusal("ConflictException", message, Reason="UNIQUENESS_CONSTRAINT_VIOLATION")


def directory_of(request: Request, region: str) -> Directory:
    """The store that a request names, if it is in that region."""
    directory = find_directory(request["IdentityStoreId"])
    if directory is None or directory.region != region:
        raise not_found("IDENTITY_STORE", request["IdentityStoreId"])
    return directory


def _plain(identifier: Any) -> str:
    """An id that may be given as an ARN."""
    return str(identifier).rsplit("/", 1)[-1]


def _find(directory: Directory, resource_type: ResourceType, identifier: Any) -> Any:
    try:
        return directory.get(resource_type, _plain(identifier))
    except NotFoundException as error:
        raise not_found(_KINDS[str(resource_type.name)], identifier) from error


def _member(request: Request) -> str:
    user_id = request["MemberId"].get("UserId")
    if not user_id:
        raise invalid("MemberId must have a UserId.")
    return _plain(user_id)


def _arn(kind: str, identifier: str) -> str:
    return f"arn:aws:identitystore:::{kind}/{identifier}"


def _respelled(value: Any, first: Any) -> Any:
    """Member names in AWS's spelling or in SCIM's, which differ in their first letter."""
    if isinstance(value, dict):
        return {first(key[0]) + key[1:]: _respelled(entry, first) for key, entry in value.items()}
    if isinstance(value, list):
        return [_respelled(entry, first) for entry in value]
    return value


def _created(directory: Directory, resource_type: ResourceType, resource: Resource[Any]) -> str:
    try:
        return str(directory.create(resource_type, resource).id)
    except UniquenessException as error:
        raise _conflict(error.detail) from error
    except InvalidValueException as error:
        raise invalid(error.detail) from error


def _group(directory: Directory, group: Any) -> dict[str, Any]:
    described = {
        "GroupId": group.id,
        "GroupArn": _arn("group", group.id),
        "DisplayName": group.display_name,
        "IdentityStoreId": directory.identity_store_id,
        "Revision": str(directory.revision(group)),
    }
    description = directory.descriptions.get(group.id)
    return {**described, "Description": description} if description else described


def _user(directory: Directory, user: Any) -> dict[str, Any]:
    shown = user.model_dump(mode="json", by_alias=True, exclude_none=True)
    members = {name: shown[name] for name in _USER_MEMBERS if shown.get(name)}
    return {
        **_respelled(members, str.upper),
        "UserId": user.id,
        "UserArn": _arn("user", user.id),
        "IdentityStoreId": directory.identity_store_id,
        "Revision": str(directory.revision(user)),
        "UserStatus": "DISABLED" if user.active is False else "ENABLED",
    }


def _membership(directory: Directory, membership: tuple[str, str, str]) -> dict[str, Any]:
    identifier, group_id, user_id = membership
    return {
        "IdentityStoreId": directory.identity_store_id,
        "MembershipId": identifier,
        "MembershipArn": _arn("membership", identifier),
        "GroupId": group_id,
        "MemberId": {"UserId": user_id},
    }


def create_user(directory: Directory, request: Request) -> dict[str, Any]:
    missing = [name for name in ("UserName", "DisplayName") if not request.get(name)]
    name = request.get("Name") or {}
    missing += [part for part in ("GivenName", "FamilyName") if not name.get(part)]
    if missing:
        raise invalid(", ".join(f"{one.lower()}: The attribute {one.lower()} is required" for one in missing))
    members = _respelled({key: value for key, value in request.items() if key != "IdentityStoreId"}, str.lower)
    try:
        user = UserModel.model_validate(members)
    except ValueError as error:
        raise invalid("The user has an attribute that is not valid.") from error
    user_id = _created(directory, USER, user)
    return {
        "UserId": user_id,
        "UserArn": _arn("user", user_id),
        "IdentityStoreId": directory.identity_store_id,
        "Revision": "1",
    }


def describe_user(directory: Directory, request: Request) -> dict[str, Any]:
    return _user(directory, _find(directory, USER, request["UserId"]))


def delete_user(directory: Directory, request: Request) -> dict[str, Any]:
    directory.delete(USER, _find(directory, USER, request["UserId"]).id)
    return {}


def _filtered(entries: list[dict[str, Any]], request: Request, attribute: str) -> list[dict[str, Any]]:
    for wanted in request.get("Filters") or []:
        if wanted["AttributePath"] != attribute:
            raise invalid(f"{wanted['AttributePath']} is not an attribute to filter by.")
        entries = [entry for entry in entries if entry[attribute] == wanted["AttributeValue"]]
    return entries


def list_users(directory: Directory, request: Request) -> dict[str, Any]:
    users = [_user(directory, user) for user in directory.users()]
    return _PAGES.of("Users", _filtered(users, request, "UserName"), request)


def _unique_attribute(request: Request, paths: tuple[str, ...], kind: str) -> tuple[str, str]:
    """Path and value of an AlternateIdentifier."""
    wanted = request["AlternateIdentifier"].get("UniqueAttribute")
    if wanted is None:
        # Ids of other identity providers are known to SCIM only.
        raise not_found(kind, "ExternalId")
    path, value = wanted["AttributePath"], wanted["AttributeValue"]
    found = next((known for known in paths if known.lower() == path.lower()), None)
    if found is None:
        raise invalid(f"The attribute {path} is not a unique attribute")
    if not isinstance(value, str) or not value:
        raise invalid(f"attribute value cannot be empty or null for attribute path {path}")
    return found, value


def get_user_id(directory: Directory, request: Request) -> dict[str, Any]:
    path, value = _unique_attribute(request, ("userName", "emails.value"), "USER")
    for user in directory.users():
        values = [user.user_name] if path == "userName" else [email.value for email in user.emails or []]
        if value in values:
            store = directory.identity_store_id
            return {"UserId": user.id, "UserArn": _arn("user", user.id), "IdentityStoreId": store}
    raise not_found("USER", value)


def create_group(directory: Directory, request: Request) -> dict[str, Any]:
    if not request.get("DisplayName"):
        raise invalid("displayname: The attribute displayname is required")
    group_id = _created(directory, GROUP, GroupModel(display_name=request["DisplayName"]))
    if request.get("Description"):
        directory.descriptions[group_id] = request["Description"]
    return {
        "GroupId": group_id,
        "GroupArn": _arn("group", group_id),
        "IdentityStoreId": directory.identity_store_id,
        "Revision": "1",
    }


def describe_group(directory: Directory, request: Request) -> dict[str, Any]:
    return _group(directory, _find(directory, GROUP, request["GroupId"]))


def delete_group(directory: Directory, request: Request) -> dict[str, Any]:
    """The group's memberships go with it; its account assignments stay behind, as on AWS."""
    directory.delete(GROUP, _find(directory, GROUP, request["GroupId"]).id)
    return {}


def list_groups(directory: Directory, request: Request) -> dict[str, Any]:
    groups = [_group(directory, group) for group in directory.groups()]
    return _PAGES.of("Groups", _filtered(groups, request, "DisplayName"), request)


def get_group_id(directory: Directory, request: Request) -> dict[str, Any]:
    _, value = _unique_attribute(request, ("displayName",), "GROUP")
    for group in directory.groups():
        if group.display_name == value:
            store = directory.identity_store_id
            return {"GroupId": group.id, "GroupArn": _arn("group", group.id), "IdentityStoreId": store}
    raise not_found("GROUP", value)


def find_membership(directory: Directory, request: Request) -> tuple[str, str, str]:
    """The membership that a request names by its id, or by group and user."""
    if request.get("MembershipId"):
        wanted = _plain(request["MembershipId"])
        found = [one for one in directory.memberships() if one[0] == wanted]
    else:
        pair = (_plain(request["GroupId"]), _member(request))
        found = [one for one in directory.memberships() if one[1:] == pair]
    if not found:
        raise not_found("GROUP_MEMBERSHIP", request.get("MembershipId") or request["GroupId"])
    return found[0]


def _membership_id(directory: Directory, membership: tuple[str, str, str]) -> dict[str, Any]:
    shown = _membership(directory, membership)
    return {name: shown[name] for name in ("MembershipId", "MembershipArn", "IdentityStoreId")}


def create_group_membership(directory: Directory, request: Request) -> dict[str, Any]:
    group, user = _find(directory, GROUP, request["GroupId"]), _find(directory, USER, _member(request))
    if user.id in member_ids(group):
        raise _conflict("Member and Group relationship already exists")
    directory.change_members(group.id, add=user.id)
    return _membership_id(directory, find_membership(directory, request))


def get_group_membership_id(directory: Directory, request: Request) -> dict[str, Any]:
    return _membership_id(directory, find_membership(directory, request))


def describe_group_membership(directory: Directory, request: Request) -> dict[str, Any]:
    return _membership(directory, find_membership(directory, request))


def delete_group_membership(directory: Directory, request: Request) -> dict[str, Any]:
    _, group_id, user_id = find_membership(directory, request)
    directory.change_members(group_id, remove=user_id)
    return {}


def list_group_memberships(directory: Directory, request: Request) -> dict[str, Any]:
    group = _find(directory, GROUP, request["GroupId"])
    found = [_membership(directory, one) for one in directory.memberships() if one[1] == group.id]
    return _PAGES.of("GroupMemberships", found, request)


def list_group_memberships_for_member(directory: Directory, request: Request) -> dict[str, Any]:
    user = _find(directory, USER, _member(request))
    found = [_membership(directory, one) for one in directory.memberships() if one[2] == user.id]
    return _PAGES.of("GroupMemberships", found, request)


def is_member_in_groups(directory: Directory, request: Request) -> dict[str, Any]:
    user = _find(directory, USER, _member(request))
    groups = [_find(directory, GROUP, group_id) for group_id in request["GroupIds"]]
    results = [
        {
            "GroupId": group.id,
            "MemberId": {"UserId": user.id},
            "MembershipExists": user.id in member_ids(group),
        }
        for group in groups
    ]
    return {"Results": results}


def _require_access(directory: Directory, account_id: str, writes: bool) -> None:
    """The accounts of the organization may read; only the owner of the store writes."""
    same = organization_of(account_id) == organization_of(directory.account_id)
    if account_id != directory.account_id and (writes or not same):
        raise Refusal("AccessDeniedException", "You do not have sufficient access to perform this action.")


def _on_its_store(operation: Callable[[Directory, Request], dict[str, Any]], writes: bool = False) -> Operation:
    def operate(call: Call) -> dict[str, Any]:
        directory = directory_of(call.parameters, call.region)
        _require_access(directory, call.principal.account_id, writes)
        with directory.operation():
            return operation(directory, call.parameters)

    return operate


OPERATIONS: dict[str, Operation] = {
    "DescribeUser": _on_its_store(describe_user),
    "ListUsers": _on_its_store(list_users),
    "GetUserId": _on_its_store(get_user_id),
    "CreateUser": _on_its_store(create_user, writes=True),
    "DeleteUser": _on_its_store(delete_user, writes=True),
    "DescribeGroup": _on_its_store(describe_group),
    "ListGroups": _on_its_store(list_groups),
    "GetGroupId": _on_its_store(get_group_id),
    "CreateGroup": _on_its_store(create_group, writes=True),
    "DeleteGroup": _on_its_store(delete_group, writes=True),
    "DescribeGroupMembership": _on_its_store(describe_group_membership),
    "GetGroupMembershipId": _on_its_store(get_group_membership_id),
    "CreateGroupMembership": _on_its_store(create_group_membership, writes=True),
    "DeleteGroupMembership": _on_its_store(delete_group_membership, writes=True),
    "ListGroupMemberships": _on_its_store(list_group_memberships),
    "ListGroupMembershipsForMember": _on_its_store(list_group_memberships_for_member),
    "IsMemberInGroups": _on_its_store(is_member_in_groups),
}
