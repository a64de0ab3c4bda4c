"""The calls that describe stacks, their resources and events.

Corrects moto, which shows secrets, has events of stacks only, and gives resources the stack's status. Sources: CloudFormation API reference,
DescribeStacks, ListStacks, DescribeStackEvents, DescribeStackResource, DescribeStackResources, ListStackResources and GetTemplate; the
words: LocalStack, cloudformation/api/test_stacks and cloudformation/api/test_templates, recorded on AWS 2022-08-30 to 2025-12-08.
"""

from typing import Any

from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult

from local_aws.api import lists
from local_aws.patches import patch, replace
from local_aws.services.cloudformation.exceptions import invalid_token, validation_error
from local_aws.services.cloudformation.models import lookup
from local_aws.services.cloudformation.models.stack import Record

PAGE = 100
# moto turns dictionaries into lists when it writes answers; here they are lists.
replace(CloudFormationResponse, "RESPONSE_KEY_PATH_TO_TRANSFORMER", {})


def stack_entry(stack: Any) -> dict[str, Any]:
    """A stack as DescribeStacks shows it."""
    entry = {
        "StackId": stack.stack_id,
        "StackName": stack.name,
        "Description": getattr(stack, "description", None),
        "Parameters": stack.parameter_list,
        "CreationTime": stack.creation_time,
        "DeletionTime": getattr(stack, "deletion_time", None),
        "LastUpdatedTime": getattr(stack, "last_updated_time", None),
        "RollbackConfiguration": {},
        "StackStatus": stack.status,
        "StackStatusReason": _reason(stack),
        "DisableRollback": getattr(stack, "on_failure", "ROLLBACK") == "DO_NOTHING",
        "NotificationARNs": stack.notification_arns,
        "TimeoutInMinutes": stack.timeout_in_minutes,
        "Capabilities": getattr(stack, "capabilities", []),
        "Outputs": stack.outputs or None,
        "RoleARN": stack.role_arn,
        "EnableTerminationProtection": stack.enable_termination_protection,
        "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
        "Tags": [{"Key": key, "Value": value} for key, value in stack.tags.items()],
    }
    return lists.given(entry)


def _reason(stack: Any) -> str | None:
    reason: str | None = getattr(stack, "status_reason", None)
    return reason


def _page(items: list[Any], token: str | None, size: int = PAGE) -> tuple[list[Any], str | None]:
    return lists.page(items, token, size, invalid_token())


@patch(CloudFormationResponse, "describe_stacks")
def describe_stacks(_: Any, response: Any) -> ActionResult:
    """moto: NoEcho values in clear, no status reason."""
    backend, name = response.cloudformation_backend, response._get_param("StackName")
    stacks = [lookup.described(backend, name)] if name else list(backend.stacks.values())
    page, following = _page(stacks, response._get_param("NextToken"))
    return ActionResult({"Stacks": [stack_entry(stack) for stack in page], "NextToken": following})


@patch(CloudFormationResponse, "list_stacks")
def list_stacks(_: Any, response: Any) -> ActionResult:
    """moto: no reasons and times."""
    backend = response.cloudformation_backend
    wanted = response._get_param("StackStatusFilter", []) or []
    stacks = [*list(backend.stacks.values()), *list(backend.deleted_stacks.values())]
    shown = [stack for stack in stacks if not wanted or stack.status in wanted]
    page, following = _page(shown, response._get_param("NextToken"))
    keys = ("StackId", "StackName", "CreationTime", "LastUpdatedTime", "DeletionTime", "StackStatus",
            "StackStatusReason", "DriftInformation")  # fmt: skip
    summaries = []
    for stack in page:
        entry = stack_entry(stack)
        summary = {key: entry[key] for key in keys if key in entry}
        summary["TemplateDescription"] = entry.get("Description")
        summaries.append(summary)
    return ActionResult({"StackSummaries": summaries, "NextToken": following})


