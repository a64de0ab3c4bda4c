"""Services that the local AWS answers itself, from the description of their API: moto has none of them, or a shell.

The gateway has read and allowed the call before; requests are held to the model, answers are written as it says.
"""

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moto.core.utils import unix_time
from moto.moto_server.werkzeug_app import DomainDispatcherApplication

from local_aws.corrections import lists, model_validation
from local_aws.enforcement.calls import CALL_KEY, Call, service_model
from local_aws.enforcement.gateway import respond
from local_aws.enforcement.responses import Answer, error_answer

log = logging.getLogger("local_aws.own_services")

Request = dict[str, Any]
Operation = Callable[[Call], dict[str, Any]]

_services: dict[str, Callable[[], Mapping[str, Operation]]] = {}


class Refusal(Exception):
    """An error of the service, by the name that its model has for it; `fields` are its members besides the message."""

    def __init__(self, code: str, message: str, **fields: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fields = fields


def invalid(message: str) -> Refusal:
    """ValidationException."""
    return Refusal("ValidationException", message)


@dataclass(frozen=True)
class Pages:
    """How the lists of a service come in pages: what it calls the parameters, and the error for a wrong token."""

    size: str = "MaxResults"
    token: str = "NextToken"
    following: str = "NextToken"
    default: int = 100
    error: str = "ValidationException"

    def of(self, key: str, entries: list[Any], request: Mapping[str, Any]) -> dict[str, Any]:
        """One page of a list, as the answer of the call; the model has checked the size."""
        refusal = Refusal(self.error, f"The {self.token} is not valid.")
        size = request.get(self.size) or self.default
        shown, following = lists.page(entries, request.get(self.token), size, refusal)
        return lists.given({key: shown, self.following: following})


def add(service: str, operations: Callable[[], Mapping[str, Operation]]) -> None:
    """From now on the calls of this signing name are answered by these operations, by name, and by no others."""
    _services[service] = operations


def _status(service: str, code: str) -> int:
    model = service_model(service)
    shape = next((shape for shape in (model.error_shapes if model else []) if shape.name == code), None)
    return int((shape.metadata.get("error") or {}).get("httpStatusCode", 400)) if shape is not None else 400


def _error(call: Call, code: str, message: str, status: int, fields: Mapping[str, Any] | None = None) -> Answer:
    return error_answer(call.service, call.protocol, code, message, status, call.request_id, fields)


def _text(call: Call, document: dict[str, Any]) -> str:
    def timestamp(value: Any) -> Any:
        if not isinstance(value, datetime):
            raise TypeError(f"{type(value)} cannot be written")
        return unix_time(value) if call.protocol == "json" else value.strftime("%Y-%m-%dT%H:%M:%SZ")

    return json.dumps(document, default=timestamp)


def _answer(call: Call, operations: Mapping[str, Operation]) -> Answer:
    model = service_model(call.service)
    operation = operations.get(call.action)
    if model is None or operation is None:
        message = f"The local AWS does not have {call.service}:{call.action}."
        return _error(call, "UnknownOperationException", message, 400)
    try:
        problems = model_validation.problems(call.parameters, model.operation_model(call.action).input_shape)
        if problems:
            raise invalid(model_validation.message(problems))
        document = operation(call)
    except Refusal as refusal:
        status = _status(call.service, refusal.code)
        return _error(call, refusal.code, refusal.message, status, refusal.fields)
    except Exception:
        log.exception("%s:%s broke", call.service, call.action)
        return _error(call, "InternalServerException", "An internal error occurred.", 500)
    content_type = "application/x-amz-json-1.1" if call.protocol == "json" else "application/json"
    headers = {"Content-Type": content_type, "x-amzn-requestid": call.request_id}
    return 200, headers, _text(call, document)


def install() -> None:
    """moto's dispatcher knows no backend for these services."""
    dispatch = DomainDispatcherApplication.__call__

    def with_own_services(
        self: DomainDispatcherApplication, environ: dict[str, Any], start_response: Any
    ) -> Iterable[bytes]:
        call = environ.get(CALL_KEY)
        operations = _services.get(call.service) if call is not None else None
        if operations is None or call.principal is None:
            return dispatch(self, environ, start_response)
        return respond(_answer(call, operations()), start_response)

    DomainDispatcherApplication.__call__ = with_own_services
