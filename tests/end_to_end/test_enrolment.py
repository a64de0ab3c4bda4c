"""The enrolment with Control Tower: by the Account Factory and by a move, with what goes wrong there and its repair.

Landing zones of these tests do nothing else, but where the access role has to be downgraded first. Registered units of
their own: `first` and `second`, and `inner` below `first`; `plain` is not registered.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from platform_team import EXECUTION_ROLE, PlatformTeam, wait_until
from vending import Vending, subscribe, writes

from meshstack_client import Inventory

ENROLMENT_ROLE = "AVMEnrolmentRole"
RECORDER = "AWS Control Tower cannot create an AWS Config delivery channel because one already exists."


@dataclass(frozen=True)
class Units:
    """Organizational units, each as Organizations describes it."""

    first: dict[str, str]
    second: dict[str, str]
    inner: dict[str, str]
    plain: dict[str, str]


@pytest.fixture(scope="module")
def team(environment, landing_zones) -> PlatformTeam:
    """The platform team, at the console of Control Tower."""
    return PlatformTeam(environment, landing_zones.platform()["controlTower"]["accountFactoryProductId"])


@pytest.fixture(scope="module")
def units(team) -> Units:
    """Units of these tests."""
    first = team.register(team.unit("Enrolment first"))
    return Units(
        first=first,
        second=team.register(team.unit("Enrolment second")),
        inner=team.register(team.unit("Inner", first["Id"])),
        plain=team.unit("Enrolment plain"),
    )


@pytest.fixture(scope="module")
def notices(environment) -> Callable[[], list[str]]:
    """Takes what the operators have been told since."""
    return subscribe(environment, "enrolment-failures")


@pytest.fixture
def vending(meshstack, operator) -> Vending:
    """Calls, and waits for the end."""
    return Vending(meshstack, operator)


@pytest.fixture
def zone(landing_zones, project) -> Callable[..., str]:
    """Deploys a landing zone that enrols into a unit, and does nothing else unless told so."""

    def deploy(unit: dict[str, str], enrolment: str = "service-catalog", **changes: Any) -> str:
        settings = {"accessStack": None, "stackSets": None, "downgrade": "none", **changes}
        name = f"{project}-{unit['Id']}-{enrolment}"
        return landing_zones.deploy(
            name, like="sandbox", organizationalUnit=unit["Id"], enrolment=enrolment, **settings
        )

    return deploy


@pytest.fixture
def platform(landing_zones) -> Iterator[Callable[..., None]]:
    """Changes settings of Control Tower in the platform document; they are put back."""
    before = landing_zones.platform()

    def change(**settings: Any) -> None:
        landing_zones.deploy_platform({**before, "controlTower": {**before["controlTower"], **settings}})

    yield change
    landing_zones.deploy_platform(before)


@pytest.fixture
def ask(meshstack, project) -> Callable[..., dict[str, Any]]:
    """The request of an account for a landing zone; the same again runs again."""

    def payload(account: dict[str, Any], zone: str) -> dict[str, Any]:
        return meshstack.payload(account, "space", project, LandingZone=zone, Force="true")

    return payload


@pytest.fixture
def inside(environment) -> Callable[[dict[str, Any]], Inventory]:
    """What an operator finds of an account."""
    return lambda account: Inventory(environment, account["Id"])


def enrolment(output: dict[str, Any]) -> tuple[str, str | None]:
    """What the enrolment says it did, and what became of the execution role."""
    done = output["Enrolment"]
    return done["Change"], done.get("ExecutionRole")


def statuses(found: Inventory) -> list[str]:
    """The statuses of an account's provisioned products."""
    return [product["Status"] for product in found.provisioned_products()]


# By the Account Factory.


def test_an_account_is_enrolled_by_the_account_factory_and_the_same_again_writes_nothing(
    vending, local_aws, operator, inside, units, zone, ask, make_account
):
    account = make_account()
    payload = ask(account, zone(units.first))

    assert enrolment(vending.succeed(payload)) == ("enrolled", "kept")

    assert operator.organizational_unit_path(account["Id"]) == "/Enrolment first"
    assert inside(account).enrolment() == "SUCCEEDED"
    assert statuses(inside(account)) == ["AVAILABLE"]
    assert inside(account).has_role(EXECUTION_ROLE)
    mark = local_aws.mark()
    assert enrolment(vending.succeed(payload)) == ("none", None)
    assert writes(local_aws.calls(mark)) == []


@pytest.mark.parametrize("guarded", [True, False])
def test_a_failed_enrolment_says_what_to_do_and_the_same_request_repairs_it(
    vending, meshstack, notices, local_aws, operator, inside, team, units, zone, ask, make_account, guarded
):
    account = make_account()
    payload = ask(account, zone(units.first))
    notices()
    with team.landing_zone(mandatory_controls=guarded):
        team.fail_next(account, RECORDER)
        execution = vending.fail(payload, "EnrolmentFailed")

        assert RECORDER in execution["cause"]
        assert (f"{EXECUTION_ROLE} is still in the account" in execution["cause"]) is guarded
        assert inside(account).has_role(EXECUTION_ROLE) is guarded
        tags = meshstack.tags(account["Id"])
        assert (tags["avm:failed-step"], tags["avm:failed-error"]) == ("Enroll", "EnrolmentFailed")
        assert "delivery channel because one already exists" in tags["avm:failed-cause"]
        assert "delete the configuration recorders and delivery channels" in tags["avm:failed-remedy"]
        (notice,) = notices()
        for words in (RECORDER, "delete the configuration recorders", account["Id"], "EnrolmentFailed"):
            assert words in notice
        assert inside(account).provisioned_products() == []
        mark = local_aws.mark()

        assert enrolment(vending.succeed(payload)) == ("repaired", "kept")

        written = writes(local_aws.calls(mark))
        assert [action for action in written if not action.startswith("iam:")] == [
            "servicecatalog:TerminateProvisionedProduct",
            "organizations:MoveAccount",
            "servicecatalog:ProvisionProduct",
        ]
    assert operator.organizational_unit_path(account["Id"]) == "/Enrolment first"
    assert statuses(inside(account)) == ["AVAILABLE"]
    assert inside(account).enrolment() == "SUCCEEDED"
    assert not [key for key in meshstack.tags(account["Id"]) if key.startswith("avm:failed")]
