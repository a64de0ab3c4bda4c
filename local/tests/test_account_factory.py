"""Provisioning by the Account Factory: enrollment and its failures, rights, searches."""

from collections.abc import Callable
from typing import Any

import pytest
from control_tower_support import (
    ADMINISTRATOR,
    EXECUTION_ROLE,
    MANAGEMENT,
    PRODUCT,
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
    service_catalog,
)
from organization import allow, error_of, new_role, session, trust, unique
from waiting import eventually

from local_aws.address import REGION
from local_aws.deploy import control_tower
from local_aws.deploy.control_tower import ControlTower
from local_aws.enforcement import propagation
from local_aws.enforcement.end_user_needs import stacks_needs
from local_aws.services.servicecatalog.operations import ACCOUNTS, DOCUMENTED

Client = Callable[..., Any]
CONTROL_TOWER = ("controltower:CreateManagedAccount", "controltower:DescribeManagedAccount")


def test_an_account_is_enrolled(
    client: Client, organizations: Any, provisioner: Any, account: dict, unit: str, unit_id: str, paused: Pause
) -> None:
    paused.begin()
    answer = provisioner.provision_product(**request(client, account, unit))["RecordDetail"]
    assert (answer["Status"], answer["RecordType"]) == ("CREATED", "PROVISION_PRODUCT")
    assert answer["ProvisionedProductType"] == "CONTROL_TOWER_ACCOUNT"
    assert product_of(provisioner, account)["Status"] == "UNDER_CHANGE"
    assert "LastSuccessfulProvisioningRecordId" not in product_of(provisioner, account)
    paused.end()
    record = ended(provisioner, {"RecordDetail": answer})
    assert (record["Status"], record["RecordErrors"]) == ("SUCCEEDED", [])
    assert parent_of(organizations, account["Id"]) == unit_id
    product = product_of(provisioner, account)
    assert (product["Status"], product["LastSuccessfulProvisioningRecordId"]) == ("AVAILABLE", record["RecordId"])
    baseline = baseline_of(client, account["Arn"])
    assert baseline and baseline["statusSummary"]["status"] == "SUCCEEDED"


def test_a_record_passes_through_its_states(
    client: Client, provisioner: Any, account: dict, unit: str, paused: Pause
) -> None:
    paused.begin()
    answer = provisioner.provision_product(**request(client, account, unit))
    record_id = answer["RecordDetail"]["RecordId"]

    def in_progress() -> bool:
        return provisioner.describe_record(Id=record_id)["RecordDetail"]["Status"] == "IN_PROGRESS"

    eventually(in_progress)
    eventually(lambda: (baseline_of(client, account["Arn"]) or {}).get("statusSummary", {}).get("status"))
    assert baseline_of(client, account["Arn"])["statusSummary"]["status"] == "UNDER_CHANGE"  # type: ignore[index]
    paused.end()
    assert ended(provisioner, answer)["Status"] == "SUCCEEDED"


def test_the_record_has_outputs_by_pages(client: Client, provisioner: Any, enrolled: dict) -> None:
    record_id = product_of(provisioner, enrolled)["LastRecordId"]
    first = provisioner.describe_record(Id=record_id, PageSize=2)
    second = provisioner.describe_record(Id=record_id, PageToken=first["NextPageToken"])
    outputs = {one["OutputKey"]: one["OutputValue"] for one in first["RecordOutputs"] + second["RecordOutputs"]}
    assert (outputs["AccountId"], outputs["AccountEmail"]) == (enrolled["Id"], enrolled["Email"])
    found = provisioner.get_provisioned_product_outputs(
        ProvisionedProductName=f"Enroll-{enrolled['Id']}", OutputKeys=["AccountEmail"]
    )
    assert [one["OutputValue"] for one in found["Outputs"]] == [enrolled["Email"]]


def test_the_same_token_and_input_answer_the_same_record(
    client: Client, provisioner: Any, account: dict, unit: str
) -> None:
    wanted = request(client, account, unit)
    first = provisioner.provision_product(**wanted)["RecordDetail"]["RecordId"]
    assert provisioner.provision_product(**wanted)["RecordDetail"]["RecordId"] == first
    other = error_of(provisioner.provision_product, **{**wanted, "ProvisionedProductName": "other"})
    assert other["Code"] == "InvalidParametersException"


