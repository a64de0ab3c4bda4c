"""Parameters of the shipped StackSet, overridden for one account: whoever could would be let into it as an administrator.

meshStack's role is refused; what somebody with more rights has overridden, the next vend names in its plan and resets.
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
# What the StackSet sets for all accounts, and what the order sets for each.
OF_ALL = {"AccountAccessRoleName", "AutomationAccountId", "ExternalId", "ManagementAccountId"}
OF_EACH = {"ProductName", "Stage", "tagEnvironment"}


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


def trusts(environment, account_id):
    """Every role of an account with whom it trusts."""
    roles = principals.roles_of(environment, account_id)
    return {role["RoleName"]: principals.statements(role) for role in roles}


def overrides(operator, account_id):
    """What is overridden for the account's instance of the shipped StackSet."""
    instance = operator.stack_instances(account_id)[SHIPPED]
    assert instance["Status"] == "CURRENT"
    return {one["ParameterKey"]: one["ParameterValue"] for one in instance["ParameterOverrides"]}


def one_override(key):
    """An override with the attacker's value."""
    value = "OrganizationAccountAccessRole" if key == "AccountAccessRoleName" else ATTACKER
    return [{"ParameterKey": key, "ParameterValue": value}]


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
    declared = {one["ParameterKey"] for one in shown} | OF_EACH
    assert declared == OF_ALL | OF_EACH
    before = trusts(environment, victim.account_id), overrides(operator, victim.account_id)
    target = {"StackSetName": SHIPPED, "Accounts": [victim.account_id], "Regions": [REGION]}
    mark = local_aws.mark()

    answers = {}
    for key in sorted(declared):
        given = {**target, "ParameterOverrides": one_override(key)}
        answers["update", key] = refusal(client.update_stack_instances, **given)
        answers["create", key] = refusal(client.create_stack_instances, **given)
    answers["update", "nothing"] = refusal(client.update_stack_instances, **target)
    answers["delete", "all"] = refusal(client.delete_stack_instances, **target, RetainStacks=False)

    settle(administration)
    after = trusts(environment, victim.account_id), overrides(operator, victim.account_id)
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


def test_an_override_that_somebody_has_planted_is_told_by_the_plan_and_reset_by_the_next_vend(
    environment, operator, administration, victim
):
    account_id, order = victim.account_id, victim.execution["input"]
    before = trusts(environment, account_id), overrides(operator, account_id)
    planted = [{"ParameterKey": key, "UsePreviousValue": True} for key in before[1]]
    administration.update_stack_instances(
        StackSetName=SHIPPED,
        Accounts=[account_id],
        Regions=[REGION],
        ParameterOverrides=planted + one_override("ManagementAccountId"),
    )
    settle(administration)
    assert ATTACKER in json.dumps(trusts(environment, account_id)["OrganizationAccountAccessRole"])
    assert overrides(operator, account_id)["ManagementAccountId"] == ATTACKER

    plan = plan_of(environment, order)

    assert "reset ManagementAccountId" in plan["apply-stackset"]
    assert "overridden: ManagementAccountId" in plan["completion"]
    victim.again()
    assert (trusts(environment, account_id), overrides(operator, account_id)) == before
    assert plan_of(environment, order) == {}
