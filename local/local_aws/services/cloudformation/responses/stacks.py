"""CreateStack, UpdateStack and DeleteStack as AWS answers them; the work follows in the background.

Corrects moto, which knows no capabilities, no tokens, no busy stacks and no "No updates are to be performed." for tags. Sources:
CloudFormation API reference, CreateStack, UpdateStack, DeleteStack and UpdateTerminationProtection; the words: LocalStack,
cloudformation/api/test_stacks, recorded on AWS 2022-08-30 to 2025-12-08, and hashicorp/terraform-provider-aws#23467 for a protected stack.
Stacks in stacks: CloudFormation template reference, AWS::CloudFormation::Stack.
"""

import functools
import re
import threading
from typing import Any

from moto.cloudformation.models import CloudFormationBackend, Stack
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult, EmptyResult

from local_aws.patches import patch
from local_aws.services.cloudformation.exceptions import error, validation_error
from local_aws.services.cloudformation.models import change_set, changes, lookup, macros, parameters, template, tokens
from local_aws.services.cloudformation.models.rights import (
    SERVICE,
    Actor,
    actor_of_key,
    actor_of_role,
)
from local_aws.services.cloudformation.models.stack import ManagedStack
from local_aws.services.cloudformation.operations.engine import StackWork, forget, in_background
from local_aws.services.sts.models import role_trusts_service

STACK_NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,127}")
UPDATABLE = re.compile(r"(CREATE|UPDATE|UPDATE_ROLLBACK|IMPORT|IMPORT_ROLLBACK)_COMPLETE|UPDATE_FAILED")
# One call at a time decides about a stack's name and status.
decisions = threading.RLock()


def caller(response: Any) -> Actor | None:
    """Who makes the call."""
    return actor_of_key(response.access_key, response.current_account, response.region)


def acting(response: Any, own: Actor | None, stack_id: str, role_arn: str | None) -> Actor | None:
    """With whose rights the resources are made: the given role's, else the caller's."""
    if not role_arn:
        return own
    if not role_trusts_service(role_arn, SERVICE, response.current_account, stack_id):
        raise validation_error(f"Role {role_arn} is invalid or cannot be assumed")
    return actor_of_role(role_arn, "AWSCloudFormation", response.region)


def reader(response: Any, own: Actor | None) -> macros.Read:
    """Reads what a template includes, with the caller's rights."""
    return functools.partial(lookup.text_at, account_id=response.current_account, actor=own)


def tags_of(response: Any) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in response._get_param("Tags", []) or []}


@patch(CloudFormationResponse, "create_stack")
def create_stack(_: Any, response: Any) -> ActionResult:
    """moto: complete at once, whoever calls."""
    backend, name = response.cloudformation_backend, response._get_param("StackName")
    if not STACK_NAME.fullmatch(name or ""):
        raise validation_error(
            f"1 validation error detected: Value '{name}' at 'stackName' failed to satisfy constraint:"
            " Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"
        )
    own = caller(response)
    text = lookup.given_template(response, own)
    if text is None:
        raise validation_error("Either Template URL or Template Body must be specified.")
    given = response._get_param("Parameters", []) or []
    token = response._get_param("ClientRequestToken")
    mark = tokens.fingerprint("create", name, text, given, tags_of(response))
    with decisions:
        known = tokens.earlier(backend, token, mark)
        if known:
            return ActionResult({"StackId": known})
        if lookup.find(backend, name, deleted=False):
            raise error("AlreadyExistsException", f"Stack [{name}] already exists")
        stack = _new_stack(response, own, name, text, given, token)
        actor = acting(response, own, stack.stack_id, stack.role_arn)
        backend.stacks[stack.stack_id] = stack
        stack.set_status("CREATE_IN_PROGRESS", "User Initiated")
        tokens.remember(backend, token, mark, stack.stack_id)
    in_background(stack, StackWork(stack, actor).create)
    return ActionResult({"StackId": stack.stack_id})


