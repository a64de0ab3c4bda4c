"""The Control Tower API: landing zone, baselines, registering units, and the set-up by the platform team."""

from collections.abc import Callable
from typing import Any

import pytest
from administration import admin
from control_tower_support import (
    EXECUTION_ROLE,
    MANAGEMENT,
    PRODUCT,
    Pause,
    baseline_of,
    move,
    plain_account,
    status_of,
    tower,
)
from organization import allow, error_of, new_role, session, trust, unique
from waiting import eventually

from local_aws.deploy import control_tower
from local_aws.deploy.control_tower import ControlTower
from local_aws.services.controltower.models.landing_zone import BASELINE_VERSION, baseline_arn

Client = Callable[..., Any]
UNIT_BASELINE = baseline_arn("eu-central-1", "AWSControlTowerBaseline")


@pytest.fixture
def api(client: Client, landing_zone: ControlTower) -> Any:
    return client("controltower")


def identity_center(api: Any) -> list[dict[str, str]]:
    """The parameter that enabling needs where Identity Center is enabled."""
    wanted = {"baselineIdentifiers": [baseline_arn("eu-central-1", "IdentityCenterBaseline")]}
    found = api.list_enabled_baselines(filter=wanted)["enabledBaselines"]
    return [{"key": "IdentityCenterEnabledBaselineArn", "value": found[0]["arn"]}]


def enabling(api: Any, target: str, **changes: Any) -> dict[str, Any]:
    return {
        "baselineIdentifier": UNIT_BASELINE,
        "baselineVersion": BASELINE_VERSION,
        "targetIdentifier": target,
        "parameters": identity_center(api),
        **changes,
    }


def operation_of(api: Any, answer: dict[str, Any]) -> dict[str, Any]:
    """The operation of an answer when it has ended."""

    def look() -> dict[str, Any] | None:
        found = api.get_baseline_operation(operationIdentifier=answer["operationIdentifier"])["baselineOperation"]
        return None if found["status"] == "IN_PROGRESS" else dict(found)

    return dict(eventually(look))


def test_the_landing_zone_tells_of_its_remediation(api: Any, server: Any) -> None:
    arn = api.list_landing_zones()["landingZones"][0]["arn"]
    found = api.get_landing_zone(landingZoneIdentifier=arn)["landingZone"]
    assert (found["arn"], found["version"], found["status"]) == (arn, "3.3", "ACTIVE")
    assert (found["driftStatus"], "remediationTypes" in found) == ({"status": "IN_SYNC"}, False)
    assert admin(server, "POST", "control-tower/landing-zone", {"remediation": True, "status": "PROCESSING"})[0] == 200
    found = api.get_landing_zone(landingZoneIdentifier=arn)["landingZone"]
    assert (found["remediationTypes"], found["status"]) == (["INHERITANCE_DRIFT"], "PROCESSING")


@pytest.mark.parametrize(
    "document", [{"remediation": "on"}, {"remediation": 1}, {"colour": "red"}, {"drift": "no"}, []]
)
def test_settings_that_are_none_are_refused(api: Any, server: Any, document: Any) -> None:
    before = admin(server, "GET", "control-tower/landing-zone")[1]
    assert admin(server, "POST", "control-tower/landing-zone", document)[0] == 400
    assert admin(server, "GET", "control-tower/landing-zone")[1] == before


def test_an_unknown_landing_zone_is_not_found(api: Any) -> None:
    error = error_of(api.get_landing_zone, landingZoneIdentifier="unknown")
    assert (error["Code"], error["status"]) == ("ResourceNotFoundException", 404)


def test_the_home_region_alone_has_a_landing_zone(client: Client, landing_zone: ControlTower) -> None:
    other = client("controltower", region="eu-west-1")
    assert other.list_landing_zones()["landingZones"] == []
    error = error_of(other.get_landing_zone, landingZoneIdentifier=landing_zone.landing_zone_arn)
    assert error["Code"] == "ResourceNotFoundException"


def test_members_are_refused(client: Client, organizations: Any, landing_zone: ControlTower) -> None:
    member = plain_account(organizations)["Id"]
    error = error_of(client("controltower", member).list_landing_zones)
    assert (error["Code"], error["status"]) == ("AccessDeniedException", 403)


