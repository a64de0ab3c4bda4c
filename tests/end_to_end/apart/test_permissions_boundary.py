"""A company whose organization lets no role or user be made without its permissions boundary, and the machine in it.

Three accounts and `avm bootstrap`, from the refusal to accounts that were vended before the company asked for a boundary.
"""

import json
import time

import pytest
from bootstrapping import IN_ORDER, avm, bootstrap, environment, packaged, serve_empty  # noqa: F401
from botocore.exceptions import ClientError
from platform_team import wait_until

from local_aws.paths import AUDIT_VARIABLE
from meshstack_client import Operator

NAME = "company/Boundary"
OPTION = ["--permissions-boundary", NAME]
REFUSED = "with an explicit deny in a service control policy"
ACCESS_ROLE = "MeshstackAccountAccessRole"
EXECUTION_ROLE = "AWSCloudFormationStackSetExecutionRole"
OF_THE_STACK_SET = [
    "AVMIdentityProviderRole",
    "AVMVerificationRole",
    "OrganizationAccountAccessRole",
    "PermissionDowngradeLambdaExecutionRole",
]
# IAM User Guide, "Delegating responsibility to others using permissions boundaries".
ONLY_BOUNDED = {
    "Sid": "OnlyBounded",
    "Effect": "Deny",
    "Action": ["iam:CreateRole", "iam:CreateUser", "iam:PutRolePermissionsBoundary", "iam:PutUserPermissionsBoundary"],
    "Resource": "*",
    "Condition": {"StringNotLike": {"iam:PermissionsBoundary": f"arn:aws:iam::*:policy/{NAME}"}},
}
FOR_GOOD = {
    "Sid": "ForGood",
    "Effect": "Deny",
    "Action": ["iam:DeleteRolePermissionsBoundary", "iam:DeleteUserPermissionsBoundary"],
    "Resource": "*",
}
BOUNDARY = [
    {"Effect": "Allow", "Action": "*", "Resource": "*"},
    {"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"},
]


def document(statements):
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def arn(account_id, name=NAME):
    return f"arn:aws:iam::{account_id}:policy/{name}"


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """What leads to three empty accounts. What is refused here is no right that the machine lacks: the audit is no other test's."""
    folder = tmp_path_factory.mktemp("bounded")
    with serve_empty(folder, {AUDIT_VARIABLE: str(tmp_path_factory.mktemp("bounded-audit"))}) as variables:
        yield variables


