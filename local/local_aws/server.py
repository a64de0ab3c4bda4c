"""The server: moto's application behind one port of 127.0.0.1, with all corrections installed.

Corrections change moto's classes in this process, so a process has one such server.
"""

import importlib
import logging
import os
import threading
from types import ModuleType

from moto.core.config import default_user_config
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import BaseWSGIServer, make_server

HOST = "127.0.0.1"
REGION = "eu-central-1"
MANAGEMENT_ACCOUNT_ID = "123456789012"

log = logging.getLogger("local_aws.server")

# The order matters: enforcement and the audit wrap what the corrections have changed.
INSTALLED_MODULES = (
    "credentials",
    "corrections.organizations",
    "corrections.readiness",
    "corrections.sts",
    "corrections.iam",
    "corrections.cloudformation",
    "corrections.cloudformation_resources",
    "corrections.stacksets",
    "corrections.stepfunctions",
    "lambda_service",
    "enforcement",
    "audit",
    "admin",
)

_installed = False


def _module(name: str) -> ModuleType | None:
    full_name = f"local_aws.{name}"
    try:
        return importlib.import_module(full_name)
    except ModuleNotFoundError as error:
        if error.name != full_name:
            raise
        log.warning("%s does not exist", full_name)
        return None


def install() -> None:
    """Configures moto and installs every correction, once per process."""
    global _installed
    if _installed:
        return
    _installed = True
    os.environ.setdefault("AWS_DEFAULT_REGION", REGION)
    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    default_user_config["lambda"] = {"use_docker": False}
    default_user_config["iam"] = {"load_aws_managed_policies": True}
    for name in INSTALLED_MODULES:
        module = _module(name)
        if module is not None and hasattr(module, "install"):
            module.install()


class QuietRequestHandler(MotoRequestHandler):
    """Leaves the request log to the audit; failures of the server itself go to the log."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Says nothing: the audit has a line for every call."""

    def log(self, type: str, message: str, *args: object) -> None:
        log.log(logging.ERROR if type == "error" else logging.INFO, message, *args)


class LocalServer:
    """The local AWS in this process; port 0 takes a free one."""

    def __init__(self, port: int = 0) -> None:
        install()
        application = DomainDispatcherApplication(create_backend_app)
        self._server: BaseWSGIServer = make_server(
            HOST, port, application, threaded=True, request_handler=QuietRequestHandler
        )
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self.url = f"http://{HOST}:{self.port}"
        # moto and the corrections call the server themselves, and ask here where it is.
        os.environ["MOTO_PORT"] = str(self.port)
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="local-aws", daemon=True
        )

    def start(self) -> "LocalServer":
        self._thread.start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)


def endpoint_url() -> str:
    """Where the server of this process listens."""
    return f"http://{HOST}:{os.environ['MOTO_PORT']}"
