"""Account assignments: accepted first, done later, ten creations at once, failures with a reason.

moto has them at once, for any principal, permission set and account, and every one twice. A mode: with
AVM_LOCAL_GROUP_DELAY=30, an assignment to a group of the last 30 seconds of AWS fails later as one to nobody; how
long AWS itself does not see a new group is not documented.
"""

import os
import time
import uuid
from typing import Any

from moto.organizations.models import FakeAccount, organizations_backends

from local_aws.api.own_services import Refusal, Request
from local_aws.clock import scaled
from local_aws.credentials import PARTITION
from local_aws.services.ssoadmin import operations as roles
from local_aws.services.ssoadmin.models import Assignment, AssignmentRequest, Instance
from local_aws.services.ssoadmin.responses.permission_sets import PAGES, find_permission_set

ASSIGNMENT_SECONDS = 10
CREATIONS_AT_ONCE = 10
DELAY_VARIABLE = "AVM_LOCAL_GROUP_DELAY"
_TOO_MANY = "There are too many requests processing. Please try again later."


def _account(instance: Instance, account_id: str) -> FakeAccount | None:
    accounts = list(organizations_backends[instance.account_id][PARTITION].accounts)
    return next((account for account in accounts if account.id == account_id), None)


def _require_account(instance: Instance, account_id: str) -> None:
    """The account must be one of the organization, whatever its state."""
    if _account(instance, account_id) is None:
        raise Refusal("ResourceNotFoundException", f"Account {account_id} is not in the organization")


def _principal_exists(instance: Instance, assignment: Assignment) -> bool:
    directory, principal_id = instance.directory, assignment.principal_id
    if assignment.principal_type == "GROUP":
        return directory.has_group(principal_id)
    return directory.has_user(principal_id)


def _failure(instance: Instance, request: AssignmentRequest) -> str | None:
    """Why a request fails when its time has come; deletions fail like creations when the principal is gone."""
    assignment = request.assignment
    if request.is_unseen or not _principal_exists(instance, assignment):
        return (
            f"Received a 404 status error: the {assignment.principal_type} assignee"
            f" {assignment.principal_id} was not found in directory {instance.directory.identity_store_id}"
        )
    account = _account(instance, assignment.account_id)
    if account is None or account.state != "ACTIVE":
        return f"Received a 403 status error: the account {assignment.account_id} is not active"
    permission_set = instance.permission_set(assignment.permission_set_arn)
    if permission_set is None:
        return "Received a 404 status error: the permission set was not found"
    if not request.deletes:
        try:
            roles.provision(instance, assignment.account_id, permission_set)
        except roles.ProvisioningFailure as failure:
            return str(failure)
    return None


def complete_due(instance: Instance) -> None:
    """Ends the requests whose time has come."""
    for request in instance.requests.values():
        if request.status != "IN_PROGRESS" or time.monotonic() < request.due:
            continue
        request.failure_reason = _failure(instance, request)
        request.status = "FAILED" if request.failure_reason else "SUCCEEDED"
        if request.status == "SUCCEEDED" and request.deletes:
            _remove(instance, request.assignment)
        elif request.status == "SUCCEEDED":
            instance.assignments[request.assignment] = None


def _remove(instance: Instance, assignment: Assignment) -> None:
    """The role leaves the account with the last assignment of its permission set."""
    instance.assignments.pop(assignment, None)
    left = [
        other
        for other in instance.assignments
        if other.account_id == assignment.account_id
        and other.permission_set_arn == assignment.permission_set_arn
    ]
    permission_set = instance.permission_set(assignment.permission_set_arn)
    if not left and permission_set is not None:
        roles.remove(assignment.account_id, permission_set)


def _described(request: AssignmentRequest) -> dict[str, Any]:
    assignment = request.assignment
    status = {
        "Status": request.status,
        "RequestId": request.request_id,
        "TargetId": assignment.account_id,
        "TargetType": "AWS_ACCOUNT",
        "PermissionSetArn": assignment.permission_set_arn,
        "PrincipalType": assignment.principal_type,
        "PrincipalId": assignment.principal_id,
        "CreatedDate": request.requested,
    }
    return {**status, "FailureReason": request.failure_reason} if request.failure_reason else status


def _requested(instance: Instance, request: Request) -> Assignment:
    find_permission_set(instance, request["PermissionSetArn"])
    _require_account(instance, request["TargetId"])
    return Assignment(
        request["TargetId"], request["PermissionSetArn"], request["PrincipalType"], request["PrincipalId"]
    )


