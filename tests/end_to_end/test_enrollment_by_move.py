"""The enrollment with Control Tower by a move into a registered unit, and what its failure leaves.

The strategy `auto`: no product of the Account Factory is involved.
"""

import pytest
from enrollment_scene import Scene, State, shared_scene

RECORDER = "AWS Control Tower cannot create an AWS Config delivery channel because one already exists."
MOVE = "organizations:MoveAccount"


@pytest.fixture(scope="module")
def scene(environment, local_aws) -> Scene:
    """Units, landing zones and accounts of these tests."""
    return shared_scene(environment, local_aws)


def test_a_move_enrolls_an_account_and_the_same_again_writes_nothing(scene):
    account, zone = scene.account(), scene.zone(scene.first, "auto")

    with scene.written() as written:
        assert scene.vend(account, zone) == ("enrolled", None)
    assert written == [MOVE]
    assert scene.state(account) == State("/First", "SUCCEEDED", [])

    with scene.written() as written:
        assert scene.vend(account, zone) == ("none", None)
    assert written == []


def test_a_failed_enrollment_by_a_move_is_told_until_the_unit_is_registered_again(scene):
    account, zone = scene.account(), scene.zone(scene.inner, "auto")
    scene.team.fail_next(account, RECORDER)

    for _ in range(2):
        cause = scene.fail(account, zone, "EnrolmentFailed")
        assert f"the baseline of the account in {scene.inner['Id']} is FAILED" in cause
        assert "re-register its organizational unit" in cause

    scene.team.register_again(scene.inner)
    with scene.written() as written:
        assert scene.vend(account, zone) == ("none", None)
    assert written == []
    assert scene.state(account) == State("/First/Inner", "SUCCEEDED", [])