def _new_stack(
    response: Any, own: Actor | None, name: str, text: str, given: list[Any], token: str | None
) -> ManagedStack:
    parsed = template.parse(text)
    capabilities = response._get_param("Capabilities", []) or []
    template.check_capabilities(parsed, capabilities)
    values = parameters.resolve(parsed, parameters.explicit_values(given, None))
    whole = macros.processed(text, values, reader(response, own))
    template.creation_order(template.parse(whole))
    on_failure = response._get_param("OnFailure")
    without_rollback = response._get_bool_param("DisableRollback", False)
    if on_failure and without_rollback:
        raise validation_error("You may not specify both OnFailure and DisableRollback")
    return ManagedStack(
        response.cloudformation_backend,
        name,
        whole,
        values,
        tags=tags_of(response),
        role_arn=response._get_param("RoleARN"),
        notification_arns=response._get_param("NotificationARNs", []),
        enable_termination_protection=response._get_bool_param("EnableTerminationProtection", False),
        timeout_in_mins=response._get_param("TimeoutInMinutes"),
        stack_policy_body=response._get_param("StackPolicyBody"),
        capabilities=capabilities,
        on_failure=on_failure or ("DO_NOTHING" if without_rollback else "ROLLBACK"),
        token=token,
        submitted=text,
    )


@patch(CloudFormationResponse, "update_stack")
def update_stack(_: Any, response: Any) -> ActionResult:
    """moto: complete at once, inline policies of roles unchanged."""
    backend, name = response.cloudformation_backend, response._get_param("StackName")
    own = caller(response)
    stack = lookup.find(backend, name, deleted=False)
    if stack is None:
        raise validation_error(f"Stack [{name}] does not exist")
    text = submitted_template(response, own, stack)
    given = response._get_param("Parameters", []) or []
    tags = tags_of(response) or dict(stack.tags)
    token = response._get_param("ClientRequestToken")
    mark = tokens.fingerprint("update", name, text, given, tags)
    with decisions:
        if tokens.earlier(backend, token, mark):
            return ActionResult({"StackId": stack.stack_id})
        if not UPDATABLE.fullmatch(stack.status):
            raise validation_error(f"Stack:{stack.stack_id} is in {stack.status} state and can not be updated.")
        parsed = template.parse(text)
        values = parameters.resolve(parsed, parameters.explicit_values(given, stack.parameters))
        capabilities = response._get_param("Capabilities", []) or []
        template.check_capabilities(parsed, capabilities)
        whole = macros.processed(text, values, reader(response, own))
        template.creation_order(template.parse(whole))
        if not changes.changes_something(stack, whole, values, tags):
            raise validation_error("No updates are to be performed.")
        role_arn = response._get_param("RoleARN") or stack.role_arn
        actor = acting(response, own, stack.stack_id, role_arn)
        stack.role_arn, stack.token, stack.capabilities = role_arn, token, capabilities
        stack.set_status("UPDATE_IN_PROGRESS", "User Initiated")
        change_set.outdate(backend, stack)
        tokens.remember(backend, token, mark, stack.stack_id)
    in_background(stack, lambda: StackWork(stack, actor).update(whole, values, tags, text))
    return ActionResult({"StackId": stack.stack_id})


def submitted_template(response: Any, own: Actor | None, stack: Any) -> str:
    """The template of an update: a new one, or the one that the stack has."""
    text = lookup.given_template(response, own)
    previous = response._get_bool_param("UsePreviousTemplate", False)
    if previous and text is not None:
        raise validation_error("You cannot specify both usePreviousTemplate and Template Body/Template URL.")
    if previous:
        return stack.submitted
    if text is None:
        raise validation_error("Either Template URL or Template Body must be specified.")
    return text


