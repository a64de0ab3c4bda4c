"""What CloudFormation answers of stacks that are not there, are there already, or need no update."""

from collections.abc import Callable
from typing import Any

import pytest
from cloudformation_support import NAMED, new_account, parameters, role, settled, template
from organization import error_of

SOURCE = "LocalStack, cloudformation/api/test_stacks.py and test_templates.py, recorded on AWS 2022-11-11 to 2025-11-13"
PATTERN = "[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"
TEXT = template({"Right": {"Type": "String"}}, R=role(action={"Ref": "Right"}))

pytestmark = pytest.mark.source(SOURCE)


@pytest.fixture
def stacks(client: Callable[..., Any]) -> Any:
    """CloudFormation in an account of its own."""
    return client("cloudformation", new_account())


@pytest.fixture
def stack(stacks: Any) -> dict[str, Any]:
    """What a stack was made of that is complete."""
    made = {"StackName": "one", "TemplateBody": TEXT, "Capabilities": NAMED, "Parameters": parameters(Right="s3:Get*")}
    stacks.create_stack(**made)
    assert settled(stacks, "one")["StackStatus"] == "CREATE_COMPLETE"
    return made


def told(call: Callable[..., Any], **arguments: Any) -> tuple[str, str, int]:
    error = error_of(call, **arguments)
    return error["Code"], error["Message"], error["status"]


def test_a_stack_that_is_not_there(stacks: Any) -> None:
    missing = ("ValidationError", "Stack with id nobodys does not exist", 400)
    assert told(stacks.describe_stacks, StackName="nobodys") == missing
    in_brackets = ("ValidationError", "Stack [nobodys] does not exist", 400)
    assert told(stacks.describe_stack_events, StackName="nobodys") == in_brackets


def test_a_name_that_is_taken(stacks: Any, stack: dict[str, Any]) -> None:
    assert told(stacks.create_stack, **stack) == ("AlreadyExistsException", "Stack [one] already exists", 400)


def test_a_name_that_is_none(stacks: Any, stack: dict[str, Any]) -> None:
    text = (
        "1 validation error detected: Value '*@_$' at 'stackName' failed to satisfy constraint: Member must satisfy"
        f" regular expression pattern: {PATTERN}"
    )
    assert told(stacks.create_stack, **{**stack, "StackName": "*@_$"}) == ("ValidationError", text, 400)


def test_a_template_at_an_address_of_s3(stacks: Any) -> None:
    text = "S3 error: Domain name specified in templates is not a valid S3 domain"
    call = {"StackName": "elsewhere", "TemplateURL": "s3://templates/stack.yaml"}
    assert told(stacks.create_stack, **call) == ("ValidationError", text, 400)


def test_an_update_that_changes_nothing(stacks: Any, stack: dict[str, Any]) -> None:
    assert told(stacks.update_stack, **stack) == ("ValidationError", "No updates are to be performed.", 400)


def test_parameters_without_a_value(stacks: Any, stack: dict[str, Any]) -> None:
    text = "Parameters: [Right] must have values"
    assert told(stacks.create_stack, **{**stack, "StackName": "two", "Parameters": []}) == ("ValidationError", text, 400)


def test_resources_that_are_no_objects(stacks: Any) -> None:
    text = "Template format error: Any Resources member must be an object."
    call = told(stacks.create_stack, StackName="two", TemplateBody='{"Resources": {"One": "text"}}')
    assert call == ("ValidationError", text, 400)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ('{"Resources": {"One": }}', "JSON not well-formed. (line 1, column 23)"),
        ("Resources:\n  One: [", "YAML not well-formed."),
        ("Description: nothing", "At least one Resources member must be defined."),
    ],
)
def test_a_template_that_is_none(stacks: Any, body: str, text: str) -> None:
    call = told(stacks.create_stack, StackName="two", TemplateBody=body)
    assert call == ("ValidationError", f"Template format error: {text}", 400)


def test_an_attribute_written_as_one_text(stacks: Any) -> None:
    outputs = {"Arn": {"Value": {"Fn::GetAtt": "R.Arn"}}}
    stacks.create_stack(StackName="two", TemplateBody=template(outputs=outputs, R=role("two")), Capabilities=NAMED)
    assert settled(stacks, "two")["Outputs"][0]["OutputValue"].endswith(":role/two")


def test_a_resource_that_is_not_there(stacks: Any, stack: dict[str, Any]) -> None:
    call = told(stacks.describe_stack_resource, StackName="one", LogicalResourceId="Nobody")
    assert call == ("ValidationError", "Resource Nobody does not exist for stack one", 400)


def test_a_deleted_stack_is_found_by_its_id_only(stacks: Any, stack: dict[str, Any]) -> None:
    stack_id = stacks.describe_stacks(StackName="one")["Stacks"][0]["StackId"]
    stacks.delete_stack(StackName="one")
    assert settled(stacks, stack_id)["StackStatus"] == "DELETE_COMPLETE"
    assert told(stacks.describe_stacks, StackName="one")[1] == "Stack with id one does not exist"


def test_a_stack_is_described_with_what_it_has_and_with_what_it_has_not(stacks: Any, stack: dict[str, Any]) -> None:
    described = stacks.describe_stacks(StackName="one")["Stacks"][0]
    del described["StackId"], described["CreationTime"], described["Parameters"]
    assert described == {
        "StackName": "one",
        "StackStatus": "CREATE_COMPLETE",
        "Capabilities": NAMED,
        "DisableRollback": False,
        "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
        "EnableTerminationProtection": False,
        "NotificationARNs": [],
        "RollbackConfiguration": {},
        "Tags": [],
    }
