"""What Organizations refuses before it does anything: names, addresses, tags and ids, with AWS's reasons.

moto checks none of it.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from moto.organizations.exceptions import OrganizationsClientError

TAG_LIMIT = 50
_PATTERN_MESSAGE = "You provided a value that does not match the required pattern."
_EMAIL = re.compile(
    r"(?!\.)[^\s\"'()<>\[\]:;,\\|%&@]+@(?![-.])[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z0-9-]*[A-Za-z0-9]"
)
_ROLE_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_ACCOUNT_NAME = re.compile(r"[\u0020-\u007E]{1,50}")
_TAG_SIGNS = set("_.:/=+-@")
ROOT_ID = re.compile(r"r-[0-9a-z]{4,32}")
UNIT_ID = re.compile(r"ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}")
ACCOUNT_ID = re.compile(r"\d{12}")


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


def check_email(email: Any) -> None:
    """The address of a new account: 6 to 64 characters of 7-bit ASCII, one @, a domain with a dot."""
    if not isinstance(email, str) or not email:
        raise InvalidInput("INPUT_REQUIRED", "You must specify a value for Email.")
    if len(email) > 64:
        raise InvalidInput("MAX_LENGTH_EXCEEDED", "The e-mail address is longer than 64 characters.")
    if len(email) < 6:
        raise InvalidInput("MIN_LENGTH_EXCEEDED", "The e-mail address is shorter than 6 characters.")
    if not email.isascii() or not _EMAIL.fullmatch(email):
        raise InvalidInput("INVALID_PATTERN", "You specified an invalid e-mail address.")


def _tag_text(text: str) -> bool:
    return all(char in _TAG_SIGNS or unicodedata.category(char)[0] in "LZN" for char in text)


def check_tags(tags: Iterable[dict[str, Any]] | None, existing: Iterable[str] = ()) -> None:
    """Keys and values of tags, their alphabet and their number."""
    keys: set[str] = set()
    for tag in tags or []:
        key, value = str(tag.get("Key", "")), str(tag.get("Value", ""))
        if not key:
            raise InvalidInput("MIN_LENGTH_EXCEEDED", "A tag key has at least 1 character.")
        if len(key) > 128 or len(value) > 256:
            raise InvalidInput("MAX_LENGTH_EXCEEDED", "A tag key has at most 128, a value 256 characters.")
        if not _tag_text(key) or not _tag_text(value):
            raise InvalidInput("INVALID_PATTERN", _PATTERN_MESSAGE)
        if key.lower().startswith("aws:"):
            raise InvalidInput("INVALID_SYSTEM_TAGS_PARAMETER", "A tag key can't begin with aws:.")
        if key in keys:
            raise InvalidInput("DUPLICATE_TAG_KEY", "Tag keys must be unique among the tags.")
        keys.add(key)
    if len(keys | set(existing)) > TAG_LIMIT:
        raise ConstraintViolation("MAX_TAG_LIMIT_EXCEEDED", f"A resource has at most {TAG_LIMIT} tags.")


def check_new_account(request: dict[str, Any]) -> None:
    """Everything that CreateAccount refuses at once."""
    check_email(request.get("Email"))
    name = request.get("AccountName")
    if not name:
        raise InvalidInput("INPUT_REQUIRED", "You must specify a value for AccountName.")
    if len(name) > 50:
        raise InvalidInput("MAX_LENGTH_EXCEEDED", "The account name is longer than 50 characters.")
    if not _ACCOUNT_NAME.fullmatch(name):
        raise InvalidInput("INVALID_PATTERN", "The account name has characters that are not printable ASCII.")
    role_name = request.get("RoleName")
    if role_name is not None and (
        not _ROLE_NAME.fullmatch(role_name) or role_name.startswith("AWSServiceRoleFor")
    ):
        raise InvalidInput("INVALID_ROLE_NAME", "You provided a role name that isn't valid.")
    if request.get("IamUserAccessToBilling", "ALLOW") not in ("ALLOW", "DENY"):
        raise InvalidInput("INVALID_ENUM", "IamUserAccessToBilling is ALLOW or DENY.")
    check_tags(request.get("Tags"))


def check_id(value: Any, *patterns: re.Pattern[str]) -> str:
    """An id of one of the given kinds."""
    if not value:
        raise InvalidInput("INPUT_REQUIRED")
    if not isinstance(value, str) or not any(pattern.fullmatch(value) for pattern in patterns):
        raise InvalidInput("INVALID_PATTERN", _PATTERN_MESSAGE)
    return value
