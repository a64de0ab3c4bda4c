"""What the platform team does at the console of Control Tower, and what goes wrong inside of it, for tests.

Units are registered through the API as the root of the management account; failures and settings are the local AWS's.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import requests

from meshstack_client import LocalEnvironment

EXECUTION_ROLE = "AWSControlTowerExecution"
ADMINISTRATOR_ACCESS = "arn:aws:iam::aws:policy/AdministratorAccess"
_SECONDS = 30


class PlatformTeam:
    """Registers units, enrolls and moves accounts by hand, changes the landing zone of Control Tower."""

    def __init__(self, environment: LocalEnvironment) -> None:
        self._environment = environment
        self._url = f"{environment.endpoint_url}/local-aws/control-tower"
        management = environment.management_account_id
        self.organizations = environment.root_client("organizations", management)
        self.tower = environment.root_client("controltower", management)
        self.catalog = environment.root_client("servicecatalog", management)
        self.root_id = str(self.organizations.list_roots()["Roots"][0]["Id"])

    def unit(self, name: str, parent_id: str | None = None) -> dict[str, str]:
        """A new unit that is not registered."""
        made = self.organizations.create_organizational_unit(ParentId=parent_id or self.root_id, Name=name)
        return dict(made["OrganizationalUnit"])

    def register(self, unit: dict[str, str]) -> dict[str, str]:
        """Registers a unit with Control Tower, and waits until it is."""
        baselines = {one["name"]: one["arn"] for one in self.tower.list_baselines()["baselines"]}
        enabled = self.tower.list_enabled_baselines()["enabledBaselines"]
        identity_center = [
            one["arn"] for one in enabled if one["baselineIdentifier"] == baselines["IdentityCenterBaseline"]
        ]
        version = next(
            one["baselineVersion"]
            for one in enabled
            if one["baselineIdentifier"] == baselines["AWSControlTowerBaseline"]
        )
        operation = self.tower.enable_baseline(
            baselineIdentifier=baselines["AWSControlTowerBaseline"],
            baselineVersion=version,
            targetIdentifier=unit["Arn"],
            parameters=[{"key": "IdentityCenterEnabledBaselineArn", "value": arn} for arn in identity_center],
        )["operationIdentifier"]
        self._await(operation)
        return unit

    def register_again(self, unit: dict[str, str]) -> None:
        """Registers a registered unit anew, which enrolls those of its accounts that are not, and waits until it is."""
        (enabled,) = self.tower.list_enabled_baselines(filter={"targetIdentifiers": [unit["Arn"]]})["enabledBaselines"]
        operation = self.tower.reset_enabled_baseline(enabledBaselineIdentifier=enabled["arn"])
        self._await(operation["operationIdentifier"])

    def enable(self, unit: dict[str, str], baseline: str) -> None:
        """Enables a baseline that has no parameters on a unit, and waits until it is."""
        baselines = {one["name"]: one["arn"] for one in self.tower.list_baselines()["baselines"]}
        operation = self.tower.enable_baseline(
            baselineIdentifier=baselines[baseline], baselineVersion="4.0", targetIdentifier=unit["Arn"]
        )
        self._await(operation["operationIdentifier"])

    def control(self, unit: dict[str, str], control: str) -> None:
        """Enables a control on a unit."""
        identifier = f"arn:aws:controltower:{self.tower.meta.region_name}::control/{control}"
        self.tower.enable_control(controlIdentifier=identifier, targetIdentifier=unit["Arn"])

    def _await(self, operation: str) -> None:
        def status() -> str:
            answer = self.tower.get_baseline_operation(operationIdentifier=operation)
            return str(answer["baselineOperation"]["status"])

        wait_until(lambda: status() == "SUCCEEDED")

    def move(self, account: dict[str, Any], unit: dict[str, str]) -> None:
        """Moves an account as somebody does by hand: into a registered unit that enrolls it, while remediation is on."""
        parent = self.organizations.list_parents(ChildId=account["Id"])["Parents"][0]["Id"]
        self.organizations.move_account(
            AccountId=account["Id"], SourceParentId=parent, DestinationParentId=unit["Id"]
        )

    def make_execution_role(self, account: dict[str, Any]) -> None:
        """The role as the remedy of the AVM tells an operator to make it."""
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{self._environment.management_account_id}:root"},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
        iam = self._environment.root_client("iam", account["Id"])
        iam.create_role(RoleName=EXECUTION_ROLE, AssumeRolePolicyDocument=json.dumps(trust))
        iam.attach_role_policy(RoleName=EXECUTION_ROLE, PolicyArn=ADMINISTRATOR_ACCESS)

    def provision(self, account: dict[str, Any], unit: dict[str, str], name: str) -> None:
        """Enrolls an account with the Account Factory at the console, under a name of the platform team's own."""
        self.make_execution_role(account)
        catalog = self._catalog_of_a_person()
        product = catalog.search_products()["ProductViewSummaries"][0]["ProductId"]
        artifacts = catalog.list_provisioning_artifacts(ProductId=product)["ProvisioningArtifactDetails"]
        (artifact,) = [one["Id"] for one in artifacts if one["Active"]]
        values = {
            "AccountEmail": account["Email"],
            "AccountName": account["Name"],
            "ManagedOrganizationalUnit": f"{unit['Name']} ({unit['Id']})",
            "SSOUserEmail": "platform-team@example.com",
            "SSOUserFirstName": "Platform",
            "SSOUserLastName": "Team",
        }
        record = catalog.provision_product(
            ProductId=product,
            ProvisioningArtifactId=artifact,
            ProvisionedProductName=name,
            ProvisioningParameters=[{"Key": key, "Value": value} for key, value in values.items()],
        )["RecordDetail"]["RecordId"]

        def is_done() -> bool:
            detail = catalog.describe_record(Id=record)["RecordDetail"]
            assert detail["Status"] != "FAILED", detail["RecordErrors"]
            return bool(detail["Status"] == "SUCCEEDED")

        wait_until(is_done)

    def _catalog_of_a_person(self) -> Any:
        """Service Catalog as a new administrator of the management account who may use the Account Factory."""
        iam = self._environment.root_client("iam", self._environment.management_account_id)
        user = iam.create_user(UserName="platform-team")["User"]
        iam.attach_user_policy(UserName=user["UserName"], PolicyArn=ADMINISTRATOR_ACCESS)
        key = iam.create_access_key(UserName=user["UserName"])["AccessKey"]
        self.catalog.associate_principal_with_portfolio(**self._principal(user["Arn"]))
        return self._environment.client("servicecatalog", key)

    def fail_next(self, account: dict[str, Any], message: str, **more: Any) -> None:
        """The next account operation of Control Tower on the account fails with this message."""
        document = {"account": account["Id"], "message": message, **more}
        requests.post(f"{self._url}/failures", json=document, timeout=10).raise_for_status()

    def pending_failures(self) -> list[dict[str, Any]]:
        """The failures that are still to come."""
        return list(requests.get(f"{self._url}/failures", timeout=10).json()["failures"])

    @contextmanager
    def landing_zone(self, **settings: Any) -> Iterator[None]:
        """Control Tower's landing zone with other settings, for a while."""
        before = requests.get(f"{self._url}/landing-zone", timeout=10).json()
        self._set({**before, **settings})
        try:
            yield
        finally:
            self._set(before)

    def drift(self, account: dict[str, Any]) -> None:
        """The account does not have what its unit has been changed to."""
        document = {"account": account["Id"]}
        requests.post(f"{self._url}/drift", json=document, timeout=10).raise_for_status()

    def _set(self, settings: dict[str, Any]) -> None:
        requests.post(f"{self._url}/landing-zone", json=settings, timeout=10).raise_for_status()

    @contextmanager
    def without_launch_path(self, role: str) -> Iterator[None]:
        """The Account Factory's portfolio without this role of the management account, for a while."""
        arn = f"arn:aws:iam::{self._environment.management_account_id}:role/{role}"
        self.catalog.disassociate_principal_from_portfolio(**self._principal(arn))
        try:
            yield
        finally:
            self.catalog.associate_principal_with_portfolio(**self._principal(arn))

    @contextmanager
    def access_to_product(self, role: str, product_id: str) -> Iterator[None]:
        """A role of the management account that may see one more product, for a while."""
        management = self._environment.management_account_id
        iam = self._environment.root_client("iam", management)
        document = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "servicecatalog:*",
                    "Resource": f"arn:aws:catalog:*:{management}:product/{product_id}",
                }
            ],
        }
        iam.put_role_policy(RoleName=role, PolicyName="OneMore", PolicyDocument=json.dumps(document))
        try:
            yield
        finally:
            iam.delete_role_policy(RoleName=role, PolicyName="OneMore")

    def _principal(self, arn: str) -> dict[str, str]:
        (portfolio,) = self.catalog.list_portfolios()["PortfolioDetails"]
        return {"PortfolioId": portfolio["Id"], "PrincipalARN": arn, "PrincipalType": "IAM"}


def wait_until(condition: Callable[[], bool]) -> None:
    """Waits for a condition, which must come to hold in time."""
    deadline = time.monotonic() + _SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come to hold in time"
        time.sleep(0.05)
