"""Root users: who may ask what an organization manages, what an account is made with, and what its summary tells."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from organization import allow, error_of, new_account, new_role, session, trust

MANAGEMENT = "123456789012"
SERVICE = "iam.amazonaws.com"
MANAGED = "RootCredentialsManagement"
KEYS = (
    "AccountPasswordPresent",
    "AccountAccessKeysPresent",
    "AccountSigningCertificatesPresent",
    "AccountMFAEnabled",
)


@pytest.fixture
def trusted(organizations: Any) -> Iterator[None]:
    """The organization trusts IAM."""
    organizations.enable_aws_service_access(ServicePrincipal=SERVICE)
    yield
    organizations.disable_aws_service_access(ServicePrincipal=SERVICE)


@pytest.fixture
def iam(client: Callable[..., Any], trusted: None) -> Iterator[Any]:
    """IAM of the management account; nothing is on after the test."""
    iam = client("iam", MANAGEMENT)
    yield iam
    iam.disable_organizations_root_credentials_management()


def root_user(client: Callable[..., Any], account_id: str) -> dict[str, int]:
    summary = client("iam", account_id).get_account_summary()["SummaryMap"]
    assert summary["RolesQuota"] == 1000
    return {key: summary[key] for key in KEYS}


def test_the_management_of_credentials_is_turned_on_and_off(iam: Any, organizations: Any) -> None:
    organization = organizations.describe_organization()["Organization"]["Id"]
    assert iam.list_organizations_features()["EnabledFeatures"] == []
    for _ in range(2):
        on = iam.enable_organizations_root_credentials_management()
        assert (on["OrganizationId"], on["EnabledFeatures"]) == (organization, [MANAGED])
    assert iam.list_organizations_features()["EnabledFeatures"] == [MANAGED]
    assert iam.disable_organizations_root_credentials_management()["EnabledFeatures"] == []


def test_without_trusted_access_nothing_is_told_or_turned_on(
    client: Callable[..., Any], organizations: Any
) -> None:
    iam = client("iam", MANAGEMENT)
    for call in (iam.list_organizations_features, iam.enable_organizations_root_credentials_management):
        assert error_of(call)["Code"] == "ServiceAccessNotEnabledException"


def test_members_and_accounts_without_an_organization_are_refused(
    client: Callable[..., Any], iam: Any, member: str
) -> None:
    for account_id, code in (
        (member, "AccountNotManagementOrDelegatedAdministratorException"),
        ("299999999999", "OrganizationNotFoundException"),
    ):
        other = client("iam", account_id)
        for call in (
            other.list_organizations_features,
            other.enable_organizations_root_credentials_management,
        ):
            error = error_of(call)
            assert (error["Code"], error["status"]) == (code, 400)


def test_an_account_has_no_credentials_only_where_it_was_made_under_their_management(
    client: Callable[..., Any], iam: Any, organizations: Any, instant: None
) -> None:
    before = new_account(organizations)
    iam.enable_organizations_root_credentials_management()
    after = new_account(organizations)
    assert root_user(client, before) == {**dict.fromkeys(KEYS, 0), "AccountPasswordPresent": 1}
    assert root_user(client, after) == dict.fromkeys(KEYS, 0)
    assert root_user(client, MANAGEMENT)["AccountPasswordPresent"] == 1


def test_a_test_may_give_a_root_user_what_only_a_root_user_can_make(
    client: Callable[..., Any], server: Any, member: str
) -> None:
    url = f"{server.url}/local-aws/accounts/{member}/root-user"
    for key in KEYS:
        for value in (1, 0):
            requests.post(url, json={key: value}, timeout=10).raise_for_status()
            assert root_user(client, member)[key] == value
    for wrong in ({"Users": 1}, {"AccountMFAEnabled": 2}, []):
        assert requests.post(url, json=wrong, timeout=10).status_code == 400


@pytest.mark.parametrize(
    ("account_id", "action", "operation"),
    [
        (MANAGEMENT, "iam:ListOrganizationsFeatures", "list_organizations_features"),
        (MANAGEMENT, "iam:GetAccountSummary", "get_account_summary"),
    ],
)
def test_each_call_needs_its_own_right(
    client: Callable[..., Any], iam: Any, account_id: str, action: str, operation: str
) -> None:
    for rights, is_refused in ((allow(action), False), (allow("iam:ListRoles"), True)):
        role = new_role(client, account_id, trust(f"arn:aws:iam::{account_id}:root"), rights)
        call = getattr(client("iam", credentials=session(client, role)), operation)
        if is_refused:
            assert error_of(call)["Code"] == "AccessDenied"
        else:
            call()