def test_a_name_is_taken_once(client: Client, provisioner: Any, enrolled: dict, unit: str) -> None:
    error = error_of(provisioner.provision_product, **request(client, enrolled, unit))
    assert error["Code"] == "DuplicateResourceException"


def test_an_account_is_enrolled_through_one_product(
    client: Client, provisioner: Any, enrolled: dict, unit: str
) -> None:
    answer = provisioner.provision_product(**request(client, enrolled, unit, ProvisionedProductName=unique("second")))
    assert "already enrolled" in failure(provisioner, answer)["Description"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ProductId": "prod-unknown"}, "ResourceNotFoundException"),
        ({"ProvisioningArtifactId": "pa-unknown"}, "ResourceNotFoundException"),
        ({"PathId": "lpv2-unknown"}, "ResourceNotFoundException"),
        ({"ProductName": "AWS Control Tower Account Factory"}, "InvalidParametersException"),
        ({"ProvisionedProductName": "with spaces"}, "ValidationException"),
        ({"ProvisionToken": "a.b"}, "ValidationException"),
    ],
)
def test_a_wrong_request_is_refused_at_once(
    client: Client, provisioner: Any, account: dict, unit: str, changes: dict, code: str
) -> None:
    assert error_of(provisioner.provision_product, **request(client, account, unit, **changes))["Code"] == code


def test_parameters_are_complete_and_known(client: Client, provisioner: Any, account: dict, unit: str) -> None:
    complete = parameters(account, unit)
    for wrong in (complete[:-1], [*complete, {"Key": "Colour", "Value": "red"}], [*complete, complete[0]]):
        error = error_of(
            provisioner.provision_product, **request(client, account, unit, ProvisioningParameters=wrong)
        )
        assert error["Code"] == "InvalidParametersException"


def test_an_inactive_version_is_refused(client: Client, provisioner: Any, account: dict, unit: str) -> None:
    versions = provisioner.list_provisioning_artifacts(ProductId=PRODUCT)["ProvisioningArtifactDetails"]
    inactive = next(one["Id"] for one in versions if not one["Active"])
    error = error_of(
        provisioner.provision_product, **request(client, account, unit, ProvisioningArtifactId=inactive)
    )
    assert (error["Code"], "not active" in error["Message"]) == ("InvalidParametersException", True)


def test_without_association_nothing_is_provisioned(client: Client, account: dict, unit: str) -> None:
    role = new_role(client, MANAGEMENT, trust(f"arn:aws:iam::{MANAGEMENT}:root"), allow("*"))
    stranger = client("servicecatalog", credentials=session(client, role))
    error = error_of(stranger.provision_product, **request(client, account, unit))
    assert error["Message"] == f"No launch paths found for resource: {PRODUCT}"


def test_a_missing_execution_role_fails_the_record_and_leaves_the_account_in_the_unit(
    client: Client, organizations: Any, provisioner: Any, unit: str, unit_id: str
) -> None:
    account = plain_account(organizations)
    text = failure(provisioner, provisioner.provision_product(**request(client, account, unit)))["Description"]
    assert "AWSControlTowerStackSetRole is unable to assume the AWSControlTowerExecution role" in text
    assert product_of(provisioner, account)["Status"] == "ERROR"
    assert parent_of(organizations, account["Id"]) == unit_id
    baseline = baseline_of(client, account["Arn"])
    assert baseline and baseline["statusSummary"]["status"] == "FAILED"


def test_an_execution_role_that_trusts_somebody_else_fails_the_record(
    client: Client, organizations: Any, provisioner: Any, unit: str
) -> None:
    account = plain_account(organizations)
    add_execution_role(client, account["Id"], trusted="244444444444")
    text = failure(provisioner, provisioner.provision_product(**request(client, account, unit)))["Description"]
    assert "unable to assume" in text


