"""What comes after the first provisioning: repairs, updates, termination, and how many may run at once."""

from collections.abc import Callable
from typing import Any

import pytest
from administration import admin
from control_tower_support import (
    EXECUTION_ROLE,
    Pause,
    add_execution_role,
    baseline_of,
    eligible_account,
    ended,
    failure,
    parameters,
    parent_of,
    plain_account,
    product_of,
    request,
    tower,
)
from organization import error_of, unique
from waiting import eventually

from local_aws.deploy import control_tower

Client = Callable[..., Any]


def test_a_failed_product_keeps_its_name_until_it_is_terminated(
    client: Client, organizations: Any, provisioner: Any, unit: str, unit_id: str, root_id: str
) -> None:
    account = plain_account(organizations)
    ended(provisioner, provisioner.provision_product(**request(client, account, unit)))
    error = error_of(provisioner.provision_product, **request(client, account, unit))
    assert error["Code"] == "InvalidParametersException"
    assert error["Message"] == f"A stack named Enroll-{account['Id']} already exists."
    answer = provisioner.terminate_provisioned_product(
        ProvisionedProductName=f"Enroll-{account['Id']}", TerminateToken=unique("t")
    )
    assert ended(provisioner, answer)["Status"] == "SUCCEEDED"
    # It was never enrolled: it stays where the failure has left it, until somebody moves it.
    assert parent_of(organizations, account["Id"]) == unit_id
    assert baseline_of(client, account["Arn"]) is None
    organizations.move_account(AccountId=account["Id"], SourceParentId=unit_id, DestinationParentId=root_id)
    add_execution_role(client, account["Id"])
    record = ended(provisioner, provisioner.provision_product(**request(client, account, unit)))
    assert record["Status"] == "SUCCEEDED", record["RecordErrors"]


def test_a_failed_product_is_repaired_by_an_update(
    client: Client, server: Any, provisioner: Any, account: dict, unit: str
) -> None:
    wanted = {"account": account["Id"], "message": "could not baseline VPC", "leaves": "TAINTED"}
    admin(server, "POST", "control-tower/failures", wanted)
    answer = provisioner.provision_product(**request(client, account, unit))
    assert failure(provisioner, answer)["Description"] == "could not baseline VPC"
    product = product_of(provisioner, account)
    assert (product["Status"], product["StatusMessage"]) == ("TAINTED", "could not baseline VPC")
    assert "LastSuccessfulProvisioningRecordId" not in product
    previous = [{"Key": one["Key"], "UsePreviousValue": True} for one in parameters(account, unit)]
    answer = provisioner.update_provisioned_product(
        ProvisionedProductId=product["Id"], UpdateToken=unique("u"), ProvisioningParameters=previous
    )
    assert ended(provisioner, answer)["Status"] == "SUCCEEDED"
    assert product_of(provisioner, account)["Status"] == "AVAILABLE"


def test_an_update_moves_the_account(
    client: Client, organizations: Any, provisioner: Any, enrolled: dict, unit: str
) -> None:
    name = unique("other")
    other = control_tower.register([name])
    values = [{"Key": one["Key"], "UsePreviousValue": True} for one in parameters(enrolled, unit)]
    values[2] = {"Key": "ManagedOrganizationalUnit", "Value": f"{name} ({other})"}
    wanted = {"ProvisionedProductName": f"Enroll-{enrolled['Id']}", "UpdateToken": unique("u")}
    answer = provisioner.update_provisioned_product(**wanted, ProvisioningParameters=values)
    assert answer["RecordDetail"]["RecordType"] == "UPDATE_PROVISIONED_PRODUCT"
    again = provisioner.update_provisioned_product(**wanted, ProvisioningParameters=values)
    assert again["RecordDetail"]["RecordId"] == answer["RecordDetail"]["RecordId"]
    assert ended(provisioner, answer)["Status"] == "SUCCEEDED"
    assert parent_of(organizations, enrolled["Id"]) == other
    parent = baseline_of(client, tower().unit(other).arn)
    assert baseline_of(client, enrolled["Arn"])["parentIdentifier"] == parent["arn"]  # type: ignore[index]


