"""Parameters of the shipped StackSet, overridden for one account: none of them lets anybody in, whoever overrides it.

meshStack's role is refused; what somebody with more rights has overridden, the next vend names in its plan and resets. And
whoever changes the roles inside the account is told by the next vend, which does not call the account done.
"""

import json
import time

import principals
import pytest
from botocore.exceptions import ClientError
from tenant import WITH_DOWNGRADE, Tenant

SHIPPED = "avm-landing-zone"
MESHSTACK = "MeshfedAutomationRole"
REGION = "eu-central-1"
ATTACKER = principals.OUTSIDE_ACCOUNT_ID
# What can be overridden for an account, and what could once: whom the roles trust, and what they may touch.
DECLARED = {"ProductName", "Stage", "tagEnvironment"}
OF_TRUST = {"AccountAccessRoleName", "AutomationAccountId", "ExternalId", "ManagementAccountId"}


@pytest.fixture
def victim(environment, landing_zones, make_account, project):
    """A vended account with the narrowest minimum."""
    tenant = Tenant(environment, landing_zones, make_account(), project)
    tenant.deploy(**WITH_DOWNGRADE, downgrade="strict")
    tenant.vend()
    return tenant


@pytest.fixture
def administration(environment):
    """CloudFormation of the automation account, as its root."""
    return environment.root_client("cloudformation", environment.automation_account_id)


def rights(environment, account_id):
    """Every role of an account with whom it trusts and what it may do."""
    iam = environment.root_client("iam", account_id)
    found = {}
    for role in principals.roles_of(environment, account_id):
        name = role["RoleName"]
        inline = iam.list_role_policies(RoleName=name)["PolicyNames"]
        found[name] = {
            "trust": role["AssumeRolePolicyDocument"],
            "inline": {
                one: iam.get_role_policy(RoleName=name, PolicyName=one)["PolicyDocument"] for one in inline
            },
            "attached": iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"],
        }
    return found


def overrides(operator, account_id):
    """What is overridden for the account's instance of the shipped StackSet."""
    instance = operator.stack_instances(account_id)[SHIPPED]
    assert instance["Status"] == "CURRENT"
    return {one["ParameterKey"]: one["ParameterValue"] for one in instance["ParameterOverrides"]}


def one_override(key):
    """An override with the attacker's value."""
    return [{"ParameterKey": key, "ParameterValue": ATTACKER}]


def refusal(call, **arguments):
    """The code with which a call is refused; None where it is not."""
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


def test_meshstack_cannot_override_any_parameter_of_the_shipped_stack_set(
    environment, meshstack, operator, local_aws, administration, victim
):
    keys = principals.meshstack_roles(environment, meshstack)[MESHSTACK]
    client = environment.client("cloudformation", keys)
    shown = client.describe_stack_set(StackSetName=SHIPPED)["StackSet"]["Parameters"]
    assert {one["ParameterKey"] for one in shown} == DECLARED
    before = rights(environment, victim.account_id), overrides(operator, victim.account_id)
    target = {"StackSetName": SHIPPED, "Accounts": [victim.account_id], "Regions": [REGION]}
    mark = local_aws.mark()

    answers = {}
    for key in sorted(DECLARED | OF_TRUST):
        given = {**target, "ParameterOverrides": one_override(key)}
        answers["update", key] = refusal(client.update_stack_instances, **given)
        answers["create", key] = refusal(client.create_stack_instances, **given)
    answers["update", "nothing"] = refusal(client.update_stack_instances, **target)
    answers["delete", "all"] = refusal(client.delete_stack_instances, **target, RetainStacks=False)

    settle(administration)
    after = rights(environment, victim.account_id), overrides(operator, victim.account_id)
    local_aws.expect_refusals(mark)
    assert {what: answer for what, answer in answers.items() if not (answer or "").startswith("AccessDenied")} == {}
    assert after == before


def test_meshstack_still_rolls_out_stack_sets_that_are_not_the_machines(
    environment, meshstack, administration, victim, project
):
    keys = principals.meshstack_roles(environment, meshstack)[MESHSTACK]
    client = environment.client("cloudformation", keys)
    name = f"of-meshstack-{project}"
    handle = {"Resources": {"Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}}
    administration.create_stack_set(StackSetName=name, TemplateBody=json.dumps(handle))
    try:
        target = {"StackSetName": name, "Accounts": [victim.account_id], "Regions": [REGION]}
        # Let in, and told that there is no instance yet.
        assert refusal(client.update_stack_instances, **target) == "StackInstanceNotFoundException"
    finally:
        administration.delete_stack_set(StackSetName=name)


def settle(client):
    """Waits for the operations of the shipped StackSet to end."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        operations = client.list_stack_set_operations(StackSetName=SHIPPED)["Summaries"]
        if not {one["Status"] for one in operations} & {"QUEUED", "RUNNING"}:
            return
        time.sleep(0.1)
    raise TimeoutError("an operation does not end")


def plan_of(environment, order):
    """What a vend of an order would do, by step."""
    states = environment.root_client("stepfunctions", environment.automation_account_id)
    machine = environment.state_machine_arn.replace("avm-vend-account", "avm-plan-account")
    execution = states.start_execution(stateMachineArn=machine, input=order)["executionArn"]
    deadline = time.monotonic() + 60
    while (found := states.describe_execution(executionArn=execution))["status"] == "RUNNING":
        assert time.monotonic() < deadline, execution
        time.sleep(0.1)
    assert found["status"] == "SUCCEEDED", (found.get("error"), found.get("cause"))
    plans = json.loads(found["output"])["Plans"]
    return {one["Step"]: one["Plan"]["Words"] for one in plans if not one["Plan"]["IsEmpty"]}


def test_no_override_of_anybody_lets_somebody_into_the_account_and_the_next_vend_resets_it(
    environment, operator, administration, victim
):
    """As the root of the automation account, who may do more than any role there."""
    account_id, order = victim.account_id, victim.execution["input"]
    before = rights(environment, account_id), overrides(operator, account_id)
    target = {"StackSetName": SHIPPED, "Accounts": [account_id], "Regions": [REGION]}

    # Parameters of trust: there are none to override.
    for key in sorted(OF_TRUST):
        assert refusal(administration.update_stack_instances, **target, ParameterOverrides=one_override(key)), key
    for key in sorted(DECLARED):
        administration.update_stack_instances(**target, ParameterOverrides=one_override(key))
        settle(administration)
        assert overrides(operator, account_id) == {key: ATTACKER}
        assert rights(environment, account_id) == before[0], key

    plan = plan_of(environment, order)

    assert "set ProductName, Stage, tagEnvironment" in plan["apply-stackset"]
    victim.again()
    assert (rights(environment, account_id), overrides(operator, account_id)) == before
    assert plan_of(environment, order) == {}


@pytest.mark.parametrize(
    "role", ["AVMIdentityProviderRole", "AVMVerificationRole", "MeshstackAccountAccessRole", "OrganizationAccountAccessRole"]
)
def test_whoever_lets_somebody_else_into_a_role_of_the_account_is_told(environment, victim, role):
    iam = environment.root_client("iam", victim.account_id)
    found = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    # As a tenant would: everybody who was let in still is.
    theirs = {"Effect": "Allow", "Principal": {"AWS": ATTACKER}, "Action": "sts:AssumeRole"}
    planted = {**found, "Statement": [*found["Statement"], theirs]}
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(planted))

    words = plan_of(environment, victim.execution["input"])["completion"]

    assert f"role {role} trusts others" in words
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(found))
    assert plan_of(environment, victim.execution["input"]) == {}