@pytest.mark.parametrize("role_is_late", [True, False])
def test_an_execution_role_that_iam_has_not_spread_yet_is_not_seen(
    client: Client,
    organizations: Any,
    provisioner: Any,
    unit: str,
    monkeypatch: pytest.MonkeyPatch,
    role_is_late: bool,
) -> None:
    """Not before its policy is spread as well; the next try finds it."""
    account = plain_account(organizations)
    delays = iter([role_is_late * propagation.MOST_SECONDS, propagation.MOST_SECONDS])
    monkeypatch.setattr(propagation.random, "uniform", lambda *_: next(delays))
    monkeypatch.setenv("AVM_LOCAL_TIME_SCALE", "0.01")
    propagation.begin(propagation.MOST_SECONDS)
    try:
        add_execution_role(client, account["Id"])
        early = provisioner.provision_product(**request(client, account, unit))
        assert "unable to assume" in failure(provisioner, early)["Description"]
        propagation.begin(0)
        removal = provisioner.terminate_provisioned_product(
            ProvisionedProductName=f"Enroll-{account['Id']}", TerminateToken=unique("token")
        )
        assert ended(provisioner, removal)["Status"] == "SUCCEEDED"
        late = provisioner.provision_product(**request(client, account, unit))
        assert ended(provisioner, late)["Status"] == "SUCCEEDED"
    finally:
        propagation.begin(0)


def test_an_execution_role_that_is_no_administrator_fails_the_record(
    client: Client, provisioner: Any, account: dict, unit: str
) -> None:
    client("iam", account["Id"]).detach_role_policy(RoleName=EXECUTION_ROLE, PolicyArn=ADMINISTRATOR)
    text = failure(provisioner, provisioner.provision_product(**request(client, account, unit)))["Description"]
    assert "NON-CURRENT stack instances" in text


@pytest.mark.parametrize("value", ["plain-name", "Unknown (ou-abcd-12345678)", "Wrong name ({id})"])
def test_a_unit_that_is_not_registered_fails_the_record(
    client: Client, provisioner: Any, account: dict, unit_id: str, value: str
) -> None:
    answer = provisioner.provision_product(**request(client, account, value.format(id=unit_id)))
    assert "not registered" in failure(provisioner, answer)["Description"]


def test_a_unit_that_was_made_by_hand_is_not_registered(
    client: Client, organizations: Any, provisioner: Any, account: dict, root_id: str
) -> None:
    made = organizations.create_organizational_unit(ParentId=root_id, Name=unique("plain"))["OrganizationalUnit"]
    answer = provisioner.provision_product(**request(client, account, f"{made['Name']} ({made['Id']})"))
    assert "not registered" in failure(provisioner, answer)["Description"]


@pytest.mark.parametrize("changes", [{"AccountName": "somebody-else"}, {"AccountEmail": "nobody@example.com"}])
def test_only_accounts_of_the_organization_are_enrolled(
    client: Client, provisioner: Any, account: dict, unit: str, changes: dict
) -> None:
    wrong = parameters(account, unit, **changes)
    answer = provisioner.provision_product(**request(client, account, unit, ProvisioningParameters=wrong))
    assert failure(provisioner, answer)["Code"] == "AWSControlTowerException"


def test_an_account_of_another_registered_unit_is_not_enrolled(
    client: Client, organizations: Any, provisioner: Any, account: dict, unit: str, root_id: str
) -> None:
    other = control_tower.register([unique("other")])
    organizations.move_account(AccountId=account["Id"], SourceParentId=root_id, DestinationParentId=other)
    answer = provisioner.provision_product(**request(client, account, unit))
    assert "has been moved to a new organizational unit" in failure(provisioner, answer)["Description"]


def test_provisioned_products_are_searched(client: Client, provisioner: Any, enrolled: dict) -> None:
    product = product_of(provisioner, enrolled)
    for query in (f"physicalId:{enrolled['Id']}", f"name:{product['Name']}", f"id:{product['Id']}"):
        answer = provisioner.search_provisioned_products(Filters={"SearchQuery": [query]})
        found, *others = answer["ProvisionedProducts"]
        assert (found["Id"], found["PhysicalId"], others) == (product["Id"], enrolled["Id"], [])
        assert (found["Type"], answer["TotalResultsCount"]) == ("CONTROL_TOWER_ACCOUNT", 1)
    both = {"SearchQuery": [f"physicalId:{enrolled['Id']}", "status:ERROR"]}
    assert provisioner.search_provisioned_products(Filters=both)["ProvisionedProducts"] == []


