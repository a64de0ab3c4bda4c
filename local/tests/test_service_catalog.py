"""Service Catalog with the Account Factory: products, versions, paths, portfolio, and who may use them."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from cloudformation_support import NAMED, parameters, settled
from control_tower_support import MANAGEMENT, PRODUCT, active_artifact, service_catalog, tower
from organization import allow, error_of, new_role, session, trust, unique

from local_aws import paths
from local_aws.deploy.control_tower import ControlTower

Client = Callable[..., Any]
NAME = "AWS Control Tower Account Factory"


@pytest.fixture
def stranger(client: Client, landing_zone: ControlTower) -> Any:
    """A role of the management account that may do everything, but is not associated with the portfolio."""
    role = new_role(client, MANAGEMENT, trust(f"arn:aws:iam::{MANAGEMENT}:root"), allow("*"))
    return client("servicecatalog", credentials=session(client, role))


def test_products_are_found_by_those_who_may_use_them(provisioner: Any, stranger: Any) -> None:
    found = provisioner.search_products(Filters={"FullTextSearch": ["account factory"]})["ProductViewSummaries"]
    assert [(one["ProductId"], one["Name"]) for one in found] == [(PRODUCT, NAME)]
    assert found[0]["Id"].startswith("prodview-")
    assert provisioner.search_products(Filters={"FullTextSearch": ["database"]})["ProductViewSummaries"] == []
    assert stranger.search_products()["ProductViewSummaries"] == []


@pytest.mark.parametrize("by", [{"Id": PRODUCT}, {"Name": NAME}])
def test_an_end_user_sees_active_versions_without_being_told_that_they_are(provisioner: Any, by: dict) -> None:
    product = provisioner.describe_product(**by)
    assert product["ProductViewSummary"]["ProductId"] == PRODUCT
    assert [set(one) for one in product["ProvisioningArtifacts"]] == [{"Id", "Name", "CreatedTime", "Guidance"}]
    assert product["ProvisioningArtifacts"][0]["Guidance"] == "DEFAULT"
    assert len(product["LaunchPaths"]) == 1


def test_an_administrator_does_not_see_the_product_as_an_end_user_does(client: Client, stranger: Any) -> None:
    assert error_of(stranger.describe_product, Id=PRODUCT)["Code"] == "ResourceNotFoundException"
    detail = stranger.describe_product_as_admin(Name=NAME)
    assert detail["ProductViewDetail"]["ProductViewSummary"]["ProductId"] == PRODUCT
    assert detail["ProductViewDetail"]["ProductARN"] == f"arn:aws:catalog:eu-central-1:{MANAGEMENT}:product/{PRODUCT}"
    assert len(detail["ProvisioningArtifactSummaries"]) == 2


def test_versions_tell_whether_they_are_active(stranger: Any) -> None:
    found = stranger.list_provisioning_artifacts(ProductId=PRODUCT)["ProvisioningArtifactDetails"]
    assert [(one["Active"], one["Guidance"]) for one in found] == [(False, "DEPRECATED"), (True, "DEFAULT")]
    one = stranger.describe_provisioning_artifact(ProductName=NAME, ProvisioningArtifactId=found[0]["Id"])
    assert one["ProvisioningArtifactDetail"]["Active"] is False


def test_the_versions_share_their_name(stranger: Any) -> None:
    error = error_of(
        stranger.describe_provisioning_artifact, ProductId=PRODUCT, ProvisioningArtifactName=NAME
    )
    assert error["Code"] == "InvalidParametersException"
    assert "Multiple" in error["Message"]


def test_a_version_is_switched_off(client: Client, stranger: Any, provisioner: Any) -> None:
    artifact = active_artifact(client)
    stranger.update_provisioning_artifact(ProductId=PRODUCT, ProvisioningArtifactId=artifact, Active=False)
    assert provisioner.describe_product(Id=PRODUCT)["ProvisioningArtifacts"] == []


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("describe_product", {"Id": "prod-unknown"}),
        ("describe_product_as_admin", {"Name": "Unknown"}),
        ("list_provisioning_artifacts", {"ProductId": "prod-unknown"}),
        ("list_launch_paths", {"ProductId": "prod-unknown"}),
        ("list_portfolios_for_product", {"ProductId": "prod-unknown"}),
        ("describe_provisioning_artifact", {"ProductId": PRODUCT, "ProvisioningArtifactId": "pa-unknown"}),
        ("list_principals_for_portfolio", {"PortfolioId": "port-unknown"}),
        ("describe_record", {"Id": "rec-unknown"}),
        ("describe_provisioned_product", {"Id": "pp-unknown"}),
        ("describe_provisioned_product", {"Name": "unknown"}),
        ("terminate_provisioned_product", {"ProvisionedProductName": "unknown", "TerminateToken": "a"}),
        ("update_provisioned_product", {"ProvisionedProductId": "pp-unknown", "UpdateToken": "a"}),
    ],
)
def test_what_is_unknown_is_not_found(provisioner: Any, call: str, arguments: dict) -> None:
    error = error_of(getattr(provisioner, call), **arguments)
    assert (error["Code"], error["status"]) == ("ResourceNotFoundException", 400)


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("describe_product", {}),
        ("describe_product", {"Id": PRODUCT, "Name": NAME}),
        ("describe_provisioning_artifact", {"ProductId": PRODUCT}),
        ("describe_provisioned_product", {"Id": "pp-a", "Name": "a"}),
        ("search_provisioned_products", {"Filters": {"SearchQuery": ["colour:red"]}}),
        ("search_provisioned_products", {"SortBy": "colour"}),
    ],
)
def test_what_contradicts_itself_is_refused(provisioner: Any, call: str, arguments: dict) -> None:
    assert error_of(getattr(provisioner, call), **arguments)["Code"] == "InvalidParametersException"


def test_requests_are_held_to_the_model(provisioner: Any) -> None:
    error = error_of(provisioner.describe_record, Id="rec/1")
    assert (error["Code"], error["status"]) == ("ValidationException", 400)
    assert error["Message"].startswith("1 validation error detected: Value 'rec/1' at 'id' failed to satisfy")
    error = error_of(provisioner.search_provisioned_products, PageSize=101)
    assert "less than or equal to 100" in error["Message"]


def test_only_associated_principals_have_a_path(client: Client, provisioner: Any, stranger: Any) -> None:
    path, *others = provisioner.list_launch_paths(ProductId=PRODUCT)["LaunchPathSummaries"]
    assert (path["Id"].startswith("lpv2-"), others) == (True, [])
    for somebody in (stranger, client("servicecatalog")):
        error = error_of(somebody.list_launch_paths, ProductId=PRODUCT)
        assert error["Code"] == "ResourceNotFoundException"
        assert error["Message"] == f"No launch paths found for resource: {PRODUCT}"


def test_a_pattern_associates_the_roles_that_it_matches(
    client: Client, landing_zone: ControlTower, stranger: Any
) -> None:
    admin = client("servicecatalog")
    request = {"PortfolioId": landing_zone.portfolio_id, "PrincipalType": "IAM_PATTERN"}
    admin.associate_principal_with_portfolio(**request, PrincipalARN="arn:aws:iam:::role/none-*")
    assert error_of(stranger.list_launch_paths, ProductId=PRODUCT)["Code"] == "ResourceNotFoundException"
    admin.associate_principal_with_portfolio(**request, PrincipalARN="arn:aws:iam:::role/role-*")
    assert stranger.list_launch_paths(ProductId=PRODUCT)["LaunchPathSummaries"]
    with_account = f"arn:aws:iam::{MANAGEMENT}:role/role-*"
    error = error_of(admin.associate_principal_with_portfolio, **request, PrincipalARN=with_account)
    assert error["Code"] == "InvalidParametersException"


def test_drift_of_the_landing_zone_closes_the_path(provisioner: Any) -> None:
    tower().drift = "DRIFTED"
    assert "No launch paths" in error_of(provisioner.list_launch_paths, ProductId=PRODUCT)["Message"]


def test_principals_are_associated_once_and_listed(client: Client, landing_zone: ControlTower) -> None:
    admin, portfolio = client("servicecatalog"), {"PortfolioId": landing_zone.portfolio_id}
    role = new_role(client, MANAGEMENT, trust(f"arn:aws:iam::{MANAGEMENT}:root"))
    wanted = {**portfolio, "PrincipalARN": role, "PrincipalType": "IAM"}
    for _ in range(2):
        admin.associate_principal_with_portfolio(**wanted)
    principals = admin.list_principals_for_portfolio(**portfolio)["Principals"]
    assert principals == [{"PrincipalARN": role, "PrincipalType": "IAM"}]
    unknown = {**wanted, "PrincipalARN": f"{role}-unknown"}
    assert error_of(admin.associate_principal_with_portfolio, **unknown)["Code"] == "InvalidParametersException"
    admin.disassociate_principal_from_portfolio(**portfolio, PrincipalARN=role)
    assert admin.list_principals_for_portfolio(**portfolio)["Principals"] == []


def test_the_portfolio_is_found_from_the_product(client: Client, landing_zone: ControlTower) -> None:
    found, *others = client("servicecatalog").list_portfolios_for_product(ProductId=PRODUCT)["PortfolioDetails"]
    assert (found["Id"], found["DisplayName"], others) == (landing_zone.portfolio_id, f"{NAME} Portfolio", [])


def test_other_accounts_and_regions_have_an_empty_catalog(client: Client, landing_zone: ControlTower) -> None:
    for somebody in (client("servicecatalog", "288888888888"), client("servicecatalog", region="eu-west-1")):
        assert somebody.list_portfolios()["PortfolioDetails"] == []
        error = error_of(somebody.list_provisioning_artifacts, ProductId=PRODUCT)
        assert error["Code"] == "ResourceNotFoundException"


def test_calls_that_are_not_simulated_say_so(client: Client) -> None:
    error = error_of(client("servicecatalog").list_record_history)
    assert (error["Code"], error["status"]) == ("UnknownOperationException", 400)


def association(portfolio: str, role: str) -> str:
    properties = {"PortfolioId": portfolio, "PrincipalARN": role, "PrincipalType": "IAM"}
    resource = {"Type": "AWS::ServiceCatalog::PortfolioPrincipalAssociation", "Properties": properties}
    return json.dumps({"Resources": {"Association": resource}})


def test_a_template_associates_a_role(client: Client, landing_zone: ControlTower) -> None:
    cloudformation, admin = client("cloudformation"), client("servicecatalog")
    first, second = (new_role(client, MANAGEMENT, trust(f"arn:aws:iam::{MANAGEMENT}:root")) for _ in range(2))
    stack = unique("association")

    def principals() -> list[str]:
        found = admin.list_principals_for_portfolio(PortfolioId=landing_zone.portfolio_id)["Principals"]
        return [one["PrincipalARN"] for one in found]

    cloudformation.create_stack(StackName=stack, TemplateBody=association(landing_zone.portfolio_id, first))
    assert settled(cloudformation, stack)["StackStatus"] == "CREATE_COMPLETE"
    assert principals() == [first]
    cloudformation.update_stack(StackName=stack, TemplateBody=association(landing_zone.portfolio_id, second))
    assert settled(cloudformation, stack)["StackStatus"] == "UPDATE_COMPLETE"
    assert principals() == [second]
    stack_id = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackId"]
    cloudformation.delete_stack(StackName=stack)
    assert settled(cloudformation, stack_id)["StackStatus"] == "DELETE_COMPLETE"
    assert principals() == []


def test_a_template_of_a_caller_without_the_right_fails(client: Client, landing_zone: ControlTower) -> None:
    role = new_role(client, MANAGEMENT, trust(f"arn:aws:iam::{MANAGEMENT}:root"), allow("cloudformation:*"))
    stack = unique("association")
    client("cloudformation", credentials=session(client, role)).create_stack(
        StackName=stack, TemplateBody=association(landing_zone.portfolio_id, role)
    )
    assert settled(client("cloudformation"), stack)["StackStatus"] == "ROLLBACK_COMPLETE"


def test_every_call_needs_its_action_on_its_product(client: Client, landing_zone: ControlTower) -> None:
    product = f"arn:aws:catalog:eu-central-1:{MANAGEMENT}:product/{PRODUCT}"
    limited = service_catalog(client, landing_zone, allow("servicecatalog:ListLaunchPaths", resource=product))
    assert limited.list_launch_paths(ProductId=PRODUCT)["LaunchPathSummaries"]
    error = error_of(limited.list_provisioning_artifacts, ProductId=PRODUCT)
    assert (error["Code"], error["status"]) == ("AccessDeniedException", 400)
    assert f"servicecatalog:ListProvisioningArtifacts on resource: {product}" in error["Message"]


def test_the_roles_are_deployed_elsewhere_than_the_portfolio(client: Client, landing_zone: ControlTower) -> None:
    """docs/DEPLOY.md, "Regions": without the portfolio, and the role is let into it by a person."""
    cloudformation, admin = client("cloudformation", region="eu-west-1"), client("servicecatalog")
    accounts = {"AutomationAccountId": "222222222222", "MeshcloudAccountId": "333333333333"}
    product = {"EnrollsWithControlTower": "true", "AccountFactoryProductId": landing_zone.product_id}
    given = {**accounts, **product, "MachineExternalIds": "an-external-id"}

    def deployed(**more: str) -> Any:
        text = (paths.REPOSITORY / "templates" / "vending-roles.yaml").read_text()
        values = parameters(**given, **more)
        made = cloudformation.create_stack(
            StackName=unique("roles"), TemplateBody=text, Capabilities=NAMED, Parameters=values, OnFailure="DELETE"
        )
        return settled(cloudformation, made["StackId"])

    assert deployed(AccountFactoryPortfolioId=landing_zone.portfolio_id)["StackStatus"] == "DELETE_COMPLETE"
    stack = deployed()
    try:
        assert stack["StackStatus"] == "CREATE_COMPLETE"
        role = f"arn:aws:iam::{MANAGEMENT}:role/AVMEnrollmentRole"
        portfolio = {"PortfolioId": landing_zone.portfolio_id, "PrincipalARN": role}
        admin.associate_principal_with_portfolio(**portfolio, PrincipalType="IAM")
        admin.disassociate_principal_from_portfolio(**portfolio)
    finally:
        cloudformation.delete_stack(StackName=stack["StackId"])
        assert settled(cloudformation, stack["StackId"])["StackStatus"] == "DELETE_COMPLETE"
