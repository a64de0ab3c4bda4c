"""Account Management as AWS has it: alternate contacts, regions and the name, of one's own account or of a member's.

moto lets everyone write the contacts of every account, checks nothing, and has neither regions nor names. Sources: Account Management API
reference, PutAlternateContact, GetAlternateContact, DeleteAlternateContact, ListRegions, GetRegionOptStatus, EnableRegion, DisableRegion
and PutAccountName; the words for a region that is so already: hashicorp/terraform-provider-aws#41430.
"""

import json
import threading
import time
from collections.abc import Callable
from typing import Any

from moto.account import urls
from moto.account.models import ALLOWED_CONTACT_TYPES, AlternateContact, account_backends
from moto.account.responses import AccountResponse
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, EmptyResult
from moto.organizations.models import (
    FakeDelegatedAdministrator,
    OrganizationsBackend,
)

from local_aws.api import lists
from local_aws.clock import time_scale
from local_aws.credentials import PARTITION
from local_aws.enforcement.principals import resolve
from local_aws.patches import add, patch, replace
from local_aws.services.account.exceptions import (
    AccessDenied,
    Conflict,
    InvalidFields,
    InvalidRegion,
    NotFound,
    TooManyRequests,
)
from local_aws.services.account.models import regions as account_regions
from local_aws.services.account.validation import check_contact, check_integer, check_text
from local_aws.services.organizations.models.organizations import organization_of

SERVICE_PRINCIPAL = "account.amazonaws.com"
REGIONS_ON_A_PAGE = 20
# Requests of an account a second, and how many may come at once: the reference guide's page "Quotas for AWS Account Management"
# (looked up 2026-11-29). For names it is the account that calls.
RATES = {
    "PutAlternateContact": (5, 8),
    "GetAlternateContact": (10, 15),
    "DeleteAlternateContact": (1, 6),
    "ListRegions": (5, 5),
    "GetRegionOptStatus": (5, 5),
    "EnableRegion": (1, 1),
    "DisableRegion": (1, 1),
    "PutAccountName": (1, 1),
}
_NO_TRUSTED_ACCESS = "Your organization must first enable trusted access with AWS Account Management."
_STANDALONE_ONLY = (
    "The management account can only be managed using the standalone context from the management account"
)
_UNKNOWN_TYPE = "You specified an invalid Alternate Contact type."
_OPTED = "Unable to switch region status because of its current opt-in status."

# Tokens left and when they were counted, by account and operation.
_buckets: dict[tuple[str, str], tuple[float, float]] = {}
_lock = threading.RLock()

Operation = Callable[[str, dict[str, Any]], Any]


def _take_token(account_id: str, operation: str) -> None:
    if operation not in RATES:
        return
    rate, burst = RATES[operation]
    scale, now = time_scale(), time.monotonic()
    if scale == 0:
        return
    tokens, counted = _buckets.get((account_id, operation), (float(burst), now))
    tokens = min(float(burst), tokens + (now - counted) * rate / scale)
    if tokens < 1:
        raise TooManyRequests("The request was denied due to request throttling.")
    _buckets[account_id, operation] = (tokens - 1, now)


def _may_manage_members(organization: OrganizationsBackend, caller_id: str) -> bool:
    if organization.org is None:
        return False
    return caller_id == organization.account_id or any(
        administrator.account.id == caller_id and SERVICE_PRINCIPAL in administrator.services
        for administrator in organization.admins
    )


def _target(caller_id: str, target_id: Any, denied: Callable[[str | None], AccessDenied]) -> str:
    """The account that a call is about; naming one needs an organization that trusts the service."""
    if target_id is None:
        return caller_id
    check_text("accountId", target_id, r"\d{12}", 12, 12)
    organization = organization_of(caller_id)
    if not _may_manage_members(organization, caller_id):
        raise denied(None)
    if not any(service["ServicePrincipal"] == SERVICE_PRINCIPAL for service in organization.services):
        raise denied(_NO_TRUSTED_ACCESS)
    if target_id == organization.account_id:
        raise denied(_STANDALONE_ONLY)
    if not any(account.id == target_id for account in organization.accounts):
        raise denied(None)
    return str(target_id)


def _contacts(account_id: str) -> dict[str, AlternateContact]:
    return account_backends[account_id][PARTITION]._alternate_contacts


def _put_contact(account_id: str, request: dict[str, Any]) -> None:
    check_contact(request)
    kind = request["AlternateContactType"]
    _contacts(account_id)[kind] = AlternateContact(
        alternate_contact_type=kind,
        title=request["Title"],
        name=request["Name"],
        email_address=request["EmailAddress"],
        phone_number=request["PhoneNumber"],
    )


def _existing_contact(account_id: str, request: dict[str, Any]) -> AlternateContact:
    contact = _contacts(account_id).get(request["AlternateContactType"])
    if contact is None:
        raise NotFound("No contact of the inputted alternate contact type found.")
    return contact


def _get_contact(account_id: str, request: dict[str, Any]) -> dict[str, Any]:
    return {"AlternateContact": _existing_contact(account_id, request)}


def _delete_contact(account_id: str, request: dict[str, Any]) -> None:
    _existing_contact(account_id, request)
    del _contacts(account_id)[request["AlternateContactType"]]


