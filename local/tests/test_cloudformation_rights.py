"""CloudFormation makes resources with its caller's rights, or with those of the role that the caller hands over.

A refusal fails the resource with AWS's text, and the stack is rolled back.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloudformation_support import NAMED, limited, new_account, policy, role, settled, template, trust

Client = Callable[..., Any]
ROLE_ACTIONS = ("iam:CreateRole", "iam:PutRolePolicy", "iam:GetRole")


@pytest.fixture
def account(client: Client) -> str:
    return new_account()


def create_as(client: Client, account: str, *actions: str, **options: Any) -> tuple[Any, dict[str, Any]]:
    """A stack of one role, made by a session with these rights; answers a client of the root, and the stack."""
    session = limited(client, account, "cloudformation:*", *actions)
    text = options.pop("text", template(R=role()))
    client("cloudformation", credentials=session).create_stack(
        StackName="stack", TemplateBody=text, Capabilities=NAMED, **options
    )
    root = client("cloudformation", account)
    return root, settled(root, "stack")


def failures(root: Any) -> list[str]:
    events = root.describe_stack_events(StackName="stack")["StackEvents"]
    return [event["ResourceStatusReason"] for event in events if event["ResourceStatus"].endswith("_FAILED")]


def test_the_callers_rights_suffice(client: Client, account: str) -> None:
    _, stack = create_as(client, account, *ROLE_ACTIONS)
    assert stack["StackStatus"] == "CREATE_COMPLETE"


@pytest.mark.parametrize("missing", ROLE_ACTIONS)
def test_each_missing_right_fails_the_role(client: Client, account: str, missing: str) -> None:
    actions = [action for action in ROLE_ACTIONS if action != missing]
    root, stack = create_as(client, account, *actions)
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    user = f"arn:aws:sts::{account}:assumed-role/limited/somebody"
    assert failures(root) == [
        f"API: {missing} User: {user} is not authorized to perform: {missing} on resource:"
        f" arn:aws:iam::{account}:role/made because no identity-based policy allows the {missing} action"
    ]
    assert "made" not in [found["RoleName"] for found in client("iam", account).list_roles()["Roles"]]


def test_tags_of_the_stack_need_the_right_to_tag(client: Client, account: str) -> None:
    root, stack = create_as(client, account, *ROLE_ACTIONS, Tags=[{"Key": "a", "Value": "b"}])
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert failures(root)[0].startswith("API: iam:TagRole ")


def test_an_update_needs_its_own_rights(client: Client, account: str) -> None:
    root, _ = create_as(client, account, *ROLE_ACTIONS)
    client("iam", account).put_role_policy(
        RoleName="limited", PolicyName="rights", PolicyDocument=json.dumps(policy("cloudformation:*", "iam:GetRole"))
    )
    arn = f"arn:aws:iam::{account}:role/limited"
    session = client("sts", account).assume_role(RoleArn=arn, RoleSessionName="somebody")["Credentials"]
    client("cloudformation", credentials=session).update_stack(
        StackName="stack", TemplateBody=template(R=role(action="s3:PutObject")), Capabilities=NAMED
    )
    assert settled(root, "stack")["StackStatus"] in ("UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED")
    assert failures(root)[-1].startswith("API: iam:PutRolePolicy ")
    found = client("iam", account).get_role_policy(RoleName="made", PolicyName="inline")["PolicyDocument"]
    assert found == policy("s3:GetObject")


def test_a_deletion_needs_its_own_rights(client: Client, account: str) -> None:
    root, stack = create_as(client, account, *ROLE_ACTIONS)
    session = client("sts", account).assume_role(
        RoleArn=f"arn:aws:iam::{account}:role/limited", RoleSessionName="somebody"
    )["Credentials"]
    client("cloudformation", credentials=session).delete_stack(StackName="stack")
    stack = settled(root, "stack")
    assert (stack["StackStatus"], "[R]" in stack["StackStatusReason"]) == ("DELETE_FAILED", True)
    root.delete_stack(StackName="stack")
    assert settled(root, stack["StackId"])["StackStatus"] == "DELETE_COMPLETE"


def make_service_role(client: Client, account: str, *actions: str, service: str = "cloudformation") -> str:
    iam = client("iam", account)
    document = json.dumps(trust(Service=f"{service}.amazonaws.com"))
    arn: str = iam.create_role(RoleName="handed", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    iam.put_role_policy(RoleName="handed", PolicyName="rights", PolicyDocument=json.dumps(policy(*actions)))
    return arn


def test_the_role_that_is_handed_over_counts(client: Client, account: str) -> None:
    arn = make_service_role(client, account, *ROLE_ACTIONS)
    _, stack = create_as(client, account, "iam:PassRole", RoleARN=arn)
    assert (stack["StackStatus"], stack["RoleARN"]) == ("CREATE_COMPLETE", arn)


def test_the_role_that_is_handed_over_must_trust_cloudformation(client: Client, account: str) -> None:
    arn = make_service_role(client, account, *ROLE_ACTIONS, service="lambda")
    with pytest.raises(ClientError, match="is invalid or cannot be assumed"):
        create_as(client, account, "iam:PassRole", RoleARN=arn)


def test_other_types_need_their_own_rights(client: Client, account: str) -> None:
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "news"}}
    group = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/a/b", "RetentionInDays": 7}}
    value = {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/a/b", "Type": "String", "Value": "x"}}
    rights = ("sns:CreateTopic", "sns:GetTopicAttributes", "logs:CreateLogGroup", "logs:DescribeLogGroups")
    root, stack = create_as(client, account, *rights, text=template(T=topic, G=group, V=value))
    assert stack["StackStatus"] == "ROLLBACK_FAILED"
    assert any(reason.startswith("API: logs:PutRetentionPolicy ") for reason in failures(root))


def test_managed_policies_are_attached_by_those_who_may(client: Client, account: str) -> None:
    text = template(R=role(ManagedPolicyArns=["arn:aws:iam::aws:policy/ReadOnlyAccess"]))
    root, stack = create_as(client, account, *ROLE_ACTIONS, text=text)
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert failures(root)[0].startswith("API: iam:AttachRolePolicy ")
