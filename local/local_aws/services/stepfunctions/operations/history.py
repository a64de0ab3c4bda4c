"""The history of an execution: 25,000 events at most, and one event where an expression cannot be evaluated.

moto's history has no end, and it tells of a failed evaluation twice. Sources: loads/ardere#86 and floci-io/floci#2734, both with an answer of
AWS, where the last of the 25,000 events is the end; LocalStack, stepfunctions/v2/evaluate_jsonata/test_base_evaluate_expressions.
"""

from typing import Any

from moto.stepfunctions.parser.api import ExecutionFailedEventDetails, HistoryEventType
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventHistoryContext, EventManager

from local_aws.patches import patch

MAXIMUM_EVENTS = 25_000
ERROR = "States.Runtime"

_ENDS = (
    HistoryEventType.ExecutionSucceeded,
    HistoryEventType.ExecutionFailed,
    HistoryEventType.ExecutionAborted,
    HistoryEventType.ExecutionTimedOut,
)


class HistoryFullError(Exception):
    """Only the end of the execution has room in its history."""


def cause() -> str:
    """AWS's words for an execution that is too long."""
    return f"The execution reached the maximum number of history events ({MAXIMUM_EVENTS})."


def is_full(events: EventManager) -> bool:
    """Whether the execution was ended because of the number of its events."""
    return bool(getattr(events, "is_full", False))


@patch(EventManager, "add_event")
def _add_event(
    original: Any,
    self: EventManager,
    context: EventHistoryContext,
    event_type: HistoryEventType,
    event_details: EventDetails | None = None,
    *rest: Any,
    **named: Any,
) -> int:
    """No catcher gets this end: whatever follows it needs an event."""
    if is_full(self) and event_type is HistoryEventType.ExecutionFailed:
        failed = ExecutionFailedEventDetails(error=ERROR, cause=cause())
        event_details = EventDetails(executionFailedEventDetails=failed)
    elif event_type not in _ENDS and len(self._history_event_list) >= MAXIMUM_EVENTS - 1:
        self.is_full = True  # type: ignore[attr-defined]
        raise HistoryFullError(cause())
    if event_type is HistoryEventType.EvaluationFailed and _is_told(self, event_details):
        return context.last_published_event_id
    return int(original(self, context, event_type, event_details, *rest, **named))


def _is_told(events: EventManager, details: EventDetails | None) -> bool:
    told = events._history_event_list[-1].get("evaluationFailedEventDetails")
    return details is not None and told is details.get("evaluationFailedEventDetails")
