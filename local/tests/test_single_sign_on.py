"""IAM Identity Center: the instance, assignments that take time, who may call, and its set-up."""

from collections.abc import Callable
from typing import Any

import pytest
from identity import (
    INSTANCE_ARN,
    MANAGEMENT,
    PERMISSION_SET_PREFIX,
    SECRET,
    SECRET_ACCOUNT,
    STORE,
    assign,
    assignment,
    end_assignments,
    finished_creation,
    new_group,
    new_user,
    principals,
    remove,
)
from organization import allow, error_of, new_account, new_role, session, trust

from local_aws.deploy.problems import DeploymentError
from local_aws.deploy.single_sign_on import SingleSignOn, set_up_single_sign_on
from local_aws.services.organizations.models import organizations as organizations_correction
from local_aws.services.ssoadmin.models import create_instance

NO_SUCH_PRINCIPAL = "0123456789-11111111-2222-3333-4444-555555555555"


def test_the_organization_has_the_given_instance(sso: Any) -> None:
    (listed,) = sso.list_instances()["Instances"]
    assert (listed["InstanceArn"], listed["IdentityStoreId"]) == (INSTANCE_ARN, STORE)
    assert (listed["OwnerAccountId"], listed["Status"]) == (MANAGEMENT, "ACTIVE")
    described = sso.describe_instance(InstanceArn=INSTANCE_ARN)
    assert (described["IdentityStoreId"], described["PrimaryRegion"]) == (STORE, "eu-central-1")


def test_other_accounts_and_regions_have_no_instance(
    client: Callable[..., Any], single_sign_on: SingleSignOn, member: str
) -> None:
    assert client("sso-admin", member).list_instances()["Instances"] == []
    elsewhere = client("sso-admin", region="us-east-1")
    assert elsewhere.list_instances()["Instances"] == []
    error = error_of(elsewhere.list_permission_sets, InstanceArn=INSTANCE_ARN)
    assert error["Code"] == "ResourceNotFoundException"


def test_only_the_management_account_administers(
    client: Callable[..., Any], single_sign_on: SingleSignOn, member: str
) -> None:
    inside = client("sso-admin", member)
    for call, request in (
        (inside.list_permission_sets, {"InstanceArn": INSTANCE_ARN}),
        (inside.create_account_assignment, assignment(member, NO_SUCH_PRINCIPAL)),
    ):
        error = error_of(call, **request)
        assert (error["Code"], error["status"]) == ("AccessDeniedException", 400)


def test_an_unknown_instance_is_not_found(sso: Any) -> None:
    unknown = "arn:aws:sso:::instance/ssoins-9999999999999999"
    assert error_of(sso.list_permission_sets, InstanceArn=unknown)["Code"] == "ResourceNotFoundException"


def test_an_unknown_permission_set_is_not_found(sso: Any, member: str) -> None:
    unknown = f"{PERMISSION_SET_PREFIX}/ps-9999999999999999"
    for call, request in (
        (sso.describe_permission_set, {}),
        (sso.list_account_assignments, {"AccountId": member}),
        (sso.create_account_assignment, assignment(member, NO_SUCH_PRINCIPAL)),
    ):
        error = error_of(call, **{**request, "InstanceArn": INSTANCE_ARN, "PermissionSetArn": unknown})
        assert error["Code"] == "ResourceNotFoundException"


def test_an_assignment_is_in_progress_before_it_succeeds(
    sso: Any, store: Any, client: Callable[..., Any], organizations: Any, instant: None, request: Any
) -> None:
    account_id = new_account(organizations)
    request.getfixturevalue("slow_assignments")
    group_id = new_group(store)
    created = sso.create_account_assignment(**assignment(account_id, group_id))["AccountAssignmentCreationStatus"]
    assert created["Status"] == "IN_PROGRESS"
    assert (created["TargetId"], created["PrincipalId"]) == (account_id, group_id)
    assert created["CreatedDate"]
    again = sso.describe_account_assignment_creation_status(
        InstanceArn=INSTANCE_ARN, AccountAssignmentCreationRequestId=created["RequestId"]
    )["AccountAssignmentCreationStatus"]
    assert again["Status"] == "IN_PROGRESS"
    assert principals(sso, account_id) == []
    end_assignments()
    done = finished_creation(sso, created["RequestId"])
    assert done["Status"] == "SUCCEEDED"
    assert "FailureReason" not in done
    assert principals(sso, account_id) == [group_id]
    summaries = sso.list_account_assignment_creation_status(
        InstanceArn=INSTANCE_ARN, Filter={"Status": "SUCCEEDED"}
    )["AccountAssignmentsCreationStatus"]
    assert created["RequestId"] in [one["RequestId"] for one in summaries]


