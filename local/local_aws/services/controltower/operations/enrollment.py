"""What Control Tower does to an account: enroll it into a unit, bring it up to date, un-enroll it.

An enrolled account has its unit's baseline and the role AWSControlTowerExecution; five operations at once are allowed.
"""

import json
import logging
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from moto.organizations.models import OrganizationsBackend

from local_aws.credentials import PARTITION
from local_aws.enforcement import propagation
from local_aws.enforcement.policies import Caller, TrustLevel, trust_level
from local_aws.enforcement.principals import find_role, iam_of, organization_of
from local_aws.services.account.models import readiness
from local_aws.services.controltower.models import failures
from local_aws.services.controltower.models.landing_zone import (
    FAILED,
    SUCCEEDED,
    UNDER_CHANGE,
    AccountWork,
    EnabledBaseline,
    Tower,
    governing,
)
from local_aws.services.organizations.models import organizations

log = logging.getLogger("local_aws.control_tower")

# AWS takes 20 to 30 minutes; tests and demonstrations would take them, too.
ENROLLMENT_SECONDS = 120
OPERATIONS_AT_ONCE = 5
EXECUTION_ROLE = "AWSControlTowerExecution"
STACK_SET_ROLE = "AWSControlTowerStackSetRole"
ADMINISTRATOR = f"arn:{PARTITION}:iam::aws:policy/AdministratorAccess"
AUTO_ENROLLMENT, ACCOUNT_FACTORY, UNENROLLMENT = "auto-enrollment", "account-factory", "un-enrollment"

# Told when an account operation ends.
changed = threading.Condition(organizations.lock)


