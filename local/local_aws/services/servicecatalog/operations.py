"""What Control Tower does when a product of the Account Factory is provisioned, updated or terminated.

It works with the caller's rights; whatever goes wrong is told by the record, not by the call.
"""

import logging
import re
import threading
from typing import Any

from local_aws.credentials import PARTITION
from local_aws.enforcement.authorization import refusal
from local_aws.enforcement.calls import Call
from local_aws.enforcement.end_user_needs import stacks_needs
from local_aws.enforcement.needs import Need
from local_aws.services.controltower.models import failures
from local_aws.services.controltower.models.landing_zone import EnabledBaseline, Tower, tower_of
from local_aws.services.controltower.operations import enrollment
from local_aws.services.controltower.operations.enrollment import EnrollmentFailure
from local_aws.services.organizations.models import organizations
from local_aws.services.servicecatalog.models import (
    AVAILABLE,
    ERROR,
    TAINTED,
    Catalog,
    ProvisionedProduct,
    Record,
    lock,
)

log = logging.getLogger("local_aws.service_catalog")

START_SECONDS = 5
_UNIT = re.compile(r"(?P<name>.{1,128}) \((?P<id>ou-[0-9a-z]{4,32}-[0-9a-z]{8,32})\)")
_MANAGED_ACCOUNT = ("controltower:CreateManagedAccount", "controltower:DescribeManagedAccount")
_UNMANAGED_ACCOUNT = ("controltower:DeregisterManagedAccount", "controltower:DescribeManagedAccount")
# "The account requester always must have" these (Control Tower User Guide, permissions).
ACCOUNTS = ("organizations:CreateAccount", "organizations:DescribeCreateAccountStatus")
# The rest of what AWS's guide asks of an identity that provisions accounts, but for its s3:GetObject on everything: "in
# addition to AWSServiceCatalogEndUserFullAccess" (Control Tower User Guide, roles-how).
DOCUMENTED = (
    "sso:GetProfile",
    "sso:CreateProfile",
    "sso:UpdateProfile",
    "sso:AssociateProfile",
    "sso:CreateApplicationInstance",
    "sso:GetSSOStatus",
    "sso:GetTrust",
    "sso:CreateTrust",
    "sso:UpdateTrust",
    "sso:GetPeregrineStatus",
    "sso:GetApplicationInstance",
    "sso:ListDirectoryAssociations",
    "sso:ListPermissionSets",
    "sso:GetPermissionSet",
    "sso:ProvisionApplicationInstanceForAWSAccount",
    "sso:ProvisionApplicationProfileForAWSAccountInstance",
    "sso:ProvisionSAMLProvider",
    "sso:ListProfileAssociations",
    "sso:DescribeRegisteredRegions",
    "sso-directory:ListMembersInGroup",
    "sso-directory:AddMemberToGroup",
    "sso-directory:SearchGroups",
    "sso-directory:SearchGroupsWithGroupName",
    "sso-directory:SearchUsers",
    "sso-directory:CreateUser",
    "sso-directory:DescribeGroups",
    "sso-directory:DescribeDirectory",
    "sso-directory:GetUserPoolInfo",
    "organizations:DescribeOrganization",
)


def start(catalog: Catalog, record: Record, call: Call) -> None:
    """Works on the record in the background."""
    thread = threading.Thread(target=_run, args=(catalog, record, call), name="account-factory", daemon=True)
    thread.start()


def _run(catalog: Catalog, record: Record, call: Call) -> None:
    tower = tower_of(catalog.account_id, catalog.region)
    failure = None
    try:
        if tower is None:
            raise EnrollmentFailure("AWS Control Tower has no landing zone any more.")
        tower.wait(START_SECONDS)
        record.set("IN_PROGRESS")
        _require(tower, record, call)
        if record.kind == "TERMINATE_PROVISIONED_PRODUCT":
            _terminate(tower, record, call)
        else:
            _enroll(catalog, tower, record)
    except EnrollmentFailure as problem:
        failure = problem
    except Exception:
        log.exception("the record %s broke", record.id)
        failure = EnrollmentFailure("AWS Control Tower encountered an internal error.")
    with lock:
        _end(catalog, record, failure, bool(call.parameters.get("IgnoreErrors")))


def end_user_needs(call: Call, provisioned: ProvisionedProduct) -> list[Need]:
    """What Service Catalog does in the name of whoever provisions: its stack, and reads."""
    account_id = call.principal.account_id
    stack = f"arn:{PARTITION}:cloudformation:{call.region}:{account_id}:stack/SC-{account_id}-{provisioned.id}/*"
    return stacks_needs(account_id, stack)


def _require(tower: Tower, record: Record, call: Call) -> None:
    if tower.status != "ACTIVE":
        raise EnrollmentFailure(
            "AWS Control Tower cannot complete the operation because an operation on the landing zone is in progress."
        )
    terminates = record.kind == "TERMINATE_PROVISIONED_PRODUCT"
    actions = _UNMANAGED_ACCOUNT if terminates else _MANAGED_ACCOUNT + ACCOUNTS
    if tower.identity_center and not terminates:
        actions += DOCUMENTED
    # Service Catalog and Control Tower do this in the caller's name.
    through_services: dict[str, str | list[str]] = {"aws:ViaAWSService": "true"}
    needs = [
        Need(need.action, need.resource, through_services)
        for need in [*map(Need, actions), *end_user_needs(call, record.provisioned)]
    ]
    refused = refusal(call.principal, needs, call.region)
    if refused:
        raise EnrollmentFailure(refused, "AccessDeniedException")


