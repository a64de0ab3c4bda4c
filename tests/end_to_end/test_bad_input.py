"""The corpus of odd payloads, sent to AVMEntryPoint: a typed error that names the field, and nothing but reads.

`tests/corpus/README.md` says how a case is written. What the corpus accepts is not sent: other modules vend.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from vending import by_roles, logged

from meshstack_client import FunctionError

CORPUS = json.loads((Path(__file__).parent.parent / "corpus" / "payload.json").read_text(encoding="utf-8"))
READS = {"lambda:InvokeFunction", "ssm:GetParameters"}
LIMIT_OF_LAMBDA = 6 * 1024 * 1024


def words(part: Any) -> str:
    """A text: as it is, as a repetition, or as a list of both."""
    if isinstance(part, str):
        return part
    if isinstance(part, list):
        return "".join(words(one) for one in part)
    return part["$repeat"] * part["$times"]


def expanded(value: Any) -> Any:
    """A value, in which a repetition, or a list with one, is written out as a text."""

    def is_repetition(one: Any) -> bool:
        return isinstance(one, dict) and "$repeat" in one

    if is_repetition(value) or (isinstance(value, list) and any(map(is_repetition, value))):
        return words(value)
    return value


def payload_of(case: dict[str, Any]) -> bytes:
    """What is sent."""
    if "bytes" in case:
        return bytes.fromhex(case["bytes"])
    if "text" in case:
        return words(case["text"]).encode()
    payload = dict(CORPUS["bases"][case["base"]])
    for key, value in case["changes"].items():
        if key == "$tags":
            payload |= {f"tagT{index}": "x" for index in range(value)}
        elif key == "$pairs":
            payload |= {words(key): expanded(value) for key, value in value}
        elif value == "<absent>":
            payload.pop(key, None)
        else:
            payload[key] = expanded(value)
    return json.dumps(payload, ensure_ascii=False).encode()


REFUSED = [case for case in CORPUS["cases"] if "error" in case]
# The local AWS overlooks a byte order mark; whether Lambda does is not documented.
NO_JSON = [
    case
    for case in CORPUS["cases"]
    if case.get("refusedByLambda") and case["name"] != "a byte order mark"
]


def test_every_refused_payload_is_refused_by_name_and_field_and_nothing_is_written(
    meshstack, local_aws, log_folder
):
    mark, before = local_aws.mark(), len(logged(log_folder))
    wrong = []
    for case in REFUSED:
        payload = payload_of(case)
        assert len(payload) <= LIMIT_OF_LAMBDA, case["name"]
        answer = meshstack.lambda_.invoke(FunctionName="AVMEntryPoint", Payload=payload)
        error = FunctionError(json.loads(answer["Payload"].read()))
        is_named = all(field in error.message for field in case["fields"])
        is_one_line = error.message.isprintable()
        if error.name != case["error"] or not is_named or not is_one_line or "Remedy:" not in error.message:
            wrong.append((case["name"], str(error)[:300]))
    assert wrong == []

    calls = [call["action"] for call in by_roles(local_aws.calls(mark))]
    assert calls.count("lambda:InvokeFunction") == len(REFUSED) >= 200
    assert set(calls) <= READS
    log = logged(log_folder)[before:]
    forged = [line for line in log.splitlines() if line.startswith(("ERROR", "root", "\x1b", "reb", "space\u202e"))]
    assert forged == []
    assert "\x1b" not in log
    assert "\u202e" not in log


@pytest.mark.parametrize("case", NO_JSON, ids=lambda case: case["name"])
def test_what_is_no_json_never_reaches_a_function(meshstack, local_aws, case):
    mark = local_aws.mark()
    with pytest.raises(ClientError) as refused:
        meshstack.lambda_.invoke(FunctionName="AVMEntryPoint", Payload=payload_of(case))
    assert refused.value.response["Error"]["Code"] == "InvalidRequestContentException"
    assert {call["action"] for call in by_roles(local_aws.calls(mark))} <= {"lambda:InvokeFunction"}


def test_more_than_lambda_takes_is_refused_by_lambda(meshstack):
    with pytest.raises(ClientError) as refused:
        meshstack.lambda_.invoke(
            FunctionName="AVMEntryPoint", Payload=json.dumps({"tagX": "x" * LIMIT_OF_LAMBDA}).encode()
        )
    assert refused.value.response["Error"]["Code"] == "RequestEntityTooLargeException"


def test_tags_that_aws_does_not_take_as_they_are_are_changed_and_told(
    meshstack, operator, make_account, project
):
    account = make_account()
    payload = meshstack.payload(account, "space", project)
    payload |= {"tagShare": "50% (net)\nERROR forged", "tagText": "x" * 300, "tagPlain": "plain"}

    answer = meshstack.invoke(payload)
    execution = operator.wait_for_end(answer["executionArn"])

    assert execution["status"] == "SUCCEEDED", execution
    told = ["tagShare: value characters replaced by _", "tagText: value cut at 256 characters"]
    assert json.loads(execution["output"])["AlteredTags"] == told
    assert all(one in answer["message"] for one in told)
    assert "net" not in answer["message"]
    tags = meshstack.tags(account["Id"])
    assert tags["Share"] == "50_ _net__ERROR forged"
    assert tags["Text"] == "x" * 256
    assert tags["Plain"] == "plain"