@patch(CloudFormationResponse, "describe_stack_events")
def describe_stack_events(_: Any, response: Any) -> ActionResult:
    """moto: stack events only."""
    stack = lookup.existing(response.cloudformation_backend, response._get_param("StackName"))
    page, following = _page(list(stack.events)[::-1], response._get_param("NextToken"))
    events = [
        {
            "StackId": event.stack_id,
            "EventId": str(event.event_id),
            "StackName": event.stack_name,
            "LogicalResourceId": event.logical_resource_id,
            "PhysicalResourceId": event.physical_resource_id,
            "ResourceType": event.resource_type,
            "Timestamp": event.timestamp,
            "ResourceStatus": event.resource_status,
            "ResourceStatusReason": event.resource_status_reason,
            "ClientRequestToken": event.client_request_token,
        }
        for event in page
    ]
    shown = [lists.given(event) for event in events]
    return ActionResult({"StackEvents": shown, "NextToken": following})


def _resource_entry(stack: Any, record: Record, time_key: str) -> dict[str, Any]:
    entry = {
        "StackName": stack.name,
        "StackId": stack.stack_id,
        "LogicalResourceId": record.logical_id,
        "PhysicalResourceId": record.physical_id or None,
        "ResourceType": record.resource_type,
        time_key: record.timestamp,
        "ResourceStatus": record.status,
        "ResourceStatusReason": record.reason,
        "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
    }
    return lists.given(entry)


def _records(stack: Any) -> list[Record]:
    return list(getattr(stack, "records", {}).values())


@patch(CloudFormationResponse, "describe_stack_resources")
def describe_stack_resources(_: Any, response: Any) -> ActionResult:
    """moto: the stack's status for every resource."""
    name, logical_id = response._get_param("StackName"), response._get_param("LogicalResourceId")
    if not name:
        return _resources_by_physical_id(response)
    stack = lookup.described(response.cloudformation_backend, name)
    records = [record for record in _records(stack) if logical_id in (None, record.logical_id)]
    return ActionResult({"StackResources": [_resource_entry(stack, record, "Timestamp") for record in records]})


def _resources_by_physical_id(response: Any) -> ActionResult:
    physical_id = response._get_param("PhysicalResourceId")
    for stack in list(response.cloudformation_backend.stacks.values()):
        records = _records(stack)
        if any(record.physical_id == physical_id for record in records):
            return ActionResult({"StackResources": [_resource_entry(stack, item, "Timestamp") for item in records]})
    raise validation_error(f"Stack for {physical_id} does not exist")


@patch(CloudFormationResponse, "describe_stack_resource")
def describe_stack_resource(_: Any, response: Any) -> ActionResult:
    """moto: the stack's status for every resource."""
    name, logical_id = response._get_param("StackName"), response._get_param("LogicalResourceId")
    stack = lookup.find(response.cloudformation_backend, name)
    if stack is None:
        raise validation_error(f"Stack '{name}' does not exist")
    for record in _records(stack):
        if record.logical_id == logical_id:
            return ActionResult({"StackResourceDetail": _resource_entry(stack, record, "LastUpdatedTimestamp")})
    raise validation_error(f"Resource {logical_id} does not exist for stack {name}")


@patch(CloudFormationResponse, "list_stack_resources")
def list_stack_resources(_: Any, response: Any) -> ActionResult:
    """moto: CREATE_COMPLETE for every resource."""
    stack = lookup.described(response.cloudformation_backend, response._get_param("StackName"))
    entries = [_resource_entry(stack, record, "LastUpdatedTimestamp") for record in _records(stack)]
    page, following = _page(entries, response._get_param("NextToken"))
    summaries = [{k: v for k, v in entry.items() if k not in ("StackName", "StackId")} for entry in page]
    return ActionResult({"StackResourceSummaries": summaries, "NextToken": following})


@patch(CloudFormationResponse, "get_template")
def get_template(_: Any, response: Any) -> ActionResult:
    """moto: an unknown stack's error names no stack."""
    stack = lookup.described(response.cloudformation_backend, response._get_param("StackName"))
    stage = response._get_param("TemplateStage") or "Original"
    text = stack.template if stage == "Processed" else stack.submitted
    return ActionResult({"TemplateBody": text, "StagesAvailable": ["Original", "Processed"]})
