"""StackSets: operations take time and exclude each other, instances have states, roles and rights decide.

An administrator account and target accounts of its own for every test.
"""

import json
from pathlib import Path

import pytest
from cloudformation_support import NAMED, ended, limited, new_account, parameters, policy, settled, trust
from stackset_support import (
    ADMINISTRATION,
    EXECUTION,
    REGION,
    TEXT,
    Administrator,
    Client,
    message,
    refusal,
)

from local_aws.deploy.included import rendered

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


def test_an_instance_is_made_in_its_account_only(administrator: Administrator, unhurried: None) -> None:
    target, other = administrator.target(), administrator.target()
    administrator.make_set()
    operation_id = administrator.start("create", target)
    first = administrator.instance(target)
    assert (first["Status"], first["StackInstanceStatus"]["DetailedStatus"]) == ("OUTDATED", "PENDING")
    operation = ended(administrator.api, "set", operation_id)
    assert (operation["Status"], operation["StatusDetails"]) == ("SUCCEEDED", {"FailedStackInstancesCount": 0})
    last = administrator.instance(target)
    assert (last["Status"], last["StackInstanceStatus"]["DetailedStatus"]) == ("CURRENT", "SUCCEEDED")
    assert last["LastOperationId"] == operation_id
    stacks = administrator.client("cloudformation", target).describe_stacks()["Stacks"]
    assert [stack["StackName"].startswith("StackSet-set-") for stack in stacks] == [True]
    assert stacks[0]["StackId"] == last["StackId"]
    assert administrator.client("cloudformation", other).describe_stacks()["Stacks"] == []


def test_an_operation_runs_before_it_has_succeeded(administrator: Administrator, unhurried: None) -> None:
    administrator.make_set()
    target = administrator.target()
    operation_id = administrator.start("create", target, OperationId="mine")
    answer = administrator.api.describe_stack_set_operation(StackSetName="set", OperationId="mine")
    assert (operation_id, answer["StackSetOperation"]["Status"]) == ("mine", "RUNNING")
    ended(administrator.api, "set", "mine")
    results = administrator.api.list_stack_set_operation_results(StackSetName="set", OperationId="mine")
    assert [(item["Account"], item["Status"]) for item in results["Summaries"]] == [(target, "SUCCEEDED")]


def test_a_name_is_taken_once_and_free_after_deletion(administrator: Administrator) -> None:
    administrator.make_set()
    assert refusal(administrator.make_set) == ("NameAlreadyExistsException", 409)
    administrator.api.delete_stack_set(StackSetName="set")
    administrator.make_set()


def test_unknown_sets_instances_and_operations_are_not_found(administrator: Administrator) -> None:
    target = new_account()
    assert refusal(administrator.start, "create", target) == ("StackSetNotFoundException", 404)
    administrator.make_set()
    assert refusal(administrator.start, "update", target) == ("StackInstanceNotFoundException", 404)
    assert refusal(administrator.instance, target) == ("StackInstanceNotFoundException", 404)
    unknown = {"StackSetName": "set", "OperationId": "none"}
    api = administrator.api
    assert refusal(api.describe_stack_set_operation, **unknown) == ("OperationNotFoundException", 404)


def test_an_operation_id_is_used_once(administrator: Administrator) -> None:
    administrator.make_set()
    target = administrator.target()
    administrator.run("create", target, OperationId="mine")
    assert refusal(administrator.start, "create", target, OperationId="mine") == (
        "OperationIdAlreadyExistsException",
        409,
    )


def test_one_operation_at_a_time(administrator: Administrator, unhurried: None) -> None:
    administrator.make_set()
    one, two = administrator.target(), administrator.target()
    running = administrator.start("create", one)
    assert refusal(administrator.start, "create", two) == ("OperationInProgressException", 409)
    ended(administrator.api, "set", running)
    administrator.start("create", two)


