"""The enrolment with Control Tower: by the Account Factory and by a move, what goes wrong there, and its repair.

Landing zones of these tests only enrol, but where the access role has to be downgraded first. Units of their own:
`first`, `inner` below it, and `second` are registered, `plain` is not.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from platform_team import ADMINISTRATOR_ACCESS, EXECUTION_ROLE, PlatformTeam, wait_until
from vending import Vending, subscribe, writes

from meshstack_client import Inventory

ACCESS_ROLE = "MeshstackAccountAccessRole"
RECORDER = "AWS Control Tower cannot create an AWS Config delivery channel because one already exists."
NOTHING_ELSE = {"accessStack": None, "stackSets": None, "downgrade": "none"}
ENROLMENT_ROLE = "AVMEnrolmentRole"
NO_PRODUCT = "prod-doesnotexist1"
UPDATE = "servicecatalog:UpdateProvisionedProduct"

Account = dict[str, Any]


@dataclass(frozen=True)
class Units:
    """Organizational units, each as Organizations describes it."""

    first: dict[str, str]
    second: dict[str, str]
    inner: dict[str, str]
    plain: dict[str, str]


@dataclass(frozen=True)
class Vend:
    """A vend that has ended well."""

    account: Account
    execution: dict[str, Any]


@pytest.fixture(scope="module")
def team(environment) -> PlatformTeam:
    """The platform team, at the console of Control Tower."""
    return PlatformTeam(environment)


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


@pytest.fixture(scope="module")
def vending(meshstack, operator) -> Vending:
    """Calls, and waits for the end."""
    return Vending(meshstack, operator)


@pytest.fixture(scope="module")
def zone(landing_zones) -> Callable[..., str]:
    """Deploys a landing zone that enrols into a unit, and does nothing else unless told so."""

    def deploy(unit: dict[str, str], enrolment: str = "service-catalog", **changes: Any) -> str:
        settings = {"organizationalUnit": unit["Id"], "enrolment": enrolment, **NOTHING_ELSE, **changes}
        return landing_zones.deploy(f"{unit['Id']}-{enrolment}-{len(changes)}", like="sandbox", **settings)

    return deploy


@pytest.fixture(scope="module")
def ask(meshstack) -> Callable[[Account, str], dict[str, Any]]:
    """The request of an account for a landing zone; the same again runs again."""

    def payload(account: Account, zone: str) -> dict[str, Any]:
        return meshstack.payload(account, "space", account["Name"], LandingZone=zone, Force="true")

    return payload


@pytest.fixture(scope="module")
def inside(environment) -> Callable[[Account], Inventory]:
    """What an operator finds of an account."""
    return lambda account: Inventory(environment, account["Id"])


@pytest.fixture(scope="module")
def six(meshstack, vending, units, zone, ask) -> list[Vend]:
    """Six vends at the same moment, into the first unit."""
    with ThreadPoolExecutor(5) as pool:
        names = [f"of-six-{number}" for number in range(6)]
        accounts = list(pool.map(lambda name: meshstack.create_account(name, f"aws+{name}@example.com"), names))
    name = zone(units.first)
    executions = vending.succeed_together([ask(account, name) for account in accounts])
    return [Vend(*one) for one in zip(accounts, executions, strict=True)]


@pytest.fixture(scope="module")
def enrolled_accounts(six) -> Iterator[Account]:
    """Their accounts, each for one test."""
    return (vend.account for vend in six)


@pytest.fixture
def enrolled(enrolled_accounts) -> Account:
    """An account that is enrolled in the first unit, for this test alone."""
    return next(enrolled_accounts)


@pytest.fixture
def platform(landing_zones) -> Iterator[Callable[..., None]]:
    """Changes settings of Control Tower in the platform document; they are put back."""
    before = landing_zones.platform()

    def change(**settings: Any) -> None:
        landing_zones.deploy_platform({**before, "controlTower": {**before["controlTower"], **settings}})

    yield change
    landing_zones.deploy_platform(before)


def enrolment(output: dict[str, Any]) -> tuple[str, str | None]:
    """What the enrolment says it did, and what became of the execution role."""
    done = output["Enrolment"]
    return done["Change"], done.get("ExecutionRole")


def statuses(found: Inventory) -> list[str]:
    """The statuses of an account's provisioned products."""
    return [product["Status"] for product in found.provisioned_products()]


# By the Account Factory.


def test_six_vends_at_once_share_the_five_places_and_all_end_well(vending, operator, inside, six):
    waited = [words for vend in six for words in vending.waited_for(vend.execution)]
    assert any("room among the account operations" in words for words in waited)
    for vend in six:
        found = inside(vend.account)
        assert operator.organizational_unit_path(vend.account["Id"]) == "/Enrolment first"
        assert found.enrolment() == "SUCCEEDED"
        assert statuses(found) == ["AVAILABLE"]
        assert found.has_role(EXECUTION_ROLE)