def test_baselines_belong_to_no_account(api: Any) -> None:
    arns = {one["name"]: one["arn"] for one in api.list_baselines(maxResults=4)["baselines"]}
    assert arns["AWSControlTowerBaseline"] == "arn:aws:controltower:eu-central-1::baseline/17BSJV3IGJ2QSGA2"


def test_requests_are_held_to_the_model(api: Any) -> None:
    error = error_of(api.list_enabled_baselines, maxResults=101)
    assert (error["Code"], error["status"]) == ("ValidationException", 400)
    assert "less than or equal to 100" in error["Message"]
    many = [f"arn:aws:organizations::1:ou/o-1/ou-{number}" for number in range(6)]
    assert error_of(api.list_enabled_baselines, filter={"targetIdentifiers": many})["Code"] == "ValidationException"
    both = {"statuses": ["SUCCEEDED", "FAILED"]}
    assert error_of(api.list_enabled_baselines, filter=both)["Code"] == "ValidationException"
    assert error_of(api.list_enabled_baselines, nextToken="somewhere")["Code"] == "ValidationException"
    assert error_of(api.get_baseline_operation, operationIdentifier="x" * 36)["Code"] == "ValidationException"


def test_a_unit_is_registered(client: Client, api: Any, plain_unit: dict, paused: Pause) -> None:
    paused.begin()
    answer = api.enable_baseline(**enabling(api, plain_unit["Arn"]))
    details = api.get_enabled_baseline(enabledBaselineIdentifier=answer["arn"])["enabledBaselineDetails"]
    assert details["statusSummary"] == {
        "status": "UNDER_CHANGE",
        "lastOperationIdentifier": answer["operationIdentifier"],
    }
    assert details["parameters"] == identity_center(api)
    again = error_of(api.enable_baseline, **enabling(api, plain_unit["Arn"]))
    assert (again["Code"], again["status"]) == ("ConflictException", 409)
    reset = error_of(api.reset_enabled_baseline, enabledBaselineIdentifier=answer["arn"])
    assert reset["Code"] == "ConflictException"
    paused.end()
    operation = operation_of(api, answer)
    assert (operation["status"], operation["operationType"]) == ("SUCCEEDED", "ENABLE_BASELINE")
    assert operation["endTime"] >= operation["startTime"]
    assert status_of(client, plain_unit["Arn"]) == "SUCCEEDED"


def test_registering_enrolls_the_members_and_brings_the_execution_role(
    client: Client, organizations: Any, api: Any, plain_unit: dict
) -> None:
    account = plain_account(organizations)
    move(organizations, account, plain_unit["Id"])
    answer = api.enable_baseline(**enabling(api, plain_unit["Arn"]))
    assert operation_of(api, answer)["status"] == "SUCCEEDED"
    child = baseline_of(client, account["Arn"])
    assert child and (child["parentIdentifier"], child["statusSummary"]["status"]) == (answer["arn"], "SUCCEEDED")
    trusting = client("iam", account["Id"]).get_role(RoleName=EXECUTION_ROLE)["Role"]["AssumeRolePolicyDocument"]
    assert trusting["Statement"][0]["Principal"] == {"AWS": f"arn:aws:iam::{MANAGEMENT}:root"}


@pytest.mark.parametrize("kind", ["account", "root", "other service"])
def test_only_units_are_targets(
    client: Client, organizations: Any, api: Any, root_id: str, kind: str
) -> None:
    targets = {
        "account": organizations.describe_account(AccountId=MANAGEMENT)["Account"]["Arn"],
        "root": organizations.list_roots()["Roots"][0]["Arn"],
        "other service": "arn:aws:iam::123456789012:role/ou-abcd-12345678",
    }
    error = error_of(api.enable_baseline, **enabling(api, targets[kind]))
    assert (error["Code"], "Only OUs" in error["Message"]) == ("ValidationException", True)


def test_what_does_not_fit_the_landing_zone_is_refused(
    organizations: Any, api: Any, plain_unit: dict
) -> None:
    def code(**changes: Any) -> str:
        return str(error_of(api.enable_baseline, **enabling(api, plain_unit["Arn"], **changes))["Code"])

    assert code(baselineVersion="1.0") == "ValidationException"
    assert code(parameters=[]) == "ValidationException"
    assert code(parameters=[{"key": "Colour", "value": "red"}]) == "ValidationException"
    assert code(baselineIdentifier=baseline_arn("eu-central-1", "AuditBaseline")) == "ValidationException"
    assert code(baselineIdentifier=f"{UNIT_BASELINE[:-1]}X") == "ResourceNotFoundException"
    assert code(targetIdentifier=f"{plain_unit['Arn'][:-1]}0x") == "ResourceNotFoundException"


