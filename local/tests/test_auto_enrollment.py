"""Auto-enrollment of accounts that are moved, and the mandatory control on the roles of Control Tower."""

from collections.abc import Callable
from typing import Any

import pytest
from administration import admin
from control_tower_support import (
    EXECUTION_ROLE,
    MANAGEMENT,
    Pause,
    add_execution_role,
    baseline_of,
    move,
    plain_account,
    status_of,
    tower,
)
from organization import ACCESS_ROLE, error_of, trust, unique
from waiting import eventually

from local_aws.deploy import control_tower
from local_aws.deploy.control_tower import ControlTower
from local_aws.services.controltower.models.controls import ROLE_CHANGES, policies_for

Client = Callable[..., Any]
GUARD = "arn:aws:controltower:eu-central-1::control/AWS-GR_IAM_ROLE_CHANGE_PROHIBITED"


def test_a_move_into_a_registered_unit_enrolls(
    client: Client, organizations: Any, unit_id: str, root_id: str, paused: Pause
) -> None:
    tower().remediation = True
    account = plain_account(organizations)
    paused.begin()
    move(organizations, account, unit_id)
    assert status_of(client, account["Arn"]) == "UNDER_CHANGE"
    paused.end()
    eventually(lambda: status_of(client, account["Arn"]) == "SUCCEEDED")
    client("iam", account["Id"]).get_role(RoleName=EXECUTION_ROLE)
    move(organizations, account, root_id)
    eventually(lambda: baseline_of(client, account["Arn"]) is None)
    roles = [role["RoleName"] for role in client("iam", account["Id"]).list_roles()["Roles"]]
    assert EXECUTION_ROLE not in roles


def test_a_move_between_registered_units_changes_the_parent(
    client: Client, organizations: Any, unit_id: str
) -> None:
    tower().remediation = True
    account, other = plain_account(organizations), control_tower.register([unique("other")])
    parents = [baseline_of(client, tower().unit(unit).arn)["arn"] for unit in (unit_id, other)]  # type: ignore[index]
    seen = []
    for unit in (unit_id, other):
        move(organizations, account, unit)
        eventually(lambda: status_of(client, account["Arn"]) == "SUCCEEDED")
        seen.append(baseline_of(client, account["Arn"])["parentIdentifier"])  # type: ignore[index]
    assert seen == parents


def test_one_moved_account_of_a_unit_is_enrolled_at_a_time(
    client: Client, organizations: Any, unit_id: str, root_id: str, paused: Pause
) -> None:
    """AWS Control Tower User Guide, "Limitations and quotas": a single move account operation on the destination OU."""
    tower().remediation = True
    first, second = plain_account(organizations), plain_account(organizations)
    paused.begin()
    for account in (first, second):
        move(organizations, account, unit_id)
    assert status_of(client, first["Arn"]) == "UNDER_CHANGE"
    paused.end()
    eventually(lambda: status_of(client, first["Arn"]) == "SUCCEEDED")
    eventually(lambda: not tower().works)
    assert baseline_of(client, second["Arn"]) is None
    for place in (root_id, unit_id):
        move(organizations, second, place)
    eventually(lambda: status_of(client, second["Arn"]) == "SUCCEEDED")


def test_the_last_of_several_moves_counts(
    client: Client, organizations: Any, unit_id: str, root_id: str, paused: Pause
) -> None:
    tower().remediation = True
    account = plain_account(organizations)
    paused.begin()
    for place in (unit_id, root_id, unit_id, root_id):
        move(organizations, account, place)
    paused.end()
    eventually(lambda: not tower().works and baseline_of(client, account["Arn"]) is None)


def test_a_move_into_any_other_unit_enrolls_nothing(
    client: Client, organizations: Any, plain_unit: dict
) -> None:
    tower().remediation = True
    account = plain_account(organizations)
    move(organizations, account, plain_unit["Id"])
    assert (baseline_of(client, account["Arn"]), tower().works) == (None, [])


def test_an_auto_enrollment_fails_on_demand(
    client: Client, server: Any, organizations: Any, unit_id: str
) -> None:
    tower().remediation = True
    account = plain_account(organizations)
    admin(server, "POST", "control-tower/failures", {"account": account["Id"], "message": "no"})
    move(organizations, account, unit_id)
    eventually(lambda: status_of(client, account["Arn"]) == "FAILED")
    assert admin(server, "GET", "control-tower/failures") == (200, {"failures": []})


@pytest.mark.parametrize("document", [{}, {"account": "1"}, {"account": "1", "message": "a", "leaves": "GONE"}, []])
def test_a_failure_that_is_none_is_refused(server: Any, document: Any) -> None:
    assert admin(server, "POST", "control-tower/failures", document)[0] == 400
    assert admin(server, "DELETE", "control-tower/failures") == (200, {"failures": []})


