"""Credentials of the accounts' roots and of role sessions, made inside the server.

A root's access key id names its account, so that nothing has to be stored for it.
"""

from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.iam import models as iam_models
from moto.sts.models import sts_backends

from local_aws.patches import patch

ROOT_KEY_PREFIX = "AKIAROOT"
ROOT_SECRET = "root-of-a-local-account"
PARTITION = "aws"


def root_credentials(account_id: str | None = None) -> dict[str, str]:
    """The keys of the root of an account; of the management account without an id."""
    return {
        "AccessKeyId": f"{ROOT_KEY_PREFIX}{account_id or DEFAULT_ACCOUNT_ID}",
        "SecretAccessKey": ROOT_SECRET,
    }


def root_account_id(access_key_id: str) -> str | None:
    """The account whose root has this key, or None when it is no root's key."""
    account_id = access_key_id.removeprefix(ROOT_KEY_PREFIX)
    return account_id if account_id != access_key_id and len(account_id) == 12 else None


def role_session_credentials(
    role_arn: str, session_name: str, region: str, seconds: int = 3600
) -> dict[str, Any]:
    """A session of a role for an AWS service that the role trusts; who calls has looked at that trust."""
    account_id = role_arn.split(":")[4]
    session = sts_backends[account_id][PARTITION].assume_role(
        region, session_name, role_arn, None, seconds, None
    )
    return {
        "AccessKeyId": session.access_key_id,
        "SecretAccessKey": session.secret_access_key,
        "SessionToken": session.session_token,
        "Expiration": session.expiration,
    }


@patch(iam_models, "get_account_id_from")
def _account_of(_: Any, access_key_id: str) -> str:
    """moto knows no roots, and makes the IAM of every partition of every account when it looks for a key.

    No source; keys of roots are this double's own way to set up and to look around.
    """
    root_account = root_account_id(access_key_id)
    if root_account:
        return root_account
    for account_id, account in list(iam_models.iam_backends.items()):
        # dict.get: moto would build the backends of partitions that nobody uses.
        backend = dict.get(account, PARTITION)
        if backend is not None and access_key_id in backend.access_keys:
            return account_id
    return DEFAULT_ACCOUNT_ID
