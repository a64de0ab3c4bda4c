"""How far a request reaches: to the account of its own workspace and project, and to no other.

Every refusal is shown by the audit to have written nothing, on the account or anywhere else.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from platform_team import wait_until
from principals import OUTSIDE_ACCOUNT_ID
from vending import ASKED_FOR, Vending, number_of_accounts, writes

STANDING = ("management", "automation", "meshcloud")

@pytest.fixture
def vending(meshstack, operator):
    """meshStack's calls, each awaited."""
    return Vending(meshstack, operator)


@pytest.fixture
def tag(environment):
    """Tags an account as somebody does by hand, in the management account."""
    organizations = environment.root_client("organizations", environment.management_account_id)

    def tag(account_id: str, **tags: str) -> None:
        found = [{"Key": key.replace("__", ":"), "Value": value} for key, value in tags.items()]
        organizations.tag_resource(ResourceId=account_id, Tags=found)

    return tag


@pytest.fixture
def describe(operator):
    """An account as AWS Organizations shows it."""
    return lambda account_id: operator.organizations.describe_account(AccountId=account_id)["Account"]


@pytest.fixture
def refuse(meshstack, operator, vending, local_aws):
    """Sends a request that must end with the error; the account stays as it was, and nothing is written for it."""

    def refuse(payload: dict[str, Any], error: str, account_id: str | None = None) -> str:
        before = meshstack.tags(account_id) if account_id else None
        accounts, mark = number_of_accounts(operator), local_aws.mark()
        execution = vending.fail(payload, error)
        assert set(writes(local_aws.calls(mark))) <= {"sns:Publish", ASKED_FOR}
        assert number_of_accounts(operator) == accounts
        assert (meshstack.tags(account_id) if account_id else None) == before
        assert "@" not in execution["cause"]
        return str(execution["cause"])

    return refuse


def by_address(payload: dict[str, Any]) -> dict[str, Any]:
    """The same request without the account's id: the account is found by its address."""
    return {key: value for key, value in payload.items() if key not in ("AccountId", "AccountArn")}


def test_an_account_outside_of_the_organization_is_not_found(meshstack, refuse, project):
    account = {
        "Id": OUTSIDE_ACCOUNT_ID,
        "Name": "outside",
        "Email": "aws+outside@example.com",
        "Arn": f"arn:aws:organizations::{OUTSIDE_ACCOUNT_ID}:account/o-another000/{OUTSIDE_ACCOUNT_ID}",
    }
    for more in ({}, {"Force": "true"}):
        assert OUTSIDE_ACCOUNT_ID in refuse(meshstack.payload(account, "space", project, **more), "AccountNotFound")


@pytest.mark.parametrize("standing", STANDING)
def test_an_account_that_the_machine_stands_on_is_refused(environment, meshstack, describe, refuse, project, standing):
    account = describe(getattr(environment, f"{standing}_account_id"))
    payload = meshstack.payload(account, "space", project, Force="true")

    for request in (payload, by_address(payload)):
        assert f"the {standing} account" in refuse(request, "InvalidRequest", account["Id"])


def test_an_account_that_the_platform_protects_is_refused(operator, meshstack, describe, refuse, project):
    account = describe(operator.account_by_email("audit@accounts.example")["Id"])
    payload = meshstack.payload(account, "space", project, Force="true")

    for request in (payload, by_address(payload)):
        assert "an account that the platform protects" in refuse(request, "InvalidRequest", account["Id"])


def test_a_suspended_account_is_refused(meshstack, local_aws, refuse, make_account, project):
    account = make_account()
    local_aws.suspend(account["Id"])
    payload = meshstack.payload(account, "space", project, Force="true")

    assert "SUSPENDED" in refuse(payload, "AccountNotActive", account["Id"])
    assert "SUSPENDED" in refuse(by_address(payload), "EmailAlreadyInUse", account["Id"])


@pytest.mark.parametrize(
    ("tags", "named"),
    [
        ({"ProductName": "moon", "Stage": "shop"}, "ProductName (moon)"),
        ({"avm__workspace": "moon", "avm__project": "shop"}, "avm:workspace (moon)"),
        ({"ProductName": "space", "Stage": "shop", "avm__workspace": "moon"}, "avm:workspace (moon)"),
        ({"ProductName": "moon", "avm__workspace": "space", "avm__project": "shop"}, "ProductName (moon)"),
        ({"ProductName": "Space", "Stage": "shop"}, "ProductName (Space)"),
        ({"ProductName": "", "Stage": "shop"}, "ProductName ()"),
        ({"ProductName": "space"}, "ProductName (space)"),
        ({"Stage": "shop"}, "Stage (shop)"),
        ({"avm__project": "shop"}, "avm:project (shop)"),
    ],
)
def test_an_account_whose_tags_name_another_owner_or_half_of_one_is_refused(
    meshstack, refuse, make_account, tag, tags, named
):
    account = make_account()
    tag(account["Id"], **tags)
    payload = meshstack.payload(account, "space", "shop", Force="true")

    assert named in refuse(payload, "AccountMismatch", account["Id"])
    assert named in refuse(by_address(payload), "EmailAlreadyInUse", account["Id"])