class Company:
    """The organization's policy, and the boundary in its accounts."""

    def __init__(self, environment):
        self._environment = environment
        self._organizations = environment.root_client("organizations", environment.management_account_id)
        self._root = self._organizations.list_roots()["Roots"][0]["Id"]
        self._organizations.enable_policy_type(RootId=self._root, PolicyType="SERVICE_CONTROL_POLICY")
        made = self._organizations.create_policy(
            Name="only-bounded",
            Description="of the company",
            Type="SERVICE_CONTROL_POLICY",
            Content=document([ONLY_BOUNDED, FOR_GOOD]),
        )
        self._policy = made["Policy"]["PolicySummary"]["Id"]

    def ask_for_boundaries(self):
        self._organizations.attach_policy(PolicyId=self._policy, TargetId=self._root)

    def cease(self):
        self._organizations.detach_policy(PolicyId=self._policy, TargetId=self._root)

    def bring_boundary(self, account_id):
        iam = self._environment.root_client("iam", account_id)
        iam.create_policy(Path="/company/", PolicyName="Boundary", PolicyDocument=document(BOUNDARY))

    def boundaries(self, account_id):
        """The ARN of the boundary of each role and user that the machine has made in the account, by their names."""
        iam = self._environment.root_client("iam", account_id)
        roles = [role["RoleName"] for role in iam.list_roles()["Roles"] if role["Path"] == "/"]
        users = [user["UserName"] for user in iam.list_users()["Users"] if user["UserName"] != "administrator"]
        found = {name: iam.get_role(RoleName=name)["Role"] for name in roles}
        found.update({name: iam.get_user(UserName=name)["User"] for name in users})
        return {name: one.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn") for name, one in found.items()}

    def boundaries_of_standing(self, account_id):
        """The same, but for what AWS has made with the account."""
        found = self.boundaries(account_id)
        del found["OrganizationAccountAccessRole"]
        return found


@pytest.fixture(scope="module")
def company(environment):  # noqa: F811
    return Company(environment)


class Machine:
    """The machine as it is deployed, for whoever asks it for accounts."""

    def __init__(self, environment):
        self.environment = environment
        self.operator = Operator(environment)

    def start(self, stage, **keys):
        client = self.environment.root_client("lambda", self.environment.automation_account_id)
        payload = {"ProductName": "space", "Stage": stage, **keys}
        answer = json.load(client.invoke(FunctionName="AVMEntryPoint", Payload=json.dumps(payload))["Payload"])
        return answer["executionArn"]

    def vend(self, stage, **keys):
        """The id of the account of a vend that must end well."""
        ended = self.operator.wait_for_end(self.start(stage, **keys))
        assert ended["status"] == "SUCCEEDED", (ended.get("error"), ended.get("cause"))
        return self.account(stage)

    def account(self, stage):
        found = self.operator.account_by_email(f"aws+space.{stage}@company.com")
        return found["Id"] if found else None

    def failures(self, execution):
        """The errors of the functions that an execution has met."""
        events = self.operator.events(execution)
        return {event["taskFailedEventDetails"]["error"] for event in events if "taskFailedEventDetails" in event}


@pytest.fixture(scope="module")
def machine(environment):  # noqa: F811
    return Machine(environment)


def configure(avm, folder, region, downgrade):  # noqa: F811
    platform = {
        "platform": "aws",
        "region": region,
        "accountAccessRole": ACCESS_ROLE,
        "accountNamePattern": "%s-%s",
        "accountEmailPattern": "aws+%s@company.com",
        "defaultLandingZone": "sandbox",
    }
    zone = {
        "organizationalUnit": "Sandbox",
        "createOrganizationalUnits": True,
        "accessStack": {"template": "shipped"},
        "stackSets": [{"name": "avm-landing-zone", "region": region}],
        "downgrade": downgrade,
    }
    (folder / "landing-zones").mkdir(exist_ok=True)
    (folder / "platform.json").write_text(json.dumps(platform), encoding="utf-8")
    (folder / "landing-zones" / "sandbox.json").write_text(json.dumps(zone), encoding="utf-8")
    code, _, told = avm("config", "deploy", "--yes", str(folder))
    assert code == 0, told
    # Documents are kept by the functions for so long.
    time.sleep(0.5)


def test_without_the_boundary_the_organization_refuses_the_deployment(environment, company, bootstrap):  # noqa: F811
    company.ask_for_boundaries()
    code, rows, told = bootstrap("--yes")
    assert code != 0 and "avm-meshcloud" in told
    cloudformation = environment.root_client("cloudformation", environment.meshcloud_account_id)
    events = cloudformation.describe_stack_events(StackName="avm-meshcloud")["StackEvents"]
    reasons = [event.get("ResourceStatusReason", "") for event in events]
    assert any("iam:CreateUser" in reason and REFUSED in reason for reason in reasons), reasons
    # It has to go before it can be made again.
    cloudformation.delete_stack(StackName="avm-meshcloud")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="avm-meshcloud", WaiterConfig={"Delay": 0.1})


def test_a_boundary_that_an_account_lacks_is_told_before_a_stack_is_touched(environment, company, bootstrap):  # noqa: F811
    stacks = environment.root_client("cloudformation", environment.meshcloud_account_id)
    company.bring_boundary(environment.automation_account_id)
    code, rows, told = bootstrap("--yes", *OPTION)
    assert code == 2 and rows == {}, told
    assert f"the meshcloud account has no policy {NAME}. Remedy: " in told and "automation account has no" not in told
    assert stacks.describe_stacks()["Stacks"] == []


def test_with_it_three_accounts_become_an_installation(environment, company, bootstrap, avm):  # noqa: F811
    accounts = [environment.automation_account_id, environment.meshcloud_account_id]
    company.bring_boundary(environment.meshcloud_account_id)
    code, rows, told = bootstrap("--yes", *OPTION, "--parameter", "Metering=true")
    assert code == 0, told
    # Two stacks without a role were there before the refusal.
    assert {rows[name]["is"] for name in IN_ORDER[:2]} == {"no changes"}
    assert {rows[name]["is"] for name in IN_ORDER[2:]} == {"created"}
    for account_id in accounts:
        found = company.boundaries_of_standing(account_id)
        assert len(found) > 1 and set(found.values()) == {arn(account_id)}, found
    # Nobody says it again, and it stays.
    code, rows, told = bootstrap("--yes")
    assert code == 0, told
    assert {rows[name]["is"] for name in IN_ORDER} == {"no changes"}


def test_a_vend_waits_for_the_boundary_and_gives_it_to_every_role(environment, company, machine, avm, tmp_path):  # noqa: F811
    configure(avm, tmp_path, environment.region, "standard")
    execution = machine.start("young")
    wait_until(lambda: "AccountNotReady" in machine.failures(execution))
    account_id = machine.account("young")
    assert machine.operator.stacks(account_id) == {}
    company.bring_boundary(account_id)
    ended = machine.operator.wait_for_end(execution)
    assert ended["status"] == "SUCCEEDED", (ended.get("error"), ended.get("cause"))
    bounded = dict.fromkeys([EXECUTION_ROLE, *OF_THE_STACK_SET], arn(account_id))
    # AWS makes the access role.
    assert company.boundaries(account_id) == {**bounded, ACCESS_ROLE: None}
    assert machine.operator.role_policies(account_id, ACCESS_ROLE)["attached"] == []
    assert machine.vend("young", Force="true") == account_id
    assert company.boundaries(account_id) == {**bounded, ACCESS_ROLE: None}


