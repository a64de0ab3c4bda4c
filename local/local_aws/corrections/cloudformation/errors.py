"""The errors of the CloudFormation API, under their codes and with AWS's texts.

moto looks the HTTP status of a code up in the service's model.
"""

from moto.core.exceptions import ServiceException


class CloudFormationError(ServiceException):
    """moto finds the service of an error by the module of its class."""

    __module__ = "moto.cloudformation.exceptions"


def error(code: str, message: str) -> ServiceException:
    """An error of the API under its wire code."""
    return CloudFormationError(code, message)


def validation_error(message: str) -> ServiceException:
    """The generic refusal; callers tell cases apart by its text."""
    return CloudFormationError("ValidationError", message)


def invalid_token() -> ServiceException:
    """The refusal of a NextToken that is none."""
    return validation_error("The NextToken is not valid.")


class ResourceFailure(Exception):
    """A resource of a stack could not be made, changed or deleted; the text becomes its status reason."""

    def __init__(self, logical_id: str, resource_type: str, reason: str) -> None:
        super().__init__(reason)
        self.logical_id = logical_id
        self.resource_type = resource_type
        self.reason = reason
