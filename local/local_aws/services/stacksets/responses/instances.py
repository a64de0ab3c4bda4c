"""Create-, Update- and DeleteStackInstances, and the calls that describe instances and operations.

Corrects moto, where ids of operations, filters, unknown parameters and missing instances are ignored. Sources: CloudFormation API reference,
CreateStackInstances, UpdateStackInstances, DeleteStackInstances, DescribeStackInstance, ListStackInstances, DescribeStackSetOperation,
ListStackSetOperations, ListStackSetOperationResults and StopStackSetOperation, with the codes of its model. The words, and that the newest
operation is listed first, have no source; callers look at the code and at all of the list.
"""

from typing import Any

from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult, EmptyResult

from local_aws.api.lists import given
from local_aws.patches import patch
from local_aws.services.cloudformation.exceptions import error
from local_aws.services.cloudformation.models import parameters
from local_aws.services.stacksets.models import overrides
from local_aws.services.stacksets.models.stack_set import (
    Instance,
    Operation,
    StackSet,
    Target,
    changed,
)
from local_aws.services.stacksets.models.targets import targets_of
from local_aws.services.stacksets.operations import queue
from local_aws.services.stacksets.responses.sets import find, page


def _set_of(response: Any) -> StackSet:
    return find(response.cloudformation_backend, response._get_param("StackSetName"))


def _given_overrides(response: Any) -> list[dict[str, Any]] | None:
    """The protocol writes an empty list as an empty value (Smithy, awsQuery), which is nothing said: whether AWS tells them
    apart is not documented, so that nobody may rely on it.
    """
    given = response._get_param("ParameterOverrides")
    return list(given) if given else None


def _start(response: Any, action: str) -> ActionResult:
    stack_set = _set_of(response)
    operation_id = queue.operation_id_of(response._get_param("OperationId"))
    given = None if action == "DELETE" else _given_overrides(response)
    overrides.check(stack_set, given)
    targets = targets_of(stack_set, response)
    with changed:
        queue.refuse_known_id(stack_set, operation_id)
        if action == "UPDATE":
            _refuse_missing(stack_set, targets)
        queue.refuse_while_busy(stack_set)
        operation = Operation(
            operation_id,
            action,
            targets,
            preferences=response._get_param("OperationPreferences") or {},
            overrides=given,
            retain_stacks=response._get_bool_param("RetainStacks", False),
        )
        queue.start(stack_set, operation)
    return ActionResult({"OperationId": operation_id})


def _refuse_missing(stack_set: StackSet, targets: list[Target]) -> None:
    for target in targets:
        if target.key not in stack_set.instances:
            raise error(
                "StackInstanceNotFoundException",
                f"Stack instance for account {target.account_id} and region {target.region} not found"
                f" in StackSet {stack_set.name}",
            )


@patch(CloudFormationResponse, "create_stack_instances")
def create_stack_instances(_: Any, response: Any) -> ActionResult:
    """moto: made at once in all accounts of the units; the id of the operation is not the caller's."""
    return _start(response, "CREATE")


@patch(CloudFormationResponse, "update_stack_instances")
def update_stack_instances(_: Any, response: Any) -> ActionResult:
    """moto: the new parameters are noted, the stack stays as it is."""
    return _start(response, "UPDATE")


@patch(CloudFormationResponse, "delete_stack_instances")
def delete_stack_instances(_: Any, response: Any) -> ActionResult:
    """moto: gone at once, RetainStacks ignored."""
    return _start(response, "DELETE")


def _instance_entry(stack_set: StackSet, instance: Instance) -> dict[str, Any]:
    return given(
        {
            "StackSetId": stack_set.id,
            "Region": instance.region,
            "Account": instance.account_id,
            "StackId": instance.stack_id,
            "Status": instance.status,
            "StatusReason": instance.reason,
            "StackInstanceStatus": {"DetailedStatus": instance.detailed_status},
            "OrganizationalUnitId": instance.organizational_unit_id,
            "DriftStatus": "NOT_CHECKED",
            "LastOperationId": instance.last_operation_id,
        }
    )


