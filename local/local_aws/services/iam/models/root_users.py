"""Root users: what each has to sign in with, and whether the organization manages that (IAM's root access management).

An account that is made while the organization manages root credentials has none (IAM User Guide, AWS account root user,
"Centrally manage root access for member accounts"); any other has a password. What moto counts in an account has no
password of the root user, and none of what a root user has can be set.
"""

from typing import Any

from moto.iam.models import AccountSummary
from moto.organizations.models import OrganizationsBackend

from local_aws.enforcement.principals import iam_of
from local_aws.patches import patch

CREDENTIALS_MANAGEMENT = "RootCredentialsManagement"
# Of the keys of GetAccountSummary (IAM API Reference), those that are about the root user.
_KEYS = (
    "AccountPasswordPresent",
    "AccountAccessKeysPresent",
    "AccountSigningCertificatesPresent",
    "AccountMFAEnabled",
)
_USUAL = {**dict.fromkeys(_KEYS, 0), "AccountPasswordPresent": 1}


def features_of(organization: OrganizationsBackend) -> list[str]:
    """What is on in an organization; the list may be changed."""
    return vars(organization.org).setdefault("root_access_features", []) if organization.org else []


def account_created(organization: OrganizationsBackend, account_id: str) -> None:
    """An account that is made while its organization manages root credentials has none."""
    if CREDENTIALS_MANAGEMENT in features_of(organization):
        _of(iam_of(account_id)).update(dict.fromkeys(_KEYS, 0))


def change(account_id: str, credentials: dict[str, int]) -> dict[str, int]:
    """Gives a root user credentials, or takes them away, for tests; what it has then."""
    unknown = set(credentials) - set(_KEYS)
    if unknown or not set(credentials.values()) <= {0, 1}:
        raise ValueError(f"0 or 1 for any of {', '.join(_KEYS)}")
    held = _of(iam_of(account_id))
    held.update(credentials)
    return held


def _of(backend: Any) -> dict[str, int]:
    return vars(backend).setdefault("root_user", dict(_USUAL))


@patch(AccountSummary, "summary_map")
def _summary_map(original: Any, self: AccountSummary) -> dict[str, Any]:
    return {**original(self), **_of(self._iam_backend)}
