"""Alternate contacts and opt-in regions: written where they differ only, from the management account, and not told.

The landing zones switch on nothing else, but for the one that shows what still works after the downgrade.
"""

import json

import pytest
from vending import errors_of, fail, logged, refused, run, vend, writes

from meshstack_client import Inventory

SERVICE_PRINCIPAL = "account.amazonaws.com"
NOTHING_ELSE = {"accessStack": None, "stackSets": [], "downgrade": "none"}
SECURITY = {"name": "Ada Security", "title": "Chief", "email": "ada@security.example", "phone": "+49 30 111"}
OPERATIONS = {"name": "Grace Operations", "title": "On call", "email": "grace@ops.example", "phone": "+49 30 222"}


def as_aws_has_it(kind, contact):
    """A contact of a landing zone in the words of Account Management."""
    return {
        "AlternateContactType": kind,
        "Name": contact["name"],
        "Title": contact["title"],
        "EmailAddress": contact["email"],
        "PhoneNumber": contact["phone"],
    }


@pytest.fixture
def management(environment):
    """Account Management as the operator of the organization calls it."""
    return environment.root_client("account", environment.management_account_id)


@pytest.fixture
def request_settings(meshstack, landing_zones, make_account, project):
    """A new account, and the request for a landing zone that asks for these settings."""

    def make(**settings):
        name = landing_zones.deploy(f"settings-{project}", like="sandbox", **{**NOTHING_ELSE, **settings})
        account = make_account()
        return account["Id"], meshstack.payload(account, "space", project, LandingZone=name)

    return make


@pytest.fixture
def without_trusted_access(environment, local_aws):
    """The organization does not trust Account Management for the time of a test."""
    mark = local_aws.mark()
    organizations = environment.root_client("organizations", environment.management_account_id)
    organizations.disable_aws_service_access(ServicePrincipal=SERVICE_PRINCIPAL)
    yield
    organizations.enable_aws_service_access(ServicePrincipal=SERVICE_PRINCIPAL)
    local_aws.expect_refusals(mark)


def test_a_contact_that_differs_is_written_and_equal_or_unnamed_ones_are_not(
    meshstack, operator, local_aws, environment, management, request_settings
):
    contacts = {"security": SECURITY, "operations": OPERATIONS}
    account_id, payload = request_settings(alternateContacts=contacts)
    billing = as_aws_has_it("BILLING", {**OPERATIONS, "name": "Bill"})
    before = as_aws_has_it("SECURITY", {**SECURITY, "phone": "+49 30 999"})
    for contact in (billing, before, as_aws_has_it("OPERATIONS", OPERATIONS)):
        management.put_alternate_contact(AccountId=account_id, **contact)
    mark = local_aws.mark()

    output = vend(meshstack, operator, payload)

    assert writes(local_aws.calls(mark), "account") == ["account:PutAlternateContact"]
    found = Inventory(environment, account_id)
    assert found.contact("BILLING") == billing
    assert found.contact("SECURITY") == as_aws_has_it("SECURITY", SECURITY)
    assert output["AccountSetUp"]["Settings"]["Contacts"] == {
        "billing": "none",
        "operations": "unchanged",
        "security": "set",
    }


def test_an_unknown_region_is_told_with_its_setting_before_anything_is_written(
    meshstack, operator, local_aws, request_settings
):
    account_id, payload = request_settings(
        alternateContacts={"security": SECURITY}, optInRegions=["eu-south-1", "eu-nowhere-1"]
    )
    mark = local_aws.mark()

    execution = fail(meshstack, operator, payload)

    assert execution["error"] == "InvalidConfiguration"
    assert "AWS has no region eu-nowhere-1" in execution["cause"]
    assert writes(local_aws.calls(mark), "account") == []
    assert meshstack.tags(account_id)["avm:failed-step"] == "Regions"