def test_what_was_never_enrolled_has_no_physical_id(
    client: Client, organizations: Any, provisioner: Any, unit: str
) -> None:
    account = plain_account(organizations)
    ended(provisioner, provisioner.provision_product(**request(client, account, unit)))
    by_id = {"SearchQuery": [f"physicalId:{account['Id']}"]}
    assert provisioner.search_provisioned_products(Filters=by_id)["ProvisionedProducts"] == []
    by_name = {"SearchQuery": [f"name:Enroll-{account['Id']}"]}
    assert len(provisioner.search_provisioned_products(Filters=by_name)["ProvisionedProducts"]) == 1


def test_a_search_has_pages(client: Client, organizations: Any, provisioner: Any, unit: str) -> None:
    for _ in range(3):
        account = eligible_account(client, organizations)
        ended(provisioner, provisioner.provision_product(**request(client, account, unit)))
    names, token = [], {}
    for _ in range(3):
        page = provisioner.search_provisioned_products(PageSize=1, SortBy="name", **token)
        names += [one["Name"] for one in page["ProvisionedProducts"]]
        token = {"PageToken": page.get("NextPageToken")}
    assert (token["PageToken"], names, len(names)) == (None, sorted(set(names)), 3)


def test_the_caller_needs_the_rights_of_control_tower_too(
    client: Client, landing_zone: ControlTower, account: dict, unit: str
) -> None:
    account_id = str(client("sts").get_caller_identity()["Account"])
    of_end_users = [need.action for need in stacks_needs(account_id, "stack")]
    rights = ["servicecatalog:*", *CONTROL_TOWER, *ACCOUNTS, *DOCUMENTED, *of_end_users]
    stack = f"arn:aws:cloudformation:{REGION}:{account_id}:stack/SC-{account_id}-pp-"
    for missing, resource in (
        (CONTROL_TOWER[0], "*"),
        (ACCOUNTS[0], "*"),
        (DOCUMENTED[0], "*"),
        ("config:DescribeConfigurationRecorders", "*"),
        ("cloudformation:CreateStack", stack),
    ):
        allowed = [action for action in rights if action != missing]
        limited = service_catalog(client, landing_zone, allow(*allowed))
        wanted = request(client, account, unit, ProvisionedProductName=unique("limited"))
        error = failure(limited, limited.provision_product(**wanted))
        assert error["Code"] == "AccessDeniedException"
        assert f"not authorized to perform: {missing} on resource: {resource}" in error["Description"]
    complete = service_catalog(client, landing_zone, allow(*rights))
    record = ended(complete, complete.provision_product(**request(client, account, unit)))
    assert record["Status"] == "SUCCEEDED", record["RecordErrors"]
    answer = complete.terminate_provisioned_product(
        ProvisionedProductName=f"Enroll-{account['Id']}", TerminateToken=unique("t")
    )
    error = failure(complete, answer)
    assert "controltower:DeregisterManagedAccount" in error["Description"]


def test_what_others_have_provisioned_is_told_apart_by_condition_keys(
    client: Client, landing_zone: ControlTower, provisioner: Any, enrolled: dict
) -> None:
    product_id = product_of(provisioner, enrolled)["Id"]

    def sees(level: str) -> bool:
        condition = {"StringEquals": {f"servicecatalog:{level}": "self"}}
        somebody = service_catalog(client, landing_zone, allow("servicecatalog:*", condition=condition))
        try:
            somebody.describe_provisioned_product(Id=product_id)
        except somebody.exceptions.ClientError:
            return False
        found = somebody.search_provisioned_products(AccessLevelFilter={"Key": "Account", "Value": "self"})
        return product_id in [one["Id"] for one in found["ProvisionedProducts"]]

    assert (sees("accountLevel"), sees("roleLevel"), sees("userLevel")) == (True, False, False)
