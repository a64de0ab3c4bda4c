"""What the enrollment with Control Tower refuses before anything is written: the preflight of both strategies.

One account is enough for all of it, since nothing may happen to it.
"""

from collections.abc import Callable, Iterator

import pytest
from enrollment_scene import Account, Scene, State, shared_scene

ENROLLMENT_ROLE = "AVMEnrollmentRole"
NO_PRODUCT = "prod-doesnotexist1"
ANOTHER_PRODUCT = "prod-notofthefactory"


@pytest.fixture(scope="module")
def scene(environment, local_aws) -> Scene:
    """Units, landing zones and accounts of these tests."""
    return shared_scene(environment, local_aws)


@pytest.fixture(scope="module")
def refused_account(scene) -> Account:
    """One account for all that is refused: nothing may happen to it."""
    return scene.account()


@pytest.fixture
def refuse(scene, refused_account) -> Callable[..., str]:
    """A vend that must be refused by the enrollment, with nothing written: its cause and remedy."""

    def refuse(zone: str, error: str = "EnrolmentNotPossible") -> str:
        with scene.written() as written:
            cause = scene.fail(refused_account, zone, error)
        assert written == []
        assert scene.state(refused_account) == State("/", None, [])
        return cause

    return refuse


@pytest.mark.parametrize("enrollment", ["service-catalog", "auto"])
def test_a_unit_that_is_not_registered_is_refused(scene, refuse, enrollment):
    cause = refuse(scene.zone(scene.plain, enrollment))

    assert f"{scene.plain['Id']} is not registered with AWS Control Tower" in cause
    assert "register the organizational unit" in cause


def test_a_unit_that_does_not_exist_is_refused_with_what_the_enrollment_needs(scene, refuse):
    cause = refuse(scene.zone(scene.first, organizationalUnit="First/Nowhere"), "UnknownOrganizationalUnit")

    assert "First/Nowhere" in cause
    assert "register it with AWS Control Tower" in cause


def test_an_enrollment_role_outside_of_the_portfolio_is_refused(scene, refuse):
    with scene.team.without_launch_path(ENROLLMENT_ROLE):
        cause = refuse(scene.zone(scene.first))

    assert "the enrollment role has no launch path to the product" in cause
    assert "make the enrollment role a principal of the Account Factory's portfolio" in cause


def test_a_drifted_landing_zone_is_refused_for_it_closes_the_launch_path(scene, refuse):
    with scene.team.landing_zone(drift="DRIFTED"):
        assert "repair drift of the landing zone" in refuse(scene.zone(scene.first))


@pytest.fixture
def other_product(scene) -> Iterator[str]:
    """The platform document names a product that does not exist, and the enrollment role may see it."""
    with (
        scene.platform(accountFactoryProductId=NO_PRODUCT),
        scene.team.access_to_product(ENROLLMENT_ROLE, NO_PRODUCT),
    ):
        yield NO_PRODUCT


def test_a_product_that_does_not_exist_is_refused(scene, refuse, other_product):
    cause = refuse(scene.zone(scene.first))

    assert f"the product {other_product} does not exist in Service Catalog" in cause
    assert "correct controlTower.accountFactoryProductId" in cause


def test_a_product_that_the_enrollment_role_may_not_use_is_refused(scene, refuse):
    mark = scene.local_aws.mark()
    with scene.platform(accountFactoryProductId=ANOTHER_PRODUCT):
        cause = refuse(scene.zone(scene.first))
    scene.local_aws.expect_refusals(mark)

    assert "AccessDeniedException" in cause
    assert "the parameter AccountFactoryProductId of the vending roles" in cause


def test_a_landing_zone_of_control_tower_without_remediation_is_refused_for_auto(scene, refuse):
    with scene.team.landing_zone(remediation=False):
        cause = refuse(scene.zone(scene.first, "auto"))

    assert "does not enroll accounts that are moved into a registered unit" in cause
    assert "remediation of inheritance drift" in cause
