"""Which accounts and regions a request means.

Corrects moto, which makes instances in every account of the organizational units, whatever the account filter says.
"""

import functools
import re
from typing import Any

import boto3

from local_aws.services.cloudformation.exceptions import validation_error
from local_aws.services.organizations.models.organizations import organization_of
from local_aws.services.stacksets.models.stack_set import StackSet, Target

OU_ID = re.compile(r"ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}|r-[a-z0-9]{4,32}")


@functools.lru_cache
def _regions() -> frozenset[str]:
    return frozenset(boto3.session.Session().get_available_regions("cloudformation"))


def targets_of(stack_set: StackSet, response: Any) -> list[Target]:
    """Every account and region of a request, without repetition."""
    accounts = response._get_param("Accounts", []) or []
    deployment_targets = response._get_param("DeploymentTargets") or {}
    regions = list(dict.fromkeys(response._get_param("Regions", []) or []))
    if accounts and deployment_targets:
        raise validation_error("You can specify Accounts or DeploymentTargets, but not both")
    if not regions:
        raise validation_error("At least one region must be specified")
    for region in regions:
        if region not in _regions():
            raise validation_error(f"Region {region} is not supported")
    units = _account_units(stack_set, accounts, deployment_targets)
    return [
        Target(account_id, region, organizational_unit_id=unit)
        for region in regions
        for account_id, unit in units.items()
    ]


def _account_units(stack_set: StackSet, accounts: list[str], wanted: dict[str, Any]) -> dict[str, str | None]:
    unit_ids = wanted.get("OrganizationalUnitIds") or []
    listed = accounts or wanted.get("Accounts") or []
    for account_id in listed:
        if not re.fullmatch(r"\d{12}", account_id):
            raise validation_error(
                f"1 validation error detected: Value '[{account_id}]' at 'accounts' failed to satisfy constraint:"
                " Member must satisfy constraint: [Member must satisfy regular expression pattern: ^[0-9]{12}$]"
            )
    if stack_set.permission_model == "SELF_MANAGED":
        if unit_ids:
            raise validation_error("StackSets with SELF_MANAGED permission model can only have accounts as target")
        if not listed:
            raise validation_error("At least one account must be specified")
        return dict.fromkeys(listed)
    if not unit_ids:
        raise validation_error(
            "StackSets with SERVICE_MANAGED permission model can only have OrganizationalUnit as target"
        )
    return _filtered(stack_set, unit_ids, listed, wanted.get("AccountFilterType") or "NONE")


def _filtered(stack_set: StackSet, unit_ids: list[str], listed: list[str], kind: str) -> dict[str, str | None]:
    inside: dict[str, str | None] = {}
    for unit_id in unit_ids:
        if not OU_ID.fullmatch(unit_id):
            raise validation_error(
                f"1 validation error detected: Value '[{unit_id}]' at 'deploymentTargets.organizationalUnitIds'"
                " failed to satisfy constraint: Member must satisfy regular expression pattern"
            )
        for account_id in _accounts_below(stack_set, unit_id):
            inside.setdefault(account_id, unit_id)
    if kind == "INTERSECTION":
        return {account_id: unit for account_id, unit in inside.items() if account_id in listed}
    if kind == "DIFFERENCE":
        return {account_id: unit for account_id, unit in inside.items() if account_id not in listed}
    if kind == "UNION":
        return {**dict.fromkeys(listed), **inside}
    if listed:
        raise validation_error("AccountFilterType is required when Accounts and OrganizationalUnitIds are specified")
    return inside


def _accounts_below(stack_set: StackSet, unit_id: str) -> list[str]:
    organization = organization_of(stack_set.account_id)
    below = [account.id for account in organization.accounts if account.parent_id == unit_id]
    for unit in organization.ou:
        if unit.parent_id == unit_id:
            below += _accounts_below(stack_set, unit.id)
    # Service-managed sets never deploy to the management account.
    return [account_id for account_id in below if account_id != management_id]
