"""Organizational units, moves, tags, pages and who may call Organizations."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from botocore.session import Session
from organization import error_of, new_account, unique

from local_aws.services.organizations import responses


@pytest.fixture
def unit(organizations: Any, root_id: str) -> dict[str, Any]:
    created = organizations.create_organizational_unit(ParentId=root_id, Name=unique("unit"))
    return created["OrganizationalUnit"]


def test_a_name_is_used_once_below_a_parent(organizations: Any, root_id: str, unit: dict) -> None:
    create = organizations.create_organizational_unit
    assert error_of(create, ParentId=root_id, Name=unit["Name"])["Code"] == "DuplicateOrganizationalUnitException"
    below = create(ParentId=unit["Id"], Name=unit["Name"])["OrganizationalUnit"]
    assert below["Path"].endswith(f"/{root_id}/{unit['Id']}/{below['Id']}/")


def test_an_unknown_parent_is_not_found(organizations: Any) -> None:
    parent = "ou-abcd-12345678"
    for call, more in (
        (organizations.create_organizational_unit, {"Name": "a"}),
        (organizations.list_organizational_units_for_parent, {}),
        (organizations.list_accounts_for_parent, {}),
    ):
        assert error_of(call, ParentId=parent, **more)["Code"] == "ParentNotFoundException"


def test_an_unknown_unit_is_not_found(organizations: Any) -> None:
    error = error_of(organizations.describe_organizational_unit, OrganizationalUnitId="ou-abcd-12345678")
    assert error["Code"] == "OrganizationalUnitNotFoundException"


def test_units_are_at_most_five_deep(organizations: Any, root_id: str) -> None:
    parent = root_id
    for _ in range(5):
        unit = organizations.create_organizational_unit(ParentId=parent, Name=unique("deep"))
        parent = unit["OrganizationalUnit"]["Id"]
    error = error_of(organizations.create_organizational_unit, ParentId=parent, Name="too-deep")
    assert (error["Code"], error["Reason"]) == ("ConstraintViolationException", "OU_DEPTH_LIMIT_EXCEEDED")


def test_an_account_is_moved(organizations: Any, root_id: str, unit: dict, member: str) -> None:
    organizations.move_account(AccountId=member, SourceParentId=root_id, DestinationParentId=unit["Id"])
    parents = organizations.list_parents(ChildId=member)["Parents"]
    assert parents == [{"Id": unit["Id"], "Type": "ORGANIZATIONAL_UNIT"}]


def test_wrong_moves_are_refused(organizations: Any, root_id: str, unit: dict, member: str) -> None:
    unknown = "ou-abcd-12345678"

    def code(account: str, source: str, destination: str) -> str:
        request = {"AccountId": account, "SourceParentId": source, "DestinationParentId": destination}
        return error_of(organizations.move_account, **request)["Code"]

    assert code("999999999999", root_id, unit["Id"]) == "AccountNotFoundException"
    assert code(member, unknown, unit["Id"]) == "SourceParentNotFoundException"
    assert code(member, root_id, unknown) == "DestinationParentNotFoundException"
    assert code(member, root_id, root_id) == "DuplicateAccountException"
    other = organizations.create_organizational_unit(ParentId=root_id, Name=unique("unit"))
    assert code(member, other["OrganizationalUnit"]["Id"], unit["Id"]) == "SourceParentNotFoundException"


def test_unknown_accounts_and_children_are_not_found(organizations: Any) -> None:
    unknown = "999999999999"
    assert error_of(organizations.describe_account, AccountId=unknown)["Code"] == "AccountNotFoundException"
    assert error_of(organizations.list_parents, ChildId=unknown)["Code"] == "ChildNotFoundException"
    assert error_of(organizations.list_tags_for_resource, ResourceId=unknown)["Code"] == "TargetNotFoundException"


def test_tags_are_set_replaced_and_removed(organizations: Any, member: str) -> None:
    def tags() -> dict[str, str]:
        pages = organizations.get_paginator("list_tags_for_resource").paginate(ResourceId=member)
        return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}

    organizations.tag_resource(ResourceId=member, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}])
    organizations.tag_resource(ResourceId=member, Tags=[{"Key": "a", "Value": "2"}])
    organizations.untag_resource(ResourceId=member, TagKeys=["b", "never-there"])
    assert tags() == {"a": "2"}


def test_wrong_tags_are_refused(organizations: Any, member: str) -> None:
    tag = organizations.tag_resource
    first = [{"Key": f"key-{number}", "Value": "v"} for number in range(50)]
    tag(ResourceId=member, Tags=first)
    tag(ResourceId=member, Tags=first)
    error = error_of(tag, ResourceId=member, Tags=[{"Key": "one-more", "Value": "v"}])
    assert (error["Code"], error["Reason"]) == ("ConstraintViolationException", "MAX_TAG_LIMIT_EXCEEDED")
    error = error_of(tag, ResourceId=member, Tags=[{"Key": "a", "Value": "line\nbreak"}])
    assert (error["Code"], error["Reason"]) == ("InvalidInputException", "INVALID_PATTERN")


def test_lists_come_in_pages_of_twenty_and_some_pages_are_empty(organizations: Any, unit: dict) -> None:
    names = [f"unit-{number:02}" for number in range(45)]
    for name in names:
        organizations.create_organizational_unit(ParentId=unit["Id"], Name=name)
    listed, sizes, token = [], [], None
    while True:
        more = {"NextToken": token} if token else {}
        page = organizations.list_organizational_units_for_parent(ParentId=unit["Id"], **more)
        listed += [one["Name"] for one in page["OrganizationalUnits"]]
        sizes.append(len(page["OrganizationalUnits"]))
        token = page.get("NextToken")
        if not token:
            break
    assert listed == names
    assert sorted(sizes) == [0, 5, 20, 20]


def test_now_and_then_a_list_begins_with_an_empty_page(organizations: Any) -> None:
    pages = [organizations.list_accounts() for _ in range(4)]
    empty = [page for page in pages if not page["Accounts"]]
    assert len(empty) == 1
    assert organizations.list_accounts(NextToken=empty[0]["NextToken"])["Accounts"]


def test_a_made_up_token_is_refused(organizations: Any) -> None:
    error = error_of(organizations.list_accounts, NextToken="made-up")
    assert (error["Code"], error["Reason"]) == ("InvalidInputException", "INVALID_NEXT_TOKEN")


def test_only_the_management_account_manages_the_organization(
    client: Callable[..., Any], organizations: Any, root_id: str, member: str
) -> None:
    inside = client("organizations", member)
    for call, request in (
        (inside.create_account, {"AccountName": "a", "Email": "a@example.org"}),
        (inside.list_accounts, {}),
        (inside.create_organizational_unit, {"ParentId": root_id, "Name": "a"}),
    ):
        error = error_of(call, **request)
        assert (error["Code"], error["status"]) == ("AccessDeniedException", 400)
    assert inside.describe_organization()["Organization"]["MasterAccountId"] == "123456789012"


def test_a_delegated_administrator_may_read_and_tag(
    client: Callable[..., Any], organizations: Any, root_id: str, instant: None
) -> None:
    delegated = new_account(organizations)
    organizations.register_delegated_administrator(AccountId=delegated, ServicePrincipal="ssm.amazonaws.com")
    inside = client("organizations", delegated)
    assert inside.describe_account(AccountId=delegated)["Account"]["Id"] == delegated
    error = error_of(inside.create_organizational_unit, ParentId=root_id, Name="a")
    assert error["Code"] == "AccessDeniedException"


def test_delegated_administrators_read_what_the_model_says_they_do() -> None:
    model = Session().get_service_model("organizations")
    words = "You can only call this operation from the management account or a member account that is a delegated administrator."
    documented = {
        name
        for name in model.operation_names
        if words in re.sub(r"<[^>]+>", "", model.operation_model(name).documentation).replace("\n", " ")
    }
    reads = {name for name in documented if name.startswith(("Describe", "List"))}
    assert reads > {"ListAccounts", "ListPolicies"}
    assert responses.OF_DELEGATED_ADMINISTRATORS == reads | {"TagResource", "UntagResource"}


def test_an_account_outside_has_no_organization(client: Callable[..., Any]) -> None:
    error = error_of(client("organizations", "888888888888").list_roots)
    assert error["Code"] == "AWSOrganizationsNotInUseException"