def test_managed_execution_runs_apart_what_does_not_overlap(administrator: Administrator, unhurried: None) -> None:
    administrator.make_set(ManagedExecution={"Active": True})
    assert administrator.api.describe_stack_set(StackSetName="set")["StackSet"]["ManagedExecution"]["Active"]
    one, two = administrator.target(), administrator.target()
    first, second = administrator.start("create", one), administrator.start("create", two)
    third = administrator.start("update", one, ParameterOverrides=parameters(Bucket="s3:PutObject"))
    states = {
        item["OperationId"]: item["Status"]
        for item in administrator.api.list_stack_set_operations(StackSetName="set")["Summaries"]
    }
    assert states == {first: "RUNNING", second: "RUNNING", third: "QUEUED"}
    assert ended(administrator.api, "set", third)["Status"] == "SUCCEEDED"
    assert administrator.granted(one) == "s3:PutObject"


def test_managed_execution_is_not_changed_together_with_the_template_or_while_an_operation_runs(
    administrator: Administrator, unhurried: None
) -> None:
    administrator.make_set()
    change = {"StackSetName": "set", "Capabilities": NAMED, "ManagedExecution": {"Active": True}}
    update = administrator.api.update_stack_set
    for more in ({"TemplateBody": TEXT}, {"UsePreviousTemplate": True, "Parameters": parameters(Bucket="s3:PutObject")}):
        assert refusal(update, **change, **more) == ("InvalidOperationException", 400)
    words = message(update, **change, TemplateBody=TEXT)
    assert words == "Cannot update ManagedExecution while updating StackSet Template or Parameters"
    ended(administrator.api, "set", update(**change, UsePreviousTemplate=True)["OperationId"])
    ended(administrator.api, "set", update(**change, TemplateBody=TEXT)["OperationId"])

    running = administrator.start("create", administrator.target())
    change["ManagedExecution"] = {"Active": False}
    assert refusal(update, **change, UsePreviousTemplate=True) == ("OperationInProgressException", 409)
    ended(administrator.api, "set", running)
    update(**change, UsePreviousTemplate=True)


def test_creating_what_is_current_changes_nothing(administrator: Administrator) -> None:
    administrator.make_set()
    target = administrator.target()
    administrator.run("create", target)
    again = administrator.run("create", target, ParameterOverrides=parameters(Bucket="s3:PutObject"))
    assert again["Status"] == "SUCCEEDED"
    assert administrator.granted(target) == "s3:GetObject"


def failed_reason(administrator: Administrator, target: str) -> str:
    operation = administrator.run("create", target)
    assert (operation["Status"], operation["StatusDetails"]) == ("FAILED", {"FailedStackInstancesCount": 1})
    instance = administrator.instance(target)
    assert (instance["Status"], instance["StackInstanceStatus"]["DetailedStatus"]) == ("OUTDATED", "FAILED")
    results = administrator.api.list_stack_set_operation_results(
        StackSetName="set", OperationId=operation["OperationId"]
    )["Summaries"]
    assert [(item["Status"], item["StatusReason"]) for item in results] == [("FAILED", instance["StatusReason"])]
    return str(instance["StatusReason"])


def test_without_the_execution_role_the_instance_fails(administrator: Administrator) -> None:
    administrator.make_set()
    target = new_account()
    assert failed_reason(administrator, target) == (
        f"Account {target} should have '{EXECUTION}' role with trust relationship to Role '{ADMINISTRATION}'."
    )


def test_an_execution_role_that_trusts_another_fails_the_instance(administrator: Administrator) -> None:
    administrator.make_set()
    target = administrator.target()
    administrator.client("iam", target).update_assume_role_policy(
        RoleName=EXECUTION, PolicyDocument=json.dumps(trust(AWS=new_account()))
    )
    assert "trust relationship to Role" in failed_reason(administrator, target)


def test_an_administration_role_that_does_not_trust_the_service_fails_the_instance(
    administrator: Administrator,
) -> None:
    administrator.make_set()
    administrator.client("iam", administrator.account).update_assume_role_policy(
        RoleName=ADMINISTRATION, PolicyDocument=json.dumps(trust(Service="lambda.amazonaws.com"))
    )
    assert "trust relationship to CloudFormation service" in failed_reason(administrator, administrator.target())


