"""The templates of the standing accounts where meshStack's user and roles are there already: by hand, or by its Terraform module.

What is there stays as it is; a role is kept from what is the machine's.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from cloudformation_support import NAMED, new_account, parameters, policy, settled, trust
from stackset_support import message

from local_aws import paths

Client = Callable[..., Any]
TEMPLATES = paths.REPOSITORY / "templates"
OTHERS = {
    "MeshStackExternalIds": "external-id-of-meshstack",
    "CostExplorerExternalIds": "external-id-of-costs",
    "ManagementAccountId": "111111111111",
    "AutomationAccountId": "222222222222",
    "MeshcloudAccountId": "333333333333",
}
# The policies of each role that meshStack's documents ask for, as far as they show what the machine denies.
ROLES = {
    "MeshfedServiceRole": policy("organizations:*"),
    "MeshfedAutomationRole": policy("cloudformation:*", "lambda:InvokeFunction"),
    "AWSCloudFormationStackSetAdministrationRole": policy("sts:AssumeRole"),
}
THERE = {
    "meshcloud": ("MakesServiceUser",),
    "management": ("MakesServiceRole",),
    "automation": ("MakesAutomationRole", "MakesStackSetAdministrationRole"),
}


def account_with_names(client: Client) -> str:
    """An account in which all of the names are taken."""
    account = new_account()
    iam = client("iam", account)
    iam.create_user(UserName="meshfed-service-user")
    for name, document in ROLES.items():
        principal = {"Service": "cloudformation.amazonaws.com"} if "StackSet" in name else {"AWS": account}
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust(**principal)))
        iam.put_role_policy(RoleName=name, PolicyName="of-the-documents", PolicyDocument=json.dumps(document))
    return account


def deployed(client: Client, account: str, name: str, **given: str) -> dict[str, Any]:
    text = (TEMPLATES / f"{name}.yaml").read_text()
    values = {key: value for key, value in {**OTHERS, **given}.items() if f"\n  {key}:\n" in text}
    stacks = client("cloudformation", account)
    made = stacks.create_stack(
        StackName=name, TemplateBody=text, Capabilities=NAMED, Parameters=parameters(**values), OnFailure="DELETE"
    )
    return settled(stacks, made["StackId"])


@pytest.mark.parametrize("name", THERE)
def test_a_template_deploys_beside_names_that_are_taken(client: Client, name: str) -> None:
    account = account_with_names(client)
    assert deployed(client, account, name)["StackStatus"] == "DELETE_COMPLETE"
    there = dict.fromkeys(THERE[name], "false")
    # A stack of a user alone would have nothing in it.
    stack = deployed(client, account, name, **there, **({"Metering": "true"} if name == "meshcloud" else {}))
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    iam = client("iam", account)
    for role, document in ROLES.items():
        found = iam.get_role_policy(RoleName=role, PolicyName="of-the-documents")["PolicyDocument"]
        assert found == document


def test_what_is_made_without_a_word_is_what_was_made_before(client: Client) -> None:
    account = new_account()
    for name in THERE:
        assert deployed(client, account, name)["StackStatus"] == "CREATE_COMPLETE"
    iam = client("iam", account)
    assert iam.get_user(UserName="meshfed-service-user")
    policies = {role: iam.list_role_policies(RoleName=role)["PolicyNames"] for role in ROLES}
    assert policies == {
        "MeshfedServiceRole": ["MeshfedServicePolicy"],
        "MeshfedAutomationRole": ["AutomationPolicy"],
        "AWSCloudFormationStackSetAdministrationRole": ["AssumeStackSetExecutionRole"],
    }


def test_a_role_that_was_there_is_kept_from_what_is_the_machines(client: Client) -> None:
    account = account_with_names(client)
    for name in ("management", "automation"):
        assert deployed(client, account, name, **dict.fromkeys(THERE[name], "false"))["StackStatus"] == "CREATE_COMPLETE"
    assume = client("sts", account).assume_role
    arn = f"arn:aws:iam::{account}:role/MeshfedAutomationRole"
    session = assume(RoleArn=arn, RoleSessionName="meshstack")["Credentials"]
    stacks, functions = client("cloudformation", credentials=session), client("lambda", credentials=session)
    text = json.dumps({"Resources": {"Nothing": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}})
    for name in ("of-meshstack", "avm-landing-zone"):
        client("cloudformation", account).create_stack_set(StackSetName=name, TemplateBody=text)
    stacks.delete_stack_set(StackSetName="of-meshstack")
    denied = "explicit deny"
    assert denied in message(stacks.delete_stack_set, StackSetName="avm-landing-zone")
    assert denied in message(functions.invoke, FunctionName="avm-plan")
    assert denied not in message(functions.invoke, FunctionName="AVMEntryPoint")
