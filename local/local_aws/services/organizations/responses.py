"""Organizations as AWS has it: who may call, organizational units, moves, tags and pages.

Corrects moto, which accepts duplicate names, unknown parents, wrong sources, repeated moves and any tag; its pages are
never empty, so that a caller who stops at an empty page goes unnoticed. Sources: Organizations API reference, CreateOrganizationalUnit,
MoveAccount, TagResource, ListAccounts (empty pages) and InvalidInputException (reasons), and what it says of each operation about who may
call it; Organizations User Guide, "Quotas and service limits for AWS Organizations", for units five deep.
"""

import base64
import functools
import itertools
import json
from collections.abc import Callable
from typing import Any

from moto.core.common_types import TYPE_RESPONSE
from moto.core.responses import ActionResult
from moto.organizations.exceptions import (
    AccountNotFoundException,
    DuplicateOrganizationalUnitException,
    OrganizationsClientError,
    TargetNotFoundException,
)
from moto.organizations.models import OrganizationsBackend
from moto.organizations.responses import OrganizationsResponse

from local_aws.patches import patch
from local_aws.services.organizations.exceptions import (
    AccessDenied,
    ChildNotFound,
    ConstraintViolation,
    DestinationParentNotFound,
    DuplicateAccount,
    InvalidInput,
    ParentNotFound,
    SourceParentNotFound,
)
from local_aws.services.organizations.models import account_creation
from local_aws.services.organizations.models.organizations import (
    lock,
    move_listeners,
    organization_of,
)
from local_aws.services.organizations.validation import (
    ACCOUNT_ID,
    ROOT_ID,
    UNIT_ID,
    check_id,
    check_tags,
)

UNIT_DEPTH_LIMIT = 5
PAGE_SIZE = 20
# Every list that needs several pages has an empty one after its first, every fourth list begins with one. No source; AWS says "occasionally".
_LISTS_PER_EMPTY_START = 4

_lists = itertools.count()
_OF_ANY_ACCOUNT = {"DescribeOrganization", "CreateOrganization"}
# What the model says of each; changes of policies, which need the organization's resource policy too, are left to the management account.
OF_DELEGATED_ADMINISTRATORS = {
    "DescribeAccount",
    "DescribeCreateAccountStatus",
    "DescribeOrganizationalUnit",
    "DescribePolicy",
    "DescribeResourcePolicy",
    "ListAWSServiceAccessForOrganization",
    "ListAccounts",
    "ListAccountsForParent",
    "ListAccountsWithInvalidEffectivePolicy",
    "ListChildren",
    "ListCreateAccountStatus",
    "ListDelegatedAdministrators",
    "ListDelegatedServicesForAccount",
    "ListEffectivePolicyValidationErrors",
    "ListHandshakesForOrganization",
    "ListOrganizationalUnitsForParent",
    "ListParents",
    "ListPolicies",
    "ListPoliciesForTarget",
    "ListRoots",
    "ListTagsForResource",
    "ListTargetsForPolicy",
    "TagResource",
    "UntagResource",
}
Operation = Callable[[OrganizationsBackend, dict[str, Any]], dict[str, Any]]


def _answers(name: str) -> Callable[[Operation], Operation]:
    """The decorated operation answers the calls of moto's method of that name."""

    def register(operation: Operation) -> Operation:
        @patch(OrganizationsResponse, name)
        def respond(_: Any, self: OrganizationsResponse) -> str:
            return json.dumps(operation(self.organizations_backend, self.request_params))

        return operation

    return register


def _token(offset: int, after_empty: bool) -> str:
    return base64.urlsafe_b64encode(json.dumps([offset, after_empty]).encode()).decode()


def _position(token: str) -> tuple[int, bool]:
    try:
        offset, after_empty = json.loads(base64.urlsafe_b64decode(token))
        return int(offset), bool(after_empty)
    except (ValueError, TypeError) as error:
        raise InvalidInput(
            "INVALID_NEXT_TOKEN", "Get the value for the NextToken parameter from the previous response."
        ) from error


def _as_it_is(entry: Any) -> Any:
    return entry


