"""What a sandbox needs to know of a deployed function, or of a version of it, read from moto's Lambda at every invocation.

The code is what was uploaded, or a binary on the disk that the deployed code stands for: another folder of binaries is other code.
"""

import hashlib
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
STANDS_FOR = "stands for the binary "
CERTIFICATES = "SSL_CERT_FILE"


def binary_key(binary_name: str) -> str:
    """The S3 key under which a function's code stands for a binary: another one for another folder of binaries."""
    folder = hashlib.sha256(str(paths.binaries_folder()).encode()).hexdigest()[:12]
    return f"{BINARY_KEY_PREFIX}{folder}/{binary_name}.zip"


def stand_in(binary_name: str) -> bytes:
    """Code that stands for the binary that has this name now."""
    return f"{STANDS_FOR}{paths.binary(binary_name) or binary_name}\n".encode()


def _binary_of(function: LambdaFunction) -> Path | None:
    """The binary that the code of a function stands for; a cargo that builds it anew changes it under all versions."""
    text = function.code_bytes.decode(errors="replace").strip()
    path = Path(text.removeprefix(STANDS_FOR))
    if path.is_absolute():
        return path if path.is_file() else None
    return paths.binary(binary_name(function))


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
    version: str
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
        stands_for_binary = str(function.code.get("S3Key") or "").startswith(BINARY_KEY_PREFIX)
        uploaded_program = None if stands_for_binary else uploaded.program(function.code_bytes)
        binary = uploaded_program or _binary_of(function)
        variables: Mapping[str, str] = function.environment_vars or {}
        return cls(
            account_id=function.account_id,
            region=function.region,
            name=function.function_name,
            version=str(function.version),
            arn=function.function_arn,
            role_arn=function.role,
            memory_size=int(function.memory_size),
            timeout_seconds=float(function.timeout),
            variables=tuple(sorted((key, str(value)) for key, value in variables.items())),
            logging=tuple(sorted(getattr(function, "logging_config", {}).items())),
            binary_name=binary_name(function),
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
            "AWS_LAMBDA_FUNCTION_VERSION": self.version,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.memory_size),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": dict(self.logging).get("LogGroup", f"/aws/lambda/{self.name}"),
            "AWS_LAMBDA_LOG_STREAM_NAME": f"local/[{self.version}]{runtime_api.rsplit(':', 1)[-1]}",
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
