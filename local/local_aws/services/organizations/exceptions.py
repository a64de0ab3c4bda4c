"""The errors of Organizations, with AWS's reasons and texts.

moto has a few of them, without reasons.
"""

from moto.organizations.exceptions import OrganizationsClientError


class InvalidInput(OrganizationsClientError):
    """InvalidInputException with its Reason."""

    def __init__(self, reason: str, message: str = "") -> None:
        default = "You provided invalid values for one or more of the request parameters."
        super().__init__("InvalidInputException", message or default)
        self.Reason = reason


class ConstraintViolation(OrganizationsClientError):
    """ConstraintViolationException with its Reason."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__("ConstraintViolationException", message)
        self.Reason = reason


class NamedError(OrganizationsClientError):
    """An error of the model whose name is the class's."""

    text = ""

    def __init__(self) -> None:
        super().__init__(f"{type(self).__name__}Exception", self.text)


class CreateAccountStatusNotFound(NamedError):
    text = "We can't find a create account request with the CreateAccountRequestId that you specified."


class ParentNotFound(NamedError):
    text = "We can't find a root or OU with the ParentId that you specified."


class SourceParentNotFound(NamedError):
    text = "We can't find a source root or OU with the ParentId that you specified."


class DestinationParentNotFound(NamedError):
    text = "We can't find the destination container (a root or OU) with the ParentId that you specified."


class DuplicateAccount(NamedError):
    text = "That account is already present in the specified destination."


class ChildNotFound(NamedError):
    text = "We can't find an organizational unit (OU) or account with the ChildId that you specified."


class AccessDenied(NamedError):
    text = "You don't have permissions to access this resource."
