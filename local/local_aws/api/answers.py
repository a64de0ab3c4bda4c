"""Holds every answer to botocore's model of its operation: members, types, lengths, patterns, enumerations, errors.

What breaks the model is kept without its values, and fails the test that sees it: SDKs of other languages read strictly.
"""

import json
import logging
import threading
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from botocore.awsrequest import HeadersDict
from botocore.exceptions import UnknownServiceError
from botocore.model import ListShape, MapShape, OperationModel, OperationNotFoundError, ServiceModel, Shape, StructureShape
from botocore.parsers import ResponseParser, create_parser
from botocore.session import get_session

from local_aws.api import model_validation
from local_aws.api.model_exceptions import is_as_on_aws
from local_aws.enforcement.calls import CALL_KEY, MODEL_NAMES, Call
from local_aws.enforcement.responses import Application

log = logging.getLogger("local_aws.answers")

_violations: dict[str, None] = {}
_lock = threading.Lock()


def violations() -> list[str]:
    """What answers have broken so far, each once, in the order of their first time."""
    with _lock:
        return list(_violations)


# botocore's own models, and not moto's view of them: the judge is nobody here.
@cache
def _model(service: str) -> ServiceModel | None:
    try:
        return get_session().get_service_model(MODEL_NAMES.get(service, service))
    except UnknownServiceError:
        return None


# A service may speak several protocols: the answer is in that of its call.
@cache
def _parser(protocol: str) -> ResponseParser:
    return create_parser(protocol)


def problems(call: Call, status: int, headers: list[tuple[str, str]], body: bytes) -> list[str]:
    """What is wrong with an answer, each once and without its values."""
    model = _model(call.service)
    if model is None:
        return []
    try:
        operation = model.operation_model(call.action)
    except OperationNotFoundError:
        return []
    parser = _parser(call.protocol)
    answer = {"status_code": status, "headers": HeadersDict(headers), "body": body, "context": {}}
    if status >= 300:
        found = _of_error(operation, parser, answer)
    else:
        found = [*_of_success(operation, parser, answer), *_unknown_members(call.protocol, operation, body)]
    told = dict.fromkeys(f"{call.service}:{call.action} {text}" for text in found)
    return [text for text in told if not is_as_on_aws(text)]


def _of_success(operation: OperationModel, parser: ResponseParser, answer: dict[str, Any]) -> Iterator[str]:
    try:
        parsed = parser.parse(answer, operation.output_shape)
    except Exception as problem:
        yield f"cannot be read: {type(problem).__name__}"
        return
    parsed.pop("ResponseMetadata", None)
    for problem in model_validation.found(parsed, operation.output_shape):
        yield problem.without_values


def _of_error(operation: OperationModel, parser: ResponseParser, answer: dict[str, Any]) -> Iterator[str]:
    try:
        parsed = parser.parse(answer, operation.output_shape)
    except Exception as problem:
        yield f"error cannot be read: {type(problem).__name__}"
        return
    error = parsed.get("Error", {})
    # Where there is none, botocore takes the status for it.
    if not error.get("Code") or str(error["Code"]).isdigit():
        yield "error has no code"
    shape = next((one for one in operation.error_shapes if _code(one) == error.get("Code")), None)
    if shape is None:
        return
    wanted = (shape.metadata.get("error") or {}).get("httpStatusCode")
    if wanted is not None and wanted != answer["status_code"]:
        yield f"error {_code(shape)} must have the status {wanted}, not {answer['status_code']}"
    members = parser.parse(answer, shape)
    members["Message"] = members["message"] = error.get("Message")
    for problem in model_validation.found(members, shape):
        yield f"error {_code(shape)}: {problem.without_values}"


def _code(shape: Shape) -> str:
    return str((shape.metadata.get("error") or {}).get("code") or shape.name)


def _unknown_members(protocol: str, operation: OperationModel, body: bytes) -> Iterator[str]:
    """XML is written by the model; JSON may have anything."""
    shape = operation.output_shape
    if "json" not in protocol or shape is None or not body:
        return
    payload = shape.serialization.get("payload")
    if payload is not None:
        shape = shape.members[payload]
    if isinstance(shape, StructureShape):
        yield from _unknown((), json.loads(body), shape)


def _unknown(path: tuple[str, ...], value: Any, shape: Shape) -> Iterator[str]:
    if isinstance(shape, StructureShape) and isinstance(value, dict) and not shape.is_document_type:
        members = {member.serialization.get("name", name): member for name, member in shape.members.items()}
        for name, item in value.items():
            if name in members:
                yield from _unknown((*path, name), item, members[name])
            else:
                yield f"{'.'.join((*path, name))} is not in the model"
    elif isinstance(shape, ListShape) and isinstance(value, list):
        for item in value:
            yield from _unknown(path, item, shape.member)
    elif isinstance(shape, MapShape) and isinstance(value, dict):
        for item in value.values():
            yield from _unknown(path, item, shape.value)


def checked(application: Application) -> Application:
    """The application with every answer of AWS held to the model."""

    def check(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        started: list[Any] = []

        def remember(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            started[:] = [status, headers]
            return start_response(status, headers, *rest)

        result = application(environ, remember)
        call = environ.get(CALL_KEY)
        if call is None:
            return result
        try:
            body = b"".join(result)
        finally:
            if hasattr(result, "close"):
                result.close()
        _keep(problems(call, int(started[0].split()[0]), started[1], body))
        return [body]

    return check


def _keep(found: list[str]) -> None:
    with _lock:
        for text in found:
            if text not in _violations:
                _violations[text] = None
                log.error("an answer breaks the model of its API: %s", text)