def _account_of(tower: Tower, record: Record) -> Any:
    email, name = record.parameters["AccountEmail"], record.parameters["AccountName"]
    of = record.provisioned
    changed = (of.parameters.get("AccountEmail"), of.parameters.get("AccountName")) != (email, name)
    if of.last_successful_record_id and changed:
        raise EnrollmentFailure("AWS Control Tower cannot change the e-mail address or the name of the account.")
    account = next((one for one in tower.organization.accounts if one.email.lower() == email.lower()), None)
    if account is None:
        raise EnrollmentFailure(
            "The local AWS enrolls existing accounts only: no account of the organization has this AccountEmail."
        )
    if account.name != name:
        raise EnrollmentFailure(
            f"AWS Control Tower cannot enroll the account {account.id} because the AccountName is not its name."
        )
    if account.state != "ACTIVE" or account.id == tower.account_id:
        raise EnrollmentFailure(f"AWS Control Tower cannot enroll the account {account.id}: it is not eligible.")
    return account


def _unit_of(tower: Tower, record: Record) -> tuple[Any, EnabledBaseline]:
    value = record.parameters["ManagedOrganizationalUnit"]
    match = _UNIT.fullmatch(value)
    unit = tower.unit(match["id"]) if match else None
    enabled = tower.registered(unit.id) if unit is not None else None
    if match is None or unit is None or unit.name != match["name"] or enabled is None:
        raise EnrollmentFailure(
            f"AWS Control Tower cannot find the organizational unit {value}, or it is not registered with"
            " AWS Control Tower. To continue, register the organizational unit and try again."
        )
    if enabled.status != "SUCCEEDED":
        raise EnrollmentFailure(
            f"AWS Control Tower cannot enroll the account because an operation on the organizational unit"
            f" {value} is in progress or has failed."
        )
    return unit, enabled


def _check_place(tower: Tower, account: Any, unit: Any) -> None:
    """Registered units give accounts away to nobody but Control Tower itself."""
    here = tower.registered(account.parent_id)
    child = tower.on(account.arn)
    moved = child is not None and (here is None or here.arn != child.parent) and child.status == "SUCCEEDED"
    strange = child is None or child.status == "FAILED"
    foreign = strange and here is not None and account.parent_id != unit.id
    if (moved and not tower.remediation) or foreign:
        raise EnrollmentFailure(
            "AWS Control Tower detects that your enrolled account has been moved to a new organizational unit."
        )


def _check_other_products(catalog: Catalog, record: Record, account_id: str) -> None:
    for other in list(catalog.provisioned.values()):
        if other is not record.provisioned and other.physical_id == account_id:
            raise EnrollmentFailure(
                f"AWS Control Tower cannot enroll the account {account_id} because it is already enrolled through"
                f" the provisioned product {other.name}."
            )


def _enroll(catalog: Catalog, tower: Tower, record: Record) -> None:
    account = _account_of(tower, record)
    _check_other_products(catalog, record, account.id)
    unit, enabled = _unit_of(tower, record)
    with enrollment.work_on(tower, account.id, enrollment.ACCOUNT_FACTORY):
        with organizations.lock:
            _check_place(tower, account, unit)
            # It moves the account first: a failure from here on leaves it in the unit.
            account.parent_id = unit.id
        enrollment.enroll(tower, account, enabled, own_role=False)
    record.outputs = [
        {"OutputKey": "AccountEmail", "OutputValue": account.email},
        {"OutputKey": "AccountId", "OutputValue": account.id},
        {"OutputKey": "SSOUserEmail", "OutputValue": record.parameters["SSOUserEmail"]},
    ]


def _terminate(tower: Tower, record: Record, call: Call) -> None:
    account = tower.account(record.provisioned.physical_id or "")
    if account is None or call.parameters.get("RetainPhysicalResources"):
        _forget(tower, record)
        return
    with enrollment.work_on(tower, account.id, enrollment.UNENROLLMENT):
        failures.meet(account.id, EnrollmentFailure)
        enrollment.unenroll(tower, account)
        with organizations.lock:
            account.parent_id = next(unit.id for unit in tower.organization.ou if unit.type == "ROOT")


def _forget(tower: Tower, record: Record) -> None:
    """An account that was never enrolled stays where the failure has left it."""
    email = record.provisioned.parameters.get("AccountEmail", "").lower()
    with organizations.lock:
        for account in tower.organization.accounts:
            child = tower.on(account.arn) if account.email.lower() == email else None
            if child is not None and child.status == "FAILED":
                tower.enabled.pop(child.arn, None)


def _end(catalog: Catalog, record: Record, failure: EnrollmentFailure | None, ignore_errors: bool) -> None:
    of = record.provisioned
    if record.kind == "TERMINATE_PROVISIONED_PRODUCT":
        if failure is None or ignore_errors:
            catalog.provisioned.pop(of.id, None)
    elif failure is None or not of.parameters:
        of.parameters = dict(record.parameters)
    if failure is not None:
        record.errors = [{"Code": failure.code, "Description": failure.message}]
        of.status = failure.leaves or (TAINTED if of.last_successful_record_id else ERROR)
        of.status_message = failure.message
        record.set("FAILED")
        return
    of.status, of.status_message, of.artifact_id = AVAILABLE, None, record.artifact_id
    of.last_successful_record_id = record.id
    outputs = {output["OutputKey"]: output["OutputValue"] for output in record.outputs}
    of.physical_id = outputs.get("AccountId", of.physical_id)
    record.set("SUCCEEDED")
