"""Permission sets: ARNs, names, pages, and the roles that they become in accounts."""

import json
from collections.abc import Callable
from typing import Any

from identity import (
    GIVEN_PERMISSION_SET,
    INSTANCE_ARN,
    PERMISSION_SET_PREFIX,
    STORE,
    assign,
    assignment,
    new_group,
    principals,
    remove,
)
from organization import allow, error_of, unique

from local_aws.deploy.single_sign_on import SingleSignOn

ALLOW_ALL = json.dumps(allow("*"))
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def reserved_roles(client: Callable[..., Any], account_id: str) -> list[dict[str, Any]]:
    roles = client("iam", account_id).list_roles(PathPrefix="/aws-reserved/sso.amazonaws.com/")["Roles"]
    return [dict(role) for role in roles]


def new_permission_set(sso: Any, **changes: Any) -> str:
    request = {"InstanceArn": INSTANCE_ARN, "Name": unique("set"), **changes}
    return str(sso.create_permission_set(**request)["PermissionSet"]["PermissionSetArn"])


def test_permission_sets_have_given_or_made_arns(sso: Any, single_sign_on: SingleSignOn) -> None:
    assert single_sign_on.permission_sets[GIVEN_PERMISSION_SET] == GIVEN_PERMISSION_SET
    made = single_sign_on.permission_sets["Reader"]
    assert made.startswith(f"{PERMISSION_SET_PREFIX}/ps-")
    described = sso.describe_permission_set(InstanceArn=INSTANCE_ARN, PermissionSetArn=made)["PermissionSet"]
    assert (described["Name"], described["SessionDuration"]) == ("Reader", "PT1H")


def test_the_name_of_a_permission_set_is_used_once(sso: Any, single_sign_on: SingleSignOn) -> None:
    error = error_of(sso.create_permission_set, InstanceArn=INSTANCE_ARN, Name="Reader")
    assert error["Code"] == "ConflictException"


def test_permission_sets_come_in_pages(sso: Any, single_sign_on: SingleSignOn) -> None:
    made = {new_permission_set(sso) for _ in range(3)}
    first = sso.list_permission_sets(InstanceArn=INSTANCE_ARN, MaxResults=2)
    assert len(first["PermissionSets"]) == 2
    pages = sso.get_paginator("list_permission_sets").paginate(
        InstanceArn=INSTANCE_ARN, PaginationConfig={"PageSize": 2}
    )
    listed = [arn for page in pages for arn in page["PermissionSets"]]
    assert made <= set(listed)
    assert len(listed) == len(set(listed))
    error = error_of(sso.list_permission_sets, InstanceArn=INSTANCE_ARN, NextToken="made-up")
    assert error["Code"] == "ValidationException"


def test_a_permission_set_is_changed_and_deleted(sso: Any, single_sign_on: SingleSignOn) -> None:
    arn = new_permission_set(sso, Description="first")
    known = {"InstanceArn": INSTANCE_ARN, "PermissionSetArn": arn}
    sso.update_permission_set(**known, SessionDuration="PT2H")
    described = sso.describe_permission_set(**known)["PermissionSet"]
    assert (described["Description"], described["SessionDuration"]) == ("first", "PT2H")
    sso.delete_permission_set(**known)
    assert error_of(sso.describe_permission_set, **known)["Code"] == "ResourceNotFoundException"


def test_an_assignment_provisions_the_permission_set_and_its_role(
    sso: Any, store: Any, client: Callable[..., Any], member: str
) -> None:
    name = unique("Role")
    arn = new_permission_set(sso, Name=name)
    known = {"InstanceArn": INSTANCE_ARN, "PermissionSetArn": arn}
    sso.attach_managed_policy_to_permission_set(**known, ManagedPolicyArn=READ_ONLY)
    sso.put_inline_policy_to_permission_set(**known, InlinePolicy=ALLOW_ALL)
    for _ in range(2):
        assign(sso, assignment(member, new_group(store), PermissionSetArn=arn))
    listed = sso.list_permission_sets_provisioned_to_account(InstanceArn=INSTANCE_ARN, AccountId=member)
    assert listed["PermissionSets"] == [arn]
    assert sso.list_accounts_for_provisioned_permission_set(**known)["AccountIds"] == [member]
    (role,) = reserved_roles(client, member)
    assert role["Path"] == "/aws-reserved/sso.amazonaws.com/eu-central-1/"
    assert role["RoleName"].startswith(f"AWSReservedSSO_{name}_")
    iam = client("iam", member)
    attached = iam.list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"]
    assert [policy["PolicyArn"] for policy in attached] == [READ_ONLY]
    assert iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"] == ["AwsSSOInlinePolicy"]
    error = error_of(sso.delete_permission_set, **known)
    assert error["Code"] == "ConflictException"