@patch(CloudFormationResponse, "describe_stack_instance")
def describe_stack_instance(_: Any, response: Any) -> ActionResult:
    """moto: CURRENT for every instance, a crash for an unknown one, secrets in clear."""
    stack_set = _set_of(response)
    account_id = response._get_param("StackInstanceAccount")
    region = response._get_param("StackInstanceRegion")
    with changed:
        _refuse_missing(stack_set, [Target(account_id, region)])
        instance = stack_set.instances[(account_id, region)]
        entry = _instance_entry(stack_set, instance)
        shown = parameters.shown(stack_set.parsed, instance.overrides)
        entry["ParameterOverrides"] = [item for item in shown if "ParameterValue" in item]
    return ActionResult({"StackInstance": entry})


@patch(CloudFormationResponse, "list_stack_instances")
def list_stack_instances(_: Any, response: Any) -> ActionResult:
    """moto: no filters, no pages."""
    stack_set = _set_of(response)
    account_id = response._get_param("StackInstanceAccount")
    region = response._get_param("StackInstanceRegion")
    filters = {item["Name"]: item["Values"].split(",") for item in response._get_param("Filters", []) or []}
    with changed:
        chosen = [
            instance
            for instance in stack_set.instances.values()
            if account_id in (None, instance.account_id)
            and region in (None, instance.region)
            and instance.detailed_status in filters.get("DETAILED_STATUS", [instance.detailed_status])
            and instance.last_operation_id in filters.get("LAST_OPERATION_ID", [instance.last_operation_id])
        ]
        shown, following = page(response, chosen)
        summaries = [_instance_entry(stack_set, instance) for instance in shown]
    return ActionResult({"Summaries": summaries, "NextToken": following})


def _operation_of(stack_set: StackSet, operation_id: str) -> Operation:
    for operation in stack_set.operations:
        if operation.operation_id == operation_id:
            return operation
    raise error("OperationNotFoundException", f"Operation {operation_id} not found")


def _operation_entry(operation: Operation) -> dict[str, Any]:
    return given(
        {
            "OperationId": operation.operation_id,
            "Action": operation.action,
            "Status": operation.status,
            "StatusReason": operation.reason,
            "StatusDetails": {"FailedStackInstancesCount": operation.failed_count},
            "CreationTimestamp": operation.created_at,
            "EndTimestamp": operation.ended_at,
            "OperationPreferences": operation.preferences or None,
        }
    )


@patch(CloudFormationResponse, "describe_stack_set_operation")
def describe_stack_set_operation(_: Any, response: Any) -> ActionResult:
    """moto: an unknown operation is an unknown stack; no counts."""
    stack_set = _set_of(response)
    operation = _operation_of(stack_set, response._get_param("OperationId"))
    entry = _operation_entry(operation)
    entry["StackSetId"] = stack_set.id
    if stack_set.permission_model == "SELF_MANAGED":
        entry["AdministrationRoleARN"] = stack_set.administration_role_arn
        entry["ExecutionRoleName"] = stack_set.execution_role_name
    if operation.action == "DELETE":
        entry["RetainStacks"] = operation.retain_stacks
    return ActionResult({"StackSetOperation": entry})


@patch(CloudFormationResponse, "list_stack_set_operations")
def list_stack_set_operations(_: Any, response: Any) -> ActionResult:
    """moto: oldest first, no pages."""
    shown, following = page(response, list(reversed(_set_of(response).operations)))
    return ActionResult({"Summaries": [_operation_entry(item) for item in shown], "NextToken": following})


@patch(CloudFormationResponse, "list_stack_set_operation_results")
def list_stack_set_operation_results(_: Any, response: Any) -> ActionResult:
    """moto: the operation's status for every account."""
    operation = _operation_of(_set_of(response), response._get_param("OperationId"))
    shown, following = page(response, list(operation.targets))
    gate = {
        "Status": "SKIPPED",
        "StatusReason": "Function not found: AWSCloudFormationStackSetAccountGate",
    }
    summaries = [
        given(
            {
                "Account": target.account_id,
                "Region": target.region,
                "Status": target.status,
                "StatusReason": target.reason,
                "AccountGateResult": gate,
                "OrganizationalUnitId": target.organizational_unit_id,
            }
        )
        for target in shown
    ]
    return ActionResult({"Summaries": summaries, "NextToken": following})


@patch(CloudFormationResponse, "stop_stack_set_operation")
def stop_stack_set_operation(_: Any, response: Any) -> EmptyResult:
    """moto: stopped at once, whatever its state."""
    operation = _operation_of(_set_of(response), response._get_param("OperationId"))
    with changed:
        if operation.final:
            raise error("InvalidOperationException", f"Operation is already in {operation.status} state")
        operation.status = "STOPPING"
    return EmptyResult()