class EnrollmentFailure(Exception):
    """An account operation failed; the text is what AWS tells."""

    def __init__(self, message: str, code: str = "AWSControlTowerException", leaves: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.leaves = leaves


def running(tower: Tower) -> int:
    """How many operations count towards the five."""
    return sum(work.kind != UNENROLLMENT for work in tower.works)


@contextmanager
def work_on(tower: Tower, account_id: str, kind: str) -> Iterator[None]:
    """An account operation, from its start to its end; raises EnrollmentFailure where there are too many."""
    work = AccountWork(account_id, kind)
    with organizations.lock:
        if any(other.account_id == account_id for other in tower.works):
            raise EnrollmentFailure(
                f"AWS Control Tower cannot complete the operation because another operation on the account"
                f" {account_id} is in progress. Try again later.",
                "ConcurrentModificationException",
            )
        if kind == UNENROLLMENT and any(other.kind == UNENROLLMENT for other in tower.works):
            raise EnrollmentFailure(
                "AWS Control Tower cannot unmanage the account because another account is being unmanaged."
                " Accounts are unmanaged one at a time. Try again later.",
                "ConcurrentModificationException",
            )
        if kind == ACCOUNT_FACTORY and running(tower) >= OPERATIONS_AT_ONCE:
            raise EnrollmentFailure(
                "AWS Control Tower cannot complete the operation because the maximum number of concurrent account"
                f" operations, {OPERATIONS_AT_ONCE}, has been reached. Wait until an operation has completed,"
                " then try again.",
                "ConcurrentModificationException",
            )
        tower.works.append(work)
    try:
        yield
    finally:
        with changed:
            tower.works.remove(work)
            changed.notify_all()


def check_role(tower: Tower, account_id: str) -> None:
    """The execution role of an account that AWS did not make: there, trusting, administrator; as far as IAM has spread it."""
    arn = f"arn:{PARTITION}:iam::{account_id}:role/{EXECUTION_ROLE}"
    role = find_role(arn)
    caller = Caller(
        arns=(f"arn:{PARTITION}:iam::{tower.account_id}:role/service-role/{STACK_SET_ROLE}",),
        account_id=tower.account_id,
    )
    context: dict[str, str | list[str]] = {"aws:PrincipalArn": caller.arns[0], "aws:PrincipalAccount": tower.account_id}
    organization_id = organization_of(tower.account_id)
    if organization_id:
        context["aws:PrincipalOrgID"] = organization_id
    # No document says what Control Tower tells of a policy that is young: here, what it tells of a role that it does not see.
    known = propagation.rights(role) if role is not None else None
    seen = known is not None and set(known.managed_policies) == set(role.managed_policies)
    trusted = known is not None and (
        trust_level(known.assume_role_policy_document, "sts:AssumeRole", caller, context) is not TrustLevel.NONE
    )
    if known is None or not (seen and trusted) or not readiness.roles_ready(account_id):
        raise EnrollmentFailure(
            f"AWS Control Tower cannot enroll the account {account_id} because the role {STACK_SET_ROLE} is unable"
            f" to assume the {EXECUTION_ROLE} role. To continue, add the {EXECUTION_ROLE} role to the account:"
            f" {STACK_SET_ROLE} is unable to assume the {EXECUTION_ROLE} role."
        )
    if ADMINISTRATOR not in known.managed_policies:
        raise EnrollmentFailure(
            "AWS Control Tower cannot enroll the account: the stack set AWSControlTowerBP-BASELINE-ROLES has reached"
            " SUCCEEDED state but has 1 NON-CURRENT stack instances, because the role"
            f" {EXECUTION_ROLE} of the account {account_id} does not have the AdministratorAccess policy."
        )


def make_role(tower: Tower, account_id: str) -> None:
    """The execution role as Control Tower's own stack set makes it, where nobody has to make it before."""
    if find_role(f"arn:{PARTITION}:iam::{account_id}:role/{EXECUTION_ROLE}") is not None:
        return
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:{PARTITION}:iam::{tower.account_id}:root"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    iam = iam_of(account_id)
    iam.create_role(EXECUTION_ROLE, json.dumps(trust), "/", None, "", [], 3600)
    iam.attach_role_policy(ADMINISTRATOR, EXECUTION_ROLE)


def remove_role(account_id: str) -> None:
    """Un-enrolling takes the execution role away, whoever made it."""
    role = find_role(f"arn:{PARTITION}:iam::{account_id}:role/{EXECUTION_ROLE}")
    if role is None:
        return
    iam = iam_of(account_id)
    for policy_arn in list(role.managed_policies):
        iam.detach_role_policy(policy_arn, EXECUTION_ROLE)
    role.policies.clear()
    iam.delete_role(EXECUTION_ROLE)


def begin(tower: Tower, account: Any, unit: EnabledBaseline) -> EnabledBaseline:
    """The account's baseline, under change, with this unit as its parent; the caller holds the lock."""
    child = tower.on(account.arn, unit.baseline) or tower.enable(unit.baseline, account.arn)
    child.parent, child.status, child.parameters = unit.arn, UNDER_CHANGE, list(unit.parameters)
    return child


def enroll(tower: Tower, account: Any, unit: EnabledBaseline, own_role: bool = True) -> None:
    """Enrolls an account that is in the unit; raises EnrollmentFailure, and leaves the baseline FAILED then.

    Auto-enrollment and registered units bring the execution role along; for the Account Factory it must be there.
    """
    with organizations.lock:
        child = begin(tower, account, unit)
    try:
        failures.meet(account.id, EnrollmentFailure)
        if not own_role:
            check_role(tower, account.id)
        tower.wait(ENROLLMENT_SECONDS)
    except EnrollmentFailure:
        if child.parent == unit.arn:
            child.status = FAILED
        raise
    with organizations.lock:
        make_role(tower, account.id)
        # Another move may have given it a newer parent meanwhile.
        if child.parent == unit.arn:
            child.status, child.behind = SUCCEEDED, False


def unenroll(
    tower: Tower, account: Any, seconds: float = ENROLLMENT_SECONDS, kept: Collection[str | None] = ()
) -> None:
    """Takes the baselines from an account that it has from others than these, and the execution role with the last one.

    Where it sits is the caller's business.
    """
    leaving = [child for child in tower.all_on(account.arn) if child.parent not in kept]
    if not leaving:
        return
    for child in leaving:
        child.status = UNDER_CHANGE
    tower.wait(seconds)
    with organizations.lock:
        for child in leaving:
            tower.enabled.pop(child.arn, None)
        if not tower.all_on(account.arn):
            remove_role(account.id)


def _follow(tower: Tower, account: Any) -> None:
    """Brings an account that was moved to what its place wants, again as long as it is moved meanwhile."""
    work = AccountWork(account.id, AUTO_ENROLLMENT)
    with changed:
        while any(other.account_id == account.id for other in tower.works):
            changed.wait()
        tower.works.append(work)
    settled = False
    while not settled:
        place = account.parent_id
        units = tower.baselines_of(place)
        try:
            for unit in units:
                enroll(tower, account, unit)
            unenroll(tower, account, kept={unit.arn for unit in units})
        except EnrollmentFailure as failure:
            log.info("auto-enrollment of %s failed: %s", account.id, failure.message)
        except Exception:
            log.exception("auto-enrollment of %s broke", account.id)
        with changed:
            settled = account.parent_id == place
            if settled:
                tower.works.remove(work)
                tower.followed.discard(account.id)
                changed.notify_all()


def _is_taken(tower: Tower, account: Any, unit: EnabledBaseline) -> bool:
    """Whether the unit is at work on another account that was moved into it: it enrolls one of them at a time.

    Source: AWS Control Tower User Guide, "Limitations and quotas": "With auto-enrollment enabled, only a single move account
    operation can be performed on the destination OU" until it is finished.
    """
    moved = {work.account_id for work in tower.works if work.kind == AUTO_ENROLLMENT} | tower.followed
    children = (one for one in tower.enabled.values() if one.parent == unit.arn and one.status == UNDER_CHANGE)
    return any(one.target.rsplit("/", 1)[-1] in moved - {account.id} for one in children)


def account_moved(organization: OrganizationsBackend, account: Any, source_id: str) -> None:
    """Told of every MoveAccount: with remediation on, the account is enrolled, or no longer."""
    tower = governing(account.id)
    if tower is None or not tower.remediation or account.id == tower.account_id:
        return
    units = tower.baselines_of(account.parent_id)
    if not units and not tower.all_on(account.arn):
        return
    if account.id not in tower.followed and any(_is_taken(tower, account, unit) for unit in units):
        log.info("the move of %s was missed: another account is being enrolled in its unit", account.id)
        return
    for unit in units:
        begin(tower, account, unit)
    if account.id not in tower.followed:
        tower.followed.add(account.id)
        threading.Thread(target=_follow, args=(tower, account), name="auto-enrollment", daemon=True).start()


organizations.move_listeners.append(account_moved)
