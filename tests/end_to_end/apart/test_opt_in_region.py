"""A platform in a region that has to be opted into: each account gets the region first, and then its access stack there.

A local AWS of its own, since the platform document holds for every vend.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local_aws.process import LocalAwsProcess
from meshstack_client import LandingZones, LocalEnvironment, MeshStack, Operator

REGION = "eu-central-2"
STACK = "meshstack-cf-access"


@pytest.fixture(scope="module")
def environment(audit_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalEnvironment]:
    """An AWS whose platform document names the region."""
    with LocalAwsProcess(tmp_path_factory.mktemp("opt-in")) as process:
        environment = LocalEnvironment.load(process.environment_file)
        landing_zones = LandingZones(environment)
        landing_zones.deploy_platform({**landing_zones.platform(), "region": REGION})
        yield environment


def test_an_account_of_a_platform_in_an_opt_in_region_has_its_access_stack_there(environment):
    meshstack, operator = MeshStack(environment), Operator(environment)
    answer = meshstack.request({"ProductName": "opt", "Stage": "in"})
    execution = operator.wait_for_end(answer["executionArn"], 240)

    assert execution["status"] == "SUCCEEDED", (execution.get("error"), execution.get("cause"))
    account = operator.account_by_email("aws+opt.in@example.com")
    regions = environment.root_client("account", account["Id"]).get_region_opt_status(RegionName=REGION)
    assert regions["RegionOptStatus"] == "ENABLED"
    stacks = environment.root_client("cloudformation", account["Id"], REGION).describe_stacks(StackName=STACK)["Stacks"]
    assert [stack["StackStatus"] for stack in stacks] == ["CREATE_COMPLETE"]
