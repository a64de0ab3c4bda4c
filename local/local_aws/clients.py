"""boto3 clients of this process for its own server, with any credentials.

One session serves all: a new one would read the description of every service again.
"""

import threading
from typing import Any

import boto3
from botocore.client import BaseClient
from botocore.config import Config

from local_aws.address import endpoint_url

_session = boto3.session.Session()
_lock = threading.Lock()


def client(
    service: str, region: str, credentials: dict[str, Any], config: Config | None = None
) -> BaseClient:
    """A client without retries; sessions may not make two clients at once, so this waits its turn."""
    # With a name of its own: botocore would put one together for every call.
    base = Config(retries={"total_max_attempts": 1}, user_agent="local-aws")
    with _lock:
        return _session.client(
            service,
            region_name=region,
            endpoint_url=endpoint_url(),
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials.get("SessionToken"),
            config=base.merge(config) if config else base,
        )