@pytest.mark.parametrize("kind", ["USER", "GROUP"])
def test_an_assignment_to_nobody_fails_with_its_reason(sso: Any, member: str, kind: str) -> None:
    status = assign(sso, assignment(member, NO_SUCH_PRINCIPAL, PrincipalType=kind))
    assert status["Status"] == "FAILED"
    assert status["FailureReason"] == (
        f"Received a 404 status error: the {kind} assignee {NO_SUCH_PRINCIPAL} was not found in directory {STORE}"
    )
    assert principals(sso, member) == []


def test_in_a_mode_a_group_is_seen_some_time_after_it_was_made(
    sso: Any, store: Any, member: str, slow_assignments: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AVM_LOCAL_GROUP_DELAY", "300")
    request = assignment(member, new_group(store))
    created = sso.create_account_assignment(**request)["AccountAssignmentCreationStatus"]
    assert created["Status"] == "IN_PROGRESS"
    monkeypatch.delenv("AVM_LOCAL_GROUP_DELAY")
    end_assignments()
    status = finished_creation(sso, created["RequestId"])
    assert status["Status"] == "FAILED"
    assert "was not found in directory" in status["FailureReason"]
    created = sso.create_account_assignment(**request)["AccountAssignmentCreationStatus"]
    end_assignments()
    assert finished_creation(sso, created["RequestId"])["Status"] == "SUCCEEDED"


def test_a_principal_of_the_other_kind_is_nobody(sso: Any, store: Any, member: str) -> None:
    assert assign(sso, assignment(member, new_user(store)))["Status"] == "FAILED"
    assert assign(sso, assignment(member, new_user(store), PrincipalType="USER"))["Status"] == "SUCCEEDED"


def test_the_same_assignment_is_accepted_again(sso: Any, store: Any, member: str) -> None:
    request = assignment(member, new_group(store))
    assert assign(sso, request)["Status"] == "SUCCEEDED"
    assert assign(sso, request)["Status"] == "SUCCEEDED"
    assert principals(sso, member) == [request["PrincipalId"]]


def test_an_account_outside_the_organization_is_not_found(sso: Any, store: Any) -> None:
    error = error_of(sso.create_account_assignment, **assignment("999999999999", new_group(store)))
    assert error["Code"] == "ResourceNotFoundException"


def test_an_assignment_in_a_suspended_account_fails(sso: Any, store: Any, member: str) -> None:
    assert organizations_correction.suspend(member)
    status = assign(sso, assignment(member, new_group(store)))
    assert status["Status"] == "FAILED"
    assert member in status["FailureReason"]


def test_ten_creations_are_outstanding_at_most(
    sso: Any, store: Any, organizations: Any, instant: None, request: Any
) -> None:
    account_id, groups = new_account(organizations), [new_group(store) for _ in range(11)]
    request.getfixturevalue("slow_assignments")
    for group_id in groups[:10]:
        sso.create_account_assignment(**assignment(account_id, group_id))
    error = error_of(sso.create_account_assignment, **assignment(account_id, groups[10]))
    assert (error["Code"], error["status"]) == ("ThrottlingException", 400)
    end_assignments()
    sso.create_account_assignment(**assignment(account_id, groups[10]))


def test_a_creation_conflicts_with_a_running_deletion(
    sso: Any, store: Any, organizations: Any, instant: None, request: Any
) -> None:
    wanted = assignment(new_account(organizations), new_group(store))
    assert assign(sso, wanted)["Status"] == "SUCCEEDED"
    request.getfixturevalue("slow_assignments")
    sso.delete_account_assignment(**wanted)
    assert error_of(sso.create_account_assignment, **wanted)["Code"] == "ConflictException"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("InstanceArn", "arn:aws:sso:::instance/mine"),
        ("TargetId", "12345678901x"),
        ("TargetType", "ORGANIZATION"),
        ("PermissionSetArn", "arn:aws:sso:::permissionSet/ssoins-0123456789abcdef/Reader"),
        ("PrincipalType", "ROLE"),
        ("PrincipalId", "mst-group"),
    ],
)
def test_malformed_requests_are_refused(sso: Any, member: str, name: str, value: str) -> None:
    error = error_of(sso.create_account_assignment, **{**assignment(member, NO_SUCH_PRINCIPAL), name: value})
    assert (error["Code"], error["status"]) == ("ValidationException", 400)
    assert name[0].lower() + name[1:] in error["Message"]


def test_unknown_requests_are_not_found(sso: Any) -> None:
    unknown = "11111111-2222-3333-4444-555555555555"
    for call, key in (
        (sso.describe_account_assignment_creation_status, "AccountAssignmentCreationRequestId"),
        (sso.describe_account_assignment_deletion_status, "AccountAssignmentDeletionRequestId"),
    ):
        assert error_of(call, InstanceArn=INSTANCE_ARN, **{key: unknown})["Code"] == "ResourceNotFoundException"


