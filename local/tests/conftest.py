"""One local AWS for all tests of this folder, and boto3 clients for any of its accounts.

The server runs in a thread of the test process, so that a test can also look behind the API.
"""

import itertools
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

LOCAL_FOLDER = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(LOCAL_FOLDER))
os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
# Faster than the local AWS otherwise is; tests that look at what is under way slow it down, see `unhurried`.
os.environ.setdefault("AVM_LOCAL_TIME_SCALE", "0.004")
os.environ.setdefault("AVM_LOCAL_BINARIES", str(Path(__file__).resolve().parent / "binaries"))

from machines import chain  # noqa: E402

from local_aws import lambda_service, paths  # noqa: E402
from local_aws.api import answers  # noqa: E402
from local_aws.credentials import root_credentials  # noqa: E402
from local_aws.lambda_service.configuration import binary_key  # noqa: E402
from local_aws.address import REGION  # noqa: E402
from local_aws.server import LocalServer  # noqa: E402

# Their fixtures are for all tests.
pytest_plugins = ["organization", "control_tower_support", "identity", "stackset_support", "cost_ledger"]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    paths.LOG_FOLDER = tmp_path_factory.mktemp("logs")
    running = LocalServer().start()
    yield running
    running.stop()
    lambda_service.shutdown()


@pytest.fixture(autouse=True)
def answers_as_the_models_say() -> Iterator[None]:
    """No answer that the test has received breaks botocore's model of its operation."""
    before = len(answers.violations())
    yield
    assert answers.violations()[before:] == []


@pytest.fixture(scope="session")
def client(server: LocalServer) -> Callable[..., Any]:
    """client("iam", account_id) as root of that account, or client("iam", credentials=…) of an AssumeRole answer.

    A client is made once for the same keys: that takes longer than a call.
    """
    made: dict[tuple[str | None, ...], Any] = {}

    def make(
        service: str,
        account_id: str | None = None,
        credentials: dict[str, str] | None = None,
        region: str = REGION,
    ) -> Any:
        keys = credentials or root_credentials(account_id)
        identity = (service, region, keys["AccessKeyId"], keys.get("SessionToken"))
        if identity not in made:
            made[identity] = boto3.client(
                service,
                region_name=region,
                endpoint_url=server.url,
                aws_access_key_id=keys["AccessKeyId"],
                aws_secret_access_key=keys["SecretAccessKey"],
                aws_session_token=keys.get("SessionToken"),
                config=Config(retries={"total_max_attempts": 1}, user_agent="tests"),
            )
        return made[identity]

    return make


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Operations take long enough to be seen under way."""
    monkeypatch.setenv("AVM_LOCAL_TIME_SCALE", "0.02")


SERVICE_TRUST = """{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
  "Principal": {"Service": ["lambda.amazonaws.com", "states.amazonaws.com"]}}]}"""
ALLOW_ALL = """{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"""


@pytest.fixture(scope="session")
def service_role(client: Callable[..., Any]) -> Callable[..., str]:
    """Makes a role that services may assume, Lambda and Step Functions unless others are named; answers its ARN."""

    def make(
        name: str, account_id: str | None = None, policy: str = ALLOW_ALL, trust: str = SERVICE_TRUST
    ) -> str:
        iam = client("iam", account_id)
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]
        iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=policy)
        return str(role["Arn"])

    return make


@pytest.fixture(scope="session")
def function(
    client: Callable[..., Any], service_role: Callable[..., str], search_path: str
) -> Callable[..., Any]:
    """Makes a function of the script binaries/behave; answers its name and a Lambda client."""
    numbers = itertools.count()

    def make(
        account_id: str | None = None,
        environment: dict[str, str] | None = None,
        timeout: int = 10,
        binary: str = "behave",
    ) -> tuple[str, Any]:
        name = f"behave-{next(numbers)}"
        client("s3", account_id).create_bucket(
            Bucket=f"bucket-{name}", CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        client("s3", account_id).put_object(
            Bucket=f"bucket-{name}", Key=binary_key(binary), Body=b"stands for the binary"
        )
        lambda_client = client("lambda", account_id)
        lambda_client.create_function(
            FunctionName=name,
            Runtime="provided.al2023",
            Handler="bootstrap",
            Role=service_role(f"{name}-role", account_id),
            Code={"S3Bucket": f"bucket-{name}", "S3Key": binary_key(binary)},
            Timeout=timeout,
            Environment={"Variables": {**(environment or {}), "PATH": search_path}},
        )
        return name, lambda_client

    return make


@pytest.fixture(scope="session")
def search_path() -> str:
    """A PATH on which the script binaries/behave finds this environment's Python."""
    return os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))


@pytest.fixture(scope="session")
def finish() -> Callable[..., dict[str, Any]]:
    """Waits for the end of an execution and answers its description."""

    def wait(states: Any, arn: str, seconds: float = 30) -> dict[str, Any]:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            description = states.describe_execution(executionArn=arn)
            if description["status"] != "RUNNING":
                return dict(description)
            time.sleep(0.05)
        pytest.fail(f"still running: {arn}")

    return wait


@pytest.fixture(scope="session")
def machine(client: Callable[..., Any], service_role: Callable[..., str]) -> Callable[..., str]:
    """Makes a state machine with a role that may do everything, and answers its ARN."""
    states = client("stepfunctions")

    def make(name: str, definition: dict[str, Any], **role: Any) -> str:
        return str(
            states.create_state_machine(
                name=name,
                definition=json.dumps(definition),
                roleArn=service_role(f"{name}-role", **role),
            )["stateMachineArn"]
        )

    return make


@pytest.fixture(scope="session")
def states(client: Callable[..., Any]) -> Any:
    """Step Functions in the management account."""
    return client("stepfunctions")


@pytest.fixture(scope="session")
def chain_machine(
    client: Callable[..., Any],
    function: Callable[..., Any],
    machine: Callable[..., str],
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    """The ARN of the machine of machines.chain."""
    folder = str(tmp_path_factory.mktemp("counts"))
    name, _ = function(environment={"COUNT_FOLDER": folder}, timeout=20)
    topic = client("sns").create_topic(Name="failures")["TopicArn"]
    return machine("chain", chain(name, topic))


@pytest.fixture(scope="session")
def run(states: Any, finish: Callable[..., Any]) -> Callable[..., dict[str, Any]]:
    """Starts an execution and answers its description at the end."""

    def start_and_wait(machine_arn: str, data: Any = None, **options: Any) -> dict[str, Any]:
        started = states.start_execution(
            stateMachineArn=machine_arn, input=json.dumps(data or {}), **options
        )
        return dict(finish(states, started["executionArn"]))

    return start_and_wait
