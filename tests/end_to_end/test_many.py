"""Many calls at the same moment: identical ones join, different ones all succeed.

AWS Organizations makes five accounts at a time; the local AWS does so too. `make many` measures how long that takes.
"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

IDENTICAL = 20
DIFFERENT = 100


def invoke_all(meshstack, payloads):
    """The answers to calls that are made at the same moment; one that AWS is too busy for is made again."""
    with ThreadPoolExecutor(20) as pool:
        return list(pool.map(meshstack.request, payloads))


@pytest.mark.parametrize("made_by", ["meshStack", "the vending machine"])
def test_twenty_identical_calls_at_once_make_one_vend_of_one_account(
    meshstack, operator, make_account, project, made_by
):
    payload = {"ProductName": "many", "Stage": project}
    if made_by == "meshStack":
        payload = meshstack.payload(make_account(), "many", project)

    answers = invoke_all(meshstack, [payload] * IDENTICAL)

    assert len({answer["executionArn"] for answer in answers}) == 1
    statuses = Counter(answer["status"] for answer in answers)
    # The last ones on a slow machine may find it done.
    assert set(statuses) <= {"started", "running", "already done"} and not statuses.keys() <= {"already done"}, statuses
    assert operator.wait_for_end(answers[0]["executionArn"])["status"] == "SUCCEEDED"
    address = payload.get("AccountEmail", f"aws+many.{project}@example.com")
    assert operator.account_by_email(address)
    again = invoke_all(meshstack, [payload] * IDENTICAL)
    assert {answer["status"] for answer in again} == {"already done"}


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


def test_a_hundred_different_requests_at_once_all_succeed(meshstack, operator, project):
    payloads = [{"ProductName": "many", "Stage": f"{project}-{number}"} for number in range(DIFFERENT)]

    answers = invoke_all(meshstack, payloads)

    # A call that was made again because its answer was lost finds its vend running.
    assert {answer["status"] for answer in answers} <= {"started", "running"}
    for answer in answers:
        execution = operator.wait_for_end(answer["executionArn"], seconds=600)
        assert execution["status"] == "SUCCEEDED", (execution.get("error"), execution.get("cause"))
    accounts = operator.organizations.get_paginator("list_accounts").paginate().search("Accounts")
    made = Counter(account["Email"] for account in accounts)
    for payload in payloads:
        assert made[f"aws+many.{payload['Stage']}@example.com"] == 1