def test_the_same_again_finds_the_account_enrolled_and_writes_nothing(
    vending, local_aws, units, zone, ask, enrolled
):
    mark = local_aws.mark()

    assert enrolment(vending.succeed(ask(enrolled, zone(units.first)))) == ("none", None)

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


def test_what_a_failed_move_has_left_tainted_is_applied_again(
    vending, local_aws, operator, inside, team, units, zone, ask, enrolled
):
    payload = ask(enrolled, zone(units.second))
    team.fail_next(enrolled, "AWS Control Tower could not baseline VPC in the account.")

    execution = vending.fail(payload, "EnrolmentFailed")

    assert "could not move the account" in execution["cause"]
    assert "delete the default VPC" in execution["cause"]
    assert statuses(inside(enrolled)) == ["TAINTED"]
    mark = local_aws.mark()
    assert enrolment(vending.succeed(payload)) == ("repaired", "kept")
    assert writes(local_aws.calls(mark)) == [UPDATE]
    assert statuses(inside(enrolled)) == ["AVAILABLE"]
    assert inside(enrolled).enrolment() == "SUCCEEDED"
    assert operator.organizational_unit_path(enrolled["Id"]) == "/Enrolment second"


def test_a_landing_zone_with_another_registered_unit_moves_the_account_by_its_product(
    vending, local_aws, operator, inside, units, zone, ask, enrolled
):
    (before,) = inside(enrolled).provisioned_products()
    mark = local_aws.mark()

    assert enrolment(vending.succeed(ask(enrolled, zone(units.second)))) == ("moved", "kept")

    assert writes(local_aws.calls(mark)) == [UPDATE]
    assert operator.organizational_unit_path(enrolled["Id"]) == "/Enrolment second"
    (after,) = inside(enrolled).provisioned_products()
    assert (after["Id"], after["Status"]) == (before["Id"], "AVAILABLE")
    assert inside(enrolled).enrolment() == "SUCCEEDED"


def test_an_account_that_is_enrolled_below_the_target_stays_there_under_hierarchical_assignment(
    vending, local_aws, operator, units, zone, ask, enrolled
):
    assert enrolment(vending.succeed(ask(enrolled, zone(units.inner)))) == ("moved", "kept")
    mark = local_aws.mark()

    output = vending.succeed(ask(enrolled, zone(units.first, hierarchicalAssignment=True)))

    assert enrolment(output) == ("none", None)
    assert writes(local_aws.calls(mark)) == []
    assert operator.organizational_unit_path(enrolled["Id"]) == "/Enrolment first/Inner"


def test_an_account_that_the_platform_team_has_provisioned_is_left_alone(
    vending, local_aws, inside, team, units, zone, ask, make_account
):
    account = make_account()
    vending.succeed(ask(account, zone(units.plain, "none")))
    team.provision(account, units.first, "of-the-platform-team")
    mark = local_aws.mark()

    assert enrolment(vending.succeed(ask(account, zone(units.first)))) == ("none", None)

    assert writes(local_aws.calls(mark)) == []
    assert [product["Name"] for product in inside(account).provisioned_products()] == ["of-the-platform-team"]


def test_an_account_that_a_move_has_enrolled_is_left_alone_without_a_provisioned_product(
    vending, local_aws, inside, team, units, zone, ask, make_account
):
    account = make_account()
    team.move(account, units.first)
    wait_until(lambda: inside(account).enrolment() == "SUCCEEDED")
    mark = local_aws.mark()

    assert enrolment(vending.succeed(ask(account, zone(units.first)))) == ("none", None)
    execution = vending.fail(ask(account, zone(units.second)), "EnrolmentNotPossible")

    assert "enrolled without a provisioned product" in execution["cause"]
    assert "set the landing zone's enrolment to auto" in execution["cause"]
    assert writes(local_aws.calls(mark)) == []
    assert statuses(inside(account)) == []


def test_a_landing_zone_that_is_being_changed_is_waited_for(
    vending, meshstack, operator, inside, team, units, zone, ask, make_account
):
    account = make_account()
    with team.landing_zone(status="PROCESSING"):
        started = meshstack.invoke(ask(account, zone(units.first)))
        wait_until(lambda: any("an operation on the landing zone" in words for words in vending.waited_for(started)))

    execution = operator.wait_for_end(started["executionArn"])

    assert execution["status"] == "SUCCEEDED", (execution.get("error"), execution.get("cause"))
    assert statuses(inside(account)) == ["AVAILABLE"]
    assert inside(account).enrolment() == "SUCCEEDED"


