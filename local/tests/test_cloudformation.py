"""Stacks take time, refuse what AWS refuses, roll back, and say what happened.

The rights with which resources are made are in test_cloudformation_rights.
"""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloudformation_support import NAMED, new_account, parameters, policy, role, settled, template, trust
from waiting import eventually

Client = Callable[..., Any]
TAGS = [{"Key": "owner", "Value": "us"}]


@pytest.fixture
def account(client: Client) -> str:
    return new_account()


@pytest.fixture
def stacks(client: Client, account: str) -> Any:
    return client("cloudformation", account)


@pytest.fixture
def iam(client: Client, account: str) -> Any:
    return client("iam", account)


def refusal(call: Callable[..., Any], **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    failure = caught.value.response["Error"]
    return failure["Code"], failure["Message"]


def made(stacks: Any, text: str, name: str = "stack", **options: Any) -> dict[str, Any]:
    stacks.create_stack(StackName=name, TemplateBody=text, Capabilities=NAMED, **options)
    return settled(stacks, name)


def test_a_stack_is_in_progress_before_it_is_complete(stacks: Any, unhurried: None) -> None:
    stacks.create_stack(StackName="stack", TemplateBody=template(R=role()), Capabilities=NAMED)
    assert stacks.describe_stacks(StackName="stack")["Stacks"][0]["StackStatus"] == "CREATE_IN_PROGRESS"
    assert settled(stacks, "stack")["StackStatus"] == "CREATE_COMPLETE"


def test_resources_appear_without_anybody_looking(stacks: Any, iam: Any) -> None:
    stacks.create_stack(StackName="stack", TemplateBody=template(R=role()), Capabilities=NAMED)
    eventually(lambda: [found for found in iam.list_roles()["Roles"] if found["RoleName"] == "made"])


def test_secrets_are_hidden_and_outputs_shown(stacks: Any) -> None:
    text = template(
        {"Secret": {"Type": "String", "NoEcho": True}, "Open": {"Type": "Number", "Default": 3}},
        {"Arn": {"Value": {"Fn::GetAtt": ["R", "Arn"]}, "Description": "the role"}},
        R=role(),
    )
    stack = made(stacks, text, Parameters=parameters(Secret="hush"), Tags=TAGS)
    assert stack["Parameters"] == parameters(Secret="****", Open="3")
    assert stack["Outputs"][0]["OutputValue"].endswith(":role/made")
    assert stack["Tags"] == TAGS


def test_a_role_has_all_that_its_template_says(stacks: Any, iam: Any) -> None:
    managed = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    made(stacks, template(R=role(Path="/a/", MaxSessionDuration=7200, ManagedPolicyArns=[managed], Tags=TAGS)))
    found = iam.get_role(RoleName="made")["Role"]
    assert (found["Path"], found["MaxSessionDuration"], found["Tags"]) == ("/a/", 7200, TAGS)
    assert iam.get_role_policy(RoleName="made", PolicyName="inline")["PolicyDocument"] == policy("s3:GetObject")
    assert iam.list_attached_role_policies(RoleName="made")["AttachedPolicies"][0]["PolicyArn"] == managed


def test_yaml_dates_and_short_tags_are_read_as_cloudformation_reads_them(stacks: Any, iam: Any) -> None:
    text = """
Parameters: {Prefix: {Type: String, Default: made}}
Conditions: {Wanted: !Not [!Equals [!Ref Prefix, other]]}
Resources:
  R:
    Type: AWS::IAM::Role
    Condition: Wanted
    Properties:
      RoleName: !Sub "${Prefix}-role"
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement: [{Effect: Allow, Action: sts:AssumeRole, Principal: {Service: !Join [".", [lambda, amazonaws.com]]}}]
"""
    made(stacks, text)
    assert iam.get_role(RoleName="made-role")["Role"]["AssumeRolePolicyDocument"]["Version"] == "2012-10-17"


def test_an_unknown_stack_does_not_exist(stacks: Any) -> None:
    assert refusal(stacks.describe_stacks, StackName="none") == (
        "ValidationError",
        "Stack with id none does not exist",
    )
    code, message = refusal(stacks.update_stack, StackName="none", TemplateBody=template(R=role()))
    assert (code, message) == ("ValidationError", "Stack [none] does not exist")


def test_a_name_is_taken_once(stacks: Any) -> None:
    made(stacks, template(R=role()))
    code, _ = refusal(stacks.create_stack, StackName="stack", TemplateBody=template(R=role()), Capabilities=NAMED)
    assert code == "AlreadyExistsException"


def test_iam_resources_need_capabilities(stacks: Any) -> None:
    named = refusal(stacks.create_stack, StackName="s", TemplateBody=template(R=role()))
    assert named == ("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_NAMED_IAM]")
    anonymous = role()
    del anonymous["Properties"]["RoleName"]
    unnamed = refusal(stacks.create_stack, StackName="s", TemplateBody=template(R=anonymous))
    assert unnamed == ("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_IAM]")


@pytest.mark.parametrize(
    ("declaration", "given", "message"),
    [
        ({"Type": "String"}, {}, "Parameters: [P] must have values"),
        ({"Type": "String"}, {"P": "a", "Q": "b"}, "Parameters: [Q] do not exist in the template"),
        ({"Type": "String", "AllowedValues": ["a"]}, {"P": "b"}, "Parameter 'P' must be one of AllowedValues"),
        ({"Type": "String", "AllowedPattern": "[a-z]+"}, {"P": "A"}, "Parameter 'P' must match pattern [a-z]+"),
        (
            {"Type": "String", "AllowedPattern": "[a-z]+", "ConstraintDescription": "be small"},
            {"P": "A"},
            "Parameter P failed to satisfy constraint: be small",
        ),
        ({"Type": "String", "MinLength": 2}, {"P": "A"}, "Parameter 'P' must contain at least 2 characters"),
        ({"Type": "Number"}, {"P": "A"}, "Parameter 'P' must be a number."),
    ],
)
def test_wrong_parameters_are_refused(
    stacks: Any, declaration: dict[str, Any], given: dict[str, str], message: str
) -> None:
    text = template({"P": declaration}, R=role())
    answer = refusal(
        stacks.create_stack, StackName="s", TemplateBody=text, Capabilities=NAMED, Parameters=parameters(**given)
    )
    assert answer == ("ValidationError", message)


def test_an_unknown_reference_is_refused(stacks: Any) -> None:
    text = template(R=role(name={"Ref": "Nobody"}))
    _, message = refusal(stacks.create_stack, StackName="s", TemplateBody=text, Capabilities=NAMED)
    assert "Unresolved resource dependencies [Nobody]" in message


def test_an_update_changes_policies_trust_and_tags(stacks: Any, iam: Any) -> None:
    made(stacks, template(R=role()), Tags=TAGS)
    changed = role(action="s3:PutObject", AssumeRolePolicyDocument=trust(Service="ec2.amazonaws.com"))
    tags = [{"Key": "owner", "Value": "them"}]
    stacks.update_stack(StackName="stack", TemplateBody=template(R=changed), Capabilities=NAMED, Tags=tags)
    assert settled(stacks, "stack")["StackStatus"] == "UPDATE_COMPLETE"
    assert iam.get_role_policy(RoleName="made", PolicyName="inline")["PolicyDocument"] == policy("s3:PutObject")
    found = iam.get_role(RoleName="made")["Role"]
    assert (found["AssumeRolePolicyDocument"], found["Tags"]) == (trust(Service="ec2.amazonaws.com"), tags)


def test_an_update_adds_and_removes_resources(stacks: Any, iam: Any) -> None:
    made(stacks, template(A=role("a"), B=role("b")))
    stacks.update_stack(StackName="stack", TemplateBody=template(B=role("b"), C=role("c")), Capabilities=NAMED)
    settled(stacks, "stack")
    assert sorted(found["RoleName"] for found in iam.list_roles()["Roles"]) == ["b", "c"]


def test_an_equal_update_has_nothing_to_do(stacks: Any) -> None:
    declared = {"P": {"Type": "String", "Default": "x"}, "Unused": {"Type": "String", "Default": "x"}}
    text = template(declared, R=role({"Ref": "P"}))
    made(stacks, text, Tags=TAGS)
    same = {"StackName": "stack", "TemplateBody": text, "Capabilities": NAMED, "Tags": TAGS}
    nothing = ("ValidationError", "No updates are to be performed.")
    assert refusal(stacks.update_stack, **same) == nothing
    assert refusal(stacks.update_stack, **same, Parameters=parameters(Unused="y")) == nothing
    stacks.update_stack(**same, Parameters=parameters(P="y"))


def test_a_busy_stack_refuses_updates(stacks: Any, unhurried: None) -> None:
    stacks.create_stack(StackName="stack", TemplateBody=template(R=role()), Capabilities=NAMED)
    code, message = refusal(
        stacks.update_stack, StackName="stack", TemplateBody=template(R=role("x")), Capabilities=NAMED
    )
    assert code == "ValidationError"
    assert message.endswith("is in CREATE_IN_PROGRESS state and can not be updated.")


def test_a_taken_role_name_rolls_the_stack_back(stacks: Any, iam: Any) -> None:
    iam.create_role(RoleName="made", AssumeRolePolicyDocument="{}")
    stack = made(stacks, template(A=role("first"), B=role()))
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "failed to create: [B]" in stack["StackStatusReason"]
    events = stacks.describe_stack_events(StackName="stack")["StackEvents"]
    failed = next(event for event in events if event["ResourceStatus"] == "CREATE_FAILED")
    assert (failed["LogicalResourceId"], "already exists" in failed["ResourceStatusReason"]) == ("B", True)
    assert [found["RoleName"] for found in iam.list_roles()["Roles"]] == ["made"]


def test_a_rolled_back_stack_can_only_be_deleted(stacks: Any, iam: Any) -> None:
    iam.create_role(RoleName="made", AssumeRolePolicyDocument="{}")
    stack = made(stacks, template(R=role()))
    text = template(R=role("other"))
    _, message = refusal(stacks.update_stack, StackName="stack", TemplateBody=text, Capabilities=NAMED)
    assert message == f"Stack:{stack['StackId']} is in ROLLBACK_COMPLETE state and can not be updated."
    stacks.delete_stack(StackName="stack")
    assert settled(stacks, stack["StackId"])["StackStatus"] == "DELETE_COMPLETE"
    assert made(stacks, text)["StackStatus"] == "CREATE_COMPLETE"


def test_a_failed_update_brings_everything_back(stacks: Any, iam: Any) -> None:
    made(stacks, template(A=role("a")))
    iam.create_role(RoleName="taken", AssumeRolePolicyDocument="{}")
    broken = template(A=role("a", action="s3:PutObject"), B=role("b"), C=role("taken", DependsOn=["A", "B"]))
    stacks.update_stack(StackName="stack", TemplateBody=broken, Capabilities=NAMED)
    stack = settled(stacks, "stack")
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert iam.get_role_policy(RoleName="a", PolicyName="inline")["PolicyDocument"] == policy("s3:GetObject")
    assert sorted(found["RoleName"] for found in iam.list_roles()["Roles"]) == ["a", "taken"]


def test_a_deleted_stack_is_found_by_its_id_only(stacks: Any, iam: Any) -> None:
    stack_id = made(stacks, template(R=role()))["StackId"]
    stacks.delete_stack(StackName="stack")
    assert settled(stacks, stack_id)["StackStatus"] == "DELETE_COMPLETE"
    assert refusal(stacks.describe_stacks, StackName="stack")[0] == "ValidationError"
    assert iam.list_roles()["Roles"] == []


def test_a_repeated_token_is_the_same_request(stacks: Any) -> None:
    request = {"StackName": "stack", "TemplateBody": template(R=role()), "Capabilities": NAMED}
    first = stacks.create_stack(**request, ClientRequestToken="once")["StackId"]
    assert stacks.create_stack(**request, ClientRequestToken="once")["StackId"] == first
    other = {**request, "StackName": "other"}
    assert refusal(stacks.create_stack, **other, ClientRequestToken="once")[0] == "TokenAlreadyExistsException"
    settled(stacks, "stack")
    events = stacks.describe_stack_events(StackName="stack")["StackEvents"]
    assert {event["ClientRequestToken"] for event in events} == {"once"}


def test_templates_come_from_s3_addresses(client: Client, stacks: Any, account: str) -> None:
    bucket = f"templates-{account}"
    storage = client("s3", account)
    storage.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    storage.put_object(Bucket=bucket, Key="a/t.json", Body=template(R=role()))
    url = f"https://{bucket}.s3.eu-central-1.amazonaws.com/a/t.json"
    stacks.create_stack(StackName="stack", TemplateURL=url, Capabilities=NAMED)
    assert settled(stacks, "stack")["StackStatus"] == "CREATE_COMPLETE"
    _, message = refusal(stacks.create_stack, StackName="s", TemplateURL=url + "x", Capabilities=NAMED)
    assert message.startswith("S3 error: ")


def test_a_body_may_not_be_large(stacks: Any) -> None:
    text = template(R=role(Description="x" * 52_000))
    assert refusal(stacks.create_stack, StackName="s", TemplateBody=text, Capabilities=NAMED)[0] == "ValidationError"


def test_managed_and_inline_policies_are_updated(stacks: Any, iam: Any) -> None:
    def text(action: str, roles: list[Any]) -> str:
        document = policy(action)
        managed = {"ManagedPolicyName": "managed", "PolicyDocument": document, "Roles": roles}
        inline = {"PolicyName": "extra", "PolicyDocument": document, "Roles": [{"Ref": "A"}]}
        return template(
            A=role("a"),
            B=role("b"),
            M={"Type": "AWS::IAM::ManagedPolicy", "Properties": managed},
            I={"Type": "AWS::IAM::Policy", "Properties": inline},
        )

    made(stacks, text("s3:Get*", [{"Ref": "A"}]))
    stacks.update_stack(StackName="stack", TemplateBody=text("s3:Put*", [{"Ref": "B"}]), Capabilities=NAMED)
    assert settled(stacks, "stack")["StackStatus"] == "UPDATE_COMPLETE"
    attached = iam.list_attached_role_policies(RoleName="b")["AttachedPolicies"]
    version = iam.get_policy(PolicyArn=attached[0]["PolicyArn"])["Policy"]["DefaultVersionId"]
    found = iam.get_policy_version(PolicyArn=attached[0]["PolicyArn"], VersionId=version)["PolicyVersion"]
    assert found["Document"] == policy("s3:Put*")
    assert iam.list_attached_role_policies(RoleName="a")["AttachedPolicies"] == []
    assert iam.get_role_policy(RoleName="a", PolicyName="extra")["PolicyDocument"] == policy("s3:Put*")
    stacks.delete_stack(StackName="stack")
    eventually(lambda: not iam.list_roles()["Roles"])


def test_exports_reach_other_stacks(stacks: Any, iam: Any) -> None:
    exporting = template(outputs={"Name": {"Value": {"Ref": "R"}, "Export": {"Name": "shared"}}}, R=role("exported"))
    made(stacks, exporting, "one")
    joined = {"Fn::Join": ["-", [{"Fn::ImportValue": "shared"}, "2"]]}
    made(stacks, template(R=role(joined)), "two")
    assert iam.get_role(RoleName="exported-2")
    twice = made(stacks, exporting.replace('"exported"', '"other"'), "three")
    assert "already exported by stack" in twice["StackStatusReason"]


def test_a_stack_may_be_a_resource_of_another(client: Client, stacks: Any, iam: Any, account: str) -> None:
    bucket = f"nested-{account}"
    storage = client("s3", account)
    storage.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    storage.put_object(Bucket=bucket, Key="t", Body=template({"N": {"Type": "String"}}, R=role({"Ref": "N"})))
    url = f"https://{bucket}.s3.eu-central-1.amazonaws.com/t"
    inner = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url, "Parameters": {"N": "inner"}}}
    assert made(stacks, template(S=inner))["StackStatus"] == "CREATE_COMPLETE"
    assert iam.get_role(RoleName="inner")
    stacks.delete_stack(StackName="stack")
    eventually(lambda: not iam.list_roles()["Roles"])


