"""What a sandbox needs to know of a deployed function, read from moto's Lambda at every invocation.

The code is what was uploaded, or a binary on the disk that the S3 key of the deployed code stands for.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from botocore.httpsession import get_cert_path
from moto.awslambda.models import LambdaFunction

from local_aws import paths
from local_aws.address import endpoint_url
from local_aws.lambda_service import uploaded

BINARY_KEY_PREFIX = "binaries/"
CERTIFICATES = "SSL_CERT_FILE"


def binary_key(binary_name: str) -> str:
    """The S3 key under which a function's code stands for a binary."""
    return f"{BINARY_KEY_PREFIX}{binary_name}.zip"


def binary_name(function: LambdaFunction) -> str:
    key = str(function.code.get("S3Key") or "")
    if key.startswith(BINARY_KEY_PREFIX):
        return PurePosixPath(key).stem
    return function.function_name


@dataclass(frozen=True)
class FunctionConfiguration:
    """The deployed function as one comparable value: another value needs another sandbox."""

    account_id: str
    region: str
    name: str
    arn: str
    role_arn: str
    memory_size: int
    timeout_seconds: float
    variables: tuple[tuple[str, str], ...]
    logging: tuple[tuple[str, str], ...]
    binary_name: str
    binary: Path | None
    binary_modified: int

    @classmethod
    def of(cls, function: LambdaFunction) -> "FunctionConfiguration":
        name = binary_name(function)
        stands_for_binary = str(function.code.get("S3Key") or "").startswith(BINARY_KEY_PREFIX)
        uploaded_program = None if stands_for_binary else uploaded.program(function.code_bytes)
        binary = uploaded_program or paths.binary(name)
        variables: Mapping[str, str] = function.environment_vars or {}
        return cls(
            account_id=function.account_id,
            region=function.region,
            name=function.function_name,
            arn=function.function_arn,
            role_arn=function.role,
            memory_size=int(function.memory_size),
            timeout_seconds=float(function.timeout),
            variables=tuple(sorted((key, str(value)) for key, value in variables.items())),
            logging=tuple(sorted(getattr(function, "logging_config", {}).items())),
            binary_name=name,
            binary=binary,
            binary_modified=binary.stat().st_mtime_ns if binary else 0,
        )

    def environment(self, runtime_api: str, credentials: Mapping[str, object]) -> dict[str, str]:
        """The environment of the function's process: Lambda's variables, then the deployed ones."""
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "AWS_LAMBDA_RUNTIME_API": runtime_api,
            "AWS_LAMBDA_FUNCTION_NAME": self.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.memory_size),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": dict(self.logging).get("LogGroup", f"/aws/lambda/{self.name}"),
            "AWS_LAMBDA_LOG_STREAM_NAME": f"local/[$LATEST]{runtime_api.rsplit(':', 1)[-1]}",
            "_HANDLER": "bootstrap",
            "LAMBDA_TASK_ROOT": str(self.binary.parent if self.binary else ""),
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": str(credentials["AccessKeyId"]),
            "AWS_SECRET_ACCESS_KEY": str(credentials["SecretAccessKey"]),
            "AWS_SESSION_TOKEN": str(credentials["SessionToken"]),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": endpoint_url(),
            **self._logging_variables(),
            **dict(self.variables),
            **self._certificates(),
        }

    def _certificates(self) -> dict[str, str]:
        """The certificates of this machine, where the function is told to read those of Lambda's image."""
        if CERTIFICATES not in dict(self.variables):
            return {}
        return {CERTIFICATES: ssl.get_default_verify_paths().cafile or get_cert_path(verify=True)}

    def _logging_variables(self) -> dict[str, str]:
        """How the function is to log: Lambda's advanced logging controls."""
        logging = dict(self.logging)
        variables = {"AWS_LAMBDA_LOG_FORMAT": logging.get("LogFormat", "Text")}
        if "ApplicationLogLevel" in logging:
            variables["AWS_LAMBDA_LOG_LEVEL"] = logging["ApplicationLogLevel"]
        return variables