def _accept(instance: Instance, assignment: Assignment, deletes: bool) -> AssignmentRequest:
    running = [one for one in instance.requests.values() if one.status == "IN_PROGRESS"]
    if any(one.assignment == assignment and one.deletes != deletes for one in running):
        raise Refusal("ConflictException", "A previous write has not propagated yet. Try again later.")
    if not deletes and sum(not one.deletes for one in running) >= CREATIONS_AT_ONCE:
        raise Refusal("ThrottlingException", _TOO_MANY)
    due = time.monotonic() + scaled(ASSIGNMENT_SECONDS)
    accepted = AssignmentRequest(str(uuid.uuid4()), assignment, deletes, due)
    if not deletes and assignment.principal_type == "GROUP":
        delay = scaled(float(os.environ.get(DELAY_VARIABLE) or 0))
        accepted.is_unseen = instance.directory.age_of_group(assignment.principal_id) < delay
    instance.requests[accepted.request_id] = accepted
    return accepted


def create_account_assignment(instance: Instance, request: Request) -> dict[str, Any]:
    """An assignment that is there already is accepted again."""
    accepted = _accept(instance, _requested(instance, request), deletes=False)
    return {"AccountAssignmentCreationStatus": _described(accepted)}


def delete_account_assignment(instance: Instance, request: Request) -> dict[str, Any]:
    assignment = _requested(instance, request)
    creating = any(
        one.assignment == assignment and one.status == "IN_PROGRESS" and not one.deletes
        for one in instance.requests.values()
    )
    if assignment not in instance.assignments and not creating:
        raise Refusal("ResourceNotFoundException", "The account assignment does not exist")
    return {"AccountAssignmentDeletionStatus": _described(_accept(instance, assignment, deletes=True))}


def _find_request(instance: Instance, request_id: str, deletes: bool) -> dict[str, Any]:
    found = instance.requests.get(request_id)
    if found is None or found.deletes != deletes:
        raise Refusal("ResourceNotFoundException", f"Request with id {request_id} not found")
    return _described(found)


def describe_creation(instance: Instance, request: Request) -> dict[str, Any]:
    found = _find_request(instance, request["AccountAssignmentCreationRequestId"], deletes=False)
    return {"AccountAssignmentCreationStatus": found}


def describe_deletion(instance: Instance, request: Request) -> dict[str, Any]:
    found = _find_request(instance, request["AccountAssignmentDeletionRequestId"], deletes=True)
    return {"AccountAssignmentDeletionStatus": found}


def _summaries(instance: Instance, request: Request, deletes: bool) -> list[dict[str, Any]]:
    wanted = (request.get("Filter") or {}).get("Status")
    return [
        {"Status": one.status, "RequestId": one.request_id, "CreatedDate": one.requested}
        for one in instance.requests.values()
        if one.deletes == deletes and wanted in (None, one.status)
    ]


def list_creations(instance: Instance, request: Request) -> dict[str, Any]:
    found = _summaries(instance, request, deletes=False)
    return PAGES.of("AccountAssignmentsCreationStatus", found, request)


def list_deletions(instance: Instance, request: Request) -> dict[str, Any]:
    found = _summaries(instance, request, deletes=True)
    return PAGES.of("AccountAssignmentsDeletionStatus", found, request)


def _listed(assignment: Assignment) -> dict[str, Any]:
    return {
        "AccountId": assignment.account_id,
        "PermissionSetArn": assignment.permission_set_arn,
        "PrincipalType": assignment.principal_type,
        "PrincipalId": assignment.principal_id,
    }


def list_account_assignments(instance: Instance, request: Request) -> dict[str, Any]:
    find_permission_set(instance, request["PermissionSetArn"])
    _require_account(instance, request["AccountId"])
    found = [
        _listed(one)
        for one in instance.assignments
        if one.account_id == request["AccountId"] and one.permission_set_arn == request["PermissionSetArn"]
    ]
    return PAGES.of("AccountAssignments", found, request)


def list_account_assignments_for_principal(instance: Instance, request: Request) -> dict[str, Any]:
    """A user also has what its groups have."""
    principals = {(request["PrincipalType"], request["PrincipalId"])}
    if request["PrincipalType"] == "USER":
        memberships = instance.directory.memberships()
        principals |= {("GROUP", group) for _, group, user in memberships if user == request["PrincipalId"]}
    account_id = (request.get("Filter") or {}).get("AccountId")
    found = [
        _listed(one)
        for one in instance.assignments
        if (one.principal_type, one.principal_id) in principals and account_id in (None, one.account_id)
    ]
    return PAGES.of("AccountAssignments", found, request)
