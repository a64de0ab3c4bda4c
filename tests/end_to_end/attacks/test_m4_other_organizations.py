"""Roles that are assumed by their name, whatever the account: never in an account outside of the organization.

There the name belongs to whoever has the account, and with it what a session of ours would find or be told.
"""

import json
import shutil
import subprocess

import principals
import pytest
from botocore.exceptions import ClientError

from local_aws.paths import REPOSITORY, binary

# Who assumes roles of a name in any account, by the role of ours that may.
BY_NAME = {
    "MeshfedServiceRole": "MeshstackAccountAccessRole",
    "PermissionDowngradeLambdaAdministrationRole": "PermissionDowngradeLambdaExecutionRole",
    "AVMPermissionDowngradeFunctionRole": "PermissionDowngradeLambdaExecutionRole",
    "AVMStoppedVendFunctionRole": "PermissionDowngradeLambdaExecutionRole",
    "AVMElevationFunctionRole": "PermissionDowngradeLambdaExecutionRole",
    "AVMCompletionFunctionRole": "AVMVerificationRole",
    "AVMDefaultVpcsFunctionRole": "AVMVerificationRole",
    "AVMPlanFunctionRole": "AVMVerificationRole",
    "AVMReconcileFunctionRole": "AVMVerificationRole",
    "AVMIdentityProviderFunctionRole": "AVMIdentityProviderRole",
}


@pytest.fixture(scope="module")
def sessions(environment, meshstack, process):
    """A session of each."""
    functions = principals.function_roles(environment, process.environment_file.parent / "functions")
    return {**functions, **principals.meshstack_roles(environment, meshstack)}


@pytest.fixture(scope="module")
def member(environment, meshstack):
    """An account of the organization, for the same roles in it; its access role can be assumed when it is ready."""
    account_id = meshstack.create_account("m4", "aws+m4@example.com")["Id"]
    service = meshstack.assume(environment.management_account_id, "MeshfedServiceRole")
    role = f"arn:aws:iam::{account_id}:role/MeshstackAccountAccessRole"
    principals.assume_when_ready(environment.client("sts", service), role)
    return account_id


def open_role(environment, account_id, name):
    """A role of that name that lets our accounts in, as its owner may well make it."""
    iam = environment.root_client("iam", account_id)
    ours = (environment.automation_account_id, environment.management_account_id)
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": [f"arn:aws:iam::{account}:root" for account in ours]},
        "Action": "sts:AssumeRole",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    try:
        return iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    except iam.exceptions.EntityAlreadyExistsException:
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=document)
        return iam.get_role(RoleName=name)["Role"]["Arn"]


@pytest.mark.parametrize(("who", "name"), BY_NAME.items(), ids=BY_NAME)
def test_a_role_of_the_name_is_assumed_in_the_organization_only(environment, local_aws, sessions, member, who, name):
    sts = environment.client("sts", sessions[who])
    mark = local_aws.mark()
    inside = open_role(environment, member, name)
    outside = open_role(environment, principals.OUTSIDE_ACCOUNT_ID, name)

    try:
        assert sts.assume_role(RoleArn=inside, RoleSessionName="attacker")["Credentials"]
        with pytest.raises(ClientError) as refusal:
            sts.assume_role(RoleArn=outside, RoleSessionName="attacker")
    finally:
        # The account outside is that of all tests.
        environment.root_client("iam", principals.OUTSIDE_ACCOUNT_ID).delete_role(RoleName=name)

    assert refusal.value.response["Error"]["Code"] == "AccessDenied"
    local_aws.expect_refusals(mark)


RESERVED = (
    "OrganizationAccountAccessRole",
    "AWSControlTowerExecution",
    "AWSCloudFormationStackSetExecutionRole",
    "PermissionDowngradeLambdaExecutionRole",
    "AVMVerificationRole",
)
TEMPLATES = ("guard-rails.yaml", "management.yaml", "vending-roles.yaml")


@pytest.mark.parametrize("role", RESERVED)
def test_a_role_of_somebody_else_is_no_access_role(environment, tmp_path, role):
    shutil.copytree(REPOSITORY / "configuration", tmp_path, dirs_exist_ok=True)
    platform = json.loads((tmp_path / "platform.json").read_text(encoding="utf-8"))
    document = json.dumps({**platform, "accountAccessRole": role})
    (tmp_path / "platform.json").write_text(document, encoding="utf-8")
    checked = subprocess.run(
        [binary("avm"), "config", "check", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert checked.returncode != 0
    assert "field accountAccessRole: must be a role of its own" in checked.stdout

    cloudformation = environment.root_client("cloudformation", environment.management_account_id)
    for name in TEMPLATES:
        template = (REPOSITORY / "templates" / name).read_text(encoding="utf-8")
        values = {
            "AccountAccessRoleName": role,
            "AutomationAccountId": environment.automation_account_id,
            "MeshcloudAccountId": environment.meshcloud_account_id,
            **dict.fromkeys(("MeshStackExternalIds", "CostExplorerExternalIds", "MachineExternalIds"), "of-the-test"),
            "OrganizationId": "o-abcdefghij",
            "VendedUnitIds": "ou-abcd-11111111",
        }
        declared = template.split("\nParameters:\n")[1].split("\nConditions:\n")[0]
        given = [
            {"ParameterKey": key, "ParameterValue": value} for key, value in values.items() if f"  {key}:\n" in declared
        ]
        with pytest.raises(ClientError) as refusal:
            cloudformation.create_stack(
                StackName="of-the-test",
                TemplateBody=template,
                Parameters=given,
                Capabilities=["CAPABILITY_NAMED_IAM"],
            )
        assert "must be the name of a role of its own" in str(refusal.value), name
