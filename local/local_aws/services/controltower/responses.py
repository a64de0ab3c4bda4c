"""The API of Control Tower: its landing zone, baselines, what is enabled where, and the operations on that.

moto does not have it. Only the management account has anything here, and only in its home region.
"""

from typing import Any

from local_aws.api import own_services
from local_aws.api.lists import given
from local_aws.api.own_services import Operation as ApiOperation
from local_aws.api.own_services import Pages, Refusal, invalid
from local_aws.enforcement.calls import Call
from local_aws.services.controltower.models.landing_zone import (
    BASELINE_VERSION,
    BASELINES,
    INHERITANCE_DRIFT,
    SUCCEEDED,
    UNIT_BASELINE,
    UNIT_BASELINES,
    EnabledBaseline,
    Operation,
    Tower,
    baseline_arn,
    tower_of,
)
from local_aws.services.controltower.operations import units
from local_aws.services.organizations.models import organizations

_PAGES = Pages("maxResults", "nextToken", "nextToken")
_DRIFT = {True: "DRIFTED", False: "IN_SYNC"}


def _not_found(what: str) -> Refusal:
    return Refusal("ResourceNotFoundException", f"AWS Control Tower could not find the resource {what}.")


def _tower(call: Call) -> Tower | None:
    organization = organizations.organization_of(call.principal.account_id)
    if organization.org is not None and organization.account_id != call.principal.account_id:
        raise Refusal(
            "AccessDeniedException",
            "AWS Control Tower cannot perform this operation: it is only available to the management account.",
        )
    return tower_of(call.principal.account_id, call.region)


def _landing_zone(call: Call) -> Tower:
    tower = _tower(call)
    if tower is None:
        raise invalid("AWS Control Tower has no landing zone in this account and Region.")
    return tower


def _list_landing_zones(call: Call) -> dict[str, Any]:
    tower = _tower(call)
    return {"landingZones": [{"arn": tower.landing_zone_arn}] if tower else []}


def _manifest(tower: Tower) -> dict[str, Any]:
    return {
        "accessManagement": {"enabled": tower.identity_center},
        "governedRegions": [tower.region],
        "organizationStructure": {"security": {"name": "Security"}},
        "centralizedLogging": {"enabled": True, **given({"accountId": tower.security_account_id})},
        **({"securityRoles": {"accountId": tower.security_account_id}} if tower.security_account_id else {}),
    }


def _get_landing_zone(call: Call) -> dict[str, Any]:
    tower, wanted = _tower(call), call.parameters["landingZoneIdentifier"]
    if tower is None or wanted not in (tower.landing_zone_arn, tower.identifier):
        raise _not_found(wanted)
    detail = {
        "arn": tower.landing_zone_arn,
        "version": tower.version,
        "latestAvailableVersion": tower.version,
        "status": tower.status,
        "driftStatus": {"status": tower.drift},
        "manifest": _manifest(tower),
        "remediationTypes": [INHERITANCE_DRIFT] if tower.remediation else None,
    }
    return {"landingZone": given(detail)}


def _list_baselines(call: Call) -> dict[str, Any]:
    tower = _tower(call)
    hidden = set(UNIT_BASELINES["4.0"]) - set(UNIT_BASELINES[tower.version if tower else "3.3"])
    found = [{"arn": baseline_arn(call.region, name), "name": name} for name in BASELINES if name not in hidden]
    return _PAGES.of("baselines", found, call.parameters)


def _summary(tower: Tower, enabled: EnabledBaseline) -> dict[str, Any]:
    drift = None
    if enabled.baseline in tower.unit_baselines:
        drift = {"types": {"inheritance": {"status": _DRIFT[units.drifted(tower, enabled)]}}}
    return given(
        {
            "arn": enabled.arn,
            "baselineIdentifier": enabled.baseline,
            "baselineVersion": BASELINE_VERSION,
            "targetIdentifier": enabled.target,
            "parentIdentifier": enabled.parent,
            "driftStatusSummary": drift,
            "statusSummary": given({"status": enabled.status, "lastOperationIdentifier": enabled.last_operation}),
        }
    )


