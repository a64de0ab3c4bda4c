"""State machines for tests: a long chain of Lambda calls, and machines of a single state.

The chain uses everything that the project's own definition uses.
"""

import json
from pathlib import Path
from typing import Any

RETRY = [
    {
        "ErrorEquals": ["Throttled", "Lambda.TooManyRequestsException"],
        "IntervalSeconds": 2,
        "MaxAttempts": 4,
        "BackoffRate": 2,
        "MaxDelaySeconds": 5,
        "JitterStrategy": "FULL",
    }
]


def task(function: str, payload: Any, **more: Any) -> dict[str, Any]:
    """A task that invokes a function."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": function, "Payload": payload},
        "TimeoutSeconds": 30,
        "Retry": RETRY,
        **more,
    }


def chain(function: str, topic: str) -> dict[str, Any]:
    """Prepare, poll with a bounded wait, map with an inner poll, a failure path with a notification."""
    text = (Path(__file__).parent / "definitions" / "chain.asl.json").read_text()
    return dict(json.loads(text.replace("${Function}", function).replace("${Topic}", topic)))


def one_state(state: dict[str, Any], **others: Any) -> dict[str, Any]:
    """A machine that starts with this state, and perhaps goes on to others."""
    return {
        "QueryLanguage": "JSONata",
        "StartAt": "Only",
        "States": {"Only": state, **others},
    }
