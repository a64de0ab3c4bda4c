"""What the JSON services of single sign-on have in common: checks against the model, errors, pages.

moto checks no request of theirs and has error bodies without the members of the model.
"""

import base64
import json
import uuid
from collections.abc import Mapping
from typing import Any

import regex
from botocore.model import Shape
from moto.core.responses import BaseResponse
from moto.core.utils import get_service_model

from local_aws.enforcement.responses import error_answer

PAGE_SIZE = 100

Request = dict[str, Any]


class Refusal(Exception):
    """An error of the service's model; `fields` are its members besides the message."""

    def __init__(self, code: str, message: str, **fields: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fields = fields


def invalid(message: str) -> Refusal:
    """ValidationException."""
    return Refusal("ValidationException", message)


def _constraint(value: Any, path: str, text: str) -> Refusal:
    return invalid(
        f"1 validation error detected: Value '{value}' at '{path}' failed to satisfy constraint: {text}"
    )


def _check_text(shape: Shape, value: str, path: str) -> None:
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max")
    if len(value) < least:
        raise _constraint(value, path, f"Member must have length greater than or equal to {least}")
    if most is not None and len(value) > most:
        raise _constraint(value, path, f"Member must have length less than or equal to {most}")
    if shape.enum and value not in shape.enum:
        raise _constraint(value, path, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")
    pattern = shape.metadata.get("pattern")
    if pattern and not regex.fullmatch(pattern, value):
        raise _constraint(value, path, f"Member must satisfy regular expression pattern: {pattern}")


def _check_size(shape: Shape, size: int, value: Any, path: str, what: str) -> None:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        raise _constraint(value, path, f"Member must have {what} greater than or equal to {least}")
    if most is not None and size > most:
        raise _constraint(value, path, f"Member must have {what} less than or equal to {most}")


def check(shape: Shape, value: Any, path: str = "") -> None:
    """Raises ValidationException unless the value fits the shape of the service's model."""
    kind = shape.type_name
    if getattr(shape, "is_document_type", False):
        return
    if kind == "structure":
        if not isinstance(value, Mapping):
            raise invalid(f"Expected a structure at '{path}'")
        for name in shape.required_members:
            if value.get(name) is None:
                raise _constraint("null", _below(path, name), "Member must not be null")
        for name, member in shape.members.items():
            if value.get(name) is not None:
                check(member, value[name], _below(path, name))
    elif kind == "list":
        if not isinstance(value, list):
            raise invalid(f"Expected a list at '{path}'")
        _check_size(shape, len(value), value, path, "length")
        for number, entry in enumerate(value, start=1):
            check(shape.member, entry, f"{path}.{number}.member")
    elif kind == "string":
        if not isinstance(value, str):
            raise invalid(f"Expected a string at '{path}'")
        _check_text(shape, value, path)
    elif kind == "integer":
        if not isinstance(value, int) or isinstance(value, bool):
            raise invalid(f"Expected an integer at '{path}'")
        _check_size(shape, value, value, path, "value")


def _below(path: str, name: str) -> str:
    name = name[0].lower() + name[1:]
    return f"{path}.{name}" if path else name


def page(entries: list[Any], request: Request, key: str) -> dict[str, Any]:
    """One page of a list, as the answer of the call; the model has checked MaxResults."""
    size, token, start = request.get("MaxResults") or PAGE_SIZE, request.get("NextToken"), 0
    if token:
        try:
            start = int(json.loads(base64.urlsafe_b64decode(token))["start"])
        except (ValueError, TypeError, KeyError) as error:
            raise invalid("The NextToken is not valid.") from error
    answer: dict[str, Any] = {key: entries[start : start + size]}
    if start + size < len(entries):
        answer["NextToken"] = base64.urlsafe_b64encode(json.dumps({"start": start + size}).encode()).decode()
    return answer


def request_of(response: BaseResponse, service: str) -> Request:
    """The parameters of a call, checked against the model."""
    try:
        request = json.loads(response.body or "{}")
    except ValueError as error:
        raise Refusal("SerializationException", "The request is not JSON.") from error
    shape = get_service_model(service).operation_model(response._get_action()).input_shape
    if shape is not None:
        check(shape, request)
    return dict(request)


def refused(service: str, refusal: Refusal) -> tuple[int, dict[str, str], str]:
    """The answer of a refused call."""
    request_id = str(uuid.uuid4())
    fields = {**refusal.fields, "RequestId": request_id}
    return error_answer(service, "json", refusal.code, refusal.message, 400, request_id, fields)


