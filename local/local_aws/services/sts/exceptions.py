"""The errors of STS.

moto checks no parameter of AssumeRole.
"""

from moto.core.exceptions import ServiceException


class ValidationError(ServiceException):
    """A parameter that STS refuses."""

    code = "ValidationError"


class InvalidParameterValue(ServiceException):
    """Session tags that STS refuses."""

    code = "InvalidParameterValue"
