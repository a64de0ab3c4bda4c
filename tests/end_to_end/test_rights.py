"""What some grants are for and no other test does: units below units, the alias under `strict`, StackSet updates.

Without these, the proof in `test_zz_privileges.py` would call the grants unused.
"""

import json
import time
from contextlib import suppress

import pytest
from samtranslator.yaml_helper import yaml_parse
from tenant import WITH_DOWNGRADE, Tenant

from local_aws.deploy.included import rendered
from local_aws.deploy.surroundings import TEMPLATE_BUCKET
from local_aws.paths import REPOSITORY

TEMPLATE = REPOSITORY / "templates" / "landing-zone-stackset.yaml"
ROLES = {
    "OrganizationAccountAccessRole",
    "PermissionDowngradeLambdaExecutionRole",
    "AVMVerificationRole",
    "AVMIdentityProviderRole",
}
POWER_USER = "arn:aws:iam::aws:policy/PowerUserAccess"


@pytest.fixture
def tenant(environment, landing_zones, make_account, project):
    """An account whose landing zone has on what a test says."""
    return Tenant(environment, landing_zones, make_account(), project)


@pytest.fixture(scope="module")
def shipped_access_stack(environment):
    """The address of the template that ships, as it is now: the function has that of its build."""
    storage = environment.root_client("s3", environment.automation_account_id)
    with suppress(storage.exceptions.BucketAlreadyOwnedByYou):
        storage.create_bucket(
            Bucket=TEMPLATE_BUCKET, CreateBucketConfiguration={"LocationConstraint": environment.region}
        )
    body = (REPOSITORY / "templates" / "access-stack.yaml").read_bytes()
    storage.put_object(Bucket=TEMPLATE_BUCKET, Key="access-stack.yaml", Body=body)
    return f"https://{TEMPLATE_BUCKET}.s3.{environment.region}.amazonaws.com/access-stack.yaml"


def test_units_below_units_are_made(tenant, operator, project):
    path = f"Rights/{project}/Deep"
    tenant.deploy(organizationalUnit=path, createOrganizationalUnits=True)

    tenant.vend()

    assert operator.organizational_unit_path(tenant.account_id) == f"/{path}"


def test_the_alias_is_made_and_replaced_after_the_strict_downgrade(tenant, landing_zones, environment, project):
    tenant.deploy(**WITH_DOWNGRADE, downgrade="strict")
    tenant.vend()
    tenant.deploy(**WITH_DOWNGRADE, downgrade="strict", accountAlias=True)
    alias = f"example-space-{project}"

    assert tenant.vend()["AccountAlias"] == {"Alias": alias, "Change": "created"}

    iam = environment.root_client("iam", tenant.account_id)
    iam.delete_account_alias(AccountAlias=alias)
    iam.create_account_alias(AccountAlias=f"chosen-{project}")
    platform = landing_zones.platform()
    landing_zones.deploy_platform({**platform, "enforceAccountAlias": True})
    try:
        assert tenant.again()["AccountAlias"] == {"Alias": alias, "Change": "replaced"}
    finally:
        landing_zones.deploy_platform(platform)


def template(environment):
    """The template of the shipped StackSet as it is deployed."""
    values = {
        "AWS::Partition": "aws",
        "ManagementAccountId": environment.management_account_id,
        "AutomationAccountId": environment.automation_account_id,
        "AccountAccessRoleName": "MeshstackAccountAccessRole",
    }
    return rendered(TEMPLATE, values)