def test_a_policy_that_iam_refuses_leaves_no_role(
    sso: Any, store: Any, client: Callable[..., Any], member: str
) -> None:
    arn = new_permission_set(sso)
    sso.put_inline_policy_to_permission_set(
        InstanceArn=INSTANCE_ARN, PermissionSetArn=arn, InlinePolicy='{"Version": "2012-10-17", "Statement": []}'
    )
    status = assign(sso, assignment(member, new_group(store), PermissionSetArn=arn))
    assert (status["Status"], "policy" in status["FailureReason"]) == ("FAILED", True)
    assert reserved_roles(client, member) == []


def test_a_customer_managed_policy_must_be_in_the_account(sso: Any, store: Any, member: str) -> None:
    arn = new_permission_set(sso)
    sso.attach_customer_managed_policy_reference_to_permission_set(
        InstanceArn=INSTANCE_ARN, PermissionSetArn=arn, CustomerManagedPolicyReference={"Name": "missing"}
    )
    status = assign(sso, assignment(member, new_group(store), PermissionSetArn=arn))
    assert status["Status"] == "FAILED"
    assert f"arn:aws:iam::{member}:policy/missing" in status["FailureReason"]


def test_the_last_assignment_takes_the_role_with_it(
    sso: Any, store: Any, client: Callable[..., Any], member: str
) -> None:
    first, second = (assignment(member, new_group(store)) for _ in range(2))
    for request in (first, second):
        assign(sso, request)
    assert remove(sso, first)["Status"] == "SUCCEEDED"
    assert principals(sso, member) == [second["PrincipalId"]]
    assert len(reserved_roles(client, member)) == 1
    assert remove(sso, second)["Status"] == "SUCCEEDED"
    assert reserved_roles(client, member) == []
    error = error_of(sso.delete_account_assignment, **second)
    assert error["Code"] == "ResourceNotFoundException"


def test_policies_are_listed_attached_once_and_detached(sso: Any, single_sign_on: SingleSignOn) -> None:
    known = {"InstanceArn": INSTANCE_ARN, "PermissionSetArn": new_permission_set(sso)}
    policies = [READ_ONLY, "arn:aws:iam::aws:policy/SecurityAudit"]
    for arn in policies:
        sso.attach_managed_policy_to_permission_set(**known, ManagedPolicyArn=arn)
    again = error_of(sso.attach_managed_policy_to_permission_set, **known, ManagedPolicyArn=READ_ONLY)
    assert (again["Code"], again["status"]) == ("ConflictException", 400)
    pages = sso.get_paginator("list_managed_policies_in_permission_set").paginate(
        **known, PaginationConfig={"PageSize": 1}
    )
    assert [one["Arn"] for page in pages for one in page["AttachedManagedPolicies"]] == policies
    sso.detach_managed_policy_from_permission_set(**known, ManagedPolicyArn=READ_ONLY)
    missing = error_of(sso.detach_managed_policy_from_permission_set, **known, ManagedPolicyArn=READ_ONLY)
    assert missing["Code"] == "ResourceNotFoundException"
    reference = {"Name": "own", "Path": "/team/"}
    sso.attach_customer_managed_policy_reference_to_permission_set(**known, CustomerManagedPolicyReference=reference)
    listed = sso.list_customer_managed_policy_references_in_permission_set(**known)
    assert listed["CustomerManagedPolicyReferences"] == [reference]
    sso.put_inline_policy_to_permission_set(**known, InlinePolicy=ALLOW_ALL)
    assert sso.get_inline_policy_for_permission_set(**known)["InlinePolicy"] == ALLOW_ALL
    sso.delete_inline_policy_from_permission_set(**known)
    assert sso.get_inline_policy_for_permission_set(**known)["InlinePolicy"] == ""
    unknown = {**known, "PermissionSetArn": f"{PERMISSION_SET_PREFIX}/ps-0000000000000000"}
    error = error_of(sso.list_managed_policies_in_permission_set, **unknown)
    assert error["Code"] == "ResourceNotFoundException"


def test_what_is_not_there_is_an_unknown_operation(sso: Any, store: Any) -> None:
    operations = [{"AttributePath": "displayName", "AttributeValue": "other"}]
    group = {"IdentityStoreId": STORE, "GroupId": new_group(store), "Operations": operations}
    for call, arguments in ((sso.list_applications, {"InstanceArn": INSTANCE_ARN}), (store.update_group, group)):
        assert error_of(call, **arguments)["Code"] == "UnknownOperationException"