def _page(
    entries: list[Any], request: dict[str, Any], key: str, describe: Callable[[Any], Any] = _as_it_is
) -> dict[str, Any]:
    """One page of a list, as the answer of the call; only what is on it is described."""
    limit = request.get("MaxResults") or PAGE_SIZE
    if not isinstance(limit, int) or not 1 <= limit <= PAGE_SIZE:
        reason = "MIN_VALUE_EXCEEDED" if isinstance(limit, int) and limit < 1 else "MAX_VALUE_EXCEEDED"
        raise InvalidInput(reason, f"MaxResults is from 1 to {PAGE_SIZE}.")
    token = request.get("NextToken")
    if not token:
        if next(_lists) % _LISTS_PER_EMPTY_START == _LISTS_PER_EMPTY_START - 1:
            return {key: [], "NextToken": _token(0, True)}
        offset, after_empty = 0, False
    else:
        offset, after_empty = _position(token)
        if not after_empty:
            return {key: [], "NextToken": _token(offset, True)}
    end = offset + limit
    answer: dict[str, Any] = {key: [describe(entry) for entry in entries[offset:end]]}
    if end < len(entries):
        answer["NextToken"] = _token(end, offset > 0 or after_empty)
    return answer


def _unit(backend: OrganizationsBackend, identifier: Any, error: type[OrganizationsClientError]) -> Any:
    check_id(identifier, ROOT_ID, UNIT_ID)
    for unit in backend.ou:
        if unit.id == identifier:
            return unit
    raise error()


def _account(backend: OrganizationsBackend, identifier: Any) -> Any:
    check_id(identifier, ACCOUNT_ID)
    for account in backend.accounts:
        if account.id == identifier:
            return account
    raise AccountNotFoundException


def _describe_unit(backend: OrganizationsBackend, unit: Any) -> dict[str, Any]:
    path = account_creation.account_path(backend, unit)
    return {"Id": unit.id, "Arn": unit.arn, "Name": unit.name, "Path": path}


@_answers("create_organizational_unit")
def _create_unit(backend: OrganizationsBackend, request: dict[str, Any]) -> dict[str, Any]:
    parent = _unit(backend, request.get("ParentId"), ParentNotFound)
    name = request.get("Name") or ""
    if not 1 <= len(name) <= 128:
        raise InvalidInput("MAX_LENGTH_EXCEEDED" if name else "INPUT_REQUIRED")
    check_tags(request.get("Tags"))
    if any(unit.parent_id == parent.id and unit.name == name for unit in backend.ou):
        raise DuplicateOrganizationalUnitException
    depth, above = 1, parent
    parents = {unit.id: unit for unit in backend.ou}
    while above.parent_id in parents:
        depth, above = depth + 1, parents[above.parent_id]
    if depth > UNIT_DEPTH_LIMIT:
        raise ConstraintViolation(
            "OU_DEPTH_LIMIT_EXCEEDED", "You have reached the limit for nesting organizational units."
        )
    created = backend.create_organizational_unit(**request)["OrganizationalUnit"]
    return {"OrganizationalUnit": _describe_unit(backend, _unit(backend, created["Id"], ParentNotFound))}


@_answers("describe_organizational_unit")
def _describe_organizational_unit(backend: OrganizationsBackend, request: dict[str, Any]) -> dict[str, Any]:
    identifier = check_id(request.get("OrganizationalUnitId"), UNIT_ID)
    unit = backend.get_organizational_unit_by_id(identifier)
    return {"OrganizationalUnit": _describe_unit(backend, unit)}


@_answers("list_organizational_units_for_parent")
def _list_units(backend: OrganizationsBackend, request: dict[str, Any]) -> dict[str, Any]:
    parent = _unit(backend, request.get("ParentId"), ParentNotFound)
    units = [_describe_unit(backend, unit) for unit in backend.ou if unit.parent_id == parent.id]
    return _page(units, request, "OrganizationalUnits")


_answers("create_account")(account_creation.create_account)


@_answers("describe_account")
def _describe_account(backend: OrganizationsBackend, request: dict[str, Any]) -> dict[str, Any]:
    account = _account(backend, request.get("AccountId"))
    return {"Account": account_creation.describe_account(backend, account)}


@_answers("list_accounts")
def _list_accounts(backend: OrganizationsBackend, request: dict[str, Any]) -> dict[str, Any]:
    describe = functools.partial(account_creation.describe_account, backend)
    return _page(backend.accounts, request, "Accounts", describe)


@_answers("list_accounts_for_parent")
def _list_accounts_for_parent(backend: OrganizationsBackend, request: dict[str, Any]) -> dict[str, Any]:
    parent = _unit(backend, request.get("ParentId"), ParentNotFound)
    accounts = [account for account in backend.accounts if account.parent_id == parent.id]
    return _page(accounts, request, "Accounts", functools.partial(account_creation.describe_account, backend))


