"""The enrollment with Control Tower by the Account Factory: what goes wrong there, its repair, and the execution role.

Landing zones of these tests only enroll, but where the access role has to be downgraded first.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from enrollment_scene import EXECUTION_ROLE, Account, Scene, State, shared_scene
from platform_team import ADMINISTRATOR_ACCESS, wait_until
from vending import subscribe

ACCESS_ROLE = "MeshstackAccountAccessRole"
RECORDER = "AWS Control Tower cannot create an AWS Config delivery channel because one already exists."
VPC = "AWS Control Tower could not baseline VPC in the account."
MOVE = "organizations:MoveAccount"
PROVISION = "servicecatalog:ProvisionProduct"
UPDATE = "servicecatalog:UpdateProvisionedProduct"
TERMINATE = "servicecatalog:TerminateProvisionedProduct"

IN_FIRST = State("/First", "SUCCEEDED", ["AVAILABLE"])
IN_SECOND = State("/Second", "SUCCEEDED", ["AVAILABLE"])


@pytest.fixture(scope="module")
def scene(environment, local_aws) -> Scene:
    """Units, landing zones and accounts of these tests."""
    return shared_scene(environment, local_aws)


@pytest.fixture(scope="module")
def notices(environment) -> Callable[[], list[str]]:
    """Takes what the operators have been told since."""
    return subscribe(environment, "enrollment-failures")


@pytest.fixture(scope="module")
def six(scene) -> list[tuple[Account, dict[str, Any]]]:
    """Six accounts that were enrolled at the same moment into the first unit, with the executions that did it."""
    accounts, zone = scene.accounts(6), scene.zone(scene.first)
    executions = scene.vending.succeed_together([scene.request(account, zone) for account in accounts])
    return list(zip(accounts, executions, strict=True))


@pytest.fixture(scope="module")
def enrolled_accounts(six) -> Iterator[Account]:
    """These accounts, each for one test."""
    return (account for account, _ in six)


@pytest.fixture
def enrolled(enrolled_accounts) -> Account:
    """An account that is enrolled in the first unit, for this test alone."""
    return next(enrolled_accounts)


# By the Account Factory.


def test_six_vends_at_once_share_the_five_places_and_all_end_well(scene, six):
    waited = [words for _, execution in six for words in scene.vending.waited_for(execution)]
    assert any("room among the account operations" in words for words in waited)
    for account, _ in six:
        assert scene.state(account) == IN_FIRST
        assert scene.has_role(account)


def test_the_same_again_finds_the_account_enrolled_and_writes_nothing_by_either_strategy(scene, enrolled):
    for strategy in ("service-catalog", "auto"):
        with scene.written() as written:
            assert scene.vend(enrolled, scene.zone(scene.first, strategy)) == ("none", None)
        assert written == []


@pytest.mark.refuses("MeshstackAccountAccessRole", "iam:DetachRolePolicy")
@pytest.mark.parametrize("guarded", [True, False])
def test_a_failed_enrollment_says_what_to_do_and_takes_its_role_away_where_it_may(scene, notices, guarded):
    account, zone = scene.account(), scene.zone(scene.first)
    notices()
    with scene.team.landing_zone(mandatory_controls=guarded):
        scene.team.fail_next(account, RECORDER)
        cause = scene.fail(account, zone, "EnrolmentFailed")

    assert RECORDER in cause
    assert (f"{EXECUTION_ROLE} is still in the account" in cause) is guarded
    assert scene.has_role(account) is guarded
    tags = scene.meshstack.tags(account["Id"])
    assert (tags["avm:failed-step"], tags["avm:failed-error"]) == ("Enroll", "EnrolmentFailed")
    assert "delivery channel because one already exists" in tags["avm:failed-cause"]
    assert "delete the configuration recorders and delivery channels" in tags["avm:failed-remedy"]
    (notice,) = notices()
    for words in (RECORDER, "delete the configuration recorders", account["Id"], "EnrolmentFailed"):
        assert words in notice


@pytest.mark.refuses("MeshstackAccountAccessRole", "iam:DetachRolePolicy")
def test_the_same_request_repairs_what_a_failed_enrollment_has_left(scene):
    account, zone = scene.account(), scene.zone(scene.first)
    scene.team.fail_next(account, RECORDER)
    scene.fail(account, zone, "EnrolmentFailed")
    assert scene.state(account) == State("/First", "FAILED", [])

    with scene.written() as written:
        assert scene.vend(account, zone) == ("repaired", "kept")

    # The role is still there: a control has guarded it.
    assert written == [TERMINATE, MOVE, PROVISION]
    assert scene.state(account) == IN_FIRST
    assert not [key for key in scene.meshstack.tags(account["Id"]) if key.startswith("avm:failed")]


def test_what_a_failed_move_has_left_tainted_is_applied_again(scene, enrolled):
    zone = scene.zone(scene.second)
    scene.team.fail_next(enrolled, VPC)

    cause = scene.fail(enrolled, zone, "EnrolmentFailed")

    assert "could not move the account" in cause
    assert "delete the default VPC" in cause
    assert scene.state(enrolled) == State("/Second", "FAILED", ["TAINTED"])
    with scene.written() as written:
        assert scene.vend(enrolled, zone) == ("repaired", "kept")
    assert written == [UPDATE]
    assert scene.state(enrolled) == IN_SECOND


def test_a_landing_zone_with_another_registered_unit_moves_the_account_as_its_strategy_says(scene, enrolled):
    (before,) = scene.inside(enrolled).provisioned_products()

    with scene.written() as written:
        assert scene.vend(enrolled, scene.zone(scene.second)) == ("moved", "kept")

    assert written == [UPDATE]
    assert scene.state(enrolled) == IN_SECOND
    (after,) = scene.inside(enrolled).provisioned_products()
    assert after["Id"] == before["Id"]

    with scene.written() as written:
        assert scene.vend(enrolled, scene.zone(scene.first, "auto")) == ("moved", None)
    assert written == [MOVE]
    assert scene.state(enrolled) == IN_FIRST


def test_an_account_that_is_enrolled_below_the_target_stays_there_under_hierarchical_assignment(
    scene, enrolled
):
    assert scene.vend(enrolled, scene.zone(scene.inner)) == ("moved", "kept")

    with scene.written() as written:
        zone = scene.zone(scene.first, hierarchicalAssignment=True)
        assert scene.vend(enrolled, zone) == ("none", None)

    assert written == []
    assert scene.state(enrolled).unit == "/First/Inner"


def test_an_account_that_the_platform_team_has_provisioned_is_left_alone(scene):
    account = scene.account()
    scene.vending.succeed(scene.request(account, scene.zone(scene.plain, "none")))
    scene.team.provision(account, scene.first, "of-the-platform-team")

    with scene.written() as written:
        assert scene.vend(account, scene.zone(scene.first)) == ("none", None)

    assert written == []
    products = scene.inside(account).provisioned_products()
    assert [product["Name"] for product in products] == ["of-the-platform-team"]


def test_an_account_that_a_move_has_enrolled_is_left_alone_without_a_provisioned_product(scene):
    account = scene.account()
    scene.enroll_by_move(account, scene.first)

    with scene.written() as written:
        assert scene.vend(account, scene.zone(scene.first)) == ("none", None)
        cause = scene.fail(account, scene.zone(scene.second), "EnrolmentNotPossible")

    assert "enrolled without a provisioned product" in cause
    assert "set the landing zone's enrollment to auto" in cause
    assert written == []
    assert scene.state(account) == State("/First", "SUCCEEDED", [])


def test_the_account_factory_takes_over_what_a_move_could_not_enroll(scene):
    account = scene.account()
    scene.team.fail_next(account, RECORDER)
    scene.enroll_by_move(account, scene.first, baseline="FAILED")

    with scene.written() as written:
        assert scene.vend(account, scene.zone(scene.first)) == ("enrolled", "kept")

    # Out of the unit, whose controls would guard the role, then back through the product.
    assert written == [MOVE, "iam:CreateRole", "iam:AttachRolePolicy", PROVISION]
    assert scene.state(account) == IN_FIRST


def test_an_account_that_has_drifted_in_its_unit_is_repaired_by_its_product(scene):
    account, zone = scene.account(), scene.zone(scene.first)
    scene.vend(account, zone)
    scene.team.drift(account)

    with scene.written() as written:
        assert scene.vend(account, zone) == ("repaired", "kept")
    assert written == [UPDATE]
    assert scene.vend(account, zone) == ("none", None)


def test_a_landing_zone_that_is_being_changed_is_waited_for(scene):
    account = scene.account()
    with scene.team.landing_zone(status="PROCESSING"):
        started = scene.meshstack.invoke(scene.request(account, scene.zone(scene.first)))
        words = "an operation on the landing zone is in progress"
        wait_until(lambda: any(words in waited for waited in scene.vending.waited_for(started)))

    execution = scene.operator.wait_for_end(started["executionArn"])

    assert execution["status"] == "SUCCEEDED", (execution.get("error"), execution.get("cause"))
    assert scene.state(account) == IN_FIRST


def test_a_lost_answer_makes_no_second_product(scene):
    account = scene.account()
    # As often as the step itself tries again: the machine has to call the step anew.
    scene.local_aws.inject(
        code="InternalServerException",
        status=500,
        service="servicecatalog",
        action="ProvisionProduct",
        when="after",
        count=3,
    )
    mark = scene.local_aws.mark()

    assert scene.vend(account, scene.zone(scene.first)) == ("enrolled", "kept")

    calls = [call for call in scene.local_aws.calls(mark) if call["action"] == PROVISION]
    assert [call["injected"] for call in calls] == [True, True, True]
    assert scene.state(account) == IN_FIRST


# Through an access role that an earlier vend has downgraded.


@pytest.fixture(scope="module")
def downgraded(scene) -> dict[str, Account]:
    """Accounts of landing zones without enrollment, by the policy that their access role was left with."""
    policies = ["standard", "strict"]
    accounts = dict(zip(policies, scene.accounts(2), strict=True))
    scene.vending.succeed_together(
        [scene.request(accounts[policy], scene.downgrading_zone(policy)) for policy in policies]
    )
    return accounts


def enrolling(scene: Scene, policy: str) -> str:
    """The same landing zone, with the enrollment switched on."""
    return scene.downgrading_zone(
        policy, organizationalUnit=scene.first["Id"], enrollment="service-catalog"
    )


def test_the_standard_minimum_is_enough_to_enroll_an_account_later(scene, downgraded):
    account = downgraded["standard"]
    before = scene.operator.role_policies(account["Id"], ACCESS_ROLE)

    assert scene.vend(account, enrolling(scene, "standard")) == ("enrolled", "kept")

    assert scene.state(account) == IN_FIRST
    assert scene.operator.role_policies(account["Id"], EXECUTION_ROLE)["attached"] == [ADMINISTRATOR_ACCESS]
    assert scene.operator.role_policies(account["Id"], ACCESS_ROLE) == before
@pytest.mark.refuses("MeshstackAccountAccessRole", "iam:CreateRole")
def test_the_strict_minimum_is_not_and_the_failure_says_what_to_make_by_hand(scene, downgraded):
    account, zone = downgraded["strict"], enrolling(scene, "strict")

    cause = scene.fail(account, zone, "AccessDenied")

    assert f"make the role {EXECUTION_ROLE} in the account through OrganizationAccountAccessRole" in cause
    assert not scene.has_role(account)
    assert scene.state(account).products == []

    scene.team.make_execution_role(account)
    assert scene.vend(account, zone) == ("enrolled", "kept")
    assert scene.state(account) == IN_FIRST


# The execution role, where the platform wants it away.


def test_the_execution_role_is_removed_and_made_again_for_the_next_move(scene, enrolled):
    with scene.platform(executionRole="remove"), scene.team.landing_zone(mandatory_controls=False):
        assert scene.vend(enrolled, scene.zone(scene.second)) == ("moved", "removed")
        assert not scene.has_role(enrolled)

        assert scene.vend(enrolled, scene.zone(scene.first)) == ("moved", "removed")

    assert not scene.has_role(enrolled)
    assert scene.state(enrolled) == IN_FIRST
@pytest.mark.refuses("MeshstackAccountAccessRole", "iam:DetachRolePolicy")
def test_the_execution_role_stays_where_a_control_guards_it_and_the_vend_says_so(scene, enrolled):
    with scene.platform(executionRole="remove"):
        assert scene.vend(enrolled, scene.zone(scene.second)) == ("moved", "guarded")

    assert scene.has_role(enrolled)
