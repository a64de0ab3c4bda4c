"""Organizations as AWS has it: who may call, organizational units, moves, tags and pages.

Corrects moto, which accepts duplicate names, unknown parents, wrong sources, repeated moves and any tag.
"""

import json
import threading
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
from moto.organizations.models import OrganizationsBackend, organizations_backends
from moto.organizations.responses import OrganizationsResponse

from local_aws.corrections import account_creation
from local_aws.corrections.organizations_pages import page
from local_aws.corrections.organizations_validation import (
    ACCOUNT_ID,
    ROOT_ID,
    UNIT_ID,
    AccessDenied,
    ChildNotFound,
    ConstraintViolation,
    DestinationParentNotFound,
    DuplicateAccount,
    InvalidInput,
    ParentNotFound,
    SourceParentNotFound,
    check_id,
    check_tags,
)
from local_aws.credentials import PARTITION

UNIT_DEPTH_LIMIT = 5
_OF_ANY_ACCOUNT = {"DescribeOrganization", "CreateOrganization"}
_ALSO_OF_DELEGATED_ADMINISTRATORS = {
    "DescribeCreateAccountStatus",
    "ListCreateAccountStatus",
    "DescribeAccount",
    "DescribeOrganizationalUnit",
    "ListAccounts",
    "ListAccountsForParent",
    "ListParents",
    "ListChildren",
    "ListRoots",
    "ListOrganizationalUnitsForParent",
    "TagResource",
    "UntagResource",
    "ListTagsForResource",
}
# Guards organizations, and what other corrections keep about their accounts.
lock = threading.RLock()

Operation = Callable[[OrganizationsBackend, dict[str, Any]], dict[str, Any]]
# Told of every MoveAccount, after it: the organization, the account, the parent that it left.
Listener = Callable[[OrganizationsBackend, Any, str], None]
move_listeners: list[Listener] = []


def organization_of(account_id: str) -> OrganizationsBackend:
    """The organization that an account belongs to, or of which it is the management account."""
    management_id, _ = organizations_backends.master_accounts.get(account_id, (account_id, PARTITION))
    return organizations_backends[management_id][PARTITION]


def suspend(account_id: str) -> bool:
    """Suspends an account, for tests; False when there is no such account."""
    with lock:
        backend = organization_of(account_id)
        account_creation.complete_due(backend)
        for account in backend.accounts:
            if account.id == account_id:
                account.status = account.state = "SUSPENDED"
                return True
        return False


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


def _describe_organizational_unit(backend: OrganizationsBackend, request: dict[str, Any]) -> dict[str, Any]:
    identifier = check_id(request.get("OrganizationalUnitId"), UNIT_ID)
    unit = backend.get_organizational_unit_by_id(identifier)
    return {"OrganizationalUnit": _describe_unit(backend, unit)}


def _list_units(backend: OrganizationsBackend, request: dict[str, Any]) -> dict[str, Any]:
    parent = _unit(backend, request.get("ParentId"), ParentNotFound)
    units = [_describe_unit(backend, unit) for unit in backend.ou if unit.parent_id == parent.id]
    return page(units, request, "OrganizationalUnits")


def _describe_account(backend: OrganizationsBackend, request: dict[str, Any]) -> dict[str, Any]:
    account = _account(backend, request.get("AccountId"))
    return {"Account": account_creation.describe_account(backend, account)}


def _list_accounts(backend: OrganizationsBackend, request: dict[str, Any]) -> dict[str, Any]:
    accounts = [account_creation.describe_account(backend, account) for account in backend.accounts]
    return page(accounts, request, "Accounts")


def _list_accounts_for_parent(backend: OrganizationsBackend, request: dict[str, Any]) -> dict[str, Any]:
    parent = _unit(backend, request.get("ParentId"), ParentNotFound)
    accounts = [
        account_creation.describe_account(backend, account)
        for account in backend.accounts
        if account.parent_id == parent.id
    ]
    return page(accounts, request, "Accounts")


def _list_children(backend: OrganizationsBackend, request: dict[str, Any]) -> dict[str, Any]:
    parent = _unit(backend, request.get("ParentId"), ParentNotFound)
    kind = request.get("ChildType")
    if kind not in ("ACCOUNT", "ORGANIZATIONAL_UNIT"):
        raise InvalidInput("INVALID_ENUM")
    entities = backend.accounts if kind == "ACCOUNT" else backend.ou
    children = [{"Id": entity.id, "Type": kind} for entity in entities if entity.parent_id == parent.id]
    return page(children, request, "Children")


