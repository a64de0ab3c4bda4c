"""What Account Management refuses, and how it says so; values of contacts are never repeated in an error.

moto checks no field.
"""

import re
from typing import Any

from moto.core.exceptions import ServiceException


class AccessDenied(ServiceException):
    code = "AccessDeniedException"


class NotFound(ServiceException):
    code = "ResourceNotFoundException"


class Conflict(ServiceException):
    code = "ConflictException"


class TooManyRequests(ServiceException):
    code = "TooManyRequestsException"


class InvalidFields(ServiceException):
    """ValidationException for one field, with its reason."""

    code = "ValidationException"
    reason = "fieldValidationFailed"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field_list = [{"name": field, "message": message}]


class InvalidRegion(InvalidFields):
    """ValidationException for a region that does not exist or cannot be switched."""

    reason = "invalidRegionOptTarget"


# By parameter: the field's name in errors, its pattern and its greatest length.
_CONTACT = {
    "Name": ("name", r".+", 64),
    "Title": ("title", r".+", 50),
    "EmailAddress": ("emailAddress", r"[\s]*[\w+=.#|!&-]+@[\w.-]+\.[\w]+[\s]*", 254),
    "PhoneNumber": ("phoneNumber", r"[\s0-9()+-]+", 25),
}


def check_text(field: str, value: Any, pattern: str, least: int, most: int) -> str:
    """A text of that pattern and length."""
    if not isinstance(value, str):
        raise InvalidFields(field, f"Value at '{field}' must be a string")
    if not least <= len(value) <= most:
        raise InvalidFields(field, f"Value at '{field}' must have from {least} to {most} characters")
    if not re.fullmatch(pattern, value, re.ASCII | re.DOTALL):
        raise InvalidFields(field, f"Value at '{field}' must satisfy regular expression pattern: {pattern}")
    return value


def check_integer(field: str, value: Any, least: int, most: int) -> int:
    """A whole number in that range."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise InvalidFields(field, f"Value at '{field}' must be a number from {least} to {most}")
    return value


def check_contact(request: dict[str, Any]) -> None:
    """All fields of an alternate contact."""
    for parameter, (field, pattern, most) in _CONTACT.items():
        check_text(field, request.get(parameter), pattern, 1, most)