def test_an_update_needs_every_parameter(provisioner: Any, enrolled: dict, unit: str) -> None:
    wanted = {"ProvisionedProductName": f"Enroll-{enrolled['Id']}", "UpdateToken": unique("u")}
    only = [{"Key": "ManagedOrganizationalUnit", "Value": unit}]
    error = error_of(provisioner.update_provisioned_product, **wanted, ProvisioningParameters=only)
    assert error["Code"] == "InvalidParametersException"


def test_an_update_that_fails_taints(server: Any, provisioner: Any, enrolled: dict, unit: str) -> None:
    admin(server, "POST", "control-tower/failures", {"account": enrolled["Id"], "message": "no"})
    answer = provisioner.update_provisioned_product(
        ProvisionedProductName=f"Enroll-{enrolled['Id']}",
        UpdateToken=unique("u"),
        ProvisioningParameters=parameters(enrolled, unit),
    )
    assert failure(provisioner, answer)["Description"] == "no"
    product = product_of(provisioner, enrolled)
    assert (product["Status"], "LastSuccessfulProvisioningRecordId" in product) == ("TAINTED", True)


def test_an_update_after_a_move_by_hand_fails(
    organizations: Any, provisioner: Any, enrolled: dict, unit: str, unit_id: str, root_id: str
) -> None:
    organizations.move_account(AccountId=enrolled["Id"], SourceParentId=unit_id, DestinationParentId=root_id)
    answer = provisioner.update_provisioned_product(
        ProvisionedProductName=f"Enroll-{enrolled['Id']}",
        UpdateToken=unique("u"),
        ProvisioningParameters=parameters(enrolled, unit),
    )
    text = failure(provisioner, answer)["Description"]
    assert text.startswith("AWS Control Tower detects that your enrolled account has been moved")


def test_termination_takes_the_account_out_of_control_tower(
    client: Client, organizations: Any, provisioner: Any, enrolled: dict, root_id: str, paused: Pause
) -> None:
    wanted = {"ProvisionedProductName": f"Enroll-{enrolled['Id']}", "TerminateToken": unique("t")}
    paused.begin()
    answer = provisioner.terminate_provisioned_product(**wanted)
    assert product_of(provisioner, enrolled)["Status"] == "UNDER_CHANGE"
    again = provisioner.terminate_provisioned_product(**wanted)
    assert again["RecordDetail"]["RecordId"] == answer["RecordDetail"]["RecordId"]
    other = error_of(provisioner.terminate_provisioned_product, **{**wanted, "TerminateToken": "other"})
    assert other["Code"] == "InvalidParametersException"
    paused.end()
    assert ended(provisioner, answer)["Status"] == "SUCCEEDED"
    assert error_of(provisioner.terminate_provisioned_product, **wanted)["Code"] == "ResourceNotFoundException"
    assert parent_of(organizations, enrolled["Id"]) == root_id
    assert baseline_of(client, enrolled["Arn"]) is None
    roles = [role["RoleName"] for role in client("iam", enrolled["Id"]).list_roles()["Roles"]]
    assert EXECUTION_ROLE not in roles


def test_termination_can_leave_the_account_as_it_is(
    client: Client, organizations: Any, provisioner: Any, enrolled: dict, unit_id: str
) -> None:
    answer = provisioner.terminate_provisioned_product(
        ProvisionedProductName=f"Enroll-{enrolled['Id']}", TerminateToken=unique("t"), RetainPhysicalResources=True
    )
    assert ended(provisioner, answer)["Status"] == "SUCCEEDED"
    assert parent_of(organizations, enrolled["Id"]) == unit_id
    assert baseline_of(client, enrolled["Arn"])


