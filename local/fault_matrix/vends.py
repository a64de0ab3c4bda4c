"""One local AWS with everything that disturbed vends need of it: clients, faults, the audit.

Several threads may use it: boto3 makes clients one at a time, so making them is locked.
"""

import json
import threading
from typing import Any

import boto3
import requests
from botocore.config import Config

from meshstack_client import FunctionError, LocalEnvironment, MeshStack, Operator

FUNCTION = "AVMEntryPoint"
VEND_SECONDS = 180.0
_clients: dict[tuple[str | None, ...], Any] = {}
_clients_lock = threading.Lock()


class SharedEnvironment(LocalEnvironment):
    """The environment of a local AWS, for several threads; clients of the standing accounts are made once."""

    def client(
        self, service: str, credentials: dict[str, str] | None = None, region: str | None = None
    ) -> Any:
        """A client, made when it is this thread's turn."""
        with _clients_lock:
            return super().client(service, credentials, region)

    def root_client(self, service: str, account_id: str, region: str | None = None) -> Any:
        """A client of an account's root; that of a vended account is not kept."""
        if account_id not in (self.management_account_id, self.automation_account_id):
            return super().root_client(service, account_id, region)
        key = (self.endpoint_url, service, account_id, region)
        if key not in _clients:
            _clients[key] = super().root_client(service, account_id, region)
        return _clients[key]


class Vends:
    """Sends requests as meshStack does, but without retries of its own."""

    def __init__(self, environment: LocalEnvironment) -> None:
        self.environment = environment
        self.meshstack = MeshStack(environment)
        self.operator = Operator(environment)
        self._url = f"{environment.endpoint_url}/local-aws"
        keys = self.meshstack.assume(environment.automation_account_id, "MeshfedAutomationRole")
        with _clients_lock:
            self._lambda = boto3.client(
                "lambda",
                endpoint_url=environment.endpoint_url,
                region_name=environment.region,
                aws_access_key_id=keys["AccessKeyId"],
                aws_secret_access_key=keys["SecretAccessKey"],
                aws_session_token=keys["SessionToken"],
                config=Config(retries={"total_max_attempts": 1}, read_timeout=120, max_pool_connections=20),
            )

    def send(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Calls AVMEntryPoint once; raises FunctionError, or what boto3 raises.

        In a new sandbox: one that has read the documents makes fewer calls, and none would ever meet a fault.
        """
        requests.post(f"{self._url}/functions/{FUNCTION}/recycle", timeout=60).raise_for_status()
        answer = self._lambda.invoke(FunctionName=FUNCTION, Payload=json.dumps(payload).encode())
        body = json.loads(answer["Payload"].read())
        if answer.get("FunctionError"):
            raise FunctionError(body)
        return dict(body)

    def ended(self, execution_arn: str) -> dict[str, Any]:
        """The execution at its end."""
        return self.operator.wait_for_end(execution_arn, VEND_SECONDS)

    def mark(self) -> int:
        """A place in the audit."""
        return int(requests.get(f"{self._url}/audit", params={"since": 10**15}, timeout=60).json()["last"])

    def calls(self, since: int) -> list[dict[str, Any]]:
        """The audit's lines after a mark."""
        return list(requests.get(f"{self._url}/audit", params={"since": since}, timeout=60).json()["calls"])

    def disturb(self, fault: dict[str, Any]) -> None:
        """Asks for a fault."""
        requests.post(f"{self._url}/faults", json=fault, timeout=60).raise_for_status()

    def calm(self, label: str) -> None:
        """Takes back the faults with that label."""
        requests.delete(f"{self._url}/faults", params={"label": label}, timeout=60).raise_for_status()