def test_a_lost_answer_makes_no_second_product(vending, local_aws, inside, units, zone, ask, make_account):
    account = make_account()
    # As often as the step itself tries again: the machine has to call the step anew.
    local_aws.inject(
        code="InternalServerException",
        status=500,
        service="servicecatalog",
        action="ProvisionProduct",
        when="after",
        count=3,
    )
    mark = local_aws.mark()

    assert enrolment(vending.succeed(ask(account, zone(units.first)))) == ("enrolled", "kept")

    calls = [call for call in local_aws.calls(mark) if call["action"] == "servicecatalog:ProvisionProduct"]
    assert [call["injected"] for call in calls] == [True, True, True]
    assert statuses(inside(account)) == ["AVAILABLE"]


# What is refused before anything is written.


@pytest.fixture
def refuse(vending, local_aws, inside, ask, make_account) -> Callable[..., str]:
    """A vend that must be refused by the enrolment, with nothing written: its cause and remedy."""

    def refuse(zone: str, error: str = "EnrolmentNotPossible") -> str:
        account = make_account()
        mark = local_aws.mark()
        execution = vending.fail(ask(account, zone), error)
        assert writes(local_aws.calls(mark)) == []
        assert not inside(account).has_role(EXECUTION_ROLE)
        return execution["cause"]

    return refuse


@pytest.mark.parametrize("enrolment", ["service-catalog", "auto"])
def test_a_unit_that_is_not_registered_is_refused(refuse, units, zone, enrolment):
    cause = refuse(zone(units.plain, enrolment))

    assert f"{units.plain['Id']} is not registered with AWS Control Tower" in cause
    assert "register the organizational unit" in cause


def test_a_unit_that_does_not_exist_is_refused_with_what_the_enrolment_needs(refuse, units, zone):
    cause = refuse(zone(units.first, organizationalUnit="Enrolment first/Nowhere"), "UnknownOrganizationalUnit")

    assert "Enrolment first/Nowhere" in cause
    assert "register it with AWS Control Tower" in cause


def test_an_enrolment_role_outside_of_the_portfolio_is_refused(refuse, team, units, zone):
    with team.without_launch_path(ENROLMENT_ROLE):
        cause = refuse(zone(units.first))

    assert "the enrolment role has no launch path to the product" in cause
    assert "make the enrolment role a principal of the Account Factory's portfolio" in cause


def test_a_drifted_landing_zone_is_refused_for_it_closes_the_launch_path(refuse, team, units, zone):
    with team.landing_zone(drift="DRIFTED"):
        assert "repair drift of the landing zone" in refuse(zone(units.first))


def test_a_product_that_does_not_exist_is_refused(refuse, platform, team, units, zone):
    platform(accountFactoryProductId=NO_PRODUCT)
    with team.access_to_product(ENROLMENT_ROLE, NO_PRODUCT):
        cause = refuse(zone(units.first))

    assert f"the product {NO_PRODUCT} does not exist in Service Catalog" in cause
    assert "correct controlTower.accountFactoryProductId" in cause


def test_a_product_that_the_roles_do_not_know_is_refused(refuse, local_aws, platform, units, zone):
    platform(accountFactoryProductId=NO_PRODUCT)
    # The role's policy would refuse both looks itself: so the whole run knows that this is wanted.
    local_aws.inject(code="AccessDeniedException", service="servicecatalog", resource=NO_PRODUCT, count=2)

    cause = refuse(zone(units.first))

    assert "AccessDeniedException" in cause
    assert "the parameter AccountFactoryProductId of the vending roles" in cause


def test_a_landing_zone_of_control_tower_without_remediation_is_refused_for_auto(refuse, team, units, zone):
    with team.landing_zone(remediation=False):
        cause = refuse(zone(units.first, "auto"))

    assert "does not enrol accounts that are moved into a registered unit" in cause
    assert "remediation of inheritance drift" in cause


# Through an access role that an earlier vend has downgraded.


def vended_before(downgrade, vending, landing_zones, ask, account) -> str:
    """The name of a landing zone with everything that a downgrade needs, in which the account was vended."""
    name = landing_zones.deploy(f"before-{downgrade}", like="sandbox", downgrade=downgrade)
    vending.succeed(ask(account, name))
    return name


def test_the_standard_minimum_is_enough_to_enrol_an_account_later(
    vending, landing_zones, operator, inside, units, ask, make_account
):
    account = make_account()
    before = vended_before("standard", vending, landing_zones, ask, account)
    policies = operator.role_policies(account["Id"], ACCESS_ROLE)
    after = landing_zones.deploy(
        "after-standard", like=before, organizationalUnit=units.first["Id"], enrolment="service-catalog"
    )

    output = vending.succeed(ask(account, after))

    assert enrolment(output) == ("enrolled", "kept")
    assert inside(account).enrolment() == "SUCCEEDED"
    assert operator.role_policies(account["Id"], EXECUTION_ROLE)["attached"] == [ADMINISTRATOR_ACCESS]
    assert operator.role_policies(account["Id"], ACCESS_ROLE) == policies