def test_the_assignment_of_a_deleted_group_cannot_be_deleted(sso: Any, store: Any, member: str) -> None:
    request = assignment(member, new_group(store))
    assign(sso, request)
    store.delete_group(IdentityStoreId=STORE, GroupId=request["PrincipalId"])
    status = remove(sso, request)
    assert status["Status"] == "FAILED"
    assert "was not found in directory" in status["FailureReason"]
    assert principals(sso, member) == [request["PrincipalId"]]


def test_a_user_has_what_its_groups_have(sso: Any, store: Any, member: str) -> None:
    user_id, group_id = new_user(store), new_group(store)
    store.create_group_membership(IdentityStoreId=STORE, GroupId=group_id, MemberId={"UserId": user_id})
    assign(sso, assignment(member, group_id))
    assign(sso, assignment(member, user_id, PrincipalType="USER"))

    def assigned(kind: str, principal_id: str, **more: Any) -> list[tuple[str, str]]:
        listed = sso.list_account_assignments_for_principal(
            InstanceArn=INSTANCE_ARN, PrincipalType=kind, PrincipalId=principal_id, **more
        )["AccountAssignments"]
        return [(one["PrincipalType"], one["AccountId"]) for one in listed]

    assert assigned("USER", user_id) == [("GROUP", member), ("USER", member)]
    assert assigned("GROUP", group_id) == [("GROUP", member)]
    assert assigned("USER", user_id, Filter={"AccountId": MANAGEMENT}) == []


def test_a_role_needs_instance_permission_set_and_account(
    client: Callable[..., Any], sso: Any, store: Any, member: str
) -> None:
    resources = [INSTANCE_ARN, f"{PERMISSION_SET_PREFIX}/*", f"arn:aws:sso:::account/{member}"]
    policy = allow("sso:CreateAccountAssignment", "sso:DescribeAccountAssignmentCreationStatus", resource=resources)
    role_arn = new_role(client, MANAGEMENT, trust(f"arn:aws:iam::{MANAGEMENT}:root"), policy)
    limited = client("sso-admin", credentials=session(client, role_arn))
    group_id = new_group(store)
    assert assign(limited, assignment(member, group_id))["Status"] == "SUCCEEDED"
    error = error_of(limited.create_account_assignment, **assignment(MANAGEMENT, group_id))
    assert error["Code"] == "AccessDeniedException"
    assert f"arn:aws:sso:::account/{MANAGEMENT}" in error["Message"]
    assert error_of(limited.list_instances)["Code"] == "AccessDeniedException"


def test_the_organization_has_one_instance(single_sign_on: SingleSignOn) -> None:
    with pytest.raises(ValueError, match="its instance already"):
        create_instance("arn:aws:sso:::instance/ssoins-1111111111111111", "d-1111111111", MANAGEMENT, "eu-central-1")
    with pytest.raises(DeploymentError, match=INSTANCE_ARN):
        set_up_single_sign_on(INSTANCE_ARN, STORE, [], [], "tenant", SECRET_ACCOUNT, "other")


def test_the_scim_token_is_a_secret_that_a_role_may_read(
    client: Callable[..., Any], single_sign_on: SingleSignOn
) -> None:
    prefix = f"arn:aws:secretsmanager:eu-central-1:{SECRET_ACCOUNT}:secret"
    trusts_root = trust(f"arn:aws:iam::{SECRET_ACCOUNT}:root")
    policy = allow("secretsmanager:GetSecretValue", resource=f"{prefix}:{SECRET}-??????")
    reader = client(
        "secretsmanager", credentials=session(client, new_role(client, SECRET_ACCOUNT, trusts_root, policy))
    )
    for identifier in (SECRET, single_sign_on.scim_token_secret_arn):
        assert reader.get_secret_value(SecretId=identifier)["SecretString"]
    error = error_of(reader.get_secret_value, SecretId="avm/other")
    assert error["Code"] == "AccessDeniedException"
    assert f"{prefix}:avm/other-??????" in error["Message"]
    exact = allow("secretsmanager:GetSecretValue", resource=f"{prefix}:{SECRET}")
    without_suffix = session(client, new_role(client, SECRET_ACCOUNT, trusts_root, exact))
    error = error_of(client("secretsmanager", credentials=without_suffix).get_secret_value, SecretId=SECRET)
    assert error["Code"] == "AccessDeniedException"


def test_a_missing_secret_is_not_found(client: Callable[..., Any]) -> None:
    error = error_of(client("secretsmanager", SECRET_ACCOUNT).get_secret_value, SecretId="avm/missing")
    assert (error["Code"], error["status"]) == ("ResourceNotFoundException", 400)
    assert error["Message"] == "Secrets Manager can't find the specified secret."
