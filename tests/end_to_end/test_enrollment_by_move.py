"""The enrollment with Control Tower by a move into a registered unit, and what its failure leaves.

The strategy `auto`: no product of the Account Factory is involved.
"""

import pytest
from enrollment_scene import Scene, State, shared_scene
from planning import Planner, steps_to_do

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


def test_a_failed_enrollment_by_a_move_is_told_and_tried_anew_by_the_next_vend(scene):
    account, zone = scene.account(), scene.zone(scene.inner, "auto")

    for _ in range(2):
        scene.team.fail_next(account, RECORDER)
        cause = scene.fail(account, zone, "EnrolmentFailed")
        assert f"the baseline of the account in {scene.inner['Id']} is FAILED" in cause
        assert "moves the account out of its unit and in again" in cause

    with scene.written() as written:
        assert scene.vend(account, zone) == ("repaired", None)
    assert written == [MOVE, MOVE]
    assert scene.state(account) == State("/First/Inner", "SUCCEEDED", [])


def test_accounts_that_are_vended_into_one_unit_at_once_are_all_enrolled(scene):
    """Control Tower enrolls one moved account of a unit at a time, and misses the others."""
    accounts, zone = scene.accounts(4), scene.zone(scene.second, "auto")

    scene.vending.succeed_together([scene.request(account, zone) for account in accounts], seconds=300)

    for account in accounts:
        assert scene.state(account) == State("/Second", "SUCCEEDED", [])


def test_landing_zone_4_governs_by_other_baselines_and_by_controls_alone(scene):
    """A control keeps everybody from the execution role also where there is no baseline: the Account Factory's way is by the root."""
    config, bare = scene.team.unit("Config"), scene.team.unit("Bare")
    account, zone = scene.account(), scene.zone(bare, "auto")
    with scene.team.landing_zone(version="4.0"):
        scene.team.enable(config, "ConfigBaseline")
        scene.team.control(bare, "AWS-GR_IAM_ROLE_CHANGE_PROHIBITED")
        assert scene.vend(account, scene.zone(config, "auto")) == ("enrolled", None)
        assert scene.state(account) == State("/Config", "SUCCEEDED", [])
        execution = scene.vending.run(scene.request(account, zone))
        assert execution["status"] == "SUCCEEDED", execution.get("cause")
        assert scene.state(account) == State("/Bare", None, [])
        plan = Planner(scene.environment, scene.local_aws).ask(execution["input"])
        assert "Enroll" not in steps_to_do(plan)
        with scene.written() as written:
            assert scene.vend(account, scene.zone(scene.second))[0] == "enrolled"
        assert written.count(MOVE) == 1
        assert scene.state(account) == State("/Second", "SUCCEEDED", ["AVAILABLE"])
