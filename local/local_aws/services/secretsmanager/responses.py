"""Secrets Manager answers 400 for a secret that it cannot find, as for all its errors, and names stages as its model does.

moto answers 404, and has the stages of versions under another name. Sources: LocalStack, secretsmanager/test_secretsmanager, recorded on AWS,
for the status; Secrets Manager API reference, DescribeSecret, for the stages.
"""

import json
from typing import Any

from moto.core.common_types import TYPE_RESPONSE
from moto.secretsmanager.responses import SecretsManagerResponse

from local_aws.patches import patch


@patch(SecretsManagerResponse, "call_action")
def _call_action(original: Any, self: SecretsManagerResponse) -> TYPE_RESPONSE:
    status, headers, body = original(self)
    if status == 200 and self._get_action() == "DescribeSecret":
        return status, headers, json.dumps(_described(json.loads(body)))
    if status != 404:
        return status, headers, body
    return 400, {**headers, "status": "400"}, body


def _described(secret: dict[str, Any]) -> dict[str, Any]:
    stages = secret.pop("SecretVersionsToStages", None) or secret.pop("VersionIdsToStages", None)
    secret.pop("VersionIdsToStages", None)
    # A version without a stage is deprecated, and is not told.
    staged = {version: names for version, names in (stages or {}).items() if names}
    return {**secret, "VersionIdsToStages": staged} if staged else secret
