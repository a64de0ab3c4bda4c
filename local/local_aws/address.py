"""Where the server of this process listens, its home region and the account that everything belongs to.

Whoever calls the server from within asks here; so does moto.
"""

from typing import Any

from moto import settings

from local_aws.patches import patch

HOST = "127.0.0.1"
REGION = "eu-central-1"
MANAGEMENT_ACCOUNT_ID = "123456789012"

_port: int | None = None


def listen_on(port: int) -> None:
    """The server has this port from now on."""
    global _port
    _port = port


def port() -> int:
    """The server's port; nobody can ask before there is a server."""
    if _port is None:
        raise RuntimeError("the server of the local AWS does not listen yet")
    return _port


def endpoint_url() -> str:
    """Where the server of this process listens."""
    return f"http://{HOST}:{port()}"


@patch(settings, "moto_server_port")
def _moto_server_port(_: Any) -> str:
    """moto reads its port from the environment, for the answers of custom resources. No source; AWS has no such port."""
    return str(port())
