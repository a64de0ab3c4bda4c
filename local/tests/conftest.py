"""One local AWS for all tests of this folder, and boto3 clients for any of its accounts.

The server runs in a thread of the test process, so that a test can also look behind the API.
"""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

LOCAL_FOLDER = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(LOCAL_FOLDER))
os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")

from local_aws.server import REGION, LocalServer  # noqa: E402


@pytest.fixture(scope="session")
def server() -> Iterator[LocalServer]:
    running = LocalServer().start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def client(server: LocalServer) -> Callable[..., Any]:
    """client("iam", account_id) as root of that account, or client("iam", credentials=…) of an AssumeRole answer."""

    def make(
        service: str,
        account_id: str | None = None,
        credentials: dict[str, str] | None = None,
        region: str = REGION,
    ) -> Any:
        from local_aws.credentials import root_credentials

        keys = credentials or root_credentials(account_id)
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=server.url,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys.get("SessionToken"),
            config=Config(retries={"total_max_attempts": 1}),
        )

    return make
