"""What AWS's SCIM endpoint refuses although SCIM allows it, from its developer guide.

scim2-server does the SCIM; a request reaches it only if AWS would take it, and in SCIM's own words.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from scim2_models import InvalidFilterException, InvalidValueException, NotFoundException
from scim2_server.requests import ScimRequest

MEMBER_LIMIT = 100
PAGE_LIMIT = 100

_ENDPOINTS = ("Users", "Groups", "ServiceProviderConfig", "ResourceTypes", "Schemas")
_NAMES = {"Users": "User", "Groups": "Group"}
_VERBS = {"GET": "Get", "POST": "Create", "PUT": "Put", "PATCH": "Patch", "DELETE": "Delete"}
_COMPARISON = re.compile(r'\s*([A-Za-z.]+)\s+(\w+)\s+("(?:[^"\\]|\\.)*")\s*')
_FILTERS = {
    "Users": ({"username"}, {"externalid"}, {"groups.value"}, {"id", "manager"}, {"id"}),
    "Groups": ({"displayname"}, {"externalid"}, {"id", "members"}, {"id"}),
}
_LIST_PARAMETERS = {"filter", "count", "cursor"}
_CURSOR = re.compile(r"[-a-zA-Z0-9+=/:_]*")
_REQUIRED_OF_USERS = ("userName", "displayName", "name.givenName", "name.familyName")
_UNSUPPORTED_OF_USERS = {"ims", "photos", "x509Certificates", "entitlements", "password", "groups"}
_SINGLE_VALUED = ("emails", "addresses", "phoneNumbers", "roles")
_PATCHED_OF_GROUPS = {"displayName", "members", "externalId"}


def operation_of(method: str, path: str) -> str:
    """AWS's name of the operation, such as PatchGroup or ListUsers."""
    segments = path.strip("/").split("/")
    name = _NAMES.get(segments[0])
    if name is None:
        return segments[0] if segments[0] in _ENDPOINTS else "Unknown"
    if method == "GET" and len(segments) == 1:
        return f"List{name}s"
    return f"{_VERBS.get(method, method.title())}{name}"


def checked(request: ScimRequest) -> ScimRequest:
    """The request for scim2-server; raises what AWS answers instead."""
    endpoint, *rest = request.path.strip("/").split("/")
    if "//" in request.path or endpoint not in _ENDPOINTS or ".search" in rest or len(rest) > 1:
        raise NotFoundException(detail="There is no such endpoint.")
    if endpoint not in _NAMES:
        return request
    if request.method == "GET":
        _check_query(endpoint, request.query, is_list=not rest)
    elif request.method == "PUT" and endpoint == "Groups":
        raise InvalidValueException(detail="PUT is not supported for groups.")
    elif request.method in ("POST", "PUT"):
        _check_resource(endpoint, _document(request.body))
    elif request.method == "PATCH" and endpoint == "Groups":
        request.body = json.dumps(_group_patch(_document(request.body))).encode()
    return request


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError as error:
        raise InvalidValueException(detail="Request is unparsable.") from error
    if not isinstance(document, dict):
        raise InvalidValueException(detail="Request is not an object.")
    return document


def _check_query(endpoint: str, query: Mapping[str, str], is_list: bool) -> None:
    unsupported = sorted(set(query) - (_LIST_PARAMETERS if is_list else set()))
    if unsupported:
        raise InvalidValueException(detail=f"{unsupported[0]} is not supported.")
    count = query.get("count", str(PAGE_LIMIT))
    if not count.isdigit() or not 1 <= int(count) <= PAGE_LIMIT:
        raise InvalidValueException(detail=f"count is from 1 to {PAGE_LIMIT}.")
    if not _CURSOR.fullmatch(query.get("cursor", "")):
        raise InvalidValueException(detail="cursor has characters that are not allowed.")
    if "filter" in query:
        _check_filter(endpoint, query["filter"])


