"""Registering units: a baseline is enabled on a unit, re-applied or disabled, and its accounts follow.

Each is an operation that takes its time; one at a time for a unit.
"""

import logging
import threading
from collections.abc import Callable
from typing import Any

from local_aws.api.own_services import Refusal
from local_aws.services.controltower.models.landing_zone import (
    FAILED,
    SUCCEEDED,
    UNDER_CHANGE,
    EnabledBaseline,
    Operation,
    Tower,
)
from local_aws.services.controltower.operations.enrollment import (
    EnrollmentFailure,
    enroll,
    unenroll,
)
from local_aws.services.organizations.models import organizations

log = logging.getLogger("local_aws.control_tower")

OPERATION_SECONDS = 30


def members(tower: Tower, enabled: EnabledBaseline) -> list[Any]:
    """The accounts that are directly in a unit, without the management account."""
    unit = next((unit for unit in tower.organization.ou if unit.arn == enabled.target), None)
    accounts = [one for one in tower.organization.accounts if unit is not None and one.parent_id == unit.id]
    return [account for account in accounts if account.id != tower.account_id and account.state == "ACTIVE"]


def children(tower: Tower, enabled: EnabledBaseline) -> list[EnabledBaseline]:
    """What accounts have from a unit."""
    return [one for one in list(tower.enabled.values()) if one.parent == enabled.arn]


def _account(tower: Tower, enabled: EnabledBaseline) -> Any:
    """The account that has it. By its id: an organization may have thousands, and moto makes each ARN anew."""
    account_id = enabled.target.rsplit("/", 1)[-1]
    return next((one for one in tower.organization.accounts if one.id == account_id), None)


def drifted(tower: Tower, enabled: EnabledBaseline) -> bool:
    """Inheritance drift: a unit with members that do not have its baseline, or an account that is behind or in another unit."""
    if enabled.parent is None:
        found = {child.target: child for child in children(tower, enabled)}
        inside = {account.arn for account in members(tower, enabled)}
        return inside != set(found) or any(child.status == FAILED or child.behind for child in found.values())
    account = _account(tower, enabled)
    parents = tower.baselines_of(account.parent_id) if account is not None else []
    strayed = enabled.parent not in {parent.arn for parent in parents}
    return enabled.status == FAILED or enabled.behind or strayed


def start(tower: Tower, enabled: EnabledBaseline, kind: str, work: Callable[[], None]) -> Operation:
    """Runs an operation on a unit in the background; the caller holds the lock."""
    if enabled.last_operation and tower.operations[enabled.last_operation].status == "IN_PROGRESS":
        raise Refusal(
            "ConflictException",
            f"AWS Control Tower cannot perform the operation on {enabled.arn} because another operation on the"
            " same resource is in progress.",
        )
    operation = Operation(kind)
    tower.operations[operation.identifier] = operation
    enabled.last_operation, enabled.status = operation.identifier, UNDER_CHANGE

    def run() -> None:
        tower.wait(OPERATION_SECONDS)
        message = None
        try:
            work()
        except EnrollmentFailure as failure:
            message = failure.message
        except Exception:
            log.exception("an operation on %s broke", enabled.target)
            message = "AWS Control Tower encountered an internal error."
        with organizations.lock:
            enabled.status = FAILED if message else SUCCEEDED
            operation.end("FAILED" if message else "SUCCEEDED", message)

    threading.Thread(target=run, name="baseline-operation", daemon=True).start()
    return operation


def _take_away(tower: Tower, account: Any, enabled: EnabledBaseline) -> None:
    """An account loses what it has from a unit, and no more."""
    unenroll(tower, account, kept={child.parent for child in tower.all_on(account.arn)} - {enabled.arn})


def apply(tower: Tower, enabled: EnabledBaseline) -> None:
    """Enrolls the members that lack the baseline or are behind, and un-enrolls the accounts that have left for no other unit."""
    problems = []
    for account in members(tower, enabled):
        child = tower.on(account.arn, enabled.baseline)
        if child is not None and child.parent == enabled.arn and child.status != FAILED and not child.behind:
            continue
        try:
            enroll(tower, account, enabled)
        except EnrollmentFailure as failure:
            problems.append(failure)
    inside = {account.arn for account in members(tower, enabled)}
    for child in children(tower, enabled):
        account = _account(tower, child) if child.target not in inside else None
        if account is not None:
            _take_away(tower, account, enabled)
    if problems:
        raise problems[0]


def remove(tower: Tower, enabled: EnabledBaseline) -> None:
    """The unit is registered no longer, its accounts are un-enrolled."""
    for child in children(tower, enabled):
        account = _account(tower, child)
        if account is not None:
            _take_away(tower, account, enabled)
    with organizations.lock:
        tower.enabled.pop(enabled.arn, None)
