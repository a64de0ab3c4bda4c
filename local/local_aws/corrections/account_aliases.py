"""Account aliases as IAM has them: one for each account, and each for one account of all of AWS.

moto takes any text as an alias, also one that another account has, and deletes whatever alias there is.
"""

import re
import threading

from moto.core.responses import ActionResult, EmptyResult
from moto.iam.exceptions import EntityAlreadyExists, NoSuchEntity, ValidationError
from moto.iam.models import IAMBackend, iam_backends
from moto.iam.responses import IamResponse

from local_aws.credentials import PARTITION

PATTERN = r"^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$"
_lock = threading.Lock()


def _checked(alias: str | None) -> str:
    text = alias or ""
    if re.fullmatch(PATTERN, text) and not re.fullmatch(r"\d{12}", text):
        return text
    raise ValidationError(
        f"1 validation error detected: Value '{text}' at 'accountAlias' failed to satisfy constraint:"
        f" Member must satisfy regular expression pattern: {PATTERN}"
    )


def _all_aliases() -> set[str]:
    # dict.get: moto would build the backends of partitions that nobody uses.
    backends: list[IAMBackend | None] = [
        dict.get(account, PARTITION) for account in list(iam_backends.values())
    ]
    return {alias for backend in backends if backend is not None for alias in backend.account_aliases}


def _create(self: IamResponse) -> ActionResult:
    alias = _checked(self._get_param("AccountAlias"))
    with _lock:
        # The account's own alias is taken, too.
        if alias in _all_aliases():
            raise EntityAlreadyExists(f"The account alias {alias} already exists.")
        self.backend.account_aliases = [alias]
    return EmptyResult()


def _delete(self: IamResponse) -> ActionResult:
    alias = _checked(self._get_param("AccountAlias"))
    with _lock:
        if alias not in self.backend.account_aliases:
            raise NoSuchEntity(f"The account alias {alias} cannot be found.")
        self.backend.account_aliases = []
    return EmptyResult()


def install() -> None:
    """See the two lines at the top of this file; a second alias of an account replaces its first."""
    IamResponse.create_account_alias = _create
    IamResponse.delete_account_alias = _delete
