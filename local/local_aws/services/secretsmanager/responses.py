"""Secrets Manager answers 400 for a secret that it cannot find, as for all its errors.

moto answers 404.
"""

from typing import Any

from moto.core.common_types import TYPE_RESPONSE
from moto.secretsmanager.responses import SecretsManagerResponse

from local_aws.patches import patch


@patch(SecretsManagerResponse, "call_action")
def _call_action(original: Any, self: SecretsManagerResponse) -> TYPE_RESPONSE:
    status, headers, body = original(self)
    if status != 404:
        return status, headers, body
    return 400, {**headers, "status": "400"}, body
