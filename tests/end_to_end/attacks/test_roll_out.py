"""The roll-out of the shipped StackSet to all accounts: no administrator of one of them stops it, nor its way back.

CloudFormation's handler of StackSets waits for the operation of a change and fails with it, and a rollback is such a change,
too (aws-cloudformation-resource-providers-cloudformation; cloudformation-coverage-roadmap #981).
"""

import json
import time

import pytest
from tenant import WITH_DOWNGRADE, Tenant

STACK, SHIPPED = "avm-landing-zone", "avm-landing-zone"
EXECUTION = "AWSCloudFormationStackSetExecutionRole"
REGION = "eu-central-1"
DOWNGRADE = "PermissionDowngradeLambdaExecutionRole"


@pytest.fixture
def tenants(environment, landing_zones, make_account, project):
    """Two vended accounts."""
    made = [Tenant(environment, landing_zones, make_account(), f"{project}-{name}") for name in ("one", "two")]
    for tenant in made:
        tenant.deploy(**WITH_DOWNGRADE, downgrade="strict")
        tenant.vend()
    return made


class RollOut:
    """The stack of the StackSet, as whoever deploys it."""

    def __init__(self, environment):
        self._environment = environment
        self._cloudformation = environment.root_client("cloudformation", environment.automation_account_id)
        shown = self._cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
        self._same = {
            "StackName": STACK,
            "Parameters": [{"ParameterKey": one["ParameterKey"], "UsePreviousValue": True} for one in shown["Parameters"]],
            "Capabilities": ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        }

    def template(self):
        found = self._cloudformation.get_template(StackName=STACK)["TemplateBody"]
        return dict(found) if isinstance(found, dict) else json.loads(found)

    def tag(self, value, template=None):
        """Deploys the stack with a tag, which reaches every role; how that ends."""
        given = {"TemplateBody": json.dumps(template)} if template else {"UsePreviousTemplate": True}
        tags = [{"Key": "cost-center", "Value": value}]
        self._cloudformation.update_stack(**self._same, **given, Tags=tags)
        # It goes to every account that other tests have vended.
        deadline = time.monotonic() + 400
        while (status := self._status()).endswith("_IN_PROGRESS"):
            assert time.monotonic() < deadline, status
            time.sleep(0.1)
        return status

    def failures(self):
        """The last operation of the StackSet and what it says of the accounts that it did not reach."""
        cloudformation = self._cloudformation
        last = cloudformation.list_stack_set_operations(StackSetName=SHIPPED)["Summaries"][0]
        told = cloudformation.list_stack_set_operation_results(StackSetName=SHIPPED, OperationId=last["OperationId"])
        return last, [result for result in told["Summaries"] if result["Status"] != "SUCCEEDED"]

    def _status(self):
        return self._cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"]

    def instance(self, tenant):
        return self._cloudformation.describe_stack_instance(
            StackSetName=SHIPPED, StackInstanceAccount=tenant.account_id, StackInstanceRegion=REGION
        )["StackInstance"]["Status"]

    def tag_in(self, tenant):
        iam = self._environment.root_client("iam", tenant.account_id)
        tags = {one["Key"]: one["Value"] for one in iam.list_role_tags(RoleName=DOWNGRADE)["Tags"]}
        return tags.get("cost-center")


class ExecutionRole:
    """The role by which StackSets enter an account, in the hands of that account's administrator."""

    def __init__(self, environment, account_id):
        self._iam = environment.root_client("iam", account_id)
        self._trust = self._iam.get_role(RoleName=EXECUTION)["Role"]["AssumeRolePolicyDocument"]
        names = self._iam.list_role_policies(RoleName=EXECUTION)["PolicyNames"]
        self._policies = {
            name: self._iam.get_role_policy(RoleName=EXECUTION, PolicyName=name)["PolicyDocument"] for name in names
        }

    def delete(self):
        for name in self._policies:
            self._iam.delete_role_policy(RoleName=EXECUTION, PolicyName=name)
        self._iam.delete_role(RoleName=EXECUTION)

    def make_anew(self):
        self._iam.create_role(RoleName=EXECUTION, AssumeRolePolicyDocument=json.dumps(self._trust))
        for name, document in self._policies.items():
            self._iam.put_role_policy(RoleName=EXECUTION, PolicyName=name, PolicyDocument=json.dumps(document))


@pytest.mark.refuses("AWSCloudFormationStackSetAdministrationRole", "sts:AssumeRole")
def test_no_administrator_of_an_account_stops_a_roll_out_or_its_way_back(environment, tenants):
    one, two = tenants
    roll_out, role = RollOut(environment), ExecutionRole(environment, two.account_id)
    role.delete()

    assert roll_out.tag("first") == "UPDATE_COMPLETE", roll_out.failures()

    assert (roll_out.instance(one), roll_out.tag_in(one)) == ("CURRENT", "first")
    assert (roll_out.instance(two), roll_out.tag_in(two)) == ("OUTDATED", None)

    # A deployment that fails after the StackSet was rolled out goes back, over the same accounts.
    broken = roll_out.template()
    broken["Resources"]["Broken"] = {
        "Type": "AWS::IAM::Role",
        "DependsOn": "LandingZoneStackSet",
        # A name that is taken.
        "Properties": {"RoleName": "AVMEntryPointFunctionRole", "AssumeRolePolicyDocument": {"Statement": []}},
    }
    assert roll_out.tag("second", broken) == "UPDATE_ROLLBACK_COMPLETE"
    assert (roll_out.instance(one), roll_out.tag_in(one)) == ("CURRENT", "first")

    # The account that was left behind catches up with its next vend.
    role.make_anew()
    two.again()
    assert (roll_out.instance(two), roll_out.tag_in(two)) == ("CURRENT", "first")
    assert roll_out.tag("last") == "UPDATE_COMPLETE"
    assert [(roll_out.instance(it), roll_out.tag_in(it)) for it in tenants] == [("CURRENT", "last")] * 2