def _list_parents(backend: OrganizationsBackend, request: dict[str, Any]) -> dict[str, Any]:
    child_id = check_id(request.get("ChildId"), ACCOUNT_ID, UNIT_ID)
    child = next((one for one in (*backend.accounts, *backend.ou) if one.id == child_id), None)
    if child is None:
        raise ChildNotFound
    parents = [{"Id": unit.id, "Type": unit.type} for unit in backend.ou if unit.id == child.parent_id]
    return {"Parents": parents}


def _list_creations(backend: OrganizationsBackend, request: dict[str, Any]) -> dict[str, Any]:
    found = account_creation.statuses(backend, request.get("States"))
    return page(found, request, "CreateAccountStatuses")


def _describe_creation(backend: OrganizationsBackend, request: dict[str, Any]) -> dict[str, Any]:
    return account_creation.describe_status(backend, str(request.get("CreateAccountRequestId")))


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


def _tag_resource(backend: OrganizationsBackend, request: dict[str, Any]) -> dict[str, Any]:
    entity = _tagged(backend, request)
    tags = request.get("Tags") or []
    check_tags(tags, entity.tags)
    entity.tags.update({tag["Key"]: tag.get("Value", "") for tag in tags})
    return {}


def _untag_resource(backend: OrganizationsBackend, request: dict[str, Any]) -> dict[str, Any]:
    entity = _tagged(backend, request)
    for key in request.get("TagKeys") or []:
        entity.tags.pop(key, None)
    return {}


def _list_tags(backend: OrganizationsBackend, request: dict[str, Any]) -> dict[str, Any]:
    tags = _tagged(backend, request).tags
    return page([{"Key": key, "Value": value} for key, value in tags.items()], request, "Tags")


_OPERATIONS: dict[str, Operation] = {
    "create_account": account_creation.create_account,
    "describe_create_account_status": _describe_creation,
    "list_create_account_status": _list_creations,
    "describe_account": _describe_account,
    "list_accounts": _list_accounts,
    "list_accounts_for_parent": _list_accounts_for_parent,
    "list_children": _list_children,
    "list_parents": _list_parents,
    "create_organizational_unit": _create_unit,
    "describe_organizational_unit": _describe_organizational_unit,
    "list_organizational_units_for_parent": _list_units,
    "move_account": _move_account,
    "tag_resource": _tag_resource,
    "untag_resource": _untag_resource,
    "list_tags_for_resource": _list_tags,
}


def _may_call(account_id: str, backend: OrganizationsBackend, action: str) -> bool:
    if backend.org is None or account_id == backend.account_id or action in _OF_ANY_ACCOUNT:
        return True
    delegated = any(administrator.account.id == account_id for administrator in backend.admins)
    return delegated and action in _ALSO_OF_DELEGATED_ADMINISTRATORS


def _response_method(operation: Operation) -> Callable[[OrganizationsResponse], str]:
    def respond(self: OrganizationsResponse) -> str:
        return json.dumps(operation(self.organizations_backend, self.request_params))

    return respond


def install() -> None:
    """See the two lines at the top of this file; one call at a time, since moto's lists have no locks."""
    call_action = OrganizationsResponse.call_action

    def guarded_call(self: OrganizationsResponse) -> TYPE_RESPONSE:
        with lock:
            backend = organization_of(self.current_account)
            account_creation.complete_due(backend)
            if not _may_call(self.current_account, backend, self._get_action()):
                return self.serialized(ActionResult(AccessDenied()))
            return call_action(self)

    for name, operation in _OPERATIONS.items():
        setattr(OrganizationsResponse, name, _response_method(operation))
    OrganizationsResponse.call_action = guarded_call
    own_backend = OrganizationsResponse.organizations_backend.fget

    def backend_of_caller(self: OrganizationsResponse) -> OrganizationsBackend:
        # A delegated administrator works on the organization of its management account.
        if self._get_action() in _OF_ANY_ACCOUNT:
            return own_backend(self)
        return organization_of(self.current_account)

    OrganizationsResponse.organizations_backend = property(backend_of_caller)