@patch(CloudFormationResponse, "delete_stack")
def delete_stack(_: Any, response: Any) -> EmptyResult:
    """moto: gone at once."""
    backend, name = response.cloudformation_backend, response._get_param("StackName")
    own = caller(response)
    with decisions:
        stack = lookup.find(backend, name, deleted=False)
        if stack is None or stack.status == "DELETE_IN_PROGRESS":
            return EmptyResult()
        _refuse_deletion(stack)
        role_arn = response._get_param("RoleARN") or stack.role_arn
        actor = acting(response, own, stack.stack_id, role_arn)
        stack.token = response._get_param("ClientRequestToken")
        stack.cancelled = True
        stack.set_status("DELETE_IN_PROGRESS", "User Initiated")
    if isinstance(stack, ManagedStack):
        retained = response._get_param("RetainResources", []) or []
        for logical_id in retained:
            if logical_id in stack.records:
                stack.records[logical_id].definition["DeletionPolicy"] = "Retain"
        in_background(stack, StackWork(stack, actor).delete)
    else:
        forget(stack)
        stack.status = "DELETE_COMPLETE"
    return EmptyResult()


def _refuse_deletion(stack: Any) -> None:
    if stack.enable_termination_protection:
        raise validation_error(f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled")
    if stack.status.endswith("_IN_PROGRESS") and stack.status not in ("CREATE_IN_PROGRESS", "REVIEW_IN_PROGRESS"):
        raise validation_error(f"Stack [{stack.name}] cannot be deleted while in status {stack.status}")


def _nested(text: str, given: dict[str, Any], account_id: str) -> tuple[str, dict[str, str]]:
    """The template of a stack inside another one without macros, and the values of its parameters."""
    values = parameters.resolve(
        template.parse(text), {key: parameters.text_of(value) for key, value in given.items()}
    )
    # By the outer stack's right to read its own templates, which was asked for before.
    read = functools.partial(lookup.text_at, account_id=account_id, actor=None)
    return macros.processed(text, values, read), values


# moto itself makes and deletes the stacks that are resources of other stacks.
@patch(CloudFormationBackend, "create_stack")
def make_stack(_: Any, backend: Any, name: str, **request: Any) -> ManagedStack:
    """A stack inside another one: made at once, its failure is the failure of the resource."""
    whole, values = _nested(request["template"], request["parameters"], backend.account_id)
    stack = ManagedStack(backend, name, whole, values, on_failure="DELETE")
    backend.stacks[stack.stack_id] = stack
    stack.set_status("CREATE_IN_PROGRESS")
    StackWork(stack, None, pause=False).create()
    if stack.status != "CREATE_COMPLETE":
        reasons = [record.reason for record in stack.records.values() if record.status == "CREATE_FAILED"]
        raise validation_error(
            f"Embedded stack {stack.stack_id} was not successfully created: {' '.join(map(str, reasons))}"
        )
    return stack


@patch(Stack, "update_from_cloudformation_json")
def change_stack(
    _: Any,
    cls: type[Stack],
    original_resource: ManagedStack,
    new_resource_name: str,
    cloudformation_json: dict[str, Any],
    account_id: str,
    region_name: str,
) -> ManagedStack:
    """Updates a stack inside another one; moto deletes it with all that is in it, and makes another."""
    stack, properties = original_resource, cloudformation_json["Properties"]
    text = lookup.template_at(properties["TemplateURL"], account_id, None)
    whole, values = _nested(text, properties.get("Parameters") or {}, account_id)
    if not changes.changes_something(stack, whole, values, stack.tags):
        return stack
    stack.set_status("UPDATE_IN_PROGRESS")
    StackWork(stack, None, pause=False).update(whole, values, stack.tags, text)
    if stack.status != "UPDATE_COMPLETE":
        failed = [record.reason for record in stack.records.values() if record.reason]
        words = " ".join(map(str, failed)) or stack.status_reason
        raise validation_error(f"Embedded stack {stack.stack_id} was not successfully updated. Reason: {words}")
    return stack


@patch(CloudFormationBackend, "delete_stack")
def unmake_stack(_: Any, backend: Any, name_or_stack_id: str) -> None:
    """Deletes a stack inside another one."""
    stack = lookup.find(backend, name_or_stack_id, deleted=False)
    if stack is not None:
        StackWork(stack, None, pause=False).delete()
