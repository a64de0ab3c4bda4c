"""Change sets: made, described, executed, deleted; what `aws cloudformation deploy` and `sam deploy` work with.

Corrects moto, which executes change sets past everything that is corrected here. Sources: CloudFormation API reference, CreateChangeSet,
DescribeChangeSet, ListChangeSets, ExecuteChangeSet and DeleteChangeSet; CloudFormation User Guide, "Update CloudFormation stacks using
change sets"; LocalStack, cloudformation/api/test_templates, recorded on AWS, for one that is not there.
"""

import functools
import threading
from typing import Any

from moto.cloudformation.responses import CloudFormationResponse
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, EmptyResult

from local_aws import clock
from local_aws.api import lists
from local_aws.patches import patch
from local_aws.services.cloudformation.exceptions import error, invalid_token, validation_error
from local_aws.services.cloudformation.models import change_set as change_sets
from local_aws.services.cloudformation.models import changes, lookup, macros, parameters, template
from local_aws.services.cloudformation.models.change_set import PLACEHOLDER, ChangeSet
from local_aws.services.cloudformation.models.rights import Actor
from local_aws.services.cloudformation.models.stack import ManagedStack
from local_aws.services.cloudformation.operations.engine import StackWork, in_background
from local_aws.services.cloudformation.responses.stacks import (
    STACK_NAME,
    UPDATABLE,
    acting,
    caller,
    decisions,
    reader,
    submitted_template,
    tags_of,
)

# No source; AWS says nothing of the time, and tests see one that is not ready.
PREPARATION_SECONDS = 4
PAGE = 100
# AWS's guide on macros: a change set shows what they make, so nobody has to acknowledge them blindly.
EXPANDED = "CAPABILITY_AUTO_EXPAND"


@patch(CloudFormationResponse, "create_change_set")
def create_change_set(_: Any, response: Any) -> ActionResult:
    """moto: complete at once, whatever the template is."""
    backend, name = response.cloudformation_backend, response._get_param("ChangeSetName")
    kind = response._get_param("ChangeSetType") or "UPDATE"
    if kind not in ("CREATE", "UPDATE"):
        raise validation_error(f"Change sets of the type {kind} are not part of the local AWS")
    own = caller(response)
    with decisions:
        stack = _stack_of_creation(response) if kind == "CREATE" else _stack_of_update(response)
        if change_sets.find(backend, name, stack):
            raise error("AlreadyExistsException", f"ChangeSet {name} already exists")
        change_set = _submitted(response, own, name, kind, stack)
        if kind == "CREATE" and stack.stack_id not in backend.stacks:
            backend.stacks[stack.stack_id] = stack
            stack.set_status("REVIEW_IN_PROGRESS", "User Initiated")
        backend.change_sets[change_set.change_set_id] = change_set
    threading.Thread(target=_prepare, args=(change_set, reader(response, own)), daemon=True).start()
    return ActionResult({"Id": change_set.change_set_id, "StackId": stack.stack_id})


def _stack_of_creation(response: Any) -> ManagedStack:
    backend, name = response.cloudformation_backend, response._get_param("StackName")
    if not STACK_NAME.fullmatch(name or ""):
        raise validation_error(f"Value '{name}' at 'stackName' failed to satisfy constraint")
    stack = lookup.find(backend, name, deleted=False)
    if stack is None:
        return ManagedStack(backend, name, PLACEHOLDER, {})
    if stack.status != "REVIEW_IN_PROGRESS":
        raise validation_error(
            f"Stack [{name}] already exists and cannot be created again with the changeSet"
            f" [{response._get_param('ChangeSetName')}]."
        )
    found: ManagedStack = stack
    return found


def _stack_of_update(response: Any) -> ManagedStack:
    name = response._get_param("StackName")
    stack = lookup.find(response.cloudformation_backend, name, deleted=False)
    if stack is None:
        raise validation_error(f"Stack [{name}] does not exist")
    if not UPDATABLE.fullmatch(stack.status):
        raise validation_error(f"Stack:{stack.stack_id} is in {stack.status} state and can not be updated.")
    found: ManagedStack = stack
    return found


def _submitted(response: Any, own: Actor | None, name: str, kind: str, stack: ManagedStack) -> ChangeSet:
    text = submitted_template(response, own, stack)
    parsed = template.parse(text)
    capabilities = response._get_param("Capabilities", []) or []
    template.check_capabilities(parsed, [*capabilities, EXPANDED])
    previous = stack.parameters if kind == "UPDATE" else None
    given = response._get_param("Parameters", []) or []
    return ChangeSet(
        name,
        kind,
        stack,
        text,
        parameters.resolve(parsed, parameters.explicit_values(given, previous)),
        tags_of(response) or dict(stack.tags),
        capabilities,
        role_arn=response._get_param("RoleARN") or stack.role_arn,
        notification_arns=response._get_param("NotificationARNs", []) or [],
        description=response._get_param("Description"),
    )


