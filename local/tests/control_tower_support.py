"""A landing zone with its Account Factory for the tests, and accounts that can be enrolled.

Every test has a landing zone of its own, units with names of their own, and a role that may provision.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from organization import allow, new_account, new_role, session, trust, unique
from waiting import eventually

from local_aws.deploy import control_tower
from local_aws.deploy.control_tower import ControlTower
from local_aws.services.account.models import readiness
from local_aws.services.controltower.models import failures
from local_aws.services.controltower.models.landing_zone import Tower, tower_of
from local_aws.services.servicecatalog import operations as account_factory

MANAGEMENT = "123456789012"
PRODUCT = "prod-abcd1234efgh5"
EXECUTION_ROLE = "AWSControlTowerExecution"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


@pytest.fixture
def landing_zone(organizations: Any, instant: None) -> Iterator[ControlTower]:
    """A landing zone with one registered unit, in which everything is done at once; see `unit_of`."""
    yield control_tower.set_up(PRODUCT, [(unique("registered"),)], remediation=False)
    failures.clear()


class Pause:
    """Stops the time of Control Tower from `begin` to `end`; accounts are made before."""

    def __init__(self, found: Tower, monkeypatch: pytest.MonkeyPatch) -> None:
        self._tower, self._monkeypatch = found, monkeypatch

    def begin(self) -> None:
        self._monkeypatch.setenv("AVM_LOCAL_TIME_SCALE", "1")
        self._monkeypatch.setattr(account_factory, "START_SECONDS", 0)

    def end(self) -> None:
        self._monkeypatch.setenv("AVM_LOCAL_TIME_SCALE", "0")
        self._tower.hurry.set()


@pytest.fixture
def paused(landing_zone: ControlTower, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pause]:
    """A pause that has not begun; it ends with the test."""
    pause = Pause(tower(), monkeypatch)
    yield pause
    pause.end()


@pytest.fixture
def provisioner(client: Callable[..., Any], landing_zone: ControlTower) -> Any:
    """Service Catalog as a role that is associated with the portfolio and may do everything."""
    return service_catalog(client, landing_zone, allow("*"))


def tower() -> Tower:
    """The landing zone behind the API."""
    found = tower_of(MANAGEMENT)
    assert found is not None
    return found


def unit_of(landing_zone: ControlTower) -> tuple[str, str]:
    """Id of the registered unit, and how the Account Factory names it."""
    (path, unit_id), *_ = landing_zone.unit_ids.items()
    return unit_id, f"{path[-1]} ({unit_id})"


def service_catalog(client: Callable[..., Any], landing_zone: ControlTower, policy: dict[str, Any]) -> Any:
    """Service Catalog as a new associated role with that policy."""
    role = new_role(client, MANAGEMENT, trust(f"arn:aws:iam::{MANAGEMENT}:root"), policy)
    control_tower.associate(landing_zone.portfolio_id, role)
    return client("servicecatalog", credentials=session(client, role))


def add_execution_role(client: Callable[..., Any], account_id: str, trusted: str = MANAGEMENT) -> None:
    """What an account needs before it can be enrolled."""
    iam = client("iam", account_id)
    document = trust(f"arn:aws:iam::{trusted}:root")
    iam.create_role(RoleName=EXECUTION_ROLE, AssumeRolePolicyDocument=document)
    iam.attach_role_policy(RoleName=EXECUTION_ROLE, PolicyArn=ADMINISTRATOR)


def eligible_account(client: Callable[..., Any], organizations: Any) -> dict[str, str]:
    """A new account with the execution role."""
    account = plain_account(organizations)
    add_execution_role(client, account["Id"])
    return account


def plain_account(organizations: Any) -> dict[str, str]:
    """A new account, ready for everything."""
    account: dict[str, str] = organizations.describe_account(AccountId=new_account(organizations))["Account"]
    assert readiness.services_ready(account["Id"])
    return account


def parameters(account: dict[str, str], unit: str, **changes: str) -> list[dict[str, str]]:
    """All provisioning parameters."""
    values = {
        "AccountEmail": account["Email"],
        "AccountName": account["Name"],
        "ManagedOrganizationalUnit": unit,
        "SSOUserEmail": "owner@example.com",
        "SSOUserFirstName": "Ada",
        "SSOUserLastName": "Lovelace",
        **changes,
    }
    return [{"Key": key, "Value": value} for key, value in values.items()]


def active_artifact(client: Callable[..., Any]) -> str:
    """The id of the version that can be provisioned."""
    found = client("servicecatalog").list_provisioning_artifacts(ProductId=PRODUCT)["ProvisioningArtifactDetails"]
    return next(str(one["Id"]) for one in found if one["Active"])


def request(client: Callable[..., Any], account: dict[str, str], unit: str, **changes: Any) -> dict[str, Any]:
    """The request to provision an account."""
    return {
        "ProductId": PRODUCT,
        "ProvisioningArtifactId": active_artifact(client),
        "ProvisionedProductName": f"Enroll-{account['Id']}",
        "ProvisionToken": unique("token"),
        "ProvisioningParameters": parameters(account, unit),
        **changes,
    }


def ended(provisioner: Any, answer: dict[str, Any]) -> dict[str, Any]:
    """The record of a request at its end."""

    def look() -> dict[str, Any] | None:
        record: dict[str, Any] = provisioner.describe_record(Id=answer["RecordDetail"]["RecordId"])["RecordDetail"]
        return record if record["Status"] in ("SUCCEEDED", "FAILED") else None

    return dict(eventually(look))


def baseline_of(client: Callable[..., Any], target_arn: str) -> dict[str, Any] | None:
    """The enabled baseline of a unit or an account."""
    found = client("controltower").list_enabled_baselines(
        filter={"targetIdentifiers": [target_arn]}, includeChildren=True
    )["enabledBaselines"]
    return dict(found[0]) if found else None


def parent_of(organizations: Any, account_id: str) -> str:
    """Where an account sits."""
    return str(organizations.list_parents(ChildId=account_id)["Parents"][0]["Id"])


@pytest.fixture
def unit(landing_zone: ControlTower) -> str:
    """The registered unit as the Account Factory names it."""
    return unit_of(landing_zone)[1]


@pytest.fixture
def unit_id(landing_zone: ControlTower) -> str:
    return unit_of(landing_zone)[0]


@pytest.fixture
def account(client: Callable[..., Any], organizations: Any, landing_zone: ControlTower) -> dict[str, str]:
    """An account that can be enrolled."""
    return eligible_account(client, organizations)


@pytest.fixture
def enrolled(client: Callable[..., Any], provisioner: Any, account: dict[str, str], unit: str) -> dict[str, str]:
    """An account that is enrolled; its product is called Enroll-<id>."""
    record = ended(provisioner, provisioner.provision_product(**request(client, account, unit)))
    assert record["Status"] == "SUCCEEDED", record["RecordErrors"]
    return account


def product_of(provisioner: Any, account: dict[str, str]) -> dict[str, Any]:
    answer = provisioner.describe_provisioned_product(Name=f"Enroll-{account['Id']}")
    return dict(answer["ProvisionedProductDetail"])


def failure(provisioner: Any, answer: dict[str, Any]) -> dict[str, str]:
    """The error of a record that fails."""
    record = ended(provisioner, answer)
    assert record["Status"] == "FAILED"
    return dict(record["RecordErrors"][0])


@pytest.fixture
def plain_unit(organizations: Any, root_id: str, landing_zone: ControlTower) -> dict[str, str]:
    """A unit that is not registered."""
    made: dict[str, str] = organizations.create_organizational_unit(ParentId=root_id, Name=unique("plain"))[
        "OrganizationalUnit"
    ]
    return made


def move(organizations: Any, account: dict[str, str], destination: str) -> None:
    source = parent_of(organizations, account["Id"])
    organizations.move_account(
        AccountId=account["Id"], SourceParentId=source, DestinationParentId=destination
    )


def status_of(client: Callable[..., Any], target: str) -> str | None:
    found = baseline_of(client, target)
    return found["statusSummary"]["status"] if found else None
