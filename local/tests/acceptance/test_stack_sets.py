"""What StackSets do with regions, tags, other operations, and as a resource of a stack."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from cloudformation_support import NAMED, ended, parameters, settled
from stackset_support import TEXT, Administrator

from local_aws.services.account.models import regions
from local_aws.services.stacksets.operations import queue

OPT_IN = "CloudFormation User Guide, stacksets-opt-in-regions"
READINGS = "CloudFormation API reference, ManagedExecution: its description, and its note"
HANDLER = "AWS's own handler: BaseHandlerStd.java, UpdateHandler.java of its resource providers for CloudFormation"
TAGS = "serverless/serverless issue 7885; CloudFormation User Guide: stack tags are propagated to resources"
MISSING = "LocalStack, resources/test_stack_sets.py, recorded on AWS 2025-08-01"

FAR = "eu-south-1"


@pytest.mark.source(MISSING)
def test_a_set_that_is_not_there_is_named(administrator: Administrator) -> None:
    call = administrator.api.create_stack_instances
    with pytest.raises(administrator.api.exceptions.StackSetNotFoundException) as caught:
        call(StackSetName="nobodys", Accounts=["111111111111"], Regions=["eu-central-1"])
    assert caught.value.response["Error"]["Message"] == "StackSet nobodys not found"


@pytest.mark.source(OPT_IN)
def test_a_region_has_to_be_enabled_for_the_target_and_for_the_administrator(administrator: Administrator) -> None:
    administrator.make_set()
    target = administrator.target()

    def run() -> str:
        answer = administrator.api.create_stack_instances(StackSetName="set", Accounts=[target], Regions=[FAR])
        return str(ended(administrator.api, "set", answer["OperationId"])["Status"])

    assert run() == "FAILED"
    for account_id, status in ((target, "FAILED"), (administrator.account, "SUCCEEDED")):
        regions.enable(account_id, FAR)
        regions.changes_of(account_id)[FAR].due = 0
        assert run() == status


@pytest.mark.source(READINGS)
@pytest.mark.parametrize(("reading", "second"), [("concurrent", "RUNNING"), ("queue", "QUEUED")])
def test_managed_execution_in_both_readings(
    administrator: Administrator, unhurried: None, monkeypatch: pytest.MonkeyPatch, reading: str, second: str
) -> None:
    monkeypatch.setenv(queue.READING_VARIABLE, reading)
    administrator.make_set(ManagedExecution={"Active": True})
    operations = [administrator.start("create", administrator.target()) for _ in range(2)]

    def status(operation: str) -> str:
        wanted = {"StackSetName": "set", "OperationId": operation}
        return str(administrator.api.describe_stack_set_operation(**wanted)["StackSetOperation"]["Status"])

    assert [status(operation) for operation in operations] == ["RUNNING", second]
    for operation in operations:
        assert ended(administrator.api, "set", operation)["Status"] == "SUCCEEDED"


@pytest.mark.source(READINGS)
def test_another_reading_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(queue.READING_VARIABLE, "sometimes")
    with pytest.raises(ValueError, match="must be one of concurrent, queue"):
        queue.reading()


def stack_with_set(administrator: Administrator, **options: Any) -> dict[str, Any]:
    """What makes a stack of the StackSet, whose parameter is the stack's."""
    properties = {
        "StackSetName": "set",
        "PermissionModel": "SELF_MANAGED",
        "TemplateBody": TEXT,
        "Capabilities": NAMED,
        "Parameters": [{"ParameterKey": "Bucket", "ParameterValue": {"Ref": "Right"}}],
        **options,
    }
    document = {
        "Parameters": {"Right": {"Type": "String"}},
        "Resources": {"Set": {"Type": "AWS::CloudFormation::StackSet", "Properties": properties}},
    }
    return {"StackName": "of-set", "TemplateBody": json.dumps(document)}


@pytest.mark.source(HANDLER)
@pytest.mark.parametrize(("tolerance", "status"), [(0, "UPDATE_ROLLBACK_FAILED"), (100, "UPDATE_COMPLETE")])
def test_an_update_waits_for_all_accounts_and_fails_with_them(
    administrator: Administrator, client: Callable[..., Any], tolerance: int, status: str
) -> None:
    preferences = {"FailureTolerancePercentage": tolerance}
    stack = stack_with_set(administrator, OperationPreferences=preferences)
    administrator.api.create_stack(Parameters=parameters(Right="s3:GetObject"), **stack)
    assert settled(administrator.api, "of-set")["StackStatus"] == "CREATE_COMPLETE"
    good, bad = administrator.target(), administrator.target()
    assert administrator.run("create", good, bad)["Status"] == "SUCCEEDED"
    # Its administrator has taken the execution role's rights.
    client("iam", bad).delete_role_policy(RoleName="AWSCloudFormationStackSetExecutionRole", PolicyName="rights")

    administrator.api.update_stack(Parameters=parameters(Right="s3:PutObject"), **stack)

    assert settled(administrator.api, "of-set")["StackStatus"] == status
    if status == "UPDATE_COMPLETE":
        assert (administrator.granted(good), administrator.granted(bad)) == ("s3:PutObject", "s3:GetObject")


@pytest.mark.source(TAGS)
def test_tags_of_a_stack_reach_the_roles_of_its_stack_set(
    administrator: Administrator, client: Callable[..., Any]
) -> None:
    stack = stack_with_set(administrator)
    tags = [{"Key": "stage", "Value": "test"}]
    administrator.api.create_stack(Parameters=parameters(Right="s3:GetObject"), Tags=tags, **stack)
    assert settled(administrator.api, "of-set")["StackStatus"] == "CREATE_COMPLETE"
    target = administrator.target()
    assert administrator.run("create", target)["Status"] == "SUCCEEDED"
    assert client("iam", target).list_role_tags(RoleName="made")["Tags"] == tags


@pytest.mark.source(TAGS)
def test_a_stacks_tag_and_a_roles_own_in_another_case_are_one_too_many(administrator: Administrator) -> None:
    resources = json.loads(TEXT)
    resources["Resources"]["R"]["Properties"]["Tags"] = [{"Key": "Stage", "Value": "own"}]
    administrator.make_set(json.dumps(resources), Tags=[{"Key": "stage", "Value": "test"}])
    target = administrator.target()
    assert administrator.run("create", target)["Status"] == "FAILED"
    assert "Please note that Tag keys are case insensitive" in administrator.instance(target)["StatusReason"]
