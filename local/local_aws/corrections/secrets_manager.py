"""Secrets Manager answers 400 for a secret that it cannot find, as all its errors: moto answers 404."""

from moto.core.common_types import TYPE_RESPONSE
from moto.secretsmanager.responses import SecretsManagerResponse


def install() -> None:
    call_action = SecretsManagerResponse.call_action

    def with_status(self: SecretsManagerResponse) -> TYPE_RESPONSE:
        status, headers, body = call_action(self)
        if status != 404:
            return status, headers, body
        return 400, {**headers, "status": "400"}, body

    SecretsManagerResponse.call_action = with_status
