"""The platform team's work before the AVM: a landing zone, the Account Factory, registered organizational units.

On AWS this is done at the console of Control Tower, or by its API; here in one call.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from local_aws.address import MANAGEMENT_ACCOUNT_ID, REGION
from local_aws.deploy.accounts import root_client, wait_for
from local_aws.deploy.problems import DeploymentError
from local_aws.services.controltower.models import controls, landing_zone
from local_aws.services.servicecatalog.models import set_up_account_factory

# A mode: with AVM_LOCAL_LANDING_ZONE=4.0 the landing zone has that version.
VERSION_VARIABLE = "AVM_LOCAL_LANDING_ZONE"


def version() -> str:
    """The version of the landing zone; raises ValueError for one that is not known here."""
    wanted = os.environ.get(VERSION_VARIABLE, "").strip() or landing_zone.USUAL_VERSION
    if wanted not in landing_zone.UNIT_BASELINES:
        raise ValueError(f"{VERSION_VARIABLE} must be one of {', '.join(landing_zone.UNIT_BASELINES)}, not {wanted!r}")
    return wanted


@dataclass(frozen=True)
class ControlTower:
    """What the deployment of the AVM has to know."""

    landing_zone_arn: str
    product_id: str
    portfolio_id: str
    unit_ids: dict[tuple[str, ...], str]


def set_up(
    product_id: str,
    unit_paths: Iterable[Sequence[str]] = (),
    *,
    security_account_id: str | None = None,
    remediation: bool = True,
    mandatory_controls: bool = True,
) -> ControlTower:
    """A landing zone in REGION with these registered units, each a path of names below the root, made where missing.

    Raises DeploymentError when a unit cannot be registered.
    """
    tower = landing_zone.set_up(
        MANAGEMENT_ACCOUNT_ID,
        REGION,
        security_account_id=security_account_id,
        remediation=remediation,
        mandatory_controls=mandatory_controls,
        version=version(),
    )
    catalog = set_up_account_factory(MANAGEMENT_ACCOUNT_ID, REGION, product_id)
    assert catalog.portfolio is not None, "it was just made"
    unit_ids = {tuple(path): register(path) for path in unit_paths}
    return ControlTower(tower.landing_zone_arn, product_id, catalog.portfolio.id, unit_ids)


def associate(portfolio_id: str, principal_arn: str) -> None:
    """Lets a role of the management account use the Account Factory."""
    root_client("servicecatalog", MANAGEMENT_ACCOUNT_ID).associate_principal_with_portfolio(
        PortfolioId=portfolio_id, PrincipalARN=principal_arn, PrincipalType="IAM"
    )


def register(path: Sequence[str]) -> str:
    """Registers a unit, those above it first, and answers its id; units that are registered stay so."""
    if not path:
        raise DeploymentError("the root cannot be registered with Control Tower")
    organizations = root_client("organizations", MANAGEMENT_ACCOUNT_ID)
    unit_id = str(organizations.list_roots()["Roots"][0]["Id"])
    for name in path:
        unit_id, arn = _unit(unit_id, name)
        _enable(arn, "/".join(path))
        if version() != landing_zone.USUAL_VERSION:
            _protect_roles(arn)
    return unit_id


def _protect_roles(target: str) -> None:
    """The control that is on every registered unit up to landing zone 3.3, and since 4.0 where somebody puts it."""
    tower = root_client("controltower", MANAGEMENT_ACCOUNT_ID)
    if not tower.list_enabled_controls(targetIdentifier=target)["enabledControls"]:
        tower.enable_control(controlIdentifier=f"arn:aws:controltower:{REGION}::control/{controls.CONTROL}", targetIdentifier=target)


def _unit(parent_id: str, name: str) -> tuple[str, str]:
    organizations = root_client("organizations", MANAGEMENT_ACCOUNT_ID)
    pages = organizations.get_paginator("list_organizational_units_for_parent").paginate(ParentId=parent_id)
    for unit in (unit for page in pages for unit in page["OrganizationalUnits"]):
        if unit["Name"] == name:
            return unit["Id"], unit["Arn"]
    made = organizations.create_organizational_unit(ParentId=parent_id, Name=name)["OrganizationalUnit"]
    return made["Id"], made["Arn"]


def _enable(target: str, path: str) -> None:
    tower = root_client("controltower", MANAGEMENT_ACCOUNT_ID)
    if tower.list_enabled_baselines(filter={"targetIdentifiers": [target]})["enabledBaselines"]:
        return
    baselines = {one["name"]: one["arn"] for one in tower.list_baselines()["baselines"]}
    identity_center = tower.list_enabled_baselines(
        filter={"baselineIdentifiers": [baselines["IdentityCenterBaseline"]]}
    )["enabledBaselines"]
    operation_id = tower.enable_baseline(
        baselineIdentifier=baselines[landing_zone.UNIT_BASELINE],
        baselineVersion=landing_zone.BASELINE_VERSION,
        targetIdentifier=target,
        parameters=[{"key": "IdentityCenterEnabledBaselineArn", "value": one["arn"]} for one in identity_center],
    )["operationIdentifier"]

    def ended() -> dict[str, str] | None:
        operation = tower.get_baseline_operation(operationIdentifier=operation_id)["baselineOperation"]
        return None if operation["status"] == "IN_PROGRESS" else operation

    operation = wait_for(f"registering {path}", ended)
    if operation["status"] != "SUCCEEDED":
        raise DeploymentError(f"{path} was not registered: {operation.get('statusMessage')}")
