"""Files with the environment of each deployed function, for `cargo lambda watch --env-file`.

Lines NAME=value: the deployed variables, the local endpoint, and a session of the function's role.
"""

import os
from pathlib import Path

from moto.awslambda.utils import get_backend

from local_aws.credentials import service_session_credentials
from local_aws.lambda_service.configuration import FunctionConfiguration
from local_aws.server import REGION, endpoint_url

SESSION_SECONDS = 12 * 3600


def write_all(folder: Path, account_id: str) -> None:
    """Writes `<binary>.env` for every function of the account, readable by its owner only."""
    folder.mkdir(parents=True, exist_ok=True)
    for function in get_backend(account_id, REGION).list_functions():
        configuration = FunctionConfiguration.of(function)
        path = folder / f"{configuration.binary_name}.env"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            for name, value in _variables(configuration).items():
                file.write(f"{name}={value}\n")


def _variables(configuration: FunctionConfiguration) -> dict[str, str]:
    credentials = service_session_credentials(
        configuration.role_arn,
        "lambda.amazonaws.com",
        "cargo-lambda-watch",
        configuration.region,
        SESSION_SECONDS,
    )
    return {
        "AWS_ENDPOINT_URL": endpoint_url(),
        "AWS_REGION": configuration.region,
        "AWS_ACCESS_KEY_ID": str(credentials["AccessKeyId"]),
        "AWS_SECRET_ACCESS_KEY": str(credentials["SecretAccessKey"]),
        "AWS_SESSION_TOKEN": str(credentials["SessionToken"]),
        **dict(configuration.variables),
    }