@pytest.mark.parametrize("ignore", [False, True])
def test_a_termination_that_fails_keeps_the_product_unless_errors_are_ignored(
    server: Any, provisioner: Any, enrolled: dict, ignore: bool
) -> None:
    admin(server, "POST", "control-tower/failures", {"account": enrolled["Id"], "message": "no"})
    name = f"Enroll-{enrolled['Id']}"
    answer = provisioner.terminate_provisioned_product(
        ProvisionedProductName=name, TerminateToken=unique("t"), IgnoreErrors=ignore
    )
    assert failure(provisioner, answer)["Description"] == "no"
    if ignore:
        error = error_of(provisioner.describe_provisioned_product, Name=name)
        assert error["Code"] == "ResourceNotFoundException"
    else:
        assert product_of(provisioner, enrolled)["Status"] == "TAINTED"


def test_accounts_are_un_enrolled_one_at_a_time(
    client: Client, organizations: Any, provisioner: Any, unit: str, paused: Pause
) -> None:
    accounts = [eligible_account(client, organizations) for _ in range(2)]
    for account in accounts:
        ended(provisioner, provisioner.provision_product(**request(client, account, unit)))
    paused.begin()

    def terminate(account: dict[str, str]) -> dict[str, Any]:
        name = f"Enroll-{account['Id']}"
        return dict(
            provisioner.terminate_provisioned_product(ProvisionedProductName=name, TerminateToken=unique("t"))
        )

    first = terminate(accounts[0])
    eventually(lambda: tower().works)
    assert "one at a time" in failure(provisioner, terminate(accounts[1]))["Description"]
    paused.end()
    assert ended(provisioner, first)["Status"] == "SUCCEEDED"


def test_an_update_brings_an_account_that_is_behind_its_unit_up_to_date(
    client: Client, server: Any, provisioner: Any, enrolled: dict, unit: str
) -> None:
    def drift() -> str:
        found = baseline_of(client, enrolled["Arn"])
        assert found is not None and found["statusSummary"]["status"] == "SUCCEEDED"
        return str(found["driftStatusSummary"]["types"]["inheritance"]["status"])

    assert drift() == "IN_SYNC"
    assert admin(server, "POST", "control-tower/drift", {"account": enrolled["Id"]})[0] == 200
    assert drift() == "DRIFTED"
    assert product_of(provisioner, enrolled)["Status"] == "AVAILABLE"
    wanted = {
        "ProvisionedProductName": f"Enroll-{enrolled['Id']}",
        "ProvisioningParameters": parameters(enrolled, unit),
        "UpdateToken": unique("token"),
    }
    assert ended(provisioner, provisioner.update_provisioned_product(**wanted))["Status"] == "SUCCEEDED"
    assert drift() == "IN_SYNC"


@pytest.mark.parametrize("document", [{}, {"account": "244444444444"}, {"account": 1}, []])
def test_an_account_that_is_not_enrolled_does_not_drift(server: Any, landing_zone: Any, document: Any) -> None:
    assert admin(server, "POST", "control-tower/drift", document)[0] == 400


def test_work_on_the_landing_zone_fails_the_record(
    client: Client, server: Any, provisioner: Any, account: dict, unit: str
) -> None:
    admin(server, "POST", "control-tower/landing-zone", {"status": "PROCESSING"})
    answer = provisioner.provision_product(**request(client, account, unit))
    assert "landing zone is in progress" in failure(provisioner, answer)["Description"]


def test_the_sixth_operation_at_once_fails(
    client: Client, organizations: Any, provisioner: Any, unit: str, paused: Pause
) -> None:
    accounts = [eligible_account(client, organizations) for _ in range(6)]
    paused.begin()
    answers = [provisioner.provision_product(**request(client, account, unit)) for account in accounts[:5]]
    eventually(lambda: len(tower().works) == 5)
    sixth = provisioner.provision_product(**request(client, accounts[5], unit))
    error = failure(provisioner, sixth)
    assert "maximum number of concurrent account operations" in error["Description"]
    assert product_of(provisioner, accounts[5])["Status"] == "ERROR"
    paused.end()
    assert {ended(provisioner, answer)["Status"] for answer in answers} == {"SUCCEEDED"}
