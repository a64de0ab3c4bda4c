"""Waits that end because what is waited for never comes: the vend fails by name and goes on when it is sent again.

A local AWS of its own, in which waits take next to no time: an hour of looks is a matter of seconds.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from vending import Vending

from local_aws.process import LocalAwsProcess
from meshstack_client import Inventory, LandingZones, LocalEnvironment, MeshStack, Operator

NOTHING_ELSE: dict[str, Any] = {"accessStack": None, "stackSets": [], "downgrade": "none"}
# More often than any loop looks, in any number of regions.
ALWAYS = 100_000


class Scene:
    """A landing zone, an account and its vend, on a local AWS where time flies."""

    def __init__(self, environment: LocalEnvironment) -> None:
        self.environment = environment
        self.meshstack, self.operator = MeshStack(environment), Operator(environment)
        self.vending = Vending(self.meshstack, self.operator)
        self._landing_zones = LandingZones(environment)
        self._faults = f"{environment.endpoint_url}/local-aws/faults"

    def request(self, name: str, **settings: Any) -> tuple[str, dict[str, Any]]:
        """A new account, and the request for a landing zone that asks for these settings and for nothing else."""
        zone = self._landing_zones.deploy(name, like="sandbox", **{**NOTHING_ELSE, **settings})
        account = self.meshstack.create_account(name, f"aws+{name}@example.com")
        return account["Id"], self.meshstack.payload(account, "space", name, LandingZone=zone)

    def never(self, **fault: Any) -> None:
        """From now on such calls answer this error."""
        requests.post(self._faults, json={**fault, "count": ALWAYS}, timeout=10).raise_for_status()

    def as_usual(self) -> None:
        """From now on all calls answer what they would."""
        requests.delete(self._faults, timeout=10).raise_for_status()


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The local AWS of these tests."""
    folder = tmp_path_factory.mktemp("bounded-waits")
    with LocalAwsProcess(folder, variables={"AVM_LOCAL_TIME_SCALE": "0.0001"}) as process:
        yield Scene(LocalEnvironment.load(process.environment_file))


def looks(scene: Scene, execution: dict[str, Any], state: str) -> int:
    """How often a state was entered."""
    events = scene.operator.events(execution["executionArn"])
    entered = [event.get("stateEnteredEventDetails", {}).get("name") for event in events]
    return entered.count(state)


def assert_given_up(scene: Scene, account_id: str, execution: dict[str, Any], state: str, most_looks: int) -> None:
    """After exactly so many looks, and told on the account."""
    assert f"given up after {most_looks} looks" in execution["cause"]
    assert looks(scene, execution, state) == most_looks
    tags = scene.meshstack.tags(account_id)
    assert (tags["avm:failed-step"], tags["avm:failed-error"]) == (state, execution["error"])
    assert "ProductName" not in tags


def test_a_region_that_never_opens_ends_the_vend_by_name(scene):
    account_id, payload = scene.request("closed-region", optInRegions=["eu-south-1"])
    scene.never(code="ConflictException", status=409, service="account", action="EnableRegion")

    execution = scene.vending.fail(payload, "AccountSettingsTimedOut")

    assert "waited for the regions of the account: eu-south-1" in execution["cause"]
    assert_given_up(scene, account_id, execution, "AccountSettings", 50)

    scene.as_usual()
    scene.vending.succeed(payload)
    assert Inventory(scene.environment, account_id).region("eu-south-1") == "ENABLED"


def test_regions_that_never_know_the_account_end_the_vend_by_name(scene):
    account_id, payload = scene.request("unknown-account", deleteDefaultVpcs=True)
    for action in ("DescribeSubnets", "DescribeVpcs"):
        scene.never(code="AuthFailure", status=401, service="ec2", action=action, principal=f"{account_id}:role/")

    execution = scene.vending.fail(payload, "DefaultVpcsTimedOut")

    assert "waited for default VPCs:" in execution["cause"]
    assert_given_up(scene, account_id, execution, "DefaultVpcs", 45)

    scene.as_usual()
    scene.vending.succeed(payload)
    assert Inventory(scene.environment, account_id).default_vpcs() == {}


def test_a_vend_gets_its_turn_behind_more_operations_than_its_own_may_take(tmp_path: Path) -> None:
    """AWS's reference says of managed execution that it may queue all that comes while anything runs (ManagedExecution)."""
    variables = {"AVM_LOCAL_TIME_SCALE": "0.01", "AVM_LOCAL_STACKSETS": "queue"}
    stack_sets = {"stackSets": [{"name": "avm-landing-zone", "region": "eu-central-1"}], "accessStack": {"template": "shipped"}}
    with LocalAwsProcess(tmp_path, variables=variables) as process:
        scene = Scene(LocalEnvironment.load(process.environment_file))
        other, request = scene.request("earlier", **stack_sets)
        scene.vending.succeed(request)
        cloudformation = scene.environment.root_client("cloudformation", scene.environment.automation_account_id)
        # 15 seconds each: 43 minutes, and an operation has 40.
        for _ in range(172):
            cloudformation.update_stack_instances(
                StackSetName="avm-landing-zone", Accounts=[other], Regions=["eu-central-1"]
            )
        _, request = scene.request("later", **stack_sets)

        execution = scene.vending.run(request, seconds=300)

        assert execution["status"] == "SUCCEEDED", (execution.get("error"), execution.get("cause"))
        assert any(words.endswith("is QUEUED") for words in scene.vending.waited_for(execution))