def _check_filter(endpoint: str, text: str) -> None:
    """Only `eq`, only some attributes, and `and` only between some of them."""
    attributes: set[str] = set()
    position = 0
    while True:
        comparison = _COMPARISON.match(text, position)
        if comparison is None:
            raise InvalidFilterException(detail="A filter is <attribute> eq \"<value>\".")
        if comparison[2].lower() != "eq":
            raise InvalidFilterException(detail=f"The operator {comparison[2]} is not supported.")
        attributes.add(comparison[1].lower())
        position = comparison.end()
        if position == len(text):
            break
        if not text[position:].lower().startswith("and "):
            raise InvalidFilterException(detail="Comparisons can be joined by `and` only.")
        position += len("and ")
    if attributes not in _FILTERS[endpoint]:
        raise InvalidFilterException(detail=f"Filters on {', '.join(sorted(attributes))} are not supported.")


def _check_resource(endpoint: str, document: dict[str, Any]) -> None:
    if endpoint == "Groups":
        if len(document.get("members") or []) > MEMBER_LIMIT:
            raise InvalidValueException(detail=f"At most {MEMBER_LIMIT} members per request.")
        return
    for path in _REQUIRED_OF_USERS:
        value: Any = document
        for part in path.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if not value:
            raise InvalidValueException(detail=f"{path} is required.")
    unsupported = sorted(_UNSUPPORTED_OF_USERS & set(document))
    if unsupported:
        raise InvalidValueException(detail=f"{unsupported[0]} is not supported.")
    for name in _SINGLE_VALUED:
        if len(document.get(name) or []) > 1:
            raise InvalidValueException(detail=f"{name} can have one value only.")
    if any(not email.get("primary") for email in document.get("emails") or []):
        raise InvalidValueException(detail="The e-mail address must be marked as primary.")


def members_after(request: ScimRequest, members: set[str]) -> set[str]:
    """Who of a group's members is left in it by a request, with those whom it adds."""
    if request.method != "PATCH" or not request.path.strip("/").startswith("Groups/"):
        return members
    left = set(members)
    for operation in _document(request.body).get("Operations") or []:
        if isinstance(operation, dict):
            changed = set(_patched_members(operation))
            left = left - changed if str(operation.get("op")).lower() == "remove" else left | changed
    return left


def _group_patch(document: dict[str, Any]) -> dict[str, Any]:
    """The patch with AWS's way to remove members said in SCIM's: a filter in the path."""
    operations = document.get("Operations")
    if not isinstance(operations, list):
        raise InvalidValueException(detail="Operations is required.")
    patched: list[dict[str, Any]] = []
    changes = 0
    for operation in operations:
        if not isinstance(operation, dict):
            raise InvalidValueException(detail="An operation is an object.")
        members = _patched_members(operation)
        changes += len(members)
        if members and str(operation.get("op")).lower() == "remove":
            patched += [{"op": "remove", "path": f'members[value eq "{user_id}"]'} for user_id in members]
        else:
            patched.append(operation)
    if changes > MEMBER_LIMIT:
        raise InvalidValueException(detail=f"At most {MEMBER_LIMIT} membership changes per request.")
    return {**document, "Operations": patched}


def _patched_members(operation: dict[str, Any]) -> list[str]:
    """The ids that an operation adds or removes; none for other attributes."""
    kind, path, value = str(operation.get("op")).lower(), operation.get("path"), operation.get("value")
    if path is None:
        attributes = set(value) if isinstance(value, dict) else set()
        value = value.get("members") if isinstance(value, dict) else None
    else:
        attributes = {path}
    if not attributes or not attributes <= _PATCHED_OF_GROUPS:
        raise InvalidValueException(detail="Only displayName, members and externalId can be changed.")
    if "members" not in attributes:
        return []
    if kind not in ("add", "remove") or not value:
        raise InvalidValueException(detail="Replacing or removing all members is not supported.")
    ids = [entry.get("value") if isinstance(entry, dict) else None for entry in value]
    if not all(isinstance(user_id, str) and '"' not in user_id for user_id in ids):
        raise InvalidValueException(detail="A member has a value.")
    return ids
