"""Account Management: alternate contacts, regions that are enabled in a while, and who may do it for whom."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from organization import allow, error_of, new_account, new_role, session, trust

from local_aws.deploy.account_settings import trust_account_management
from local_aws.services.account import responses as account_management
from local_aws.services.account.models import regions as account_regions

MANAGEMENT = "123456789012"
PRINCIPAL = "account.amazonaws.com"
CONTACT = {
    "AlternateContactType": "SECURITY",
    "Name": "Security Team",
    "Title": "CISO",
    "EmailAddress": "security@example.com",
    "PhoneNumber": "+49 (30) 123-456",
}


@pytest.fixture
def trusted(organizations: Any) -> Iterator[None]:
    """The organization trusts Account Management."""
    trust_account_management(MANAGEMENT)
    yield
    organizations.disable_aws_service_access(ServicePrincipal=PRINCIPAL)


def test_a_contact_is_set_read_replaced_and_deleted(client: Callable[..., Any], member: str) -> None:
    account = client("account", member)
    kind = {"AlternateContactType": "SECURITY"}
    error = error_of(account.get_alternate_contact, **kind)
    assert (error["Code"], error["status"]) == ("ResourceNotFoundException", 404)
    account.put_alternate_contact(**CONTACT)
    assert account.get_alternate_contact(**kind)["AlternateContact"] == CONTACT
    account.put_alternate_contact(**{**CONTACT, "Name": "Other Team"})
    assert account.get_alternate_contact(**kind)["AlternateContact"]["Name"] == "Other Team"
    assert error_of(account.get_alternate_contact, AlternateContactType="BILLING")["status"] == 404
    account.delete_alternate_contact(**kind)
    assert error_of(account.delete_alternate_contact, **kind)["Code"] == "ResourceNotFoundException"


@pytest.mark.parametrize(
    ("field", "value", "name"),
    [
        ("Name", "n" * 65, "name"),
        ("Title", "t" * 51, "title"),
        ("PhoneNumber", "1" * 26, "phoneNumber"),
        ("PhoneNumber", "call me", "phoneNumber"),
        ("EmailAddress", "nobody at example.com", "emailAddress"),
        ("EmailAddress", "a" * 250 + "@b.co", "emailAddress"),
    ],
)
def test_wrong_fields_are_refused_without_repeating_them(
    client: Callable[..., Any], member: str, field: str, value: str, name: str
) -> None:
    error = error_of(client("account", member).put_alternate_contact, **{**CONTACT, field: value})
    assert (error["Code"], error["status"]) == ("ValidationException", 400)
    assert error["reason"] == "fieldValidationFailed"
    assert [one["name"] for one in error["fieldList"]] == [name]
    assert value not in error["Message"]


def test_an_unknown_kind_of_contact_is_denied(client: Callable[..., Any], member: str) -> None:
    contact = {**CONTACT, "AlternateContactType": "LEGAL"}
    error = error_of(client("account", member).put_alternate_contact, **contact)
    assert (error["Code"], error["status"]) == ("AccessDeniedException", 403)
    reason = "(You specified an invalid Alternate Contact type.)"
    assert f"account:PutAlternateContact {reason}" in error["Message"]


def test_members_are_managed_only_with_trusted_access(
    client: Callable[..., Any], organizations: Any, member: str, trusted: None
) -> None:
    account = client("account", MANAGEMENT)
    account.put_alternate_contact(**CONTACT, AccountId=member)
    own = client("account", member).get_alternate_contact(AlternateContactType="SECURITY")
    assert own["AlternateContact"] == CONTACT
    organizations.disable_aws_service_access(ServicePrincipal=PRINCIPAL)
    for call in (account.list_regions, lambda **who: account.enable_region(RegionName="af-south-1", **who)):
        error = error_of(call, AccountId=member)
        assert (error["Code"], error["status"]) == ("AccessDeniedException", 403)
        reason = "(Your organization must first enable trusted access with AWS Account Management.)"
        assert reason in error["Message"]
    assert client("account", member).list_regions()["Regions"]


def test_the_management_account_does_not_name_itself(client: Callable[..., Any], trusted: None) -> None:
    account = client("account", MANAGEMENT)
    error = error_of(account.list_regions, AccountId=MANAGEMENT)
    assert error["Code"] == "AccessDeniedException"
    reason = "(The management account can only be managed using the standalone context"
    assert f"account:ListRegions {reason}" in error["Message"]
    assert account.list_regions()["Regions"]


def test_members_and_strangers_name_no_account(
    client: Callable[..., Any], organizations: Any, member: str, trusted: None
) -> None:
    other = new_account(organizations)
    for caller, target in ((member, other), (member, member), (MANAGEMENT, "999999999999")):
        error = error_of(client("account", caller).list_regions, AccountId=target)
        assert (error["Code"], error["status"]) == ("AccessDeniedException", 403)
    error = error_of(client("account", MANAGEMENT).list_regions, AccountId="12345678901x")
    assert error["Code"] == "ValidationException"


def test_a_delegated_administrator_manages_members(
    client: Callable[..., Any], organizations: Any, member: str, trusted: None
) -> None:
    administrator = new_account(organizations)
    other_service = {"AccountId": administrator, "ServicePrincipal": "servicecatalog.amazonaws.com"}
    this_service = {"AccountId": administrator, "ServicePrincipal": PRINCIPAL}
    organizations.register_delegated_administrator(**other_service)
    account = client("account", administrator)
    assert error_of(account.list_regions, AccountId=member)["Code"] == "AccessDeniedException"
    organizations.register_delegated_administrator(**this_service)
    assert account.list_regions(AccountId=member)["Regions"]
    assert error_of(account.list_regions, AccountId=MANAGEMENT)["Code"] == "AccessDeniedException"
    for service in (other_service, this_service):
        organizations.deregister_delegated_administrator(**service)


def test_rights_are_on_the_account_in_its_organization(
    client: Callable[..., Any], organizations: Any, member: str, trusted: None
) -> None:
    other = new_account(organizations)
    organization = organizations.describe_organization()["Organization"]["Id"]
    policy = allow(
        "account:PutAlternateContact",
        resource=f"arn:aws:account::{MANAGEMENT}:account/{organization}/{member}",
        condition={"ForAllValues:StringEquals": {"account:AlternateContactTypes": ["SECURITY"]}},
    )
    role = new_role(client, MANAGEMENT, trust(f"arn:aws:iam::{MANAGEMENT}:root"), policy)
    account = client("account", credentials=session(client, role))
    account.put_alternate_contact(**CONTACT, AccountId=member)
    for changes in ({"AccountId": other}, {}, {"AccountId": member, "AlternateContactType": "BILLING"}):
        error = error_of(account.put_alternate_contact, **{**CONTACT, **changes})
        assert (error["Code"], error["status"]) == ("AccessDeniedException", 403)


def test_one_page_of_regions_leads_to_the_next(client: Callable[..., Any], member: str) -> None:
    account = client("account", member)
    found, token = {}, {}
    sizes = []
    while True:
        page = account.list_regions(**token)
        sizes.append(len(page["Regions"]))
        found.update({one["RegionName"]: one["RegionOptStatus"] for one in page["Regions"]})
        if not page.get("NextToken"):
            break
        token = {"NextToken": page["NextToken"]}
    assert sizes[0] == 20 and len(sizes) == 2
    assert found["eu-central-1"] == found["us-east-1"] == "ENABLED_BY_DEFAULT"
    assert found["af-south-1"] == found["eu-south-2"] == "DISABLED"
    assert sum(status == "ENABLED_BY_DEFAULT" for status in found.values()) == 17
    filtered = account.list_regions(RegionOptStatusContains=["DISABLED"], MaxResults=50)
    assert "NextToken" not in filtered
    assert {one["RegionName"] for one in filtered["Regions"]} == {
        region for region, status in found.items() if status == "DISABLED"
    }
    assert len(account.list_regions(MaxResults=3)["Regions"]) == 3
    for wrong in ({"MaxResults": 51}, {"NextToken": "!"}, {"RegionOptStatusContains": ["OPEN"]}):
        assert error_of(account.list_regions, **wrong)["Code"] == "ValidationException"


def test_a_region_is_enabled_in_a_while(
    client: Callable[..., Any], member: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = client("account", member)
    monkeypatch.setenv("AVM_LOCAL_TIME_SCALE", "1")

    def status() -> str:
        return str(account.get_region_opt_status(RegionName="af-south-1")["RegionOptStatus"])

    assert status() == "DISABLED"
    account.enable_region(RegionName="af-south-1")
    assert status() == "ENABLING"
    monkeypatch.setenv("AVM_LOCAL_TIME_SCALE", "0")
    error = error_of(account.disable_region, RegionName="af-south-1")
    assert (error["Code"], error["status"]) == ("ConflictException", 409)
    error = error_of(account.enable_region, RegionName="af-south-1")
    assert (error["Code"], error["reason"]) == ("ValidationException", "invalidRegionOptTarget")
    account_regions.changes_of(member)["af-south-1"].due = 0.0
    assert status() == "ENABLED"
    error = error_of(account.enable_region, RegionName="af-south-1")
    assert (error["Code"], error["status"]) == ("ValidationException", 400)
    assert error["reason"] == "invalidRegionOptTarget"
    assert error["Message"] == "Unable to switch region status because of its current opt-in status."


def test_a_region_is_disabled_in_a_while(
    client: Callable[..., Any], member: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = client("account", member)
    account.enable_region(RegionName="eu-south-1")
    monkeypatch.setenv("AVM_LOCAL_TIME_SCALE", "1")
    account.disable_region(RegionName="eu-south-1")
    page = account.list_regions(RegionOptStatusContains=["DISABLING"])
    assert page["Regions"] == [{"RegionName": "eu-south-1", "RegionOptStatus": "DISABLING"}]
    monkeypatch.setenv("AVM_LOCAL_TIME_SCALE", "0")
    assert error_of(account.enable_region, RegionName="eu-south-1")["Code"] == "ConflictException"
    account_regions.changes_of(member)["eu-south-1"].due = 0.0
    assert account.get_region_opt_status(RegionName="eu-south-1")["RegionOptStatus"] == "DISABLED"
    assert error_of(account.disable_region, RegionName="eu-south-1")["Code"] == "ValidationException"


@pytest.mark.parametrize("region", ["eu-central-1", "eu-moon-1"])
def test_regions_that_are_always_enabled_or_unknown_cannot_be_switched(
    client: Callable[..., Any], member: str, region: str
) -> None:
    account = client("account", member)
    for change in (account.enable_region, account.disable_region):
        error = error_of(change, RegionName=region)
        assert (error["Code"], error["reason"]) == ("ValidationException", "invalidRegionOptTarget")


def test_six_regions_of_an_account_change_at_once(
    client: Callable[..., Any], member: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = client("account", member)
    monkeypatch.setitem(account_management.RATES, "EnableRegion", (1, 7))
    monkeypatch.setenv("AVM_LOCAL_TIME_SCALE", "1")
    regions = "af-south-1 ap-east-1 ap-south-2 ca-west-1 eu-central-2 eu-south-1 eu-south-2".split()
    for region in regions[:6]:
        account.enable_region(RegionName=region)
    assert error_of(account.enable_region, RegionName=regions[6])["Code"] == "ConflictException"
    for change in account_regions.changes_of(member).values():
        change.due = 0.0
    monkeypatch.setenv("AVM_LOCAL_TIME_SCALE", "0")
    account.enable_region(RegionName=regions[6])


def test_fifty_regions_of_an_organization_change_at_once(
    client: Callable[..., Any], organizations: Any, member: str, instant: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [new_account(organizations) for _ in range(9)]
    monkeypatch.setitem(account_management.RATES, "EnableRegion", (1, 2))
    outside = "555555555555"
    monkeypatch.setenv("AVM_LOCAL_TIME_SCALE", "1")
    regions = "af-south-1 ap-east-1 ap-south-2 ca-west-1 eu-central-2 eu-south-1".split()
    for region in regions:
        account_regions.enable(outside, region)
        for one in others[:8]:
            account_regions.enable(one, region)
    account_regions.enable(others[8], regions[0])
    account_regions.enable(MANAGEMENT, regions[0])

    account = client("account", member)
    assert error_of(account.enable_region, RegionName=regions[0])["Code"] == "ConflictException"
    account_regions.changes_of(others[0])[regions[0]].due = 0.0
    account.enable_region(RegionName=regions[0])
    for one in (outside, MANAGEMENT, member, *others):
        for change in account_regions.changes_of(one).values():
            change.due = 0.0
    account_regions.changes_of(MANAGEMENT).clear()


def test_requests_come_one_a_second(
    client: Callable[..., Any], member: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = client("account", member)
    monkeypatch.setenv("AVM_LOCAL_TIME_SCALE", "1")
    account.enable_region(RegionName="af-south-1")
    error = error_of(account.enable_region, RegionName="ap-east-1")
    assert (error["Code"], error["status"]) == ("TooManyRequestsException", 429)
    assert account_regions.status(member, "ap-east-1") == "DISABLED"


def test_the_region_is_a_condition_of_enabling_it(client: Callable[..., Any], member: str) -> None:
    policy = allow(
        "account:EnableRegion",
        resource=f"arn:aws:account::{member}:account",
        condition={"StringEquals": {"account:TargetRegion": "af-south-1"}},
    )
    role = new_role(client, member, trust(f"arn:aws:iam::{member}:root"), policy)
    account = client("account", credentials=session(client, role))
    assert error_of(account.enable_region, RegionName="ap-east-1")["Code"] == "AccessDeniedException"
    account.enable_region(RegionName="af-south-1")


def test_an_account_gives_itself_another_name(
    client: Callable[..., Any], organizations: Any, member: str, instant: None
) -> None:
    account = client("account", member)
    account.put_account_name(AccountName="renamed")
    assert organizations.describe_account(AccountId=member)["Account"]["Name"] == "renamed"
    error = error_of(account.put_account_name, AccountName="two\nlines")
    assert [one["name"] for one in error["fieldList"]] == ["accountName"]