def _prepare(change_set: ChangeSet, read: macros.Read) -> None:
    """Finds out, after the answer, what the change set would do."""
    change_set.status = "CREATE_IN_PROGRESS"
    clock.sleep(PREPARATION_SECONDS)
    stack, values = change_set.stack, change_set.values
    try:
        text = macros.processed(change_set.text, values, read)
        parsed = template.parse(text)
        template.creation_order(parsed)
        template.check_capabilities(parsed, [*change_set.capabilities, EXPANDED])
        if change_set.kind == "UPDATE" and not changes.changes_something(stack, text, values, change_set.tags):
            change_set.fail(changes.NOTHING)
            return
        change_set.complete(text, changes.listed(stack, text, values))
    except ServiceException as failure:
        change_set.fail(failure.message)
    except Exception as failure:
        change_set.fail(f"{type(failure).__name__}: {failure}")
        raise


def _wanted(response: Any) -> ChangeSet:
    backend = response.cloudformation_backend
    name, stack_name = response._get_param("ChangeSetName"), response._get_param("StackName")
    stack = lookup.find(backend, stack_name, deleted=False) if stack_name else None
    if stack_name and stack is None:
        raise validation_error(f"Stack [{stack_name}] does not exist")
    found = change_sets.find(backend, name, stack)
    if found is None:
        raise error("ChangeSetNotFound", f"ChangeSet [{name}] does not exist")
    return found


@patch(CloudFormationResponse, "describe_change_set")
def describe_change_set(_: Any, response: Any) -> ActionResult:
    """moto: no status reasons, no tags, secrets in clear."""
    found = _wanted(response)
    page, following = lists.page(found.changes, response._get_param("NextToken"), PAGE, invalid_token())
    entry = {
        **_summary(found),
        "Parameters": parameters.shown(found.parsed, found.values),
        "NotificationARNs": found.notification_arns,
        "RollbackConfiguration": {},
        "Capabilities": found.capabilities,
        "Tags": [{"Key": key, "Value": value} for key, value in found.tags.items()],
        "Changes": page,
        "NextToken": following,
    }
    return ActionResult(lists.given(entry))


def _summary(found: ChangeSet) -> dict[str, Any]:
    entry = {
        "StackId": found.stack.stack_id,
        "StackName": found.stack.name,
        "ChangeSetId": found.change_set_id,
        "ChangeSetName": found.name,
        "ExecutionStatus": found.execution_status,
        "Status": found.status,
        "StatusReason": found.reason,
        "CreationTime": found.created,
        "Description": found.description,
        "IncludeNestedStacks": False,
    }
    return lists.given(entry)


@patch(CloudFormationResponse, "list_change_sets")
def list_change_sets(_: Any, response: Any) -> ActionResult:
    """moto: those of all stacks."""
    stack = lookup.existing(response.cloudformation_backend, response._get_param("StackName"))
    summaries = [_summary(found) for found in change_sets.all_of(response.cloudformation_backend, stack)]
    page, following = lists.page(summaries, response._get_param("NextToken"), PAGE, invalid_token())
    return ActionResult({"Summaries": page, "NextToken": following})


@patch(CloudFormationResponse, "delete_change_set")
def delete_change_set(_: Any, response: Any) -> EmptyResult:
    """moto: deletes the stack as well."""
    with decisions:
        found = _wanted(response)
        if found.status in ("CREATE_PENDING", "CREATE_IN_PROGRESS"):
            raise _in_the_wrong_status(found, "deleted")
        response.cloudformation_backend.change_sets.pop(found.change_set_id)
    return EmptyResult()


def _in_the_wrong_status(found: ChangeSet, word: str) -> ServiceException:
    # The words: saksdirect/nova#10, and aws/amazon-chime-sdk-js#1089 of what is complete and obsolete.
    status = f"status of [{found.status}]"
    if found.execution_status == "OBSOLETE":
        status = f"execution status of [{found.execution_status}]"
    return error(
        "InvalidChangeSetStatus", f"ChangeSet [{found.change_set_id}] cannot be {word} in its current {status}"
    )


@patch(CloudFormationResponse, "execute_change_set")
def execute_change_set(_: Any, response: Any) -> EmptyResult:
    """moto: makes everything at once, whoever calls."""
    backend, own = response.cloudformation_backend, caller(response)
    with decisions:
        found = _wanted(response)
        stack = found.stack
        expected = stack.status == "REVIEW_IN_PROGRESS" if found.kind == "CREATE" else UPDATABLE.fullmatch(stack.status)
        if found.execution_status != "AVAILABLE" or not expected:
            raise _in_the_wrong_status(found, "executed")
        actor = acting(response, own, stack.stack_id, found.role_arn)
        for other in change_sets.all_of(backend, stack):
            backend.change_sets.pop(other.change_set_id)
        stack.role_arn, stack.capabilities = found.role_arn, found.capabilities
        stack.token = response._get_param("ClientRequestToken")
        stack.notification_arns = found.notification_arns or stack.notification_arns
        if response._get_bool_param("DisableRollback", False):
            stack.on_failure = "DO_NOTHING"
        stack.set_status(f"{found.kind}_IN_PROGRESS", "User Initiated")
    in_background(stack, functools.partial(_execute, found, StackWork(stack, actor)))
    return EmptyResult()


def _execute(found: ChangeSet, work: StackWork) -> None:
    if found.kind == "UPDATE":
        work.update(found.processed, found.values, found.tags, found.text)
        return
    found.stack.take(found.processed, found.values, found.tags, found.text)
    work.create()