def access(client: Client, account: dict[str, str], role: str = ACCESS_ROLE) -> Any:
    """IAM of an account, as a role that the management account may assume."""
    arn = f"arn:aws:iam::{account['Id']}:role/{role}"
    credentials = client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    return client("iam", credentials=credentials)


def test_nobody_touches_the_roles_of_control_tower_in_a_registered_unit(
    client: Client, organizations: Any, landing_zone: ControlTower, unit_id: str
) -> None:
    account = plain_account(organizations)
    request = {"RoleName": EXECUTION_ROLE, "AssumeRolePolicyDocument": trust(f"arn:aws:iam::{MANAGEMENT}:root")}
    access(client, account).create_role(**request)
    move(organizations, account, unit_id)
    iam = access(client, account)
    for call, arguments in (
        (iam.delete_role, {"RoleName": EXECUTION_ROLE}),
        (iam.create_role, {**request, "RoleName": "aws-controltower-Mine"}),
        (iam.attach_role_policy, {"RoleName": EXECUTION_ROLE, "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
    ):
        error = error_of(call, **arguments)
        assert error["Code"] == "AccessDenied"
        assert error["Message"].endswith("with an explicit deny in a service control policy")
    assert iam.get_role(RoleName=EXECUTION_ROLE)
    iam.create_role(**{**request, "RoleName": "mine"})


def test_the_units_below_a_registered_one_are_held_to_the_control_too(
    client: Client, organizations: Any, unit_id: str
) -> None:
    below = organizations.create_organizational_unit(ParentId=unit_id, Name=unique("below"))["OrganizationalUnit"]
    account = plain_account(organizations)
    add_execution_role(client, account["Id"])
    move(organizations, account, below["Id"])
    assert error_of(access(client, account).delete_role, RoleName=EXECUTION_ROLE)["Code"] == "AccessDenied"


def test_control_tower_itself_is_exempt(client: Client, organizations: Any, unit_id: str) -> None:
    account = plain_account(organizations)
    add_execution_role(client, account["Id"])
    move(organizations, account, unit_id)
    iam = access(client, account, EXECUTION_ROLE)
    iam.update_role_description(RoleName=EXECUTION_ROLE, Description="changed")


def test_the_control_can_be_switched_off(client: Client, server: Any, organizations: Any, unit_id: str) -> None:
    account = plain_account(organizations)
    add_execution_role(client, account["Id"])
    move(organizations, account, unit_id)
    admin(server, "POST", "control-tower/landing-zone", {"mandatory_controls": False})
    access(client, account).update_role_description(RoleName=EXECUTION_ROLE, Description="changed")


def test_landing_zone_4_gives_accounts_every_baseline_of_their_unit_and_controls_to_any_unit(
    client: Client, organizations: Any, root_id: str, landing_zone: ControlTower
) -> None:
    api, found = client("controltower"), tower()
    found.remediation = True
    both, bare = (
        organizations.create_organizational_unit(ParentId=root_id, Name=unique("unit"))["OrganizationalUnit"]
        for _ in range(2)
    )
    control = {"controlIdentifier": GUARD, "targetIdentifier": bare["Arn"]}
    assert error_of(api.enable_control, **control)["Code"] == "ValidationException"
    assert "ConfigBaseline" not in {one["name"] for one in api.list_baselines()["baselines"]}

    found.version = "4.0"
    api.enable_control(**control)
    baselines = {one["name"]: one["arn"] for one in api.list_baselines()["baselines"]}
    config = {"baselineIdentifier": baselines["ConfigBaseline"], "baselineVersion": "4.0"}
    api.enable_baseline(**config, targetIdentifier=both["Arn"])
    eventually(lambda: [one.status for one in found.all_on(both["Arn"])] == ["SUCCEEDED"])
    account = plain_account(organizations)
    move(organizations, account, both["Id"])
    eventually(lambda: [one.status for one in found.all_on(account["Arn"])] == ["SUCCEEDED"])
    assert baseline_of(client, account["Arn"])["baselineIdentifier"] == baselines["ConfigBaseline"]  # type: ignore[index]
    move(organizations, account, bare["Id"])
    eventually(lambda: found.all_on(account["Arn"]) == [])
    enabled = api.list_enabled_controls(targetIdentifier=bare["Arn"])["enabledControls"]
    assert [one["controlIdentifier"] for one in enabled] == [GUARD]
    # The mandatory control holds where it was put on, and nowhere else.
    assert policies_for(account["Id"]) == [ROLE_CHANGES]
    move(organizations, account, both["Id"])
    assert policies_for(account["Id"]) == []
