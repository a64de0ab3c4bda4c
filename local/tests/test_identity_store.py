"""The identity store: looking up, uniqueness, memberships, pages and who may call."""

from collections.abc import Callable
from typing import Any

import pytest
from identity import (
    GIVEN_PERMISSION_SET,
    INSTANCE_ARN,
    PERSON,
    STORE,
    finished_creation,
    new_group,
    new_user,
)
from organization import allow, error_of, new_role, session, trust, unique

UNKNOWN = "0123456789-11111111-2222-3333-4444-555555555555"


def attribute(path: str, value: Any) -> dict[str, Any]:
    return {"UniqueAttribute": {"AttributePath": path, "AttributeValue": value}}


def test_a_user_is_found_by_its_name_and_by_its_address(store: Any, single_sign_on: Any) -> None:
    for path in ("userName", "emails.value"):
        found = store.get_user_id(IdentityStoreId=STORE, AlternateIdentifier=attribute(path, PERSON.email))
        assert found["UserId"] == single_sign_on.users[PERSON.user_name]
        assert found["IdentityStoreId"] == STORE
    described = store.describe_user(IdentityStoreId=STORE, UserId=found["UserId"])
    assert described["UserName"] == PERSON.user_name
    assert described["Name"] == {"GivenName": "Ada", "FamilyName": "Lovelace"}
    assert described["Emails"] == [{"Value": PERSON.email, "Type": "work", "Primary": True}]


def test_ids_begin_with_the_digits_of_the_store(store: Any) -> None:
    assert new_user(store).startswith("0123456789-")
    assert len(new_group(store)) == 47


def test_an_unknown_user_or_group_is_not_found(store: Any) -> None:
    for call, path, kind in ((store.get_user_id, "userName", "USER"), (store.get_group_id, "displayName", "GROUP")):
        error = error_of(call, IdentityStoreId=STORE, AlternateIdentifier=attribute(path, "nobody"))
        assert (error["Code"], error["ResourceType"]) == ("ResourceNotFoundException", kind)
        assert error["status"] == 400
    for call, request, kind in (
        (store.describe_user, {"UserId": UNKNOWN}, "USER"),
        (store.delete_user, {"UserId": UNKNOWN}, "USER"),
        (store.describe_group, {"GroupId": UNKNOWN}, "GROUP"),
        (store.delete_group, {"GroupId": UNKNOWN}, "GROUP"),
        (store.list_group_memberships, {"GroupId": UNKNOWN}, "GROUP"),
        (store.delete_group_membership, {"MembershipId": UNKNOWN}, "GROUP_MEMBERSHIP"),
        (store.describe_group_membership, {"MembershipId": UNKNOWN}, "GROUP_MEMBERSHIP"),
    ):
        error = error_of(call, IdentityStoreId=STORE, **request)
        assert (error["Code"], error["ResourceType"]) == ("ResourceNotFoundException", kind)


def test_other_attributes_and_values_are_refused(store: Any) -> None:
    for call, wanted in (
        (store.get_user_id, attribute("displayName", "Ada")),
        (store.get_user_id, attribute("userName", "")),
        (store.get_user_id, attribute("userName", 7)),
        (store.get_group_id, attribute("description", "a")),
    ):
        error = error_of(call, IdentityStoreId=STORE, AlternateIdentifier=wanted)
        assert error["Code"] == "ValidationException"


def test_an_unknown_store_is_not_found(client: Callable[..., Any], store: Any) -> None:
    elsewhere = client("identitystore", region="us-east-1")
    for call, identifier in ((store.list_users, "d-9999999999"), (elsewhere.list_users, STORE)):
        error = error_of(call, IdentityStoreId=identifier)
        assert (error["Code"], error["ResourceType"]) == ("ResourceNotFoundException", "IDENTITY_STORE")


def test_a_malformed_store_id_is_refused(store: Any) -> None:
    error = error_of(store.list_groups, IdentityStoreId="my-store")
    assert error["Code"] == "ValidationException"
    assert "identityStoreId" in error["Message"]


def test_a_group_name_is_used_once_in_any_letter_case(store: Any) -> None:
    name = unique("Taken")
    created = store.create_group(IdentityStoreId=STORE, DisplayName=name, Description="first")
    for again in (name, name.upper()):
        error = error_of(store.create_group, IdentityStoreId=STORE, DisplayName=again)
        assert (error["Code"], error["Reason"]) == ("ConflictException", "UNIQUENESS_CONSTRAINT_VIOLATION")
    found = store.get_group_id(IdentityStoreId=STORE, AlternateIdentifier=attribute("displayName", name))
    assert found["GroupId"] == created["GroupId"]
    described = store.describe_group(IdentityStoreId=STORE, GroupId=created["GroupId"])
    assert (described["DisplayName"], described["Description"]) == (name, "first")


