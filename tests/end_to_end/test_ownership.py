"""Whose an account is: no project takes over an account of another one, however its request names it.

A project owns an account by the tags of a vend that is done, and by those of its creation when the vend has failed.
"""

import json

import pytest
from vending import number_of_accounts

COMPLETION_KEYS = {"ProductName", "Stage"}
# AWS may be asked for the account, and refuse the address: no account is made.
WRITES = {
    "organizations:MoveAccount",
    "organizations:TagResource",
    "organizations:UntagResource",
}


def vend(meshstack, operator, payload, status):
    """Calls the entry point and returns the execution, which has ended with the status."""
    answer = meshstack.invoke(payload)
    assert answer["status"] == "started", answer
    execution = operator.wait_for_end(answer["executionArn"])
    assert execution["status"] == status, execution
    return execution


def address(project):
    """The address that the platform's pattern makes for the first owner."""
    return f"aws+space.{project}@example.com"


def request(owner, project, account=None):
    """A request of a workspace for the account of the workspace `space`: by id, or by name and address."""
    return {
        **({"AccountId": account["Id"]} if account else {}),
        "AccountName": f"space-{project}",
        "AccountEmail": address(project),
        "ProductName": owner,
        "Stage": project,
        "tagEnvironment": owner,
    }


@pytest.fixture
def refuse(meshstack, operator, local_aws):
    """Sends a request that must end with the error, and shows that nothing was written for it."""

    def refuse(payload, error, words):
        accounts, mark = number_of_accounts(operator), local_aws.mark()
        execution = vend(meshstack, operator, payload, "FAILED")
        assert execution["error"] == error, execution
        for word in (*words, "Remedy"):
            assert word in execution["cause"], execution
        assert "@" not in execution["cause"]
        assert [call for call in local_aws.calls(mark) if call["action"] in WRITES] == []
        assert number_of_accounts(operator) == accounts

    return refuse


@pytest.fixture
def refuse_others(meshstack, refuse, project):
    """Shows that another workspace gets the account of the first neither by its address nor by its id."""

    def refuse_others(account, words):
        tags = meshstack.tags(account["Id"])
        refuse(request("moon", project), "EmailAlreadyInUse", words)
        refuse(request("moon", project, account), "AccountMismatch", words)
        assert meshstack.tags(account["Id"]) == tags

    return refuse_others


def test_the_account_of_a_vend_that_is_done_stays_with_its_project(
    meshstack, operator, refuse_others, project
):
    vend(meshstack, operator, request("space", project), "SUCCEEDED")
    account = operator.account_by_email(address(project))
    assert COMPLETION_KEYS <= meshstack.tags(account["Id"]).keys()

    refuse_others(account, ("ProductName (space)", "another workspace or project"))

    assert operator.organizational_unit_path(account["Id"]) == "/space"
    vend(meshstack, operator, {**request("space", project), "Force": "true"}, "SUCCEEDED")
    vend(meshstack, operator, request("space", project, account), "SUCCEEDED")


def test_another_project_of_the_same_workspace_is_another_owner(meshstack, operator, refuse, project):
    vend(meshstack, operator, request("space", project), "SUCCEEDED")

    refuse({**request("space", project), "Stage": f"{project}-b"}, "EmailAlreadyInUse", (f"Stage ({project})",))


def test_the_account_of_a_vend_that_failed_stays_with_its_project(
    meshstack, operator, local_aws, refuse_others, project
):
    local_aws.inject(code="AccessDenied", status=403, service="iam", action="PutRolePolicy")
    vend(meshstack, operator, request("space", project), "FAILED")
    account = operator.account_by_email(address(project))
    tags = meshstack.tags(account["Id"])
    assert not COMPLETION_KEYS & tags.keys()
    assert (tags["avm:workspace"], tags["avm:project"]) == ("space", project)

    refuse_others(account, ("avm:workspace (space)", "another workspace or project"))

    vend(meshstack, operator, request("space", project), "SUCCEEDED")
    assert meshstack.tags(account["Id"])["Stage"] == project


def test_an_account_of_meshstack_that_was_vended_stays_with_its_project(
    meshstack, operator, refuse, make_account, project
):
    account = make_account()
    assert meshstack.tags(account["Id"]) == {}
    vend(meshstack, operator, meshstack.payload(account, "space", project), "SUCCEEDED")
    tags = meshstack.tags(account["Id"])

    refuse(meshstack.payload(account, "moon", project), "AccountMismatch", ("ProductName (space)", account["Id"]))

    assert meshstack.tags(account["Id"]) == tags