class StackSetOfTheTest:
    """A StackSet with the template that ships, whose new versions reach no account of another test."""

    def __init__(self, environment, name):
        self._client = environment.root_client("cloudformation", environment.automation_account_id)
        self._roles = (
            f"arn:aws:iam::{environment.automation_account_id}:role/AWSCloudFormationStackSetAdministrationRole"
        )
        self.name = name
        self._template = yaml_parse(template(environment))

    def _settings(self):
        return {
            "StackSetName": self.name,
            "TemplateBody": json.dumps(self._template),
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
            "AdministrationRoleARN": self._roles,
            "ExecutionRoleName": "AWSCloudFormationStackSetExecutionRole",
        }

    def _end(self, operation_id):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            operation = self._client.describe_stack_set_operation(StackSetName=self.name, OperationId=operation_id)
            status = operation["StackSetOperation"]["Status"]
            if status not in ("QUEUED", "RUNNING"):
                break
            time.sleep(0.1)
        results = self._client.list_stack_set_operation_results(StackSetName=self.name, OperationId=operation_id)
        return status, results["Summaries"]

    def _succeed(self, operation_id):
        status, results = self._end(operation_id)
        assert status == "SUCCEEDED", results

    def _change(self, change):
        for resource in self._template["Resources"].values():
            change(resource["Properties"])
        return self._client.update_stack_set(**self._settings())["OperationId"]

    def create(self):
        """Makes the set, without instances."""
        self._client.create_stack_set(**self._settings())

    def update(self, change):
        """A new version of the template, with each role's properties changed, which goes to all accounts."""
        self._succeed(self._change(change))

    def fail(self, change):
        """A new version that the accounts refuse: the reason of each."""
        status, results = self._end(self._change(change))
        assert status == "FAILED", results
        return [result["StatusReason"] for result in results]

    def remove_from(self, account_id):
        """Takes the instance away, with what is in it."""
        answer = self._client.delete_stack_instances(
            StackSetName=self.name, Accounts=[account_id], Regions=["eu-central-1"], RetainStacks=False
        )
        self._succeed(answer["OperationId"])


def changed(role):
    """All of it that may change without a new role."""
    role["Description"] = f"Changed. {role['Description']}"
    role["AssumeRolePolicyDocument"]["Statement"][0]["Sid"] = "Changed"
    for policy in role.get("Policies", []):
        policy["PolicyName"] = f"Changed{policy['PolicyName']}"
    role["Tags"] = [tag for tag in role["Tags"] if tag["Key"] != "avm:project"]


def powerful(role):
    """One managed policy more, for the role that has one."""
    if "ManagedPolicyArns" in role:
        role["ManagedPolicyArns"].append(POWER_USER)


def as_before(role):
    """Without it again."""
    if "ManagedPolicyArns" in role:
        role["ManagedPolicyArns"].remove(POWER_USER)


@pytest.mark.refuses("AWSCloudFormationStackSetExecutionRole", "iam:AttachRolePolicy")
def test_a_new_version_of_the_stack_set_changes_and_takes_away_what_it_has_made(
    tenant, environment, shipped_access_stack, project
):
    stack_set = StackSetOfTheTest(environment, f"avm-rights-{project}")
    stack_set.create()
    instance = {"name": stack_set.name, "region": "eu-central-1"}
    tenant.deploy(accessStack={"template": shipped_access_stack}, stackSets=[instance])
    tenant.vend()
    iam = environment.root_client("iam", tenant.account_id)

    (reason,) = stack_set.fail(powerful)
    assert "iam:AttachRolePolicy" in reason

    stack_set.update(as_before)
    stack_set.update(changed)

    for name in ROLES:
        role = iam.get_role(RoleName=name)["Role"]
        assert role["Description"].startswith("Changed. ")
        assert role["AssumeRolePolicyDocument"]["Statement"][0]["Sid"] == "Changed"
        assert [tag["Key"] for tag in role["Tags"]] == ["avm:workspace"]
        policies = iam.list_role_policies(RoleName=name)["PolicyNames"]
        assert all(policy.startswith("Changed") for policy in policies)

    stack_set.update(lambda role: role.pop("ManagedPolicyArns", None))
    assert iam.list_attached_role_policies(RoleName="OrganizationAccountAccessRole")["AttachedPolicies"] == []

    stack_set.remove_from(tenant.account_id)
    assert ROLES.isdisjoint(role["RoleName"] for role in iam.list_roles()["Roles"])


def test_the_roles_of_the_test_are_those_of_the_template(environment):
    resources = yaml_parse(template(environment))["Resources"]
    assert {resource["Properties"]["RoleName"] for resource in resources.values()} == ROLES
