"""The errors of Account Management.

moto has one, for an unknown type of contact.
"""

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