def test_a_unit_below_an_unregistered_one_cannot_be_registered(
    organizations: Any, api: Any, plain_unit: dict
) -> None:
    below = organizations.create_organizational_unit(ParentId=plain_unit["Id"], Name="below")["OrganizationalUnit"]
    error = error_of(api.enable_baseline, **enabling(api, below["Arn"]))
    assert (error["Code"], "parent" in error["Message"]) == ("ValidationException", True)


def test_accounts_are_listed_only_with_the_children(
    client: Client, organizations: Any, api: Any, unit_id: str
) -> None:
    account = plain_account(organizations)
    move(organizations, account, unit_id)
    unit = baseline_of(client, tower().unit(unit_id).arn)
    operation_of(api, api.reset_enabled_baseline(enabledBaselineIdentifier=unit["arn"]))  # type: ignore[index]
    wanted = {"targetIdentifiers": [account["Arn"]]}
    assert api.list_enabled_baselines(filter=wanted)["enabledBaselines"] == []
    found = api.list_enabled_baselines(filter=wanted, includeChildren=True)["enabledBaselines"]
    assert [one["targetIdentifier"] for one in found] == [account["Arn"]]
    of_unit = {"parentIdentifiers": [unit["arn"]], "statuses": ["SUCCEEDED"]}  # type: ignore[index]
    found = api.list_enabled_baselines(filter=of_unit, includeChildren=True)["enabledBaselines"]
    assert [one["targetIdentifier"] for one in found] == [account["Arn"]]
    of_unit["statuses"] = ["FAILED"]
    assert api.list_enabled_baselines(filter=of_unit, includeChildren=True)["enabledBaselines"] == []


def test_enabled_baselines_have_pages(organizations: Any, api: Any) -> None:
    for _ in range(6):
        control_tower.register([unique("page")])
    found, token = [], {}
    for _ in range(2):
        page = api.list_enabled_baselines(maxResults=5, **token)
        found += [one["arn"] for one in page["enabledBaselines"]]
        token = {"nextToken": page.get("nextToken")}
    # Six units, the one of the landing zone, and Identity Center's.
    assert (len(found), len(set(found)), token["nextToken"]) == (8, 8, None)


def test_without_remediation_a_move_is_drift_until_a_reset(
    client: Client, organizations: Any, api: Any, unit_id: str
) -> None:
    account, target = plain_account(organizations), tower().unit(unit_id).arn
    move(organizations, account, unit_id)
    unit = baseline_of(client, target)
    assert unit and unit["driftStatusSummary"] == {"types": {"inheritance": {"status": "DRIFTED"}}}
    assert baseline_of(client, account["Arn"]) is None
    answer = api.reset_enabled_baseline(enabledBaselineIdentifier=unit["arn"])
    assert operation_of(api, answer)["operationType"] == "RESET_ENABLED_BASELINE"
    assert status_of(client, account["Arn"]) == "SUCCEEDED"
    unit = baseline_of(client, target)
    assert unit and unit["driftStatusSummary"] == {"types": {"inheritance": {"status": "IN_SYNC"}}}
    child = baseline_of(client, account["Arn"])
    error = error_of(api.reset_enabled_baseline, enabledBaselineIdentifier=child["arn"])  # type: ignore[index]
    assert error["Code"] == "ValidationException"


def test_a_failure_of_a_member_fails_the_reset(
    client: Client, server: Any, organizations: Any, api: Any, unit_id: str
) -> None:
    account = plain_account(organizations)
    move(organizations, account, unit_id)
    admin(server, "POST", "control-tower/failures", {"account": account["Id"], "message": "no"})
    unit = baseline_of(client, tower().unit(unit_id).arn)
    wanted = {"enabledBaselineIdentifier": unit["arn"]}  # type: ignore[index]
    operation = operation_of(api, api.reset_enabled_baseline(**wanted))
    assert (operation["status"], operation["statusMessage"]) == ("FAILED", "no")
    assert status_of(client, account["Arn"]) == "FAILED"
    assert operation_of(api, api.reset_enabled_baseline(**wanted))["status"] == "SUCCEEDED"
    assert status_of(client, account["Arn"]) == "SUCCEEDED"