def test_an_account_that_nobody_owns_is_adopted_by_its_id_and_not_by_its_address(
    meshstack, vending, refuse, make_account, tag, project
):
    account = make_account()
    tag(account["Id"], stage="prod", productname="moon", PRODUCTNAME="sun")
    payload = meshstack.payload(account, "space", project)

    assert "no tag names" in refuse(by_address(payload), "EmailAlreadyInUse", account["Id"])
    vending.succeed(payload)

    tags = meshstack.tags(account["Id"])
    assert (tags["ProductName"], tags["Stage"], tags["stage"]) == ("space", project, "prod")
    vending.succeed({**by_address(payload), "Force": "true"})


def together(calls: list[Callable[[], Any]]) -> list[Any]:
    """What calls at the same moment answer."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


def test_of_two_projects_that_want_an_account_by_its_id_at_once_one_gets_it(
    meshstack, operator, vending, refuse, make_account, project
):
    account = make_account()
    payloads = [meshstack.payload(account, workspace, project) for workspace in ("space", "moon")]

    answers = together([lambda payload=payload: meshstack.invoke(payload) for payload in payloads])

    assert sorted(answer["status"] for answer in answers) == ["busy", "started"]
    assert len({answer["executionArn"] for answer in answers}) == 1
    assert operator.wait_for_end(answers[0]["executionArn"])["status"] == "SUCCEEDED"
    winner = payloads[[answer["status"] for answer in answers].index("started")]
    loser = payloads[[answer["status"] for answer in answers].index("busy")]
    assert meshstack.tags(account["Id"])["ProductName"] == winner["ProductName"]
    refuse(loser, "AccountMismatch", account["Id"])


def test_of_two_projects_that_want_an_account_by_its_id_and_its_address_the_first_gets_it(
    meshstack, operator, make_account, project
):
    account = make_account()
    by_id = meshstack.payload(account, "space", project)
    addressed = by_address(meshstack.payload(account, "moon", project))

    answers = together([lambda one=one: meshstack.invoke(one) for one in (by_id, addressed)])
    ends = [operator.wait_for_end(answer["executionArn"]) for answer in answers]

    assert [(end["status"], end.get("error")) for end in ends] == [
        ("SUCCEEDED", None),
        ("FAILED", "EmailAlreadyInUse"),
    ]
    tags = meshstack.tags(account["Id"])
    assert (tags["ProductName"], tags["avm:workspace"]) == ("space", "space")


def test_of_two_projects_that_want_a_new_account_of_one_address_one_gets_it(meshstack, operator, project):
    email = f"aws+contested.{project}@example.com"
    payloads = [
        {"ProductName": workspace, "Stage": project, "AccountName": f"contested-{project}", "AccountEmail": email}
        for workspace in ("space", "moon")
    ]

    answers = together([lambda payload=payload: meshstack.invoke(payload) for payload in payloads])
    ends = [operator.wait_for_end(answer["executionArn"]) for answer in answers]

    assert sorted(end["status"] for end in ends) == ["FAILED", "SUCCEEDED"], ends
    (failed,) = [end for end in ends if end["status"] == "FAILED"]
    assert failed["error"] == "EmailAlreadyInUse"
    winner = payloads[[end["status"] for end in ends].index("SUCCEEDED")]
    account = operator.account_by_email(email)
    assert meshstack.tags(account["Id"])["ProductName"] == winner["ProductName"]


def held_calls(calls: list[dict[str, Any]], account_id: str) -> bool:
    """Whether the vend of the account has come to its move."""
    moves = (call for call in calls if call["action"] == "organizations:MoveAccount")
    return any(resource.endswith(account_id) for call in moves for resource in call["resources"])


def test_an_account_that_is_tagged_for_somebody_else_during_the_vend_is_left_to_them(
    environment, meshstack, operator, local_aws, make_account, tag, project
):
    account = make_account()
    held = {"service": "organizations", "action": "MoveAccount", "resource": account["Id"], "count": 3}
    local_aws.inject(code="ConcurrentModificationException", **held)
    mark = local_aws.mark()
    answer = meshstack.invoke(meshstack.payload(account, "space", project))
    wait_until(lambda: held_calls(local_aws.calls(mark), account["Id"]))

    tag(account["Id"], ProductName="moon", Stage="shop")
    execution = operator.wait_for_end(answer["executionArn"])

    assert (execution["status"], execution["error"]) == ("FAILED", "AccountMismatch"), execution
    assert meshstack.tags(account["Id"]) == {"ProductName": "moon", "Stage": "shop"}
