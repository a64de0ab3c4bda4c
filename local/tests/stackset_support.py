"""An administrator account with StackSets and target accounts of its own, for the tests of StackSets."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloudformation_support import NAMED, ended, new_account, policy, role, template, trust

Client = Callable[..., Any]
REGION = "eu-central-1"
ADMINISTRATION = "AWSCloudFormationStackSetAdministrationRole"
EXECUTION = "AWSCloudFormationStackSetExecutionRole"
RIGHTS = ("cloudformation:*", "iam:*")
TEXT = template({"Bucket": {"Type": "String", "Default": "s3:GetObject"}}, R=role(action={"Ref": "Bucket"}))


class Administrator:
    """An account with StackSets, and what a test does with them."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.account = new_account()
        self.api = client("cloudformation", self.account)
        iam = client("iam", self.account)
        document = trust(Service="cloudformation.amazonaws.com")
        document["Statement"][0]["Condition"] = {
            "StringEquals": {"aws:SourceAccount": self.account},
            "StringLike": {"aws:SourceArn": f"arn:aws:cloudformation:*:{self.account}:stackset/*"},
        }
        iam.create_role(RoleName=ADMINISTRATION, AssumeRolePolicyDocument=json.dumps(document))
        assume = policy("sts:AssumeRole", resource=f"arn:*:iam::*:role/{EXECUTION}")
        iam.put_role_policy(RoleName=ADMINISTRATION, PolicyName="assume", PolicyDocument=json.dumps(assume))

    def target(self, *rights: str) -> str:
        """An account with the execution role."""
        account_id, rights = new_account(), rights or RIGHTS
        iam = self.client("iam", account_id)
        document = json.dumps(trust(AWS=f"arn:aws:iam::{self.account}:role/{ADMINISTRATION}"))
        iam.create_role(RoleName=EXECUTION, AssumeRolePolicyDocument=document)
        iam.put_role_policy(RoleName=EXECUTION, PolicyName="rights", PolicyDocument=json.dumps(policy(*rights)))
        return account_id

    def make_set(self, text: str = TEXT, **options: Any) -> None:
        self.api.create_stack_set(StackSetName="set", TemplateBody=text, Capabilities=NAMED, **options)

    def start(self, verb: str, *accounts: str, **options: Any) -> str:
        call = getattr(self.api, f"{verb}_stack_instances")
        answer = call(StackSetName="set", Accounts=list(accounts), Regions=[REGION], **options)
        return str(answer["OperationId"])

    def run(self, verb: str, *accounts: str, **options: Any) -> dict[str, Any]:
        return ended(self.api, "set", self.start(verb, *accounts, **options))

    def instance(self, account_id: str) -> dict[str, Any]:
        answer = self.api.describe_stack_instance(
            StackSetName="set", StackInstanceAccount=account_id, StackInstanceRegion=REGION
        )
        found: dict[str, Any] = answer["StackInstance"]
        return found

    def granted(self, account_id: str) -> Any:
        answer = self.client("iam", account_id).get_role_policy(RoleName="made", PolicyName="inline")
        return answer["PolicyDocument"]["Statement"][0]["Action"][0]


@pytest.fixture
def administrator(client: Client) -> Administrator:
    return Administrator(client)


def refusal(call: Callable[..., Any], *positional: Any, **arguments: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        call(*positional, **arguments)
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def message(call: Callable[..., Any], *positional: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(*positional, **arguments)
    return str(caught.value.response["Error"]["Message"])