def _list_enabled_baselines(call: Call) -> dict[str, Any]:
    tower = _tower(call)
    wanted = call.parameters.get("filter") or {}
    summaries = []
    with organizations.lock:
        for enabled in list(tower.enabled.values()) if tower else []:
            if enabled.parent is not None and not call.parameters.get("includeChildren"):
                continue
            values = {
                "targetIdentifiers": enabled.target,
                "baselineIdentifiers": enabled.baseline,
                "parentIdentifiers": enabled.parent,
                "statuses": enabled.status,
            }
            if not all(value in wanted[name] for name, value in values.items() if wanted.get(name)):
                continue
            # Last, since drift is looked for among all accounts.
            summary = _summary(tower, enabled)
            inheritance = summary.get("driftStatusSummary", {}).get("types", {}).get("inheritance", {})
            drifts = wanted.get("inheritanceDriftStatuses")
            if not drifts or inheritance.get("status") in drifts:
                summaries.append(summary)
    return _PAGES.of("enabledBaselines", summaries, call.parameters)


def _enabled(call: Call) -> tuple[Tower, EnabledBaseline]:
    tower, arn = _tower(call), call.parameters["enabledBaselineIdentifier"]
    enabled = tower.enabled.get(arn) if tower else None
    if tower is None or enabled is None:
        raise _not_found(arn)
    return tower, enabled


def _get_enabled_baseline(call: Call) -> dict[str, Any]:
    with organizations.lock:
        tower, enabled = _enabled(call)
        return {"enabledBaselineDetails": {**_summary(tower, enabled), "parameters": enabled.parameters}}


def _unit_of_target(tower: Tower, target: str) -> Any:
    unit_id = target.rsplit("/", 1)[-1]
    if ":organizations:" not in target or not unit_id.startswith("ou-"):
        raise invalid(f"The target {target} is not an organizational unit. Only OUs are supported as targets.")
    unit = tower.unit(unit_id)
    if unit is None or unit.arn != target:
        raise _not_found(target)
    parent = tower.unit(unit.parent_id)
    registered = tower.registered(unit.parent_id)
    is_nested = parent is not None and parent.type != "ROOT" and tower.version == "3.3"
    if is_nested and (registered is None or registered.status != SUCCEEDED):
        raise invalid(f"The parent of the organizational unit {unit_id} is not registered with AWS Control Tower.")
    return unit


def _check_parameters(tower: Tower, parameters: list[dict[str, Any]]) -> None:
    given_values = {entry["key"]: entry["value"] for entry in parameters}
    unknown = sorted(set(given_values) - {"IdentityCenterEnabledBaselineArn"})
    if unknown:
        raise invalid(f"The baseline does not have the parameters {', '.join(unknown)}.")
    expected = next(
        (
            one.arn
            for one in tower.enabled.values()
            if one.baseline == baseline_arn(tower.region, "IdentityCenterBaseline")
        ),
        None,
    )
    if given_values.get("IdentityCenterEnabledBaselineArn") != expected:
        raise invalid(
            "The parameter IdentityCenterEnabledBaselineArn must be the ARN of the enabled IdentityCenterBaseline"
            " of the landing zone, and must be left out where that is not enabled."
        )


