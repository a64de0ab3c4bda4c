"""The SCIM endpoint: its token, AWS's limits, and one directory with the identity store."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from identity import (
    GIVEN_PERMISSION_SET,
    GROUP_SCHEMA,
    INSTANCE_ARN,
    PATCH_SCHEMA,
    PERSON,
    STORE,
    TENANT,
    USER_SCHEMA,
    Scim,
    finished_creation,
    members_operation,
    new_group,
    new_user,
)
from organization import error_of, unique

from local_aws import audit, faults
from local_aws.deploy.single_sign_on import SingleSignOn
from local_aws.services.identitystore.models.directories import create_directory, find_directory
from local_aws.services.scim.responses.mount import enable_provisioning

UNKNOWN = "0123456789-11111111-2222-3333-4444-555555555555"


def user_document(**changes: Any) -> dict[str, Any]:
    name = f"{unique('scim-user')}@people.example"
    document = {
        "schemas": [USER_SCHEMA],
        "userName": name,
        "displayName": name,
        "name": {"givenName": "Given", "familyName": "Family"},
        "emails": [{"value": name, "type": "work", "primary": True}],
        "active": True,
    }
    return {key: value for key, value in {**document, **changes}.items() if value is not None}


def members_of(store: Any, group_id: str) -> set[str]:
    pages = store.get_paginator("list_group_memberships").paginate(IdentityStoreId=STORE, GroupId=group_id)
    return {one["MemberId"]["UserId"] for page in pages for one in page["GroupMemberships"]}


def resources(answer: requests.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return list(answer.json()["Resources"])


@pytest.mark.parametrize("authorization", [None, "Bearer wrong", "Basic {token}", "{token}", "Bearer "])
def test_every_request_needs_the_token(scim: Scim, authorization: str | None) -> None:
    headers = {"Authorization": authorization.format(token=scim.token)} if authorization else {}
    for path in ("Groups", "Users", "ServiceProviderConfig", "Nothing"):
        answer = requests.get(f"{scim.endpoint}{path}", headers=headers, timeout=10)
        assert answer.status_code == 401


def test_another_tenant_is_unauthorized(scim: Scim) -> None:
    other = Scim(scim.endpoint.replace(TENANT, "other-tenant"), scim.token)
    assert other("GET", "Groups").status_code == 401


def test_a_tenant_may_have_a_second_token(scim: Scim) -> None:
    directory = find_directory(STORE)
    assert directory is not None
    path = enable_provisioning(TENANT, directory, "second-token")
    assert scim.endpoint.endswith(path)
    for token in (scim.token, "second-token"):
        assert Scim(scim.endpoint, token)("GET", "Groups").status_code == 200


def test_the_service_says_what_it_can_do(scim: Scim) -> None:
    config = scim("GET", "ServiceProviderConfig").json()
    announced = {name: config[name]["supported"] for name in ("patch", "bulk", "filter", "sort", "etag")}
    assert announced == {"patch": True, "bulk": False, "filter": True, "sort": False, "etag": False}
    assert [one["type"] for one in config["authenticationSchemes"]] == ["oauthbearertoken"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "Bulk"),
        ("GET", "Me"),
        ("POST", ".search"),
        ("POST", "Groups/.search"),
        ("GET", ""),
        ("GET", "/Groups"),
        ("GET", "Roles"),
    ],
)
def test_other_endpoints_do_not_exist(scim: Scim, method: str, path: str) -> None:
    assert scim(method, path, {}).status_code == 404


def test_a_group_made_through_scim_is_a_group_of_the_store(scim: Scim, store: Any) -> None:
    name, user_id = unique("mst-group"), new_user(store)
    group_id = scim.new_group(name, [user_id])
    wanted = {"UniqueAttribute": {"AttributePath": "displayName", "AttributeValue": name}}
    assert store.get_group_id(IdentityStoreId=STORE, AlternateIdentifier=wanted)["GroupId"] == group_id
    assert members_of(store, group_id) == {user_id}
    assert scim("DELETE", f"Groups/{group_id}").status_code == 204
    assert error_of(store.describe_group, IdentityStoreId=STORE, GroupId=group_id)["ResourceType"] == "GROUP"


def test_a_group_of_the_store_is_seen_through_scim(scim: Scim, store: Any) -> None:
    group_id = new_group(store)
    name = store.describe_group(IdentityStoreId=STORE, GroupId=group_id)["DisplayName"]
    (found,) = resources(scim("GET", "Groups", filter=f'displayName eq "{name}"'))
    assert (found["id"], found["displayName"]) == (group_id, name)
    store.delete_group(IdentityStoreId=STORE, GroupId=group_id)
    assert scim("GET", f"Groups/{group_id}").status_code == 404


def test_users_of_the_store_are_found_through_scim(scim: Scim, single_sign_on: SingleSignOn) -> None:
    (found,) = resources(scim("GET", "Users", filter=f'userName eq "{PERSON.user_name}"'))
    assert found["id"] == single_sign_on.users[PERSON.user_name]
    assert found["emails"][0]["value"] == PERSON.email
    assert resources(scim("GET", "Users", filter='userName eq "nobody"')) == []


def test_users_made_through_scim_are_users_of_the_store(scim: Scim, store: Any) -> None:
    document = user_document(externalId=unique("external"))
    created = scim("POST", "Users", document)
    assert created.status_code == 201
    user_id = created.json()["id"]
    described = store.describe_user(IdentityStoreId=STORE, UserId=user_id)
    assert (described["UserName"], described["UserStatus"]) == (document["userName"], "ENABLED")
    wanted = f'externalId eq "{document["externalId"]}"'
    assert [one["id"] for one in resources(scim("GET", "Users", filter=wanted))] == [user_id]
    changed = scim("PUT", f"Users/{user_id}", {**document, "displayName": "Changed", "active": False})
    assert changed.status_code == 200
    described = store.describe_user(IdentityStoreId=STORE, UserId=user_id)
    assert (described["DisplayName"], described["UserStatus"]) == ("Changed", "DISABLED")


@pytest.mark.parametrize(
    "changes",
    [
        {"displayName": None},
        {"name": {"givenName": "Given"}},
        {"emails": [{"value": "a@people.example", "primary": False}]},
        {"emails": [{"value": f"{one}@people.example", "primary": True} for one in "ab"]},
        {"groups": [{"value": UNKNOWN}]},
        {"password": "secret"},
    ],
)
def test_users_that_aws_would_not_have_are_refused(scim: Scim, changes: dict[str, Any]) -> None:
    answer = scim("POST", "Users", user_document(**changes))
    assert (answer.status_code, answer.json()["status"]) == (400, "400")


def test_taken_names_are_conflicts(scim: Scim, store: Any) -> None:
    group_id = new_group(store)
    name = store.describe_group(IdentityStoreId=STORE, GroupId=group_id)["DisplayName"]
    answer = scim("POST", "Groups", {"schemas": [GROUP_SCHEMA], "displayName": name})
    assert (answer.status_code, answer.json()["status"]) == (409, "409")
    assert scim("POST", "Users", user_document(userName=PERSON.user_name)).status_code == 409
    other = scim.new_group()
    rename = {"op": "replace", "path": "displayName", "value": name}
    assert scim.patch(other, rename).status_code == 409


@pytest.mark.parametrize("document", [{}, {"displayName": "Administrator"}, {"displayName": ""}, []])
def test_groups_that_aws_would_not_have_are_refused(scim: Scim, document: Any) -> None:
    body = {"schemas": [GROUP_SCHEMA], **document} if isinstance(document, dict) else document
    assert scim("POST", "Groups", body).status_code == 400


def test_members_are_never_shown(scim: Scim, store: Any) -> None:
    user_id, name = new_user(store), unique("scim-group")
    created = scim("POST", "Groups", {"schemas": [GROUP_SCHEMA], "displayName": name, "members": [{"value": user_id}]})
    group_id = created.json()["id"]
    (listed,) = resources(scim("GET", "Groups", filter=f'displayName eq "{name}"'))
    for shown in (created.json(), scim("GET", f"Groups/{group_id}").json(), listed):
        assert (shown["id"], shown["members"]) == (group_id, [])


def test_a_member_is_asked_for_with_its_group(scim: Scim, store: Any) -> None:
    inside, outside = new_user(store), new_user(store)
    group_id = scim.new_group(members=[inside])
    for user_id, expected in ((inside, [group_id]), (outside, [])):
        group, user = f'id eq "{group_id}"', f'members eq "{user_id}"'
        for text in (f"{group} and {user}", f"{user} and {group}"):
            assert [one["id"] for one in resources(scim("GET", "Groups", filter=text))] == expected
    assert [one["id"] for one in resources(scim("GET", "Users", filter=f'groups.value eq "{group_id}"'))] == [inside]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Groups", 'displayName co "mst"'),
        ("Groups", 'displayName eq "a" or displayName eq "b"'),
        ("Groups", 'not (displayName eq "a")'),
        ("Groups", "displayName pr"),
        ("Groups", 'members eq "a"'),
        ("Groups", 'displayName eq "a" and externalId eq "b"'),
        ("Groups", "displayName eq a"),
        ("Users", 'userName sw "a"'),
        ("Users", 'emails.value eq "a@people.example"'),
        ("Users", 'displayName eq "Ada"'),
        ("Users", 'userName eq "a" and externalId eq "b"'),
        ("Users", ""),
    ],
)
def test_other_filters_are_refused(scim: Scim, path: str, text: str) -> None:
    assert scim("GET", path, filter=text).status_code == 400


def test_quotes_in_names_can_be_asked_for(scim: Scim) -> None:
    name = f'{unique("a")} "quoted" and \\ more'
    group_id = scim.new_group(name)
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    assert [one["id"] for one in resources(scim("GET", "Groups", filter=f'displayName eq "{escaped}"'))] == [group_id]


@pytest.mark.parametrize(
    "query", [{"startIndex": 2}, {"attributes": "id"}, {"count": 0}, {"count": 101}, {"sortBy": "id"}]
)
def test_other_parameters_of_lists_are_refused(scim: Scim, query: dict[str, Any]) -> None:
    assert scim("GET", "Users", **query).status_code == 400


def test_lists_come_in_pages_by_cursor(scim: Scim, store: Any) -> None:
    made = {new_user(store) for _ in range(102)}
    without = scim("GET", "Users").json()
    assert len(without["Resources"]) == 100
    assert without["totalResults"] > 100
    assert "nextCursor" not in without
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = scim("GET", "Users", cursor=cursor, count=100).json()
        assert "totalResults" not in page
        seen += [user["id"] for user in page["Resources"]]
        cursor = page.get("nextCursor")
    assert made <= set(seen)
    assert len(seen) == len(set(seen)) == without["totalResults"]


def test_members_are_added_and_removed_by_patches(scim: Scim, store: Any) -> None:
    first, second, third = (new_user(store) for _ in range(3))
    group_id = scim.new_group()
    answer = scim.patch(group_id, members_operation("add", first, second))
    assert answer.status_code == 204
    assert scim.patch(group_id, members_operation("add", second, third)).status_code == 204
    assert members_of(store, group_id) == {first, second, third}
    both = (members_operation("remove", first, second), members_operation("add", first))
    assert scim.patch(group_id, *both).status_code == 204
    assert members_of(store, group_id) == {first, third}
    store.create_group_membership(IdentityStoreId=STORE, GroupId=group_id, MemberId={"UserId": second})
    assert scim.patch(group_id, members_operation("remove", first, second, third)).status_code == 204
    assert members_of(store, group_id) == set()


def test_in_a_mode_no_request_takes_the_last_members_out(
    scim: Scim, store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AVM_LOCAL_SCIM_EMPTYING", "refused")
    first, second, third = (new_user(store) for _ in range(3))
    group_id = scim.new_group(members=[first, second])
    for leaving in ((first, second), (first, second, third)):
        answer = scim.patch(group_id, members_operation("remove", *leaving))
        assert (answer.status_code, answer.json()["status"]) == (400, "400")
    assert members_of(store, group_id) == {first, second}
    replaced = (members_operation("remove", first, second), members_operation("add", third))
    assert scim.patch(group_id, *replaced).status_code == 204
    assert scim.patch(group_id, members_operation("remove", first)).status_code == 204
    assert scim.patch(group_id, members_operation("remove", third)).status_code == 400
    (membership,) = store.list_group_memberships(IdentityStoreId=STORE, GroupId=group_id)["GroupMemberships"]
    store.delete_group_membership(IdentityStoreId=STORE, MembershipId=membership["MembershipId"])
    assert members_of(store, group_id) == set()
    assert scim.patch(group_id, members_operation("remove", third)).status_code == 204
    assert scim.patch(group_id, {"op": "replace", "path": "displayName", "value": unique("a")}).status_code == 204


def test_adding_a_member_again_keeps_its_membership(scim: Scim, store: Any) -> None:
    user_id = new_user(store)
    group_id = scim.new_group(members=[user_id])
    request = {"IdentityStoreId": STORE, "GroupId": group_id, "MemberId": {"UserId": user_id}}
    before = store.get_group_membership_id(**request)["MembershipId"]
    assert scim.patch(group_id, members_operation("add", user_id)).status_code == 204
    assert store.get_group_membership_id(**request)["MembershipId"] == before
    assert members_of(store, group_id) == {user_id}


def test_removing_who_is_no_member_changes_nothing(scim: Scim, store: Any) -> None:
    inside, outside = new_user(store), new_user(store)
    group_id = scim.new_group(members=[inside])
    assert scim.patch(group_id, members_operation("remove", outside)).status_code == 204
    assert members_of(store, group_id) == {inside}


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "path": "members", "value": [{"value": UNKNOWN}]},
        {"op": "remove", "path": "members"},
        {"op": "remove", "path": "members", "value": []},
        {"op": "replace", "value": {"members": []}},
        {"op": "remove", "path": f'members[value eq "{UNKNOWN}"]'},
        {"op": "add", "path": "members", "value": [UNKNOWN]},
        {"op": "add", "path": "description", "value": "a"},
        {"op": "add"},
        {"path": "displayName", "value": "a"},
        "add",
    ],
)
def test_other_patches_of_groups_are_refused(scim: Scim, store: Any, operation: Any) -> None:
    user_id = new_user(store)
    group_id = scim.new_group(members=[user_id])
    assert scim.patch(group_id, operation).status_code == 400
    assert members_of(store, group_id) == {user_id}


def test_a_patch_changes_a_hundred_members_at_most(scim: Scim, store: Any) -> None:
    users = [new_user(store) for _ in range(101)]
    group_id = scim.new_group()
    assert scim.patch(group_id, members_operation("add", *users)).status_code == 400
    split = (members_operation("add", *users[:60]), members_operation("add", *users[60:]))
    assert scim.patch(group_id, *split).status_code == 400
    assert members_of(store, group_id) == set()
    assert scim.patch(group_id, members_operation("add", *users[:100])).status_code == 204
    assert len(members_of(store, group_id)) == 100
    document = {"schemas": [GROUP_SCHEMA], "displayName": unique("scim-group")}
    answer = scim("POST", "Groups", {**document, "members": [{"value": one} for one in users]})
    assert answer.status_code == 400


def test_unknown_groups_and_users_are_not_found(scim: Scim) -> None:
    assert scim("GET", f"Groups/{UNKNOWN}").status_code == 404
    assert scim.patch(UNKNOWN, members_operation("add", UNKNOWN)).status_code == 404
    assert scim("DELETE", f"Groups/{UNKNOWN}").status_code == 404
    assert scim.patch(scim.new_group(), members_operation("add", UNKNOWN)).status_code == 404


def test_groups_cannot_be_put(scim: Scim) -> None:
    group_id = scim.new_group()
    answer = scim("PUT", f"Groups/{group_id}", {"schemas": [GROUP_SCHEMA], "displayName": unique("a")})
    assert answer.status_code == 400


def test_a_group_is_renamed(scim: Scim, store: Any) -> None:
    group_id, name = scim.new_group(), unique("renamed")
    assert scim.patch(group_id, {"op": "replace", "value": {"displayName": name}}).status_code == 204
    assert store.describe_group(IdentityStoreId=STORE, GroupId=group_id)["DisplayName"] == name


def test_bodies_are_judged(scim: Scim) -> None:
    headers = {"Authorization": f"Bearer {scim.token}"}
    for body, kind, expected in (
        ("{", "application/scim+json", 400),
        (f'{{"schemas": ["{GROUP_SCHEMA}"], "displayName": "{unique("a")}"}}', "text/plain", 415),
        (f'{{"schemas": ["{PATCH_SCHEMA}"], "displayName": "{unique("a")}"}}', "application/json", 400),
    ):
        answer = requests.post(
            f"{scim.endpoint}Groups", data=body, headers={**headers, "Content-Type": kind}, timeout=10
        )
        assert answer.status_code == expected, body


def test_a_group_of_scim_is_assigned(scim: Scim, sso: Any, member: str) -> None:
    created = sso.create_account_assignment(
        InstanceArn=INSTANCE_ARN,
        TargetId=member,
        TargetType="AWS_ACCOUNT",
        PermissionSetArn=GIVEN_PERMISSION_SET,
        PrincipalType="GROUP",
        PrincipalId=scim.new_group(),
    )["AccountAssignmentCreationStatus"]
    assert finished_creation(sso, created["RequestId"])["Status"] == "SUCCEEDED"


def test_the_audit_has_the_calls_without_names(scim: Scim, store: Any) -> None:
    user_id, group_id = new_user(store), scim.new_group()
    before = audit.last_number()
    scim("GET", "Users", filter=f'userName eq "{PERSON.user_name}"')
    scim.patch(group_id, members_operation("add", user_id))
    scim("GET", f"Groups/{UNKNOWN}")
    calls = audit.calls_since(before)
    assert [(call["action"], call["resources"], call["status"], call["error"]) for call in calls] == [
        ("scim:ListUsers", ["/Users"], 200, None),
        ("scim:PatchGroup", [f"/Groups/{group_id}"], 204, None),
        ("scim:GetGroup", [f"/Groups/{UNKNOWN}"], 404, "HTTP404"),
    ]


@pytest.fixture
def no_faults() -> Iterator[None]:
    yield
    faults.clear()


@pytest.mark.parametrize(("when", "happens"), [("before", False), ("after", True)])
def test_faults_hit_scim_too(scim: Scim, store: Any, no_faults: None, when: str, happens: bool) -> None:
    user_id, group_id, before = new_user(store), scim.new_group(), audit.last_number()
    wanted = {"code": "Throttling", "service": "scim", "action": "PatchGroup", "status": 429, "when": when}
    faults.add(faults.Fault.of(wanted))
    answer = scim.patch(group_id, members_operation("add", user_id))
    assert (answer.status_code, answer.json()["status"]) == (429, "429")
    assert (members_of(store, group_id) == {user_id}) is happens
    assert scim.patch(group_id, members_operation("add", user_id)).status_code == 204
    assert members_of(store, group_id) == {user_id}
    patches = [call for call in audit.calls_since(before) if call["action"] == "scim:PatchGroup"]
    assert [(call["injected"], call["status"]) for call in patches] == [(True, 429), (False, 204)]


def test_an_other_store_cannot_take_a_tenant(client: Callable[..., Any], single_sign_on: SingleSignOn) -> None:
    other = create_directory("d-1111111111", "211111111111", "eu-central-1")
    with pytest.raises(ValueError, match="another identity store"):
        enable_provisioning(TENANT, other, "token")
