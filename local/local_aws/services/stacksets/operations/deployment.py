"""What an operation does in one account and region: assume the roles there and make, change or delete the stack.

Corrects moto, which needs no roles and no rights, and leaves stacks alone when an instance is updated.
"""

import uuid
from typing import Any

from moto.cloudformation.models import cloudformation_backends
from moto.core.exceptions import ServiceException

from local_aws.credentials import PARTITION
from local_aws.enforcement.authorization import bear_witness
from local_aws.enforcement.needs import Need
from local_aws.services.account.models import regions
from local_aws.services.cloudformation.models.lookup import find
from local_aws.services.cloudformation.models.rights import SERVICE, Actor, actor_of_role
from local_aws.services.cloudformation.models.stack import ManagedStack
from local_aws.services.cloudformation.operations.engine import StackWork
from local_aws.services.cloudformation.models.changes import changes_something
from local_aws.services.stacksets.models import overrides
from local_aws.services.stacksets.models.stack_set import Instance, Operation, StackSet
from local_aws.services.sts.models import may_assume, role_trusts_service


class DeploymentFailure(Exception):
    """An instance could not be brought where the operation wanted it; the text is its status reason."""


def execution_actor(stack_set: StackSet, instance: Instance, operation: Operation) -> Actor | None:
    """The session of the execution role in the target account; service-managed sets use a role of AWS's own."""
    if stack_set.permission_model == "SERVICE_MANAGED":
        return None
    administration_arn, execution_name = stack_set.administration_role_arn, stack_set.execution_role_name
    administration_name = administration_arn.rsplit("/", 1)[-1]
    if not role_trusts_service(administration_arn, SERVICE, stack_set.account_id, stack_set.arn):
        raise DeploymentFailure(
            f"Account {stack_set.account_id} should have '{administration_name}' role with trust relationship"
            " to CloudFormation service."
        )
    administration = actor_of_role(administration_arn, operation.operation_id[:64], stack_set.region)
    execution_arn = f"arn:{PARTITION}:iam::{instance.account_id}:role/{execution_name}"
    need = Need("sts:AssumeRole", execution_arn)
    allowed = may_assume(administration.principal, execution_arn, [need], instance.region)
    bear_witness(administration.principal, need, instance.region, allowed)
    if not allowed:
        raise DeploymentFailure(
            f"Account {instance.account_id} should have '{execution_name}' role with trust relationship"
            f" to Role '{administration_name}'."
        )
    return actor_of_role(execution_arn, operation.operation_id[:64], instance.region)


def _require(actor: Actor | None, *actions: str, arn: str) -> None:
    for action in actions:
        text = actor.refusal(Need(f"cloudformation:{action}", arn)) if actor else None
        if text:
            raise DeploymentFailure(text)


def _stack_of(instance: Instance) -> Any:
    backend = cloudformation_backends[instance.account_id][instance.region]
    return find(backend, instance.stack_id, deleted=False) if instance.stack_id else None


def _first_failure(stack: ManagedStack, since: int) -> str:
    for event in stack.events[since:]:
        if event.resource_status.endswith("_FAILED") and event.logical_resource_id != stack.name:
            return (
                f"ResourceLogicalId:{event.logical_resource_id}, ResourceType:{event.resource_type},"
                f" ResourceStatusReason:{event.resource_status_reason}."
            )
    return stack.status_reason or f"Stack {stack.stack_id} is in {stack.status} state."


def _require_region(stack_set: StackSet, instance: Instance) -> None:
    """The region has to be enabled for the target account and for that of the StackSet (stacksets-opt-in-regions)."""
    for account_id in (instance.account_id, stack_set.account_id):
        if not regions.usable(account_id, instance.region):
            raise DeploymentFailure(f"Region {instance.region} is not enabled for account {account_id}.")


def deploy(stack_set: StackSet, instance: Instance, operation: Operation) -> None:
    """Makes or updates the instance's stack; raises DeploymentFailure."""
    _require_region(stack_set, instance)
    try:
        values = overrides.stack_values(stack_set, instance.overrides)
    except ServiceException as failure:
        raise DeploymentFailure(failure.message) from failure
    actor = execution_actor(stack_set, instance, operation)
    stack = _stack_of(instance)
    if stack is None:
        _create(stack_set, instance, actor, values)
    else:
        _update(stack_set, stack, actor, values)


def _create(stack_set: StackSet, instance: Instance, actor: Actor | None, values: dict[str, str]) -> None:
    backend = cloudformation_backends[instance.account_id][instance.region]
    name = f"StackSet-{stack_set.name}-{uuid.uuid4()}"
    arn = f"arn:{PARTITION}:cloudformation:{instance.region}:{instance.account_id}:stack/{name}/*"
    _require(actor, "CreateStack", "DescribeStacks", arn=arn)
    stack = ManagedStack(
        backend,
        name,
        stack_set.template,
        values,
        tags=dict(stack_set.tags),
        capabilities=list(stack_set.capabilities),
        on_failure="DELETE",
    )
    instance.stack_id = stack.stack_id
    with stack.busy:
        backend.stacks[stack.stack_id] = stack
        stack.set_status("CREATE_IN_PROGRESS", "User Initiated")
        StackWork(stack, actor, pause=False).create()
    if stack.status != "CREATE_COMPLETE":
        raise DeploymentFailure(_first_failure(stack, 0))


def _update(stack_set: StackSet, stack: ManagedStack, actor: Actor | None, values: dict[str, str]) -> None:
    _require(actor, "UpdateStack", "DescribeStacks", arn=stack.stack_id)
    with stack.busy:
        if stack.status.endswith("_IN_PROGRESS") or "ROLLBACK_FAILED" in stack.status:
            raise DeploymentFailure(f"Stack:{stack.stack_id} is in {stack.status} state and can not be updated.")
        if not changes_something(stack, stack_set.template, values, stack_set.tags):
            return
        since = len(stack.events)
        stack.capabilities = list(stack_set.capabilities)
        stack.set_status("UPDATE_IN_PROGRESS", "User Initiated")
        StackWork(stack, actor, pause=False).update(stack_set.template, values, dict(stack_set.tags))
    if stack.status != "UPDATE_COMPLETE":
        raise DeploymentFailure(_first_failure(stack, since))


def remove(stack_set: StackSet, instance: Instance, operation: Operation) -> None:
    """Deletes the instance's stack; raises DeploymentFailure."""
    stack = _stack_of(instance)
    if operation.retain_stacks or stack is None:
        return
    actor = execution_actor(stack_set, instance, operation)
    _require(actor, "DeleteStack", "DescribeStacks", arn=stack.stack_id)
    with stack.busy:
        since = len(stack.events)
        stack.set_status("DELETE_IN_PROGRESS", "User Initiated")
        StackWork(stack, actor, pause=False).delete()
    if stack.status != "DELETE_COMPLETE":
        raise DeploymentFailure(_first_failure(stack, since))
