"""Requests against the configuration: what cannot be done is refused at once, by its field, before anything is touched.

What is refused here has no execution: the answer to the call says it.
"""

import json

import pytest
from vending import by_roles, logged

from meshstack_client import FunctionError

PERSON = "zenobia@palmyra.example"
SECTIONS = {
    "accountAlias": "accountAliasPattern",
    "enrollment": "controlTower",
    "singleSignOn": "singleSignOn",
    "identityProvider": "identityProvider",
}


@pytest.fixture
def platform(landing_zones):
    """Changes the platform document for the time of a test; None takes a section away."""
    before = landing_zones.platform()

    def change(**changes):
        document = {**before, **changes}
        landing_zones.deploy_platform({key: one for key, one in document.items() if one is not None})

    yield change
    landing_zones.deploy_platform(before)


@pytest.fixture
def refuse(meshstack, local_aws, log_folder):
    """Sends a request that must be refused before any role has done more than read the configuration."""

    def refuse(payload, name):
        mark = local_aws.mark()
        with pytest.raises(FunctionError) as refused:
            meshstack.invoke(payload)
        calls = [call["action"] for call in by_roles(local_aws.calls(mark))]
        assert set(calls) <= {"lambda:InvokeFunction", "ssm:GetParameters"}
        assert refused.value.name == name, refused.value.message
        assert "Remedy:" in refused.value.message
        log = logged(log_folder)
        assert f'"error":"{name}"' in log
        assert "zenobia" not in refused.value.message + log
        return refused.value.message

    return refuse


@pytest.mark.parametrize(
    ("bindings", "words"),
    [
        ([PERSON], "RoleBindings: must be a JSON object of project roles"),
        (7, "RoleBindings: must be a JSON object of project roles"),
        (f'{{"admin": [{PERSON}]}}', "it is not JSON: expected"),
        (json.dumps([PERSON]), "not one that holds a list"),
        ({PERSON: ["owner"]}, "RoleBindings: must go from project roles to the users in them, not from users"),
        ({"admin": PERSON}, "RoleBindings.(sorted key 1): must be a list of user names, not a string"),
        ({"admin": {PERSON: True}}, "RoleBindings.(sorted key 1): must be a list of user names, not an object"),
        ({"zenobia": ["admin"]}, "RoleBindings: must go from project roles to the users in them, not from users"),
        ({"zenobia": ["admin", {"until": 7}]}, "RoleBindings.(sorted key 1)[1]: must be a user name in a JSON"),
        ({"admin": [PERSON, {"name": PERSON}]}, "RoleBindings.admin[1]: must be a user name in a JSON string"),
        ({"user": [f"{PERSON}\n", None]}, "RoleBindings.user[1]: must be a user name in a JSON string, not null"),
        (json.dumps({"zenobia": ["reader"], "admin": [PERSON]}), "RoleBindings: must go from project roles to the users"),
    ],
)
def test_role_bindings_are_refused_with_their_path_and_without_a_user_name(
    meshstack, refuse, project, bindings, words
):
    account = {"Id": "111122223333", "Name": "a", "Email": "a@example.com", "Arn": None}
    payload = meshstack.payload(account, "space", project, LandingZone="production", RoleBindings=bindings)
    assert words in refuse(payload, "InvalidRequest")


def test_all_faults_of_role_bindings_are_told_together(refuse, project):
    bindings = {"admin": [7, PERSON], "user": PERSON, "owner": None, "reader": ["", True]}
    payload = {"ProductName": "space", "Stage": project, "LandingZone": "production", "RoleBindings": bindings}

    message = refuse(payload, "InvalidRequest")

    for path in ("RoleBindings.admin[0]: ", "RoleBindings.(sorted key 4): ", "RoleBindings.reader[1]: "):
        assert path in message


def test_a_contact_that_is_none_is_refused_by_its_path_and_not_repeated(refuse, landing_zones, project):
    security = landing_zones.document("production")["alternateContacts"]["security"]
    faults = {"name": "zenobia" * 10, "title": "zenobia\n", "email": "zenobia", "phone": "zenobia"}
    for field, fault in faults.items():
        contacts = {"security": {**security, field: fault}}
        name = landing_zones.deploy(f"contact-{project}", like="sandbox", alternateContacts=contacts)

        message = refuse({"ProductName": "a", "Stage": project, "LandingZone": name}, "InvalidConfiguration")

        assert f"field alternateContacts.security.{field}: " in message


def test_a_landing_zone_that_asks_for_what_the_platform_lacks_is_named_with_every_field(
    platform, refuse, project
):
    platform(**dict.fromkeys(SECTIONS.values()))

    message = refuse(
        {"ProductName": "space", "Stage": project, "LandingZone": "production"}, "InvalidConfiguration"
    )

    assert "/avm/landing-zones/production" in message
    for field, section in SECTIONS.items():
        assert f"field {field}: needs {section}" in message


def test_a_missing_project_id_is_named_with_the_pattern_that_needs_it(platform, refuse, landing_zones, project):
    platform(accountAliasPattern="example-%3$s")
    landing_zones.deploy(f"alias-{project}", like="sandbox", accountAlias=True)

    message = refuse(
        {"ProductName": "space", "Stage": project, "LandingZone": f"alias-{project}"}, "InvalidRequest"
    )

    assert "ProjectId: is missing: accountAliasPattern of /avm/platform makes the account's alias" in message


def test_an_alias_that_would_be_too_long_is_told_with_the_fields_that_make_it_so(
    platform, refuse, landing_zones, project
):
    platform(accountAliasPattern="example-%s-%s-%3$s")
    name = landing_zones.deploy(f"alias-{project}", like="sandbox", accountAlias=True)
    payload = {"ProductName": "w" * 16, "Stage": "s" * 30, "ProjectId": "9" * 18, "LandingZone": name}

    message = refuse(payload, "InvalidRequest")

    assert "what accountAliasPattern of /avm/platform makes of ProductName and Stage and ProjectId" in message
    assert "it has 74 characters" in message
    assert "ProductName: must have at most 16" in refuse({**payload, "ProductName": "w" * 17}, "InvalidRequest")


def test_a_pattern_that_would_make_too_long_an_alias_of_some_project_is_refused_for_all(
    platform, refuse, project
):
    platform(accountAliasPattern="example-of-a-long-company-name-%s-%s")

    message = refuse({"ProductName": "space", "Stage": project}, "InvalidConfiguration")

    assert "/avm/platform, field accountAliasPattern: makes 78 characters of the longest" in message