@pytest.mark.parametrize("name", ["Administrator", "AWSAdministrators", "a" * 1025, "line\u0000break"])
def test_reserved_and_malformed_group_names_are_refused(store: Any, name: str) -> None:
    assert error_of(store.create_group, IdentityStoreId=STORE, DisplayName=name)["Code"] == "ValidationException"


def test_a_group_needs_a_name(store: Any) -> None:
    assert error_of(store.create_group, IdentityStoreId=STORE)["Code"] == "ValidationException"


def test_user_names_and_addresses_are_used_once(store: Any) -> None:
    user_id = new_user(store)
    name = store.describe_user(IdentityStoreId=STORE, UserId=user_id)["UserName"]
    for changes in (
        {"UserName": name},
        {"UserName": name.upper()},
        {"Emails": [{"Value": name.upper(), "Primary": True}]},
    ):
        error = error_of(new_user, store=store, **changes)
        assert (error["Code"], error["Reason"]) == ("ConflictException", "UNIQUENESS_CONSTRAINT_VIOLATION")


def test_a_user_needs_its_names(store: Any) -> None:
    error = error_of(new_user, store=store, Name={"GivenName": "Ada"})
    assert error["Code"] == "ValidationException"
    assert "familyname" in error["Message"]


def test_a_membership_is_made_once_found_and_removed(store: Any) -> None:
    user_id, group_id = new_user(store), new_group(store)
    request = {"IdentityStoreId": STORE, "GroupId": group_id, "MemberId": {"UserId": user_id}}
    created = store.create_group_membership(**request)
    error = error_of(store.create_group_membership, **request)
    assert (error["Code"], error["Reason"]) == ("ConflictException", "UNIQUENESS_CONSTRAINT_VIOLATION")
    assert store.get_group_membership_id(**request)["MembershipId"] == created["MembershipId"]
    listed = store.list_group_memberships(IdentityStoreId=STORE, GroupId=group_id)["GroupMemberships"]
    assert [(one["MembershipId"], one["MemberId"]) for one in listed] == [
        (created["MembershipId"], {"UserId": user_id})
    ]
    of_member = store.list_group_memberships_for_member(IdentityStoreId=STORE, MemberId={"UserId": user_id})
    assert [one["GroupId"] for one in of_member["GroupMemberships"]] == [group_id]
    store.delete_group_membership(IdentityStoreId=STORE, MembershipId=created["MembershipId"])
    error = error_of(store.get_group_membership_id, **request)
    assert (error["Code"], error["ResourceType"]) == ("ResourceNotFoundException", "GROUP_MEMBERSHIP")
    again = store.create_group_membership(**request)
    assert again["MembershipId"] != created["MembershipId"]


def test_a_membership_needs_its_user_and_its_group(store: Any) -> None:
    for request, kind in (
        ({"GroupId": new_group(store), "MemberId": {"UserId": UNKNOWN}}, "USER"),
        ({"GroupId": UNKNOWN, "MemberId": {"UserId": new_user(store)}}, "GROUP"),
    ):
        error = error_of(store.create_group_membership, IdentityStoreId=STORE, **request)
        assert (error["Code"], error["ResourceType"]) == ("ResourceNotFoundException", kind)


def test_memberships_end_with_their_group_and_with_their_user(store: Any) -> None:
    group_id, other_group, user_id = new_group(store), new_group(store), new_user(store)
    for one in (group_id, other_group):
        store.create_group_membership(IdentityStoreId=STORE, GroupId=one, MemberId={"UserId": user_id})
    store.delete_group(IdentityStoreId=STORE, GroupId=group_id)
    of_member = store.list_group_memberships_for_member(IdentityStoreId=STORE, MemberId={"UserId": user_id})
    assert [one["GroupId"] for one in of_member["GroupMemberships"]] == [other_group]
    store.delete_user(IdentityStoreId=STORE, UserId=user_id)
    assert store.list_group_memberships(IdentityStoreId=STORE, GroupId=other_group)["GroupMemberships"] == []


def test_memberships_come_in_pages_of_at_most_a_hundred(store: Any) -> None:
    group_id = new_group(store)
    users = [new_user(store) for _ in range(103)]
    for user_id in users:
        store.create_group_membership(IdentityStoreId=STORE, GroupId=group_id, MemberId={"UserId": user_id})
    first = store.list_group_memberships(IdentityStoreId=STORE, GroupId=group_id)
    rest = store.list_group_memberships(IdentityStoreId=STORE, GroupId=group_id, NextToken=first["NextToken"])
    assert (len(first["GroupMemberships"]), len(rest["GroupMemberships"])) == (100, 3)
    assert "NextToken" not in rest
    listed = [one["MemberId"]["UserId"] for one in first["GroupMemberships"] + rest["GroupMemberships"]]
    assert listed == users
    pages = store.get_paginator("list_users").paginate(IdentityStoreId=STORE)
    assert set(users) <= {user["UserId"] for page in pages for user in page["Users"]}
    error = error_of(store.list_group_memberships, IdentityStoreId=STORE, GroupId=group_id, MaxResults=101)
    assert error["Code"] == "ValidationException"
    error = error_of(store.list_group_memberships, IdentityStoreId=STORE, GroupId=group_id, NextToken="made-up")
    assert error["Code"] == "ValidationException"