def _list_regions(account_id: str, request: dict[str, Any]) -> dict[str, Any]:
    wanted = request.get("RegionOptStatusContains") or account_regions.STATUSES
    for status in wanted:
        if status not in account_regions.STATUSES:
            raise InvalidFields("regionOptStatusContains", "Member must satisfy enum value set")
    limit = check_integer("maxResults", request.get("MaxResults", REGIONS_ON_A_PAGE), 1, 50)
    found = [
        {"RegionName": region, "RegionOptStatus": status}
        for region, status in account_regions.statuses(account_id).items()
        if status in wanted
    ]
    refusal = InvalidFields("nextToken", "The token is not one of this list")
    shown, following = lists.page(found, request.get("NextToken"), limit, refusal)
    return lists.given({"Regions": shown, "NextToken": following})


def _region(request: dict[str, Any]) -> str:
    return check_text("regionName", request.get("RegionName"), r".*", 1, 50)


def _region_status(account_id: str, request: dict[str, Any]) -> dict[str, Any]:
    region = _region(request)
    try:
        return {"RegionName": region, "RegionOptStatus": account_regions.status(account_id, region)}
    except account_regions.UnknownRegion as error:
        raise InvalidRegion("regionName", f"{region} is not a region") from error


def _changed_region(change: Callable[[str, str], None]) -> Operation:
    def operate(account_id: str, request: dict[str, Any]) -> None:
        region = _region(request)
        try:
            change(account_id, region)
        except account_regions.UnknownRegion as error:
            raise InvalidRegion("regionName", f"{region} is not a region") from error
        except account_regions.SettledRegion as error:
            raise InvalidRegion("regionName", _OPTED) from error
        except account_regions.RegionChanging as error:
            raise Conflict(_OPTED) from error

    return operate


def _put_name(account_id: str, request: dict[str, Any]) -> None:
    """The name that AWS Organizations shows; an account may change its own (API reference, PutAccountName)."""
    name = check_text("accountName", request.get("AccountName"), r"[ -;=?-~]+", 1, 50)
    for account in organization_of(account_id).accounts:
        if account.id == account_id:
            account.name = name


_OPERATIONS: dict[str, Operation] = {
    "PutAlternateContact": _put_contact,
    "GetAlternateContact": _get_contact,
    "DeleteAlternateContact": _delete_contact,
    "ListRegions": _list_regions,
    "GetRegionOptStatus": _region_status,
    "EnableRegion": _changed_region(account_regions.enable),
    "DisableRegion": _changed_region(account_regions.disable),
    "PutAccountName": _put_name,
}


def _perform(response: AccountResponse, action: str) -> Any:
    try:
        request = json.loads(response.body or "{}")
    except ValueError as error:
        raise InvalidFields("body", "The request is not JSON") from error
    caller = resolve(response.get_access_key(), response.headers.get("X-Amz-Security-Token"))

    def denied(reason: str | None) -> AccessDenied:
        text = f"User: {caller.arn} is not authorized to perform: account:{action}"
        return AccessDenied(f"{text} ({reason})" if reason else text)

    account_id = _target(caller.account_id, request.get("AccountId"), denied)
    _take_token(caller.account_id if action == "PutAccountName" else account_id, action)
    if "Contact" in action and request.get("AlternateContactType") not in ALLOWED_CONTACT_TYPES:
        raise denied(_UNKNOWN_TYPE)
    return _OPERATIONS[action](account_id, request)


def _respond(self: AccountResponse, action: str) -> ActionResult:
    try:
        with _lock:
            answer = _perform(self, action)
    except ServiceException as error:
        return ActionResult(error)
    return EmptyResult() if answer is None else ActionResult(answer)


@patch(AccountResponse, "put_alternate_contact")
def _put_alternate_contact(_: Any, self: AccountResponse) -> ActionResult:
    return _respond(self, "PutAlternateContact")


@patch(AccountResponse, "get_alternate_contact")
def _get_alternate_contact(_: Any, self: AccountResponse) -> ActionResult:
    return _respond(self, "GetAlternateContact")


@patch(AccountResponse, "delete_alternate_contact")
def _delete_alternate_contact(_: Any, self: AccountResponse) -> ActionResult:
    return _respond(self, "DeleteAlternateContact")


@add(AccountResponse, "list_regions")
def _list_regions_response(self: AccountResponse) -> ActionResult:
    return _respond(self, "ListRegions")


@add(AccountResponse, "get_region_opt_status")
def _get_region_opt_status(self: AccountResponse) -> ActionResult:
    return _respond(self, "GetRegionOptStatus")


@add(AccountResponse, "enable_region")
def _enable_region(self: AccountResponse) -> ActionResult:
    return _respond(self, "EnableRegion")


@add(AccountResponse, "disable_region")
def _disable_region(self: AccountResponse) -> ActionResult:
    return _respond(self, "DisableRegion")


@add(AccountResponse, "put_account_name")
def _put_account_name(self: AccountResponse) -> ActionResult:
    return _respond(self, "PutAccountName")


# moto has no paths for regions and names, and knows no delegated administrator of this service.
_PATHS = {f"{{0}}/{action[0].lower()}{action[1:]}$": AccountResponse.dispatch for action in _OPERATIONS}
replace(urls, "url_paths", {**urls.url_paths, **_PATHS})
replace(
    FakeDelegatedAdministrator,
    "SUPPORTED_SERVICES",
    [*FakeDelegatedAdministrator.SUPPORTED_SERVICES, SERVICE_PRINCIPAL],
)
