"""The error by which an operation says that what it was asked for does not exist.

Taken from the operation's model; an operation whose model has none says it in other ways, or not at all.
"""

import re

from botocore.model import OperationNotFoundError

from local_aws.enforcement.calls import Call, service_model
from local_aws.enforcement.responses import Answer, error_answer

_NAMES = re.compile("NotFound|NoSuch|DoesNotExist")
_WORDS = re.compile("[A-Z][a-z]+")


def not_found(call: Call, parameter: str, value: str) -> Answer | None:
    """The answer for the parameter that names what is not there; None where the operation has no such error."""
    if (call.service, call.action) == ("cloudformation", "DescribeStacks"):
        return _error(call, "ValidationError", f"Stack with id {value} does not exist", 400)
    model = service_model(call.service)
    try:
        shapes = model.operation_model(call.action).error_shapes if model else []
    except OperationNotFoundError:
        return None
    shapes = [shape for shape in shapes if _NAMES.search(shape.name)]
    if not shapes:
        return None
    wanted = set(_WORDS.findall(parameter))
    shape = max(shapes, key=lambda one: len(wanted & set(_WORDS.findall(one.name))))
    error = shape.metadata.get("error") or {}
    default = 400 if call.protocol == "json" else 404
    status = int(error.get("httpStatusCode") or default)
    return _error(call, str(error.get("code") or shape.name), f"{value} was not found.", status)


def _error(call: Call, code: str, message: str, status: int) -> Answer:
    return error_answer(call.service, call.protocol, code, message, status, call.request_id)