def test_a_stack_that_is_being_made_can_be_deleted(stacks: Any, iam: Any, unhurried: None) -> None:
    text = template(R=role())
    stack_id = stacks.create_stack(StackName="stack", TemplateBody=text, Capabilities=NAMED)["StackId"]
    stacks.delete_stack(StackName="stack")
    assert settled(stacks, stack_id)["StackStatus"] == "DELETE_COMPLETE"
    assert iam.list_roles()["Roles"] == []


def test_resources_have_states_of_their_own(stacks: Any) -> None:
    made(stacks, template(R=role()))
    found = stacks.describe_stack_resource(StackName="stack", LogicalResourceId="R")["StackResourceDetail"]
    assert (found["PhysicalResourceId"], found["ResourceStatus"]) == ("made", "CREATE_COMPLETE")
    assert stacks.list_stack_resources(StackName="stack")["StackResourceSummaries"][0]["LogicalResourceId"] == "R"


def test_retained_resources_outlive_their_stack(stacks: Any, iam: Any) -> None:
    stack_id = made(stacks, template(R={**role(), "DeletionPolicy": "Retain"}))["StackId"]
    stacks.delete_stack(StackName="stack")
    settled(stacks, stack_id)
    assert iam.get_role(RoleName="made")


def test_a_protected_stack_is_not_deleted(stacks: Any) -> None:
    made(stacks, template(R=role()), EnableTerminationProtection=True)
    _, message = refusal(stacks.delete_stack, StackName="stack")
    assert message == "Stack [stack] cannot be deleted while TerminationProtection is enabled"
