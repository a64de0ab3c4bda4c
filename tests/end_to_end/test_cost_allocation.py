"""Whose costs are whose in AWS's own tools: the owners of accounts as cost allocation tags, as the documentation has it."""

import re

from vending import vend

from local_aws import paths

NOTHING_ELSE = {"accessStack": None, "stackSets": [], "downgrade": "none"}


def test_the_documented_keys_are_those_of_vended_accounts(
    meshstack, operator, environment, landing_zones, make_account, project
):
    zone = landing_zones.deploy(f"cost-allocation-{project}", like="sandbox", **NOTHING_ELSE)
    account = make_account()
    vend(meshstack, operator, meshstack.payload(account, "space", project, LandingZone=zone))
    text = (paths.REPOSITORY / "docs" / "OPERATION.md").read_text(encoding="utf-8")
    keys = re.findall(r"TagKey=(\S+),Status=Active", text)
    explorer = environment.root_client("ce", environment.management_account_id, "us-east-1")
    wanted = [{"TagKey": key, "Status": "Active"} for key in keys]
    assert explorer.update_cost_allocation_tags_status(CostAllocationTagsStatus=wanted)["Errors"] == []
    active = explorer.list_cost_allocation_tags(Status="Active")["CostAllocationTags"]
    assert {tag["TagKey"] for tag in active} == {"accountTag/avm:workspace", "accountTag/avm:project"}
