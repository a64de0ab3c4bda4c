"""Looks for addresses, the ExternalId, tokens and credentials in everything that the whole run has left behind.

Its name puts it after the tests whose traces it reads; it fails when it saw too little.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError
from privacy import Finding, Search

pytestmark = pytest.mark.usefixtures("everything_else")

# The request, its landing zone and its platform: the input of an execution, and what is handed on of it to the steps.
OF_THE_ORDER = (
    r"\.Request\.(AccountEmail|ContactEmail|RoleBindings\..+|Tags\..+)"
    r"|\.LandingZone\.Settings\.alternateContacts\.\w+\.email"
    r"|\.(Platform\.)?controlTower\.singleSignOnUser\.email"
)
# The account as AWS Organizations has it: what create-account answers, for the parameters of StackSets.
OF_THE_ACCOUNT = r"\.[Aa]ccount\.AccountEmail"
IN_INPUTS = re.compile(rf"(?:{OF_THE_ORDER}|{OF_THE_ACCOUNT})$")
IN_ANSWERS = re.compile(rf"(?:{OF_THE_ACCOUNT})$")
# Parameters of a stack that are addresses by the contract with meshStack.
IN_PARAMETERS = re.compile(r"\.(AccountEmail|ContactEmail|FailureNotificationEmail)$")
NOWHERE = re.compile(r"(?!)")
# Events whose data are what the machine has been given or hands on; all other events are what came of it.
HANDED_ON = ("ExecutionStarted", "StateEntered", "StateExited", "Scheduled")


@pytest.fixture(scope="module")
def disclosures(environment) -> dict[str, Any]:
    """What the local AWS has issued and what functions have answered."""
    answer = requests.get(f"{environment.endpoint_url}/local-aws/disclosures", timeout=120)
    return dict(answer.json())


@pytest.fixture(scope="module")
def search(environment, disclosures) -> Search:
    """Knows the ExternalId and every secret that this run has issued."""
    assert len(disclosures["secrets"]) > 20
    ids = [environment.external_id_of(name) for name in ("meshstack", "cost-explorer", "machine")]
    return Search({"the ExternalId": ids, "a secret": disclosures["secrets"]})


@pytest.fixture(scope="module")
def histories(operator) -> dict[str, list[dict[str, Any]]]:
    """Every execution of the run with its events."""
    executions = {one["executionArn"]: operator.events(one["executionArn"]) for one in operator.executions()}
    assert executions
    return executions


def test_nothing_reached_a_log(search, log_folder, audit_folder):
    logs = [path for path in sorted(log_folder.glob("**/*")) if path.is_file()]
    assert {"server.log", "AVMEntryPoint.log", "avm-create-account.log"} <= {log.name for log in logs}
    audits = sorted(audit_folder.glob("audit-*.log"))
    assert audits
    logs += audits
    found: list[Finding] = []
    for log in logs:
        for number, line in enumerate(log.read_text("utf-8", "replace").splitlines(), 1):
            found += search.in_text(f"{log.name}:{number}", line)
    assert found == []


def test_histories_hold_addresses_only_where_the_request_is_handed_on(search, histories):
    found: list[Finding] = []
    for arn, events in histories.items():
        for event in events:
            found += _in_event(search, f"{arn.rsplit(':', 1)[1]} event {event['id']} {event['type']}", event)
    assert found == []


def _in_event(search: Search, where: str, event: dict[str, Any]) -> list[Finding]:
    kind = event["type"]
    details = {key: value for key, value in event.items() if key.endswith("Details")}
    if kind.endswith(HANDED_ON):
        return search.in_document(where, details, IN_INPUTS)
    if kind in ("TaskSucceeded", "LambdaFunctionSucceeded"):
        return search.in_document(where, details, IN_ANSWERS)
    return search.in_document(where, details, NOWHERE)


def test_the_histories_do_hold_the_request(histories):
    """What the test above allows is there, so it has looked at the right places."""
    orders = [json.loads(events[0]["executionStartedEventDetails"]["input"]) for events in histories.values()]
    assert all("@" in order["Request"]["AccountEmail"] for order in orders)


def test_results_errors_and_notices_of_executions_hold_nothing(search, histories, operator):
    found: list[Finding] = []
    notices = 0
    for arn, events in histories.items():
        execution = operator.states.describe_execution(executionArn=arn)
        told = {key: execution.get(key, "") for key in ("name", "output", "error", "cause")}
        found += search.in_document(arn.rsplit(":", 1)[1], told, NOWHERE)
        for notice in _notices(events):
            notices += 1
            found += search.in_document(f"notice of {arn.rsplit(':', 1)[1]}", notice, NOWHERE)
    assert found == []
    if any(events[-1]["type"] == "ExecutionFailed" for events in histories.values()):
        assert notices > 0


def _notices(events: list[dict[str, Any]]) -> Iterator[Any]:
    """What was published to the topic of failures."""
    for event in events:
        details = event.get("taskScheduledEventDetails", {})
        if details.get("resourceType") == "sns":
            yield json.loads(details["parameters"])


def test_functions_answer_their_callers_without_any(search, disclosures):
    answers = disclosures["answers"]
    assert {"AVMEntryPoint", "avm-create-account"} <= {answer["function"] for answer in answers}
    found: list[Finding] = []
    for answer in answers:
        where = f"{answer['function']}{' (error)' if answer['failed'] else ''}"
        allowed = NOWHERE if answer["failed"] else IN_ANSWERS
        found += search.in_document(where, answer["payload"], allowed)
    assert found == []


def test_calls_of_the_functions_name_nobody(local_aws):
    """Session names and resources: the audit puts `<e-mail>` where there was one."""
    named = [
        call
        for call in local_aws.calls()
        if "role/AVM" in (call["principal"] or "") and "<e-mail>" in json.dumps([call["session"], call["resources"]])
    ]
    assert [(call["principal"], call["action"]) for call in named] == []


def test_the_tags_of_failed_vends_hold_nothing(search, environment):
    organizations = environment.root_client("organizations", environment.management_account_id)
    found: list[Finding] = []
    pages = organizations.get_paginator("list_accounts").paginate()
    for account in [one["Id"] for page in pages for one in page["Accounts"]]:
        for tag in organizations.list_tags_for_resource(ResourceId=account)["Tags"]:
            if tag["Key"].startswith("avm:"):
                found += search.in_text(f"tag {tag['Key']} of {account}", tag["Value"])
    assert found == []


def test_stacks_and_stack_sets_show_no_secret(search, environment):
    found: list[Finding] = []
    seen = 0
    standing = (environment.automation_account_id, environment.management_account_id, environment.meshcloud_account_id)
    for account in standing:
        cloudformation = environment.root_client("cloudformation", account)
        for stack in cloudformation.describe_stacks()["Stacks"]:
            seen += 1
            shown = {
                "Parameters": _values(stack.get("Parameters", [])),
                "Outputs": stack.get("Outputs", []),
                "Tags": stack.get("Tags", []),
                "Events": _events(cloudformation, stack["StackName"]),
            }
            found += search.in_document(f"stack {stack['StackName']}", shown, IN_PARAMETERS)
        for summary in cloudformation.list_stack_sets(Status="ACTIVE")["Summaries"]:
            seen += 1
            name = summary["StackSetName"]
            stack_set = cloudformation.describe_stack_set(StackSetName=name)["StackSet"]
            shown = {
                "Parameters": _values(stack_set["Parameters"]),
                "Operations": [one["OperationId"] for one in _operations(cloudformation, name)],
            }
            found += search.in_document(f"StackSet {name}", shown, IN_PARAMETERS)
    assert seen > 3
    assert found == []


def _values(parameters: list[dict[str, str]]) -> dict[str, str]:
    return {one["ParameterKey"]: one.get("ParameterValue", "") for one in parameters}


def _events(cloudformation: Any, stack_name: str) -> list[Any]:
    pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack_name)
    return [
        {key: event.get(key, "") for key in ("ResourceStatusReason", "ResourceProperties")}
        for page in pages
        for event in page["StackEvents"]
    ]


def _operations(cloudformation: Any, name: str) -> list[Any]:
    pages = cloudformation.get_paginator("list_stack_set_operations").paginate(StackSetName=name)
    return [operation for page in pages for operation in page["Summaries"]]


def test_no_parameter_makes_functions_log_requests(environment):
    """Below INFO the SDK would log what is sent to AWS; the template refuses such a level."""
    cloudformation = environment.root_client("cloudformation", environment.automation_account_id)
    stacks = [one for one in cloudformation.describe_stacks()["Stacks"] if _has(one, "LogLevel")]
    # The applications that are nested in it get its level.
    (stack,) = [one for one in stacks if _has(one, "LogRetentionInDays")]
    template = cloudformation.get_template(StackName=stack["StackName"])["TemplateBody"]
    declared = template["Parameters"]["LogLevel"]["AllowedValues"]
    assert declared == ["INFO", "WARN", "ERROR"]
    deployed = _values(stack["Parameters"])
    assert deployed["LogLevel"] == "INFO", "the run was to log as much as can be logged"
    given = [{"ParameterKey": key, "UsePreviousValue": True} for key in deployed if key != "LogLevel"]
    for level in ("DEBUG", "TRACE", "debug"):
        with pytest.raises(ClientError) as refused:
            cloudformation.update_stack(
                StackName=stack["StackName"],
                UsePreviousTemplate=True,
                Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
                Parameters=[*given, {"ParameterKey": "LogLevel", "ParameterValue": level}],
            )
        assert "LogLevel" in refused.value.response["Error"]["Message"]


def _has(stack: dict[str, Any], parameter: str) -> bool:
    return any(one["ParameterKey"] == parameter for one in stack.get("Parameters", []))
