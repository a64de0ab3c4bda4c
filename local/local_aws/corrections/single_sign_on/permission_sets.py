"""Permission sets: their ARNs, names used once, pages, and the accounts that they are provisioned to.

moto's have ARNs of instances, durations in seconds and names used again; its provisioning knows no accounts.
"""

import re
import secrets
from typing import Any

from moto.ssoadmin.models import PermissionSet

from local_aws.corrections.lists import given
from local_aws.corrections.own_services import Pages, Refusal, Request

from .instance import Instance

DEFAULT_DURATION = "PT1H"
PAGES = Pages()
_ARN = re.compile(r"arn:aws:sso:::permissionSet/((?:sso)?ins-[a-zA-Z0-9-.]{16})/ps-[a-zA-Z0-9-./]{16}")


def find_permission_set(instance: Instance, arn: str) -> PermissionSet:
    """The permission set of that ARN."""
    found = instance.permission_set(arn)
    if found is None:
        identifier = arn.rsplit("/", 1)[-1]
        raise Refusal("ResourceNotFoundException", f"Could not find PermissionSet with id {identifier}")
    return found


def add_permission_set(
    instance: Instance,
    name: str,
    arn: str | None = None,
    description: str | None = None,
    duration: str = DEFAULT_DURATION,
    relay_state: str | None = None,
    tags: list[dict[str, str]] | None = None,
) -> PermissionSet:
    """Makes a permission set; a given ARN must be one of this instance that is not taken."""
    instance_id = instance.arn.rsplit("/", 1)[-1]
    arn = arn or f"arn:aws:sso:::permissionSet/{instance_id}/ps-{secrets.token_hex(8)}"
    fitting = _ARN.fullmatch(arn)
    if not fitting or fitting[1] != instance_id:
        raise ValueError(f"{arn} is not the ARN of a permission set of {instance.arn}")
    if instance.permission_set(arn) or any(one.name == name for one in instance.backend.permission_sets):
        raise Refusal("ConflictException", f"PermissionSet with name {name} already exists.")
    made = PermissionSet(name, description, instance.arn, duration, relay_state, tags or [])
    made.permission_set_arn = arn
    instance.backend.permission_sets.append(made)
    return made


def _described(permission_set: PermissionSet) -> dict[str, Any]:
    return given(permission_set.to_json(include_creation_date=True))


def create_permission_set(instance: Instance, request: Request) -> dict[str, Any]:
    made = add_permission_set(
        instance,
        request["Name"],
        description=request.get("Description"),
        duration=request.get("SessionDuration") or DEFAULT_DURATION,
        relay_state=request.get("RelayState"),
        tags=request.get("Tags"),
    )
    return {"PermissionSet": _described(made)}


def describe_permission_set(instance: Instance, request: Request) -> dict[str, Any]:
    return {"PermissionSet": _described(find_permission_set(instance, request["PermissionSetArn"]))}


def update_permission_set(instance: Instance, request: Request) -> dict[str, Any]:
    """What the request leaves out stays; roles in accounts do not change."""
    found = find_permission_set(instance, request["PermissionSetArn"])
    found.description = request.get("Description", found.description)
    found.session_duration = request.get("SessionDuration", found.session_duration)
    found.relay_state = request.get("RelayState", found.relay_state)
    return {}


def delete_permission_set(instance: Instance, request: Request) -> dict[str, Any]:
    found = find_permission_set(instance, request["PermissionSetArn"])
    if any(one.permission_set_arn == found.permission_set_arn for one in instance.assignments):
        raise Refusal("ConflictException", "The permission set is assigned to an account.")
    instance.backend.permission_sets.remove(found)
    return {}


def list_permission_sets(instance: Instance, request: Request) -> dict[str, Any]:
    arns = [one.permission_set_arn for one in instance.backend.permission_sets]
    return PAGES.of("PermissionSets", arns, request)


def list_provisioned_to_account(instance: Instance, request: Request) -> dict[str, Any]:
    arns = [
        one.permission_set_arn for one in instance.assignments if one.account_id == request["AccountId"]
    ]
    return PAGES.of("PermissionSets", list(dict.fromkeys(arns)), request)


def list_accounts_of(instance: Instance, request: Request) -> dict[str, Any]:
    arn = find_permission_set(instance, request["PermissionSetArn"]).permission_set_arn
    accounts = [one.account_id for one in instance.assignments if one.permission_set_arn == arn]
    return PAGES.of("AccountIds", list(dict.fromkeys(accounts)), request)
