"""Who may set the machine going: the functions, the state machine, and what both are made of.

meshStack's role may invoke two functions, and nobody else any; a vend begins at the entry point only.
"""

import itertools
import json
from collections.abc import Callable
from typing import Any

import principals
import pytest
from botocore.exceptions import ClientError
from vending import FUNCTIONS

MESHSTACK = "MeshfedAutomationRole"
INVOKED_BY_MESHSTACK = {"AVMEntryPoint", "PermissionDowngrade"}
# By policies of these functions, each for its own rule.
INVOKED_BY_EVENTBRIDGE = {"avm-stopped-vend": "avm-stopped-vend", "avm-metering": ""}
# They administer the account that the machine is in: what they may do is theirs to limit.
ADMINISTRATOR = "automation administrator"


@pytest.fixture(scope="module")
def people(environment, meshstack, process):
    """Everybody who could try; the account of a tenant is one that was just made."""
    account = meshstack.create_account("invocations", "aws+invocations@example.com")
    functions = process.environment_file.parent / "functions"
    found = principals.everybody(environment, meshstack, functions, account["Id"])
    return {name: keys for name, keys in found.items() if name != ADMINISTRATOR}


@pytest.fixture(scope="module")
def functions(environment):
    """The ARNs of all functions of the automation account, by their names."""
    lambda_ = environment.root_client("lambda", environment.automation_account_id)
    pages = lambda_.get_paginator("list_functions").paginate()
    return {one["FunctionName"]: one["FunctionArn"] for page in pages for one in page["Functions"]}


def refusal(call: Callable[[], Any]) -> str | None:
    """The code with which a call is refused; None where it is not."""
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return None


def test_meshstack_may_invoke_two_functions_and_nobody_else_any(environment, local_aws, people, functions):
    assert len(functions) == len(FUNCTIONS)
    mark = local_aws.mark()
    wrong = []
    for who, (name, arn) in itertools.product(people, functions.items()):
        client = environment.client("lambda", people[who])
        answer = refusal(lambda client=client, arn=arn: client.invoke(FunctionName=arn, InvocationType="DryRun"))
        may = who == MESHSTACK and name in INVOKED_BY_MESHSTACK
        if answer != (None if may else "AccessDeniedException"):
            wrong.append((who, name, answer))
    local_aws.expect_refusals(mark)
    assert wrong == []


def test_no_function_lets_another_account_in_by_a_policy_of_its_own(environment, functions):
    lambda_ = environment.root_client("lambda", environment.automation_account_id)
    for name in functions:
        if name in INVOKED_BY_EVENTBRIDGE:
            (let_in,) = json.loads(lambda_.get_policy(FunctionName=name)["Policy"])["Statement"]
            assert let_in["Principal"] == {"Service": "events.amazonaws.com"}
            source = str(let_in["Condition"])
            assert f":{environment.automation_account_id}:rule/{INVOKED_BY_EVENTBRIDGE[name]}" in source
        else:
            assert refusal(lambda name=name: lambda_.get_policy(FunctionName=name)) == "ResourceNotFoundException", name
        urls = refusal(lambda name=name: lambda_.get_function_url_config(FunctionName=name))
        assert urls == "ResourceNotFoundException", name


def test_the_metering_is_started_by_its_own_rule_only(environment, functions):
    account = environment.automation_account_id
    lambda_, events = (environment.root_client(service, account) for service in ("lambda", "events"))
    (statement,) = json.loads(lambda_.get_policy(FunctionName="avm-metering")["Policy"])["Statement"]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    (rule,) = events.list_rule_names_by_target(TargetArn=functions["avm-metering"])["RuleNames"]
    assert statement["Condition"] == {"ArnLike": {"AWS:SourceArn": events.describe_rule(Name=rule)["Arn"]}}


def test_a_vend_begins_at_the_entry_point_only(environment, operator, local_aws, people):
    before = {execution["executionArn"] for execution in operator.executions()}
    mark = local_aws.mark()
    allowed = []
    for who, keys in people.items():
        if who == "AVMEntryPointFunctionRole":
            continue
        states = environment.client("stepfunctions", keys)
        start = {"stateMachineArn": environment.state_machine_arn, "name": "by-the-side-door", "input": "{}"}
        if refusal(lambda states=states, start=start: states.start_execution(**start)) is None:
            allowed.append(who)
    local_aws.expect_refusals(mark)
    assert allowed == []
    assert {execution["executionArn"] for execution in operator.executions()} == before


def test_meshstack_can_neither_change_what_the_machine_is_made_of_nor_read_its_memory(
    environment, local_aws, meshstack
):
    keys = principals.meshstack_roles(environment, meshstack)[MESHSTACK]
    region, account = environment.region, environment.automation_account_id
    machine = environment.state_machine_arn
    step = f"arn:aws:lambda:{region}:{account}:function:avm-create-account"
    services = ("stepfunctions", "ssm", "lambda", "iam", "cloudformation")
    client = {name: environment.client(name, keys) for name in services}
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    execution = f"{machine.replace(':stateMachine:', ':execution:')}:111111111111-2026-11-1"
    calls: dict[str, Callable[[], Any]] = {
        "the landing zones": lambda: client["ssm"].put_parameter(
            Name="/avm/landing-zones/production", Value="{}", Type="String", Overwrite=True
        ),
        "their documents": lambda: client["ssm"].get_parameter(Name="/avm/landing-zones/production"),
        "an execution's input": lambda: client["stepfunctions"].describe_execution(executionArn=execution),
        "the list of executions": lambda: client["stepfunctions"].list_executions(stateMachineArn=machine),
        "a running vend": lambda: client["stepfunctions"].stop_execution(executionArn=execution),
        "the definition": lambda: client["stepfunctions"].update_state_machine(
            stateMachineArn=machine, definition="{}"
        ),
        "a step's code": lambda: client["lambda"].update_function_code(FunctionName=step, ZipFile=b"x"),
        "a step's variables": lambda: client["lambda"].get_function_configuration(FunctionName=step),
        "who may invoke a step": lambda: client["lambda"].add_permission(
            FunctionName=step, StatementId="me", Action="lambda:InvokeFunction", Principal="*"
        ),
        "a trust": lambda: client["iam"].update_assume_role_policy(
            RoleName="AVMCreateAccountFunctionRole", PolicyDocument=trust
        ),
        "the template of a StackSet": lambda: client["cloudformation"].update_stack_set(
            StackSetName="avm-landing-zone", TemplateBody="{}"
        ),
        "a StackSet of its own": lambda: client["cloudformation"].create_stack_set(
            StackSetName="mine", TemplateBody="{}"
        ),
    }
    mark = local_aws.mark()
    answers = {what: refusal(call) for what, call in calls.items()}
    local_aws.expect_refusals(mark)
    assert {what for what, answer in answers.items() if not (answer or "").startswith("AccessDenied")} == set()
