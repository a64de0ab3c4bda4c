"""Files with the environment of each deployed function, for `cargo lambda watch --env-file`.

Lines NAME='value': the deployed variables, the local endpoint, and a session of the function's role.
"""

import os
from pathlib import Path

from moto.awslambda.utils import get_backend

from local_aws.address import REGION, endpoint_url
from local_aws.lambda_service.configuration import FunctionConfiguration
from local_aws.service_roles import service_session_credentials

SUFFIX = ".env"
# Nobody renews these sessions: long enough for a day's work, and the most that a role can give.
SESSION_SECONDS = 12 * 3600


def write_all(folder: Path, account_id: str) -> None:
    """Writes `<binary>.env` for every function of the account, readable by its owner only."""
    remove_all(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for function in get_backend(account_id, REGION).list_functions():
        configuration = FunctionConfiguration.of(function)
        path = folder / f"{configuration.binary_name}{SUFFIX}"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.writelines(f"{name}={_quoted(value)}\n" for name, value in _variables(configuration).items())


def _quoted(value: str) -> str:
    # cargo-lambda's reader takes no bare "=" or space, and knows three quotes without escapes.
    for quote in "'\"`":
        if quote not in value:
            return f"{quote}{value}{quote}"
    raise ValueError("cargo-lambda cannot read a value with all three kinds of quotes")


def remove_all(folder: Path) -> None:
    """Takes the files away, and the folder when nothing else is in it."""
    if not folder.is_dir():
        return
    for path in folder.glob(f"*{SUFFIX}"):
        path.unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.rmdir()


def _variables(configuration: FunctionConfiguration) -> dict[str, str]:
    credentials = service_session_credentials(
        configuration.role_arn,
        "lambda.amazonaws.com",
        configuration.arn,
        configuration.name,
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