def _enable_baseline(call: Call) -> dict[str, Any]:
    given_values = call.parameters
    with organizations.lock:
        tower = _landing_zone(call)
        baseline, version = given_values["baselineIdentifier"], given_values["baselineVersion"]
        if baseline not in [baseline_arn(tower.region, name) for name in BASELINES]:
            raise _not_found(baseline)
        if baseline not in tower.unit_baselines:
            raise invalid(f"The baseline {baseline} cannot be enabled on organizational units.")
        unit = _unit_of_target(tower, given_values["targetIdentifier"])
        if version != BASELINE_VERSION:
            raise invalid(
                f"The baseline version {version} is not compatible with the landing zone version"
                f" {tower.version}."
            )
        parameters = given_values.get("parameters") or []
        if baseline == baseline_arn(tower.region, UNIT_BASELINE):
            _check_parameters(tower, parameters)
        if tower.on(unit.arn, baseline) is not None:
            raise Refusal("ConflictException", f"The baseline is already enabled on the target {unit.arn}.")
        enabled = tower.enable(baseline, unit.arn)
        enabled.parameters = list(parameters)
        operation = units.start(tower, enabled, "ENABLE_BASELINE", lambda: units.apply(tower, enabled))
    return {"operationIdentifier": operation.identifier, "arn": enabled.arn}


def _unit_operation(call: Call, kind: str) -> dict[str, Any]:
    with organizations.lock:
        tower, enabled = _enabled(call)
        if enabled.parent is not None or enabled.baseline not in tower.unit_baselines:
            raise invalid(f"{enabled.arn} is not the baseline of an organizational unit. Use that of its OU.")
        work = units.remove if kind == "DISABLE_BASELINE" else units.apply
        operation = units.start(tower, enabled, kind, lambda: work(tower, enabled))
    return {"operationIdentifier": operation.identifier}


def _enable_control(call: Call) -> dict[str, Any]:
    with organizations.lock:
        tower, target = _landing_zone(call), call.parameters["targetIdentifier"]
        unit = tower.unit(target.rsplit("/", 1)[-1])
        if unit is None or unit.arn != target:
            raise _not_found(target)
        if tower.version == "3.3" and tower.on(target) is None:
            raise invalid(f"The organizational unit {unit.id} is not registered with AWS Control Tower.")
        enabled = tower.enable_control(call.parameters["controlIdentifier"], target)
    # An operation of its own kind, which is over at once.
    return {"operationIdentifier": Operation("ENABLE_CONTROL").identifier, "arn": enabled.arn}


def _list_enabled_controls(call: Call) -> dict[str, Any]:
    tower, target = _tower(call), call.parameters.get("targetIdentifier")
    summaries = [
        {
            "arn": one.arn,
            "controlIdentifier": one.control,
            "targetIdentifier": one.target,
            "statusSummary": {"status": SUCCEEDED},
        }
        for one in list(tower.controls.values() if tower else [])
        if target in (None, one.target)
    ]
    return _PAGES.of("enabledControls", summaries, call.parameters)


def _get_baseline_operation(call: Call) -> dict[str, Any]:
    tower, identifier = _tower(call), call.parameters["operationIdentifier"]
    operation = tower.operations.get(identifier) if tower else None
    if operation is None:
        raise _not_found(identifier)
    return {
        "baselineOperation": given(
            {
                "operationIdentifier": operation.identifier,
                "operationType": operation.kind,
                "status": operation.status,
                "startTime": operation.started,
                "endTime": operation.ended,
                "statusMessage": operation.message,
            }
        )
    }


OPERATIONS: dict[str, ApiOperation] = {
    "ListLandingZones": _list_landing_zones,
    "GetLandingZone": _get_landing_zone,
    "ListBaselines": _list_baselines,
    "ListEnabledBaselines": _list_enabled_baselines,
    "GetEnabledBaseline": _get_enabled_baseline,
    "EnableBaseline": _enable_baseline,
    "EnableControl": _enable_control,
    "ListEnabledControls": _list_enabled_controls,
    "ResetEnabledBaseline": lambda call: _unit_operation(call, "RESET_ENABLED_BASELINE"),
    "DisableBaseline": lambda call: _unit_operation(call, "DISABLE_BASELINE"),
    "GetBaselineOperation": _get_baseline_operation,
}


own_services.add("controltower", lambda: OPERATIONS)
