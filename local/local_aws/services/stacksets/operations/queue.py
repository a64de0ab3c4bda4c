"""Operations of StackSets: accepted or refused, queued, run in the background, ended with a result per account.

Corrects moto, where an operation has succeeded as soon as it is asked for, and its id means nothing.
"""

import logging
import os
import re
import threading
import uuid
from collections import Counter

from moto.core.utils import utcnow

from local_aws import clock
from local_aws.services.cloudformation.exceptions import error, validation_error
from local_aws.services.stacksets.models import overrides
from local_aws.services.stacksets.models.stack_set import (
    Instance,
    Operation,
    StackSet,
    Target,
    changed,
)
from local_aws.services.stacksets.operations import deployment

log = logging.getLogger("local_aws.cloudformation")

OPERATION_SECONDS = 15
# How managed execution is read. "Performs non-conflicting operations concurrently", says AWS, and also: "If there are
# already running or queued operations, CloudFormation queues all incoming operations" (API_ManagedExecution).
READING_VARIABLE = "AVM_LOCAL_STACKSETS"
READINGS = ("concurrent", "queue")
OPERATION_ID = re.compile(r"[a-zA-Z0-9][-a-zA-Z0-9]{0,127}")


def reading() -> str:
    """How the environment wants managed execution read."""
    text = os.environ.get(READING_VARIABLE, "").strip() or READINGS[0]
    if text not in READINGS:
        raise ValueError(f"{READING_VARIABLE} must be one of {', '.join(READINGS)}, not {text!r}")
    return text


def _waits_for(operation: Operation, known: Operation) -> bool:
    return not known.final and (reading() == "queue" or operation.conflicts_with(known))


def operation_id_of(given: str | None) -> str:
    """The id of a new operation."""
    if given is not None and not OPERATION_ID.fullmatch(given):
        raise validation_error(
            f"1 validation error detected: Value '{given}' at 'operationId' failed to satisfy constraint:"
            " Member must satisfy regular expression pattern: [a-zA-Z0-9][-a-zA-Z0-9]*"
        )
    return given or str(uuid.uuid4())


def refuse_known_id(stack_set: StackSet, operation_id: str) -> None:
    """An id names one operation for ever."""
    if any(known.operation_id == operation_id for known in stack_set.operations):
        raise error("OperationIdAlreadyExistsException", "The specified operation ID already exists.")


def refuse_while_busy(stack_set: StackSet, managed_too: bool = False) -> None:
    """Without managed execution one operation runs at a time."""
    running = next((known for known in stack_set.operations if not known.final), None)
    if running is not None and (managed_too or not stack_set.managed_execution):
        raise error(
            "OperationInProgressException", f"Another Operation on StackSet {stack_set.arn} is in progress"
        )


def start(stack_set: StackSet, operation: Operation) -> None:
    """Accepts an operation; the caller holds the lock and has checked id and state."""
    waits = any(_waits_for(operation, known) for known in stack_set.operations)
    operation.status = "QUEUED" if waits else "RUNNING"
    stack_set.operations.append(operation)
    for target in operation.targets:
        instance = stack_set.instances.get(target.key)
        if instance is None and operation.action != "DELETE":
            instance = stack_set.instances[target.key] = Instance(*target.key)
            instance.organizational_unit_id = target.organizational_unit_id
        if instance is not None and _has_work(operation, instance):
            instance.last_operation_id = operation.operation_id
            instance.set("OUTDATED", "PENDING")
    thread = threading.Thread(target=_run, args=(stack_set, operation), name="stack-set-operation", daemon=True)
    thread.start()


def _has_work(operation: Operation, instance: Instance) -> bool:
    # CreateStackInstances leaves instances alone that exist and are up to date.
    return operation.action != "CREATE" or instance.status != "CURRENT"


def _run(stack_set: StackSet, operation: Operation) -> None:
    _await_turn(stack_set, operation)
    clock.sleep(OPERATION_SECONDS / 2)
    failed_in: dict[str, int] = {}
    for target in sorted(operation.targets, key=lambda target: target.region):
        exceeded = not _tolerates(operation, failed_in)
        if exceeded or operation.status == "STOPPING":
            reason = "Cancelled since failure tolerance has exceeded" if exceeded else "Cancelled by the user"
            _end_target(stack_set, target, "CANCELLED", reason)
        elif not _run_target(stack_set, operation, target):
            failed_in[target.region] = failed_in.get(target.region, 0) + 1
    clock.sleep(OPERATION_SECONDS / 2)
    _end(stack_set, operation, failed_in)


def _tolerates(operation: Operation, failed_in: dict[str, int]) -> bool:
    # The tolerance is for each region, and once it is exceeded in one, no other is begun (API_StackSetOperationPreferences).
    in_region = Counter(target.region for target in operation.targets)
    return all(count <= operation.tolerated_failures(in_region[region]) for region, count in failed_in.items())


def _await_turn(stack_set: StackSet, operation: Operation) -> None:
    with changed:
        earlier = stack_set.operations[: stack_set.operations.index(operation)]
        while any(_waits_for(operation, known) for known in earlier):
            changed.wait()
        if operation.status == "QUEUED":
            operation.status = "RUNNING"


def _run_target(stack_set: StackSet, operation: Operation, target: Target) -> bool:
    target.status = "RUNNING"
    try:
        _change_instance(stack_set, operation, target)
    except deployment.DeploymentFailure as failure:
        _end_target(stack_set, target, "FAILED", str(failure), inoperable=operation.action == "DELETE")
        return False
    except Exception as failure:
        log.exception("an operation on the StackSet %s broke", stack_set.name)
        _end_target(stack_set, target, "FAILED", f"Internal Failure: {failure}")
        return False
    target.status = "SUCCEEDED"
    return True


def _change_instance(stack_set: StackSet, operation: Operation, target: Target) -> None:
    instance = stack_set.instances.get(target.key)
    if instance is None or not _has_work(operation, instance):
        return
    instance.set("OUTDATED", "RUNNING")
    if operation.action == "DELETE":
        deployment.remove(stack_set, instance, operation)
        return
    if not operation.whole_set:
        instance.overrides = overrides.applied(instance.overrides, operation.overrides)
    deployment.deploy(stack_set, instance, operation)


def _end_target(
    stack_set: StackSet, target: Target, status: str, reason: str, inoperable: bool = False
) -> None:
    with changed:
        target.status, target.reason = status, reason
        instance = stack_set.instances.get(target.key)
        if instance is None:
            return
        if inoperable:
            instance.set("INOPERABLE", "INOPERABLE", reason)
        elif instance.status != "CURRENT":
            instance.set("OUTDATED", status, reason)


def _end(stack_set: StackSet, operation: Operation, failed_in: dict[str, int]) -> None:
    with changed:
        for target in operation.targets:
            instance = stack_set.instances.get(target.key)
            if instance is None or target.status != "SUCCEEDED":
                continue
            if operation.action == "DELETE":
                del stack_set.instances[target.key]
            else:
                instance.set("CURRENT", "SUCCEEDED")
        cancelled = any(target.status == "CANCELLED" for target in operation.targets)
        tolerated = _tolerates(operation, failed_in)
        if operation.status == "STOPPING":
            operation.status = "STOPPED"
        else:
            operation.status = "SUCCEEDED" if tolerated and not cancelled else "FAILED"
        if not tolerated:
            operation.reason = "Failure tolerance exceeded"
        operation.ended_at = utcnow()
        changed.notify_all()