@_answers("list_children")
def _list_children(backend: OrganizationsBackend, request: dict[str, Any]) -> dict[str, Any]:
    parent = _unit(backend, request.get("ParentId"), ParentNotFound)
    kind = request.get("ChildType")
    if kind not in ("ACCOUNT", "ORGANIZATIONAL_UNIT"):
        raise InvalidInput("INVALID_ENUM")
    entities = backend.accounts if kind == "ACCOUNT" else backend.ou
    children = [{"Id": entity.id, "Type": kind} for entity in entities if entity.parent_id == parent.id]
    return _page(children, request, "Children")


@_answers("list_parents")
def _list_parents(backend: OrganizationsBackend, request: dict[str, Any]) -> dict[str, Any]:
    child_id = check_id(request.get("ChildId"), ACCOUNT_ID, UNIT_ID)
    child = next((one for one in (*backend.accounts, *backend.ou) if one.id == child_id), None)
    if child is None:
        raise ChildNotFound
    parents = [{"Id": unit.id, "Type": unit.type} for unit in backend.ou if unit.id == child.parent_id]
    return {"Parents": parents}


@_answers("list_create_account_status")
def _list_creations(backend: OrganizationsBackend, request: dict[str, Any]) -> dict[str, Any]:
    found = account_creation.statuses(backend, request.get("States"))
    return _page(found, request, "CreateAccountStatuses")


@_answers("describe_create_account_status")
def _describe_creation(backend: OrganizationsBackend, request: dict[str, Any]) -> dict[str, Any]:
    return account_creation.describe_status(backend, str(request.get("CreateAccountRequestId")))


@_answers("move_account")
def _move_account(backend: OrganizationsBackend, request: dict[str, Any]) -> dict[str, Any]:
    account = _account(backend, request.get("AccountId"))
    source = _unit(backend, request.get("SourceParentId"), SourceParentNotFound)
    destination = _unit(backend, request.get("DestinationParentId"), DestinationParentNotFound)
    if account.parent_id == destination.id:
        raise DuplicateAccount
    if account.parent_id != source.id:
        raise SourceParentNotFound
    account.parent_id = destination.id
    for listener in move_listeners:
        listener(backend, account, source.id)
    return {}


def _tagged(backend: OrganizationsBackend, request: dict[str, Any]) -> Any:
    identifier = request.get("ResourceId")
    entity = next(
        (one for one in (*backend.accounts, *backend.ou, *backend.policies) if one.id == identifier), None
    )
    if entity is None:
        if not str(identifier).startswith("p-"):
            check_id(identifier, ACCOUNT_ID, ROOT_ID, UNIT_ID)
        raise TargetNotFoundException
    return entity


@_answers("tag_resource")
def _tag_resource(backend: OrganizationsBackend, request: dict[str, Any]) -> dict[str, Any]:
    entity = _tagged(backend, request)
    tags = request.get("Tags") or []
    check_tags(tags, entity.tags)
    entity.tags.update({tag["Key"]: tag.get("Value", "") for tag in tags})
    return {}


@_answers("untag_resource")
def _untag_resource(backend: OrganizationsBackend, request: dict[str, Any]) -> dict[str, Any]:
    entity = _tagged(backend, request)
    for key in request.get("TagKeys") or []:
        entity.tags.pop(key, None)
    return {}


@_answers("list_tags_for_resource")
def _list_tags(backend: OrganizationsBackend, request: dict[str, Any]) -> dict[str, Any]:
    tags = _tagged(backend, request).tags
    return _page([{"Key": key, "Value": value} for key, value in tags.items()], request, "Tags")


def _may_call(account_id: str, backend: OrganizationsBackend, action: str) -> bool:
    if backend.org is None or account_id == backend.account_id or action in _OF_ANY_ACCOUNT:
        return True
    delegated = any(administrator.account.id == account_id for administrator in backend.admins)
    return delegated and action in OF_DELEGATED_ADMINISTRATORS


@patch(OrganizationsResponse, "call_action")
def _call_action(original: Any, self: OrganizationsResponse) -> TYPE_RESPONSE:
    """One call at a time, since moto's lists have no locks."""
    with lock:
        backend = organization_of(self.current_account)
        account_creation.complete_due(backend)
        if not _may_call(self.current_account, backend, self._get_action()):
            return self.serialized(ActionResult(AccessDenied()))
        answer: TYPE_RESPONSE = original(self)
        return answer


@patch(OrganizationsResponse, "organizations_backend")
def _organizations_backend(original: Any, self: OrganizationsResponse) -> OrganizationsBackend:
    """A delegated administrator works on the organization of its management account."""
    if self._get_action() in _OF_ANY_ACCOUNT:
        backend: OrganizationsBackend = original(self)
        return backend
    return organization_of(self.current_account)
