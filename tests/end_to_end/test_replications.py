"""meshStack is an actor of its own: at every replication it moves, enters and assigns, and calls the function again.

What it does and what the machine does must not undo each other, however often it replicates.
"""

from typing import Any

import pytest
from enrollment_scene import Scene, State, shared_scene
from platform_team import wait_until
from single_sign_on import INSTANCE, STEP, Center, mapping
from vending import OF_A_VEND, Vending, by_functions, writes

from meshstack_client import Replication

ACCESS_ROLE = "MeshstackAccountAccessRole"
# meshStack asks for the access role before AWS lets anybody in.
pytestmark = pytest.mark.refuses("MeshfedServiceRole", "sts:AssumeRole")


@pytest.fixture(scope="module")
def scene(environment, local_aws) -> Scene:
    """Units, landing zones and accounts of these tests."""
    return shared_scene(environment, local_aws)


@pytest.fixture
def center(environment) -> Center:
    """IAM Identity Center, as meshStack's SCIM provisioning fills it."""
    return Center(environment)


def written_by_the_machine(calls: list[dict[str, Any]]) -> list[str]:
    """What the AVM's roles have changed: neither meshStack's writes, nor the tags and notices of a vend."""
    ours = [call for call in calls if "role/Meshfed" not in (call["principal"] or "")]
    return [action for action in writes(ours) if action not in OF_A_VEND]


def test_ten_replications_write_nothing_after_the_first(
    scene, environment, meshstack, operator, local_aws, landing_zones, center, make_account, project
):
    account = make_account()
    theirs = center.group(f"mst-space.{project}.meshstack", "Made by meshStack.")
    zone = landing_zones.deploy(
        project,
        like="sandbox",
        organizationalUnit=scene.plain["Id"],
        singleSignOn={"roleMappings": {"admin": mapping("admin", "PowerUserAccess")}},
    )
    payload = meshstack.payload(account, "space", project, LandingZone=zone)
    billing = center.arn("Billing")
    replication = Replication(meshstack, account, payload, scene.plain["Id"], {theirs: billing}, INSTANCE)

    answer = replication.run()
    first = operator.wait_for_end(answer["executionArn"])
    assert (answer["status"], first["status"]) == ("started", "SUCCEEDED"), first.get("cause")
    mark = local_aws.mark()
    answers = {replication.run()["status"] for _ in range(8)}
    # Three for each at most, and twice the documents, which are kept for some seconds.
    calls = len(by_functions(local_aws.calls(mark)))
    again = Vending(meshstack, operator).succeed({**payload, "Force": "true"})

    assert answers == {"already done"}
    assert calls <= 8 * 3 + 2
    assert written_by_the_machine(local_aws.calls(mark)) == []
    assert "leaves them as they are" in again["AccountSetUp"][STEP]["Drift"]
    assert theirs in center.assigned(account["Id"], "Billing")
    assert operator.organizational_unit_path(account["Id"]) == "/Plain"


@pytest.mark.refuses("AVMMemberAccessRole", "sts:AssumeRole")
def test_an_account_that_meshstack_has_imported_without_the_access_role_is_told_at_once(
    environment, meshstack, operator, local_aws, make_account, project
):
    account = make_account()
    local_aws.invite(account["Id"])
    iam = environment.root_client("iam", account["Id"])
    for policy in iam.list_attached_role_policies(RoleName=ACCESS_ROLE)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=ACCESS_ROLE, PolicyArn=policy["PolicyArn"])
    for name in iam.list_role_policies(RoleName=ACCESS_ROLE)["PolicyNames"]:
        iam.delete_role_policy(RoleName=ACCESS_ROLE, PolicyName=name)
    iam.delete_role(RoleName=ACCESS_ROLE)
    mark = local_aws.mark()

    answer = meshstack.invoke(meshstack.payload(account, "space", project))
    execution = operator.wait_for_end(answer["executionArn"])

    assert execution["error"] == "AccessDenied", execution
    assert "invited or imported" in execution["cause"]
    entered = [call for call in local_aws.calls(mark) if ACCESS_ROLE in str(call["resources"])]
    assert 0 < len(entered) <= 5


@pytest.mark.parametrize("enrollment", ["auto", "service-catalog"])
def test_an_account_that_meshstack_moves_into_a_registered_unit_is_enrolled_there(scene, meshstack, local_aws, enrollment):
    account, zone = scene.account(), scene.zone(scene.second, enrollment)
    payload = scene.request(account, zone)
    replication = Replication(meshstack, account, payload, scene.second["Id"])

    mark = local_aws.mark()
    execution = scene.operator.wait_for_end(replication.run()["executionArn"], 240)

    assert execution["status"] == "SUCCEEDED", execution.get("cause")
    assert written_by_the_machine(local_aws.calls(mark)) == []
    assert scene.state(account) == State("/Second", "SUCCEEDED", [])


def test_a_vend_whose_account_meshstack_moves_back_says_who_has_to_let_it_be(scene, meshstack):
    """Without automatic enrollment the Account Factory enrolls from the root, and meshStack moves out of the root."""
    account, zone = scene.account(), scene.zone(scene.second)
    with scene.team.landing_zone(remediation=False):
        replication = Replication(meshstack, account, scene.request(account, zone), scene.second["Id"])
        arn = replication.run()["executionArn"]
        wait_until(lambda: scene.operator.organizational_unit_path(account["Id"]) == "/")
        meshstack.organizations.move_account(
            AccountId=account["Id"],
            SourceParentId=meshstack.organizations.list_roots()["Roots"][0]["Id"],
            DestinationParentId=scene.second["Id"],
        )
        execution = scene.operator.wait_for_end(arn, 240)

    assert execution["error"] == "EnrolmentNotPossible", execution
    assert "let only one move the account" in execution["cause"]
