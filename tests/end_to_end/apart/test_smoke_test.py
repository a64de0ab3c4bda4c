"""`avm bootstrap --smoke-test`: what was just deployed vends an account, and vends the same one when it is asked again.

In an organization of its own; the tests of this file follow each other.
"""

import json

import pytest
from bootstrapping import (  # noqa: F401
    IN_ORDER,
    SANDBOX,
    avm,
    bootstrap,
    configure,
    empty,
    environment,
    packaged,
    platform_document,
    stacks_of,
)

NAME = "avm-smoke-test"
SMOKE_TEST = ["--yes", "--smoke-test", "sandbox"]


@pytest.fixture(scope="module")
def organizations(environment):  # noqa: F811
    """AWS Organizations, for the management account."""
    client = environment.root_client("organizations", environment.management_account_id)
    client.enable_aws_service_access(ServicePrincipal="account.amazonaws.com")
    return client


def accounts_of(organizations):
    """The accounts of the smoke test, with their states."""
    pages = organizations.get_paginator("list_accounts").paginate()
    accounts = [account for page in pages for account in page["Accounts"]]
    return {account["Id"]: account["State"] for account in accounts if account["Name"] == NAME}


def told_of(rows):
    """What is said of the smoke test."""
    before = "smoke test: "
    return {what.removeprefix(before): row["is"] for what, row in rows.items() if what.startswith(before)}


def test_what_no_account_can_be_vended_by_is_told_before_a_stack_is_touched(environment, avm, bootstrap, tmp_path):  # noqa: F811
    code, rows, told = bootstrap(*SMOKE_TEST)
    assert (code, rows) == (2, {})
    assert "needs the parameter /avm/platform, and there is none. Remedy: `avm config deploy`" in told
    configure(avm, tmp_path / "example", {**platform_document(environment), "accountEmailPattern": "aws+%s@example.com"})
    code, rows, told = bootstrap(*SMOKE_TEST)
    assert (code, rows) == (2, {})
    assert "/avm/platform: field accountEmailPattern: example.com is a domain for examples" in told
    configure(avm, tmp_path / "own", platform_document(environment))
    code, rows, told = bootstrap("--yes", "--smoke-test", "elsewhere")
    assert (code, rows) == (2, {})
    assert "needs the parameter /avm/landing-zones/elsewhere" in told
    code, _, told = bootstrap("--smoke-test", "sandbox")
    assert code == 2 and "vend the account of the smoke test? Nobody can be asked without a terminal" in told
    assert stacks_of(environment) == {}


def test_a_plan_names_the_account_and_makes_none(bootstrap, organizations):  # noqa: F811
    code, rows, told = bootstrap("--dry-run", "--smoke-test", "sandbox")
    assert code == 0, told
    assert list(rows) == [*IN_ORDER, "smoke test"]
    assert f'an account {NAME} would be made and vended into landing zone sandbox (unit "Sandbox")' in rows["smoke test"]["is"]
    assert accounts_of(organizations) == {}


def test_the_account_is_vended_and_looked_at_and_taken_again(environment, avm, bootstrap, organizations, tmp_path):  # noqa: F811
    code, rows, told = bootstrap(*SMOKE_TEST)
    assert code == 0, (told, told_of(rows))
    assert {rows[name]["is"] for name in IN_ORDER} == {"created"}
    ((account, state),) = accounts_of(organizations).items()
    assert state == "ACTIVE"
    said = told_of(rows)
    assert said["account"] == f"{account} was vended into landing zone sandbox"
    assert said["permission-downgrade"] == "its access role has the minimum policy and nothing else"
    assert said["place-account"] == "it sits in its unit"
    assert said["completion"] == "all of it was verified, and its tags say so"
    assert said["tags"] == "ProductName, Stage are as meshStack waits for them"
    assert f"close-account --profile management --account-id {account}" in said["to close the account"]
    steps = [line.split()[2] for line in told.splitlines() if line.startswith("smoke test: ")]
    assert (steps[0], steps[-1]) == ("CreateAccount", "Completion")
    assert "PermissionDowngrade" in steps and len(steps) == len(set(steps))
    assert "@" not in told + json.dumps(rows)
    tags = organizations.list_tags_for_resource(ResourceId=account)["Tags"]
    assert {"Key": "ProductName", "Value": NAME} in tags and {"Key": "avm:landing-zone", "Value": "sandbox"} in tags

    # Whatever the pattern of addresses is by then.
    other = {**platform_document(environment), "accountEmailPattern": "root+%s@company.com"}
    configure(avm, tmp_path, other)
    before = stacks_of(environment)
    code, rows, told = bootstrap(*SMOKE_TEST)
    assert code == 0, (told, told_of(rows))
    assert {rows[name]["is"] for name in IN_ORDER} == {"no changes"}
    again = told_of(rows)
    assert again.pop("execution") != said.pop("execution")
    assert again == said
    assert accounts_of(organizations) == {account: "ACTIVE"}
    assert stacks_of(environment) == before


def test_a_vend_that_fails_is_told_with_its_name(avm, bootstrap, organizations, environment, tmp_path):  # noqa: F811
    other = {**SANDBOX, "organizationalUnit": "Other"}
    configure(avm, tmp_path, platform_document(environment), other=other)
    code, rows, told = bootstrap("--yes", "--smoke-test", "other")
    assert code == 1, told
    assert told_of(rows)["vend"].startswith("failed: LandingZoneNotAllowed: ")
    assert len(accounts_of(organizations)) == 1


def test_an_account_that_is_closed_is_not_vended_and_none_is_made_unasked(bootstrap, organizations):  # noqa: F811
    (account,) = accounts_of(organizations)
    address = ["--smoke-test-email", "aws+again@company.com"]
    code, rows, told = bootstrap(*SMOKE_TEST, *address)
    assert (code, told_of(rows)) == (2, {})
    assert f"has account {account} already, with another address" in told and "@" not in told
    organizations.close_account(AccountId=account)
    code, rows, told = bootstrap(*SMOKE_TEST)
    assert (code, told_of(rows)) == (2, {})
    assert f"account {account} of the smoke test is SUSPENDED" in told and "--smoke-test-email" in told
    code, rows, told = bootstrap(*SMOKE_TEST, *address)
    assert code == 0, (told, told_of(rows))
    accounts = accounts_of(organizations)
    assert len(accounts) == 2 and accounts.pop(account) == "SUSPENDED"
    (second,) = accounts
    assert organizations.describe_account(AccountId=second)["Account"]["Email"] == address[1]
