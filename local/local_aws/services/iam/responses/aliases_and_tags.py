"""IAM's account aliases: one for each account, and each for one account of all of AWS; tags of SAML providers.

moto takes any text as an alias, also one that another account has, and deletes whatever alias there is. Sources: IAM User Guide, "Using an
alias for your AWS account ID" (a new one overwrites) and "IAM and AWS STS quotas" (twelve digits are none); IAM API reference,
CreateAccountAlias and DeleteAccountAlias, with the codes and the pattern of its model, and CreateSAMLProvider, GetRole and ListRoles.
"""

import re
import threading
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.core.serialize import url_encode
from moto.iam.exceptions import EntityAlreadyExists, NoSuchEntity, ValidationError
from moto.iam.models import IAMBackend, iam_backends
from moto.iam.responses import IamResponse

from local_aws.credentials import PARTITION
from local_aws.patches import patch, replace

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


@patch(IamResponse, "create_account_alias")
def _create_account_alias(_: Any, self: IamResponse) -> ActionResult:
    """A second alias of an account replaces its first."""
    alias = _checked(self._get_param("AccountAlias"))
    with _lock:
        # The account's own alias is taken, too.
        if alias in _all_aliases():
            raise EntityAlreadyExists(f"The account alias {alias} already exists.")
        self.backend.account_aliases = [alias]
    return EmptyResult()


@patch(IamResponse, "delete_account_alias")
def _delete_account_alias(_: Any, self: IamResponse) -> ActionResult:
    alias = _checked(self._get_param("AccountAlias"))
    with _lock:
        if alias not in self.backend.account_aliases:
            raise NoSuchEntity(f"The account alias {alias} cannot be found.")
        self.backend.account_aliases = []
    return EmptyResult()


@patch(IamResponse, "create_saml_provider")
def _create_saml_provider(original: Any, self: IamResponse) -> Any:
    """Tags are kept and shown, which moto drops here only."""
    answer = original(self)
    provider = self.backend.saml_providers[self._get_param("Name")]
    provider.tags = self._get_param("Tags", [])
    return answer


# moto's ListRoles tells trust policies as they are, and not URL-encoded as GetRole does.
replace(
    IamResponse,
    "RESPONSE_KEY_PATH_TO_TRANSFORMER",
    {
        **IamResponse.RESPONSE_KEY_PATH_TO_TRANSFORMER,
        "ListRolesResponse.Roles.Role.AssumeRolePolicyDocument": url_encode,
    },
)