def test_two_regions_are_enabled_side_by_side_although_aws_takes_one_call_a_second(
    meshstack, operator, local_aws, environment, request_settings
):
    account_id, payload = request_settings(optInRegions=["eu-south-1", "eu-south-2"])
    local_aws.inject(code="TooManyRequestsException", status=429, service="account", action="EnableRegion")
    mark = local_aws.mark()

    execution = run(meshstack, operator, payload)

    settings = json.loads(execution["output"])["AccountSetUp"]["Settings"]
    assert settings["Regions"] == {"eu-south-1": "enabled", "eu-south-2": "enabled"}
    (first, *_, last) = errors_of(local_aws.calls(mark), "account:EnableRegion")
    assert (first, last) == ("TooManyRequestsException", None)
    events = operator.events(execution["executionArn"])
    assert "eu-south-1 is ENABLING; eu-south-2 is ENABLING" in json.dumps(events, default=str)
    assert {Inventory(environment, account_id).region(name) for name in settings["Regions"]} == {"ENABLED"}


def test_a_lost_answer_to_enable_region_costs_nothing(
    meshstack, operator, local_aws, request_settings
):
    _, payload = request_settings(optInRegions=["eu-south-1"])
    local_aws.inject(
        code="InternalServerException",
        status=500,
        service="account",
        action="EnableRegion",
        when="after",
    )
    mark = local_aws.mark()

    output = vend(meshstack, operator, payload)

    assert output["AccountSetUp"]["Settings"]["Regions"] == {"eu-south-1": "enabled"}
    (lost, *_, last) = errors_of(local_aws.calls(mark), "account:EnableRegion")
    assert (lost, last) == ("InternalServerException", "ValidationException")


def test_after_the_downgrade_contacts_and_regions_still_follow_the_landing_zone(
    meshstack, operator, local_aws, environment, landing_zones, make_account, project
):
    name = landing_zones.deploy(
        f"settings-{project}", like="sandbox", downgrade="strict", alternateContacts={"security": SECURITY}
    )
    account = make_account()
    payload = meshstack.payload(account, "space", project, LandingZone=name)
    vend(meshstack, operator, payload)
    contacts = {"security": SECURITY, "operations": OPERATIONS}
    landing_zones.deploy(name, like=name, alternateContacts=contacts, optInRegions=["eu-south-1"])
    mark = local_aws.mark()

    vend(meshstack, operator, payload)

    calls = local_aws.calls(mark)
    assert writes(calls, "account") == ["account:EnableRegion", "account:PutAlternateContact"]
    assert refused(calls) == []
    found = Inventory(environment, account["Id"])
    assert found.contact("OPERATIONS") == as_aws_has_it("OPERATIONS", OPERATIONS)
    assert found.region("eu-south-1") == "ENABLED"


def test_without_trusted_access_the_remedy_names_it(
    meshstack, operator, without_trusted_access, request_settings
):
    account_id, payload = request_settings(alternateContacts={"security": SECURITY})

    execution = fail(meshstack, operator, payload)

    assert execution["error"] == "AccessDenied"
    assert "Remedy: enable trusted access for account.amazonaws.com in AWS Organizations" in execution["cause"]
    assert meshstack.tags(account_id)["avm:failed-step"] == "AccountSettings"


def test_nothing_of_a_contact_is_in_logs_output_tags_or_what_aws_refuses(
    meshstack, operator, local_aws, log_folder, request_settings
):
    contact = {"name": "Xanthippe", "title": "Oracle", "email": "delphi@secret.example", "phone": "+30 7654321"}
    account_id, payload = request_settings(alternateContacts={"security": contact})
    local_aws.inject(
        code="ValidationException",
        service="account",
        action="PutAlternateContact",
        message=f"the contact {' '.join(contact.values())} is not one",
    )

    execution = fail(meshstack, operator, payload)
    told = [execution["cause"], *meshstack.tags(account_id).values()]
    output = vend(meshstack, operator, payload)

    assert execution["error"] == "InvalidConfiguration"
    assert "alternateContacts.security" in execution["cause"]
    log = logged(log_folder)
    assert f'"account":"{account_id}"' in log.replace(" ", "")
    told += [json.dumps(output), *meshstack.tags(account_id).values(), log]
    for words in contact.values():
        assert not [text for text in told if words in text], words