def test_the_strict_minimum_is_not_and_the_failure_says_what_to_make_by_hand(
    vending, meshstack, local_aws, landing_zones, inside, team, units, ask, make_account
):
    account = make_account()
    before = vended_before("strict", vending, landing_zones, ask, account)
    after = landing_zones.deploy(
        "after-strict", like=before, organizationalUnit=units.first["Id"], enrolment="service-catalog"
    )
    mark = local_aws.mark()

    vending.fail(ask(account, after), "AccessDenied")

    assert [action for action in writes(local_aws.calls(mark)) if action != "iam:CreateRole"] == []
    remedy = meshstack.tags(account["Id"])["avm:failed-remedy"]
    assert f"make the role {EXECUTION_ROLE} in the account through OrganizationAccountAccessRole" in remedy

    team.make_execution_role(account)
    assert enrolment(vending.succeed(ask(account, after))) == ("enrolled", "kept")
    assert inside(account).enrolment() == "SUCCEEDED"


# The execution role, where the platform wants it away.


def test_the_execution_role_is_removed_and_made_again_for_the_next_move(
    vending, operator, inside, team, platform, units, zone, ask, enrolled
):
    platform(executionRole="remove")
    with team.landing_zone(mandatory_controls=False):
        assert enrolment(vending.succeed(ask(enrolled, zone(units.second)))) == ("moved", "removed")
        assert not inside(enrolled).has_role(EXECUTION_ROLE)

        output = vending.succeed(ask(enrolled, zone(units.first)))

    assert enrolment(output) == ("moved", "removed")
    assert not inside(enrolled).has_role(EXECUTION_ROLE)
    assert inside(enrolled).enrolment() == "SUCCEEDED"
    assert operator.organizational_unit_path(enrolled["Id"]) == "/Enrolment first"


def test_the_execution_role_stays_where_a_control_guards_it_and_the_vend_says_so(
    vending, inside, platform, units, zone, ask, enrolled
):
    platform(executionRole="remove")

    assert enrolment(vending.succeed(ask(enrolled, zone(units.second)))) == ("moved", "guarded")

    assert inside(enrolled).has_role(EXECUTION_ROLE)


# By a move.


def test_a_move_enrols_an_account_and_the_same_again_writes_nothing(
    vending, local_aws, operator, inside, units, zone, ask, make_account
):
    account = make_account()
    payload = ask(account, zone(units.first, "auto"))
    mark = local_aws.mark()

    assert enrolment(vending.succeed(payload)) == ("enrolled", None)

    assert writes(local_aws.calls(mark)) == ["organizations:MoveAccount"]
    assert operator.organizational_unit_path(account["Id"]) == "/Enrolment first"
    assert inside(account).enrolment() == "SUCCEEDED"
    mark = local_aws.mark()
    assert enrolment(vending.succeed(payload)) == ("none", None)
    assert writes(local_aws.calls(mark)) == []

    assert enrolment(vending.succeed(ask(account, zone(units.second, "auto")))) == ("moved", None)
    assert operator.organizational_unit_path(account["Id"]) == "/Enrolment second"
    assert inside(account).enrolment() == "SUCCEEDED"


def test_a_failed_enrolment_by_a_move_is_told_until_the_unit_is_registered_again(
    vending, meshstack, local_aws, inside, team, units, zone, ask, make_account
):
    account = make_account()
    payload = ask(account, zone(units.first, "auto"))
    team.fail_next(account, RECORDER)

    for _ in range(2):
        execution = vending.fail(payload, "EnrolmentFailed")
        assert f"the baseline of the account in {units.first['Id']} is FAILED" in execution["cause"]
        assert "re-register its organizational unit" in meshstack.tags(account["Id"])["avm:failed-remedy"]

    team.register_again(units.first)
    mark = local_aws.mark()
    assert enrolment(vending.succeed(payload)) == ("none", None)
    assert writes(local_aws.calls(mark)) == []
    assert inside(account).enrolment() == "SUCCEEDED"


def test_the_account_factory_takes_over_what_a_move_could_not_enrol(
    vending, local_aws, operator, inside, team, units, zone, ask, make_account
):
    account = make_account()
    team.fail_next(account, RECORDER)
    vending.fail(ask(account, zone(units.first, "auto")), "EnrolmentFailed")
    mark = local_aws.mark()

    assert enrolment(vending.succeed(ask(account, zone(units.first)))) == ("enrolled", "kept")

    written = writes(local_aws.calls(mark))
    assert written[0] == "organizations:MoveAccount"
    assert written[-1] == "servicecatalog:ProvisionProduct"
    assert operator.organizational_unit_path(account["Id"]) == "/Enrolment first"
    assert inside(account).enrolment() == "SUCCEEDED"