def test_the_tags_of_an_account_are_read_by_one_look_of_create_account_only(meshstack, operator, local_aws, project):
    mark = local_aws.mark()

    vend(meshstack, operator, request("space", project), "SUCCEEDED")

    reads = [
        call
        for call in local_aws.calls(mark)
        if call["action"] == "organizations:ListTagsForResource"
        and call["principal"].endswith("role/AVMAccountsRole")
    ]
    # Now and then a list begins with an empty page: then one look takes two calls.
    assert 1 <= len(reads) <= 2
    assert len({call["trace"] for call in reads}) == 1


def test_a_project_that_gets_another_address_keeps_its_account(meshstack, operator, local_aws, project):
    vend(meshstack, operator, request("space", project), "SUCCEEDED")
    account, accounts, mark = operator.account_by_email(address(project)), number_of_accounts(operator), local_aws.mark()

    other = {**request("space", project), "AccountEmail": f"aws+another.{project}@example.com"}
    execution = vend(meshstack, operator, other, "SUCCEEDED")

    assert account["Id"] in execution["output"]
    assert "organizations:CreateAccount" not in {call["action"] for call in local_aws.calls(mark)}
    assert number_of_accounts(operator) == accounts


def test_two_requests_of_a_project_with_two_addresses_at_once_make_one_account(meshstack, operator, project):
    accounts = number_of_accounts(operator)
    requests = [
        {
            **request("space", project),
            "AccountEmail": f"aws+{one}.{project}@example.com",
            "AccountName": f"{one}-{project}",
        }
        for one in ("first", "second")
    ]

    answers = [meshstack.invoke(payload) for payload in requests]

    assert [answer["status"] for answer in answers] == ["started", "started"]
    executions = [operator.wait_for_end(answer["executionArn"]) for answer in answers]
    assert [execution["status"] for execution in executions] == ["SUCCEEDED", "SUCCEEDED"], executions
    first, second = (json.loads(execution["output"]) for execution in executions)
    assert first["AccountId"] == second["AccountId"]
    assert (first["Differs"], second["Differs"]) == ([], ["AccountName", "AccountEmail"])
    assert number_of_accounts(operator) == accounts + 1


@pytest.mark.parametrize("standing", ["meshcloud", "automation"])
def test_the_accounts_that_the_machine_stands_on_are_never_vended(
    environment, meshstack, operator, refuse, project, standing
):
    account_id = getattr(environment, f"{standing}_account_id")
    account = operator.organizations.describe_account(AccountId=account_id)["Account"]
    payload = meshstack.payload(account, "space", project)

    refuse(payload, "InvalidRequest", (f"the {standing} account", account_id))
    del payload["AccountId"], payload["AccountArn"]
    refuse(payload, "InvalidRequest", (f"the {standing} account", account_id))

    assert operator.organizational_unit_path(account_id) == "/"
    assert meshstack.tags(account_id) == {}


def test_an_account_of_meshstack_keeps_its_owner_when_its_first_vend_fails(
    meshstack, operator, local_aws, project
):
    account = meshstack.create_account(f"space-{project}", address(project))
    local_aws.inject(
        code="AccessDeniedException",
        service="organizations",
        action="MoveAccount",
        resource=account["Id"],
    )

    vend(meshstack, operator, request("space", project, account), "FAILED")

    tags = meshstack.tags(account["Id"])
    assert (tags["avm:workspace"], tags["avm:project"]) == ("space", project)
    execution = vend(meshstack, operator, request("other", project, account), "FAILED")
    assert execution["error"] == "AccountMismatch"


def test_a_vend_that_cannot_enter_the_account_takes_the_completion_tags_away(
    meshstack, operator, local_aws, project
):
    account = meshstack.create_account(f"space-{project}", address(project))
    payload = request("space", project, account)
    vend(meshstack, operator, payload, "SUCCEEDED")
    local_aws.inject(
        code="AccessDenied",
        status=403,
        service="sts",
        action="AssumeRole",
        resource="role/AVMMemberAccessRole",
        count=2,
    )

    execution = vend(meshstack, operator, {**payload, "tagEnvironment": "other"}, "FAILED")

    assert execution["error"] == "AccessDenied"
    tags = meshstack.tags(account["Id"])
    assert not COMPLETION_KEYS & tags.keys()
    assert tags["avm:failed-step"] == "CreateAccount"
