"""What Lambda answers for a function that fails."""

import json
from collections.abc import Callable
from typing import Any

import pytest

SOURCE = "LocalStack, lambda_/test_lambda.py, recorded on AWS 2025-11-24"


def failure(function: Callable[..., Any], event: dict[str, Any], **options: Any) -> dict[str, Any]:
    name, client = function(**options)
    answer = client.invoke(FunctionName=name, Payload=json.dumps(event))
    assert (answer["StatusCode"], answer["FunctionError"], answer["ExecutedVersion"]) == (200, "Unhandled", "$LATEST")
    return {**json.loads(answer["Payload"].read()), "RequestId": answer["ResponseMetadata"]["RequestId"]}


@pytest.mark.source(SOURCE)
def test_time_out(function: Callable[..., Any]) -> None:
    told = failure(function, {"do": "sleep", "seconds": 5}, timeout=1)
    assert told["errorType"] == "Sandbox.Timedout"
    assert told["errorMessage"] == f"RequestId: {told['RequestId']} Error: Task timed out after 1.00 seconds"


@pytest.mark.source(SOURCE)
def test_exit(function: Callable[..., Any]) -> None:
    told = failure(function, {"do": "exit", "code": 0})
    assert told["errorType"] == "Runtime.ExitError"
    assert told["errorMessage"] == f"RequestId: {told['RequestId']} Error: Runtime exited without providing a reason"


@pytest.mark.source(SOURCE)
def test_an_answer_of_more_than_six_megabytes(function: Callable[..., Any]) -> None:
    told = failure(function, {"do": "large", "size": 6_291_557})
    del told["RequestId"]
    assert told == {
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    }