def test_neither_doctor_nor_night_takes_it_for_a_fault(environment, machine, avm):  # noqa: F811
    # Something hears of failures, and contacts may be set.
    topics = environment.root_client("sns", environment.automation_account_id)
    topic = next(one["TopicArn"] for one in topics.list_topics()["Topics"] if one["TopicArn"].endswith(":avm-failures"))
    topics.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=topic.replace(":sns:", ":sqs:"), ReturnSubscriptionArn=True)
    organizations = environment.root_client("organizations", environment.management_account_id)
    organizations.enable_aws_service_access(ServicePrincipal="account.amazonaws.com")
    _, findings, told = avm("doctor", "--management-profile", "management", "--quick")
    # There is metering, and no section of the platform document for it.
    assert [finding for finding in json.loads(findings) if "Metering" not in json.dumps(finding)] == [], told
    states = environment.root_client("stepfunctions", environment.automation_account_id)
    nights = next(one["stateMachineArn"] for one in states.list_state_machines()["stateMachines"] if one["name"] == "avm-reconcile")
    night = states.start_execution(stateMachineArn=nights)["executionArn"]
    ended = machine.operator.wait_for_end(night)
    assert ended["status"] == "SUCCEEDED", ended.get("cause")
    entered = {event["stateEnteredEventDetails"]["name"] for event in machine.operator.events(night) if "stateEnteredEventDetails" in event}
    assert "Tell" in entered and "Notify" not in entered, entered


def test_the_stack_set_gives_its_roles_this_boundary_and_no_other(environment, company, machine):  # noqa: F811
    account_id = machine.account("young")
    iam = environment.root_client("iam", account_id)
    iam.create_policy(Path="/company/", PolicyName="Other", PolicyDocument=document(BOUNDARY))
    trust = iam.get_role(RoleName=EXECUTION_ROLE)["Role"]["AssumeRolePolicyDocument"]
    root = {"Effect": "Allow", "Principal": {"AWS": account_id}, "Action": "sts:AssumeRole"}
    iam.update_assume_role_policy(RoleName=EXECUTION_ROLE, PolicyDocument=document([root]))
    company.cease()
    try:
        sts = environment.root_client("sts", account_id)
        session = sts.assume_role(RoleArn=f"arn:aws:iam::{account_id}:role/{EXECUTION_ROLE}", RoleSessionName="thief")
        own = environment.client("iam", session["Credentials"])
        for role in OF_THE_STACK_SET:
            own.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=arn(account_id))
            with pytest.raises(ClientError, match="no identity-based policy allows the iam:PutRolePermissionsBoundary"):
                own.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=arn(account_id, "company/Other"))
            with pytest.raises(ClientError, match="iam:DeleteRolePermissionsBoundary"):
                own.delete_role_permissions_boundary(RoleName=role)
        for role in (ACCESS_ROLE, EXECUTION_ROLE):
            with pytest.raises(ClientError, match="iam:PutRolePermissionsBoundary"):
                own.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=arn(account_id))
    finally:
        company.ask_for_boundaries()
        iam.update_assume_role_policy(RoleName=EXECUTION_ROLE, PolicyDocument=json.dumps(trust))


def test_an_account_from_before_gets_it_with_its_next_vend(environment, company, machine, bootstrap, avm, tmp_path):  # noqa: F811
    company.cease()
    code, _, told = bootstrap("--yes", "--permissions-boundary", "")
    assert code == 0, told
    functions = company.boundaries(environment.automation_account_id)
    assert functions["AVMPlanFunctionRole"] == arn(environment.automation_account_id, "AVMFunctionsBoundary")
    assert functions["AVMStateMachineRole"] is None
    configure(avm, tmp_path, environment.region, "none")
    account_id = machine.vend("old")
    assert set(company.boundaries(account_id).values()) == {None}

    company.ask_for_boundaries()
    company.bring_boundary(account_id)
    code, _, told = bootstrap("--yes", *OPTION)
    assert code == 0, told
    assert machine.vend("old", Force="true") == account_id
    bounded = dict.fromkeys([EXECUTION_ROLE, *OF_THE_STACK_SET], arn(account_id))
    assert company.boundaries(account_id) == {**bounded, ACCESS_ROLE: None}