def test_the_groups_of_a_member_are_told(store: Any) -> None:
    user_id, inside, outside = new_user(store), new_group(store), new_group(store)
    store.create_group_membership(IdentityStoreId=STORE, GroupId=inside, MemberId={"UserId": user_id})
    results = store.is_member_in_groups(
        IdentityStoreId=STORE, MemberId={"UserId": user_id}, GroupIds=[inside, outside]
    )["Results"]
    assert [(one["GroupId"], one["MembershipExists"]) for one in results] == [(inside, True), (outside, False)]


def test_groups_are_listed_and_filtered(store: Any) -> None:
    group_id = new_group(store)
    pages = store.get_paginator("list_groups").paginate(IdentityStoreId=STORE)
    name = {group["GroupId"]: group["DisplayName"] for page in pages for group in page["Groups"]}[group_id]
    wanted = [{"AttributePath": "DisplayName", "AttributeValue": name}]
    assert [group["GroupId"] for group in store.list_groups(IdentityStoreId=STORE, Filters=wanted)["Groups"]] == [
        group_id
    ]


def test_a_member_account_reads_and_does_not_write(
    client: Callable[..., Any], store: Any, single_sign_on: Any, member: str
) -> None:
    inside = client("identitystore", member)
    wanted = attribute("userName", PERSON.user_name)
    assert inside.get_user_id(IdentityStoreId=STORE, AlternateIdentifier=wanted)["UserId"]
    error = error_of(inside.create_group, IdentityStoreId=STORE, DisplayName=unique("group"))
    assert error["Code"] == "AccessDeniedException"
    outside = client("identitystore", "888888888888")
    assert error_of(outside.list_users, IdentityStoreId=STORE)["Code"] == "AccessDeniedException"


def test_a_role_needs_the_store_and_what_it_looks_up(client: Callable[..., Any], store: Any) -> None:
    group_id, user_id = new_group(store), new_user(store)
    root = trust("arn:aws:iam::123456789012:root")
    resources = [f"arn:aws:identitystore::123456789012:identitystore/{STORE}", "arn:aws:identitystore:::group/*"]
    actions = ("identitystore:GetGroupId", "identitystore:CreateGroup", "identitystore:CreateGroupMembership")
    role_arn = new_role(client, "123456789012", root, allow(*actions, resource=resources))
    limited = client("identitystore", credentials=session(client, role_arn))
    name = store.describe_group(IdentityStoreId=STORE, GroupId=group_id)["DisplayName"]
    found = limited.get_group_id(IdentityStoreId=STORE, AlternateIdentifier=attribute("displayName", name))
    assert found["GroupId"] == group_id
    missing = attribute("displayName", unique("nothing"))
    error = error_of(limited.get_group_id, IdentityStoreId=STORE, AlternateIdentifier=missing)
    assert error["Code"] == "ResourceNotFoundException"
    assert limited.create_group(IdentityStoreId=STORE, DisplayName=unique("group"))["GroupId"]
    request = {"GroupId": group_id, "MemberId": {"UserId": user_id}}
    error = error_of(limited.create_group_membership, IdentityStoreId=STORE, **request)
    assert error["Code"] == "AccessDeniedException"
    assert f"arn:aws:identitystore:::user/{user_id}" in error["Message"]


def test_assignments_outlive_their_group(sso: Any, store: Any, member: str) -> None:
    group_id = new_group(store)
    request = {
        "InstanceArn": INSTANCE_ARN,
        "TargetId": member,
        "TargetType": "AWS_ACCOUNT",
        "PermissionSetArn": GIVEN_PERMISSION_SET,
        "PrincipalType": "GROUP",
        "PrincipalId": group_id,
    }
    created = sso.create_account_assignment(**request)["AccountAssignmentCreationStatus"]
    assert finished_creation(sso, created["RequestId"])["Status"] == "SUCCEEDED"
    store.delete_group(IdentityStoreId=STORE, GroupId=group_id)
    listed = sso.list_account_assignments(
        InstanceArn=INSTANCE_ARN, AccountId=member, PermissionSetArn=GIVEN_PERMISSION_SET
    )["AccountAssignments"]
    assert [one["PrincipalId"] for one in listed] == [group_id]
