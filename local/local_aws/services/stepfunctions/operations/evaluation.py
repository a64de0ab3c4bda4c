"""What AWS tells of an expression that cannot be evaluated: the state, the field, and the expression.

moto tells neither state nor field, and not the same in the event as at the end of the execution. Source: LocalStack,
stepfunctions/v2/evaluate_jsonata/test_base_evaluate_expressions, recorded on AWS.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from moto.stepfunctions.parser.api import EvaluationFailedEventDetails, HistoryEventType
from moto.stepfunctions.parser.asl.component.common.assign.assign_decl import AssignDecl
from moto.stepfunctions.parser.asl.component.common.assign.assign_template_binding import (
    AssignTemplateBinding,
)
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import (
    StatesErrorName,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.common.jsonata.jsonata_template_binding import (
    JSONataTemplateBinding,
)
from moto.stepfunctions.parser.asl.component.common.outputdecl import Output
from moto.stepfunctions.parser.asl.component.common.parargs import Parargs
from moto.stepfunctions.parser.asl.component.state.exec.state_map.items.items import ItemsJSONata
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails

from local_aws.patches import patch

_fields: ContextVar[tuple[str, ...]] = ContextVar("fields", default=())
_BEGINNING = "An error occurred while executing the state "


@contextmanager
def _in_field(name: str) -> Iterator[None]:
    token = _fields.set((*_fields.get(), name))
    try:
        yield
    finally:
        _fields.reset(token)


def _follow(owner: Any, name_of: Callable[[Any], str]) -> None:
    """Whatever the owner evaluates is in the field of that name."""

    @patch(owner, "_eval_body")
    def _eval_body(original: Any, self: Any, env: Environment) -> None:
        with _in_field(name_of(self)):
            original(self, env)


_follow(Output, lambda _: "Output")
_follow(Parargs, lambda _: "Arguments")
_follow(AssignDecl, lambda _: "Assign")
_follow(ItemsJSONata, lambda _: "Items")
_follow(JSONataTemplateBinding, lambda binding: str(binding.identifier))
_follow(AssignTemplateBinding, lambda binding: str(binding.identifier))


def _entered_at(env: Environment, state: str) -> int:
    """The id of the event with which the state was entered."""
    events = {event["id"]: event for event in env.event_manager.get_event_history()}
    number = env.event_history_context.source_event_id
    while number in events:
        entered = events[number].get("stateEnteredEventDetails") or {}
        if entered.get("name") == state:
            return int(number)
        number = events[number]["previousEventId"]
    return 0


def failure(env: Environment, expression: str, problem: str) -> FailureEventException:
    """Tells the history of it, and is what a catcher gets."""
    state = str(env.next_state_name)
    location = "/".join(_fields.get())
    of_field = f" specified for the field '{location}'" if location else ""
    error = StatesErrorName(typ=StatesErrorNameType.StatesQueryEvaluationError)
    details = EvaluationFailedEventDetails(
        error=error.error_name,
        cause=(
            f"{_BEGINNING}'{state}' (entered at the event id #{_entered_at(env, state)})."
            f" The JSONata expression '{expression}'{of_field} {problem}"
        ),
        state=state,
    )
    if location:
        details["location"] = location
    event = EventDetails(evaluationFailedEventDetails=details)
    env.event_manager.add_event(
        context=env.event_history_context, event_type=HistoryEventType.EvaluationFailed, event_details=event
    )
    return FailureEventException(
        FailureEvent(env=env, error_name=error, event_type=HistoryEventType.EvaluationFailed, event_details=event)
    )


@patch(FailureEventException, "get_execution_failed_event_details")
def _at_the_end(original: Any, self: FailureEventException) -> Any:
    """What names the state already does not name it twice."""
    details = original(self)
    pair = self.extract_error_cause_pair()
    if details is not None and pair is not None and str(pair[1] or "").startswith(_BEGINNING):
        details["cause"] = pair[1]
    return details


@patch(FailureEventException, "get_evaluation_failed_event_details")
def _of_map(original: Any, self: FailureEventException) -> Any:
    details = (self.failure_event.event_details or {}).get("evaluationFailedEventDetails") or {}
    return details if str(details.get("cause") or "").startswith(_BEGINNING) else original(self)