def test_disabling_un_enrolls(client: Client, organizations: Any, api: Any, unit_id: str) -> None:
    account, target = plain_account(organizations), tower().unit(unit_id).arn
    move(organizations, account, unit_id)
    wanted = {"enabledBaselineIdentifier": baseline_of(client, target)["arn"]}  # type: ignore[index]
    operation_of(api, api.reset_enabled_baseline(**wanted))
    assert operation_of(api, api.disable_baseline(**wanted))["status"] == "SUCCEEDED"
    assert (baseline_of(client, account["Arn"]), baseline_of(client, target)) == (None, None)
    assert error_of(api.get_enabled_baseline, **wanted)["Code"] == "ResourceNotFoundException"


def test_every_call_needs_its_action_on_its_resource(client: Client, landing_zone: ControlTower) -> None:
    policy = allow("controltower:GetLandingZone", resource=landing_zone.landing_zone_arn)
    role = new_role(client, MANAGEMENT, trust(f"arn:aws:iam::{MANAGEMENT}:root"), policy)
    limited = client("controltower", credentials=session(client, role))
    assert limited.get_landing_zone(landingZoneIdentifier=landing_zone.landing_zone_arn)
    for call, arguments in (
        (limited.list_landing_zones, {}),
        (limited.list_enabled_baselines, {}),
        (limited.reset_enabled_baseline, {"enabledBaselineIdentifier": f"{landing_zone.landing_zone_arn}x"}),
    ):
        error = error_of(call, **arguments)
        assert (error["Code"], error["status"]) == ("AccessDeniedException", 403)


def test_faults_and_throttling_reach_the_api(client: Client, server: Any, api: Any) -> None:
    fault = {"service": "controltower", "action": "ListBaselines", "code": "ThrottlingException", "status": 429}
    assert admin(server, "POST", "faults", fault)[0] == 200
    error = error_of(api.list_baselines)
    assert (error["Code"], error["status"]) == ("ThrottlingException", 429)


def test_units_are_registered_by_their_path_once(organizations: Any, landing_zone: ControlTower) -> None:
    path = [unique("upper"), "lower"]
    unit_id = control_tower.register(path)
    assert control_tower.register(path) == unit_id
    found = organizations.describe_organizational_unit(OrganizationalUnitId=unit_id)["OrganizationalUnit"]
    assert found["Name"] == "lower"
    registered = tower().registered(tower().unit(unit_id).parent_id)
    assert registered is not None and registered.status == "SUCCEEDED"


def test_the_set_up_is_what_a_platform_team_would_make(organizations: Any, instant: None, client: Client) -> None:
    path = (unique("Workloads"), "Sandbox")
    made = control_tower.set_up(PRODUCT, [path])
    api = client("controltower")
    assert api.list_landing_zones()["landingZones"] == [{"arn": made.landing_zone_arn}]
    detail = api.get_landing_zone(landingZoneIdentifier=made.landing_zone_arn)["landingZone"]
    assert detail["remediationTypes"] == ["INHERITANCE_DRIFT"]
    assert status_of(client, tower().unit(made.unit_ids[path]).arn) == "SUCCEEDED"
    portfolios = client("servicecatalog").list_portfolios()["PortfolioDetails"]
    assert [one["Id"] for one in portfolios] == [made.portfolio_id]
    control_tower.set_up(PRODUCT, remediation=False)


def test_a_landing_zone_4_is_set_up_with_the_control_where_it_is_wanted(
    client: Client, landing_zone: ControlTower, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(control_tower.VERSION_VARIABLE, "4.0")
    name = unique("unit")
    made = control_tower.set_up(PRODUCT, [(name,)])
    api, organizations = client("controltower"), client("organizations")
    assert api.get_landing_zone(landingZoneIdentifier=made.landing_zone_arn)["landingZone"]["version"] == "4.0"
    target = organizations.describe_organizational_unit(OrganizationalUnitId=made.unit_ids[(name,)])["OrganizationalUnit"]["Arn"]
    (control,) = api.list_enabled_controls(targetIdentifier=target)["enabledControls"]
    assert control["controlIdentifier"].endswith("/AWS-GR_IAM_ROLE_CHANGE_PROHIBITED")
    monkeypatch.setenv(control_tower.VERSION_VARIABLE, "2.0")
    with pytest.raises(ValueError, match="must be one of 3.3, 4.0"):
        control_tower.version()