def test_the_execution_roles_rights_count(administrator: Administrator) -> None:
    administrator.make_set()
    target = administrator.target("cloudformation:*", "iam:GetRole")
    reason = failed_reason(administrator, target)
    assert reason.startswith("ResourceLogicalId:R, ResourceType:AWS::IAM::Role, ResourceStatusReason:API: iam:Create")
    assert administrator.client("cloudformation", target).describe_stacks()["Stacks"] == []


def test_the_execution_role_needs_rights_on_the_stack(administrator: Administrator) -> None:
    administrator.make_set()
    reason = failed_reason(administrator, administrator.target("iam:*"))
    assert "is not authorized to perform: cloudformation:CreateStack" in reason


def test_a_failed_instance_is_repaired_by_the_next_operation(administrator: Administrator, client: Client) -> None:
    administrator.make_set()
    target = administrator.target()
    client("iam", target).create_role(RoleName="made", AssumeRolePolicyDocument="{}")
    assert "already exists" in failed_reason(administrator, target)
    client("iam", target).delete_role(RoleName="made")
    assert administrator.run("update", target)["Status"] == "SUCCEEDED"
    assert administrator.instance(target)["Status"] == "CURRENT"


def test_an_intolerable_failure_cancels_the_rest(administrator: Administrator) -> None:
    administrator.make_set()
    bad, good = new_account(), administrator.target()
    operation = administrator.run("create", bad, good)
    assert operation["Status"] == "FAILED"
    assert administrator.instance(good)["StackInstanceStatus"]["DetailedStatus"] == "CANCELLED"
    tolerant = administrator.run("update", bad, good, OperationPreferences={"FailureToleranceCount": 1})
    assert (tolerant["Status"], tolerant["StatusDetails"]["FailedStackInstancesCount"]) == ("SUCCEEDED", 1)
    assert administrator.instance(good)["Status"] == "CURRENT"


def test_the_tolerance_is_for_each_region_of_its_own(administrator: Administrator) -> None:
    administrator.make_set()
    bad, elsewhere = [new_account(), new_account()], administrator.target()
    wanted = {"StackSetName": "set", "OperationPreferences": {"FailureTolerancePercentage": 100}}
    made = administrator.api.create_stack_instances(Accounts=[elsewhere], Regions=["eu-west-1"], **wanted)
    ended(administrator.api, "set", made["OperationId"])
    assert administrator.run("create", *bad, OperationPreferences={"FailureToleranceCount": 2})["Status"] == "SUCCEEDED"
    changed = administrator.api.update_stack_set(
        TemplateBody=TEXT, Capabilities=NAMED, Tags=[{"Key": "stage", "Value": "any"}], **wanted
    )
    operation = ended(administrator.api, "set", changed["OperationId"])
    assert (operation["Status"], operation["StatusDetails"]["FailedStackInstancesCount"]) == ("SUCCEEDED", 2)
    tags = administrator.client("iam", elsewhere).list_role_tags(RoleName="made")["Tags"]
    assert {"Key": "stage", "Value": "any"} in tags


def test_deleting_an_instance_deletes_its_stack(administrator: Administrator) -> None:
    administrator.make_set()
    target = administrator.target()
    administrator.run("create", target)
    assert refusal(administrator.api.delete_stack_set, StackSetName="set") == ("StackSetNotEmptyException", 409)
    assert administrator.run("delete", target, RetainStacks=False)["Status"] == "SUCCEEDED"
    assert administrator.api.list_stack_instances(StackSetName="set")["Summaries"] == []
    names = [found["RoleName"] for found in administrator.client("iam", target).list_roles()["Roles"]]
    assert names == [EXECUTION]


def test_a_failed_deletion_leaves_the_instance_inoperable(administrator: Administrator, client: Client) -> None:
    administrator.make_set()
    target = administrator.target()
    administrator.run("create", target)
    client("iam", target).delete_role_policy(RoleName=EXECUTION, PolicyName="rights")
    assert administrator.run("delete", target, RetainStacks=False)["Status"] == "FAILED"
    assert administrator.instance(target)["Status"] == "INOPERABLE"
    administrator.run("delete", target, RetainStacks=True)
    assert client("cloudformation", target).describe_stacks()["Stacks"]


