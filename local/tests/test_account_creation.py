"""CreateAccount: asynchronous, one account per e-mail address, five at once, and the access role's policy."""

from collections.abc import Callable
from typing import Any

import administration
import pytest
from moto.organizations.models import organizations_backends
from organization import (
    ACCESS_ROLE,
    end_creations,
    error_of,
    finished,
    new_account,
    request_account,
    unique,
)


def test_a_creation_is_in_progress_before_it_succeeds(organizations: Any, slow: None) -> None:
    status = request_account(organizations)
    assert status["State"] == "IN_PROGRESS"
    assert "AccountId" not in status
    again = organizations.describe_create_account_status(CreateAccountRequestId=status["Id"])
    assert again["CreateAccountStatus"]["State"] == "IN_PROGRESS"
    end_creations()
    done = finished(organizations, status["Id"])
    assert done["State"] == "SUCCEEDED"
    assert len(done["AccountId"]) == 12


def test_a_new_account_has_its_tags_and_is_in_the_root(organizations: Any, root_id: str, instant: None) -> None:
    account_id = new_account(organizations, Tags=[{"Key": "CostCenter", "Value": "7"}])
    tags = []
    for page in organizations.get_paginator("list_tags_for_resource").paginate(ResourceId=account_id):
        tags += page["Tags"]
    assert tags == [{"Key": "CostCenter", "Value": "7"}]
    assert organizations.list_parents(ChildId=account_id)["Parents"] == [{"Id": root_id, "Type": "ROOT"}]


def test_an_account_has_a_state_next_to_its_status(organizations: Any, root_id: str, member: str) -> None:
    account = organizations.describe_account(AccountId=member)["Account"]
    assert (account["State"], account["Status"]) == ("ACTIVE", "ACTIVE")
    assert account["Paths"][0].endswith(f"/{root_id}/{member}/")


def test_an_email_address_is_used_once_in_any_letter_case(organizations: Any, instant: None) -> None:
    email = f"{unique('Mixed')}@example.com"
    new_account(organizations, Email=email)
    status = finished(organizations, request_account(organizations, Email=email.upper())["Id"])
    assert (status["State"], status["FailureReason"]) == ("FAILED", "EMAIL_ALREADY_EXISTS")
    assert "AccountId" not in status


def test_the_second_of_two_creations_with_one_address_fails(organizations: Any, slow: None) -> None:
    email = f"{unique('twice')}@example.com"
    first = request_account(organizations, Email=email)
    second = request_account(organizations, Email=email)
    end_creations()
    assert finished(organizations, first["Id"])["State"] == "SUCCEEDED"
    assert finished(organizations, second["Id"])["FailureReason"] == "EMAIL_ALREADY_EXISTS"


def test_the_sixth_creation_at_once_is_refused(organizations: Any, slow: None) -> None:
    started = [request_account(organizations) for _ in range(5)]
    error = error_of(request_account, organizations=organizations)
    assert error["Code"] == "ConstraintViolationException"
    assert error["Reason"] == "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED"
    end_creations()
    for status in started:
        finished(organizations, status["Id"])
    assert request_account(organizations)["State"] == "IN_PROGRESS"


def test_creations_are_listed_by_state(organizations: Any, slow: None) -> None:
    status = request_account(organizations)

    def listed(state: str) -> list[str]:
        pages = organizations.get_paginator("list_create_account_status").paginate(States=[state])
        return [one["Id"] for page in pages for one in page["CreateAccountStatuses"]]

    assert status["Id"] in listed("IN_PROGRESS")
    assert status["Id"] not in listed("SUCCEEDED")
    end_creations()
    finished(organizations, status["Id"])
    assert status["Id"] in listed("SUCCEEDED")


def test_an_unknown_creation_is_not_found(organizations: Any) -> None:
    error = error_of(organizations.describe_create_account_status, CreateAccountRequestId="car-00000000")
    assert error["Code"] == "CreateAccountStatusNotFoundException"


def test_the_access_role_is_administrator_and_trusts_the_management_account(
    client: Callable[..., Any], member: str
) -> None:
    iam = client("iam", member)
    assert iam.list_role_policies(RoleName=ACCESS_ROLE)["PolicyNames"] == ["AdministratorAccess"]
    statement = iam.get_role_policy(RoleName=ACCESS_ROLE, PolicyName="AdministratorAccess")["PolicyDocument"]
    assert statement["Statement"][0]["Action"] == "*"
    trust_policy = iam.get_role(RoleName=ACCESS_ROLE)["Role"]["AssumeRolePolicyDocument"]
    assert trust_policy["Statement"][0]["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"Email": "no-at-sign.example.com"}, "INVALID_PATTERN"),
        ({"Email": "two@at@example.com"}, "INVALID_PATTERN"),
        ({"Email": ".dot@example.com"}, "INVALID_PATTERN"),
        ({"Email": "a b@example.com"}, "INVALID_PATTERN"),
        ({"Email": "a@example"}, "INVALID_PATTERN"),
        ({"Email": "a@-example.com"}, "INVALID_PATTERN"),
        ({"Email": "ü@example.com"}, "INVALID_PATTERN"),
        ({"Email": "a" * 60 + "@example.com"}, "MAX_LENGTH_EXCEEDED"),
        ({"AccountName": "a" * 51}, "MAX_LENGTH_EXCEEDED"),
        ({"AccountName": "Zürich"}, "INVALID_PATTERN"),
        ({"RoleName": "AWSServiceRoleForMe"}, "INVALID_ROLE_NAME"),
        ({"RoleName": "a role"}, "INVALID_ROLE_NAME"),
        ({"Tags": [{"Key": "a!", "Value": "b"}]}, "INVALID_PATTERN"),
        ({"Tags": [{"Key": "a", "Value": "b"}, {"Key": "a", "Value": "c"}]}, "DUPLICATE_TAG_KEY"),
        ({"Tags": [{"Key": "aws:a", "Value": "b"}]}, "INVALID_SYSTEM_TAGS_PARAMETER"),
    ],
)
def test_bad_input_is_refused_with_its_reason(organizations: Any, changes: dict, reason: str) -> None:
    error = error_of(request_account, organizations=organizations, **changes)
    assert (error["Code"], error["Reason"]) == ("InvalidInputException", reason)


def test_a_large_organization_is_made_at_once_and_listed_in_pages(organizations: Any, server: Any) -> None:
    backend = organizations_backends["123456789012"]["aws"]
    before = list(backend.accounts)
    try:
        assert administration.admin(server, "POST", "accounts", {"count": 1000}) == (200, {})
        pages = list(organizations.get_paginator("list_accounts").paginate())
        ids = [account["Id"] for page in pages for account in page["Accounts"]]
        assert len(ids) == len(set(ids)) == len(before) + 1000
        assert max(len(page["Accounts"]) for page in pages) == 20
        assert organizations.describe_account(AccountId=ids[-1])["Account"]["State"] == "ACTIVE"
        assert organizations.list_tags_for_resource(ResourceId=ids[-1])["Tags"] == []
    finally:
        for account in backend.accounts[len(before) :]:
            del organizations_backends.master_accounts[account.id]
        backend.accounts[:] = before


@pytest.mark.parametrize("document", [{}, {"count": 0}, {"count": True}, {"count": "10"}, {"count": 1, "name": "x"}])
def test_only_a_number_of_accounts_is_made(server: Any, document: Any) -> None:
    assert administration.admin(server, "POST", "accounts", document)[0] == 400
