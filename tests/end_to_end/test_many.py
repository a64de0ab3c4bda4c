"""Many calls at the same moment: identical ones join, different ones all succeed.

AWS Organizations makes five accounts at a time; the local AWS does so too.
"""

import json
from concurrent.futures import ThreadPoolExecutor


def test_two_identical_calls_at_once_make_one_vend(meshstack, operator, make_account, project):
    payload = meshstack.payload(make_account(), "space", project)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(meshstack.invoke, [payload, payload]))

    assert len({answer["executionArn"] for answer in answers}) == 1
    assert {answer["status"] for answer in answers} <= {"started", "running"}
    assert operator.wait_for_end(answers[0]["executionArn"])["status"] == "SUCCEEDED"
    assert meshstack.invoke(payload)["status"] == "already done"


def test_a_changed_call_during_a_vend_is_told_that_it_is_busy(meshstack, operator, make_account, project):
    payload = meshstack.payload(make_account(), "space", project)
    first = meshstack.invoke(payload)

    changed = {**payload, "tagEnvironment": "changed"}
    answer = meshstack.invoke(changed)

    assert answer["status"] == "busy"
    assert answer["executionArn"] == first["executionArn"]
    assert meshstack.invoke(payload)["status"] == "running"
    assert operator.wait_for_end(first["executionArn"])["status"] == "SUCCEEDED"
    assert meshstack.invoke(changed)["status"] == "started"


def test_twenty_identical_calls_at_once_with_an_account_make_one_vend(meshstack, operator, make_account, project):
    payload = meshstack.payload(make_account(), "space", project)

    arn = one_vend_of(meshstack, payload)

    assert operator.wait_for_end(arn)["status"] == "SUCCEEDED"
    assert executions_of(operator, arn) == [arn]
    assert meshstack.tags(payload["AccountId"])["Stage"] == project


def test_twenty_identical_calls_at_once_without_an_account_make_one_account(meshstack, operator, project):
    payload = {"ProductName": "many", "Stage": project}

    arn = one_vend_of(meshstack, payload)

    assert operator.wait_for_end(arn)["status"] == "SUCCEEDED"
    assert executions_of(operator, arn) == [arn]
    # Fails if there are two of that address; a creation that failed would be told by its name.
    account = operator.account_by_email(f"aws+many.{project}@example.com")
    assert meshstack.tags(account["Id"])["Stage"] == project
    pages = operator.organizations.get_paginator("list_create_account_status").paginate()
    creations = [one for page in pages for one in page["CreateAccountStatuses"]]
    assert [one["State"] for one in creations if one["AccountName"] == account["Name"]] == ["SUCCEEDED"]


def one_vend_of(meshstack, payload) -> str:
    """Sends a payload twenty times at once; the one execution that all answers name."""
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(meshstack.request, [payload] * 20))
    # On a slow machine the last caller may be answered after the vend.
    assert {answer["status"] for answer in answers} <= {"started", "running", "already done"}
    arns = {answer["executionArn"] for answer in answers}
    assert len(arns) == 1
    return arns.pop()


def executions_of(operator, arn: str) -> list[str]:
    """The executions with the same key, whatever their generation."""
    key = arn.rpartition("-")[0]
    found = [execution["executionArn"] for execution in operator.executions()]
    return [one for one in found if one.rpartition("-")[0] == key]


def test_a_hundred_different_requests_at_once_all_succeed(meshstack, operator, project):
    payloads = [{"ProductName": "many", "Stage": f"{project}-{number}"} for number in range(100)]

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(meshstack.request, payloads))

    # A request that was sent again because the first answer was lost finds its vend running.
    assert {answer["status"] for answer in answers} <= {"started", "running"}
    ended = [operator.wait_for_end(answer["executionArn"], seconds=900) for answer in answers]
    failures = [(one["name"], one.get("error"), one.get("cause")) for one in ended if one["status"] != "SUCCEEDED"]
    assert failures == []
    accounts = [json.loads(one["output"])["AccountId"] for one in ended]
    assert len(set(accounts)) == 100
    for payload, account in zip(payloads, accounts, strict=True):
        assert meshstack.tags(account)["Stage"] == payload["Stage"]