def test_an_update_of_the_set_reaches_all_instances(administrator: Administrator) -> None:
    administrator.make_set()
    one, two = administrator.target(), administrator.target()
    administrator.run("create", one, two)
    administrator.run("update", two, ParameterOverrides=parameters(Bucket="s3:ListBucket"))
    answer = administrator.api.update_stack_set(
        StackSetName="set", UsePreviousTemplate=True, Capabilities=NAMED, Parameters=parameters(Bucket="s3:PutObject")
    )
    assert ended(administrator.api, "set", answer["OperationId"])["Status"] == "SUCCEEDED"
    assert (administrator.granted(one), administrator.granted(two)) == ("s3:PutObject", "s3:ListBucket")


@pytest.mark.parametrize("missing", [None, "stackset/set:*", "stackset-target/set:*", "type/resource/AWS-IAM-*"])
def test_callers_need_rights_on_set_targets_and_types(
    administrator: Administrator, client: Client, missing: str | None
) -> None:
    administrator.make_set()
    target = administrator.target()
    session = limited(client, administrator.account, "cloudformation:ListStackSets")
    prefix, own = f"arn:aws:cloudformation:{REGION}", ("stackset/set:*", "stackset-target/set:*")
    granted = {name: f"{prefix}:{administrator.account}:{name}" for name in own}
    granted["type/resource/AWS-IAM-*"] = f"{prefix}::type/resource/AWS-IAM-*"
    granted.pop(missing or "", None)
    document = policy("cloudformation:CreateStackInstances", resource=list(granted.values()))
    client("iam", administrator.account).put_role_policy(
        RoleName="limited", PolicyName="rights", PolicyDocument=json.dumps(document)
    )
    api = client("cloudformation", credentials=session)
    request = {"StackSetName": "set", "Accounts": [target], "Regions": [REGION]}
    if missing:
        refused = message(api.create_stack_instances, **request)
        assert f":{missing.split('*')[0]}" in refused and "cloudformation:CreateStackInstances" in refused
        return
    operation_id = api.create_stack_instances(**request)["OperationId"]
    assert ended(administrator.api, "set", operation_id)["Status"] == "SUCCEEDED"


def test_a_running_operation_can_be_stopped(administrator: Administrator, monkeypatch: pytest.MonkeyPatch) -> None:
    administrator.make_set()
    target = administrator.target()
    monkeypatch.setenv("AVM_LOCAL_TIME_SCALE", "0.2")
    operation_id = administrator.start("create", target)
    administrator.api.stop_stack_set_operation(StackSetName="set", OperationId=operation_id)
    assert ended(administrator.api, "set", operation_id)["Status"] == "STOPPED"
    assert administrator.instance(target)["Status"] == "OUTDATED"


def test_the_shipped_templates_fit_together(administrator: Administrator, client: Client) -> None:
    target, management = new_account(), new_account()
    access = (TEMPLATES / "access-stack.yaml").read_text()
    values = parameters(AutomationAccountId=administrator.account)
    stacks = client("cloudformation", target)
    stacks.create_stack(StackName="access", TemplateBody=access, Capabilities=NAMED, Parameters=values)
    assert settled(stacks, "access")["StackStatus"] == "CREATE_COMPLETE"
    iam = client("iam", administrator.account)
    for name in ("AVMPermissionDowngradeFunctionRole", "AVMCompletionFunctionRole"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust(Service="lambda.amazonaws.com")))
    given = {
        "AWS::Partition": "aws",
        "ManagementAccountId": management,
        "AutomationAccountId": administrator.account,
        "AccountAccessRoleName": "MeshstackAccountAccessRole",
    }
    # Companies ask for such tags on every stack, in whatever letters; they reach the roles.
    tags = [{"Key": key, "Value": "any"} for key in ("stage", "PRODUCTNAME", "Workspace", "project")]
    administrator.make_set(rendered(TEMPLATES / "landing-zone-stackset.yaml", given), Tags=tags)
    for verb, environment in (("create", "test"), ("update", "production")):
        operation = administrator.run(verb, target, ParameterOverrides=parameters(tagEnvironment=environment))
        assert operation["Status"] == "SUCCEEDED", administrator.instance(target)
    assert administrator.run("delete", target, RetainStacks=False)["Status"] == "SUCCEEDED"
