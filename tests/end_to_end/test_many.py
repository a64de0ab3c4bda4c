"""Many calls at the same moment: identical ones join, different ones all succeed.

AWS Organizations makes five accounts at a time; the local AWS does so too.
"""

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


def test_ten_different_requests_at_once_all_succeed(meshstack, operator, project):
    payloads = [{"ProductName": "many", "Stage": f"{project}-{number}"} for number in range(10)]

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(meshstack.invoke, payloads))

    assert {answer["status"] for answer in answers} == {"started"}
    for payload, answer in zip(payloads, answers, strict=True):
        execution = operator.wait_for_end(answer["executionArn"], seconds=240)
        assert execution["status"] == "SUCCEEDED", (execution.get("error"), execution.get("cause"))
        account = operator.account_by_email(f"aws+many.{payload['Stage']}@example.com")
        assert meshstack.tags(account["Id"])["Stage"] == payload["Stage"]
