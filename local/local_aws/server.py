"""The server: moto's application behind one port of 127.0.0.1, with all corrections installed.

Corrections change moto's classes in this process, so a process has one such server.
"""

import logging
import socket
import threading

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import BaseWSGIServer, make_server

from local_aws import address, installation
from local_aws.address import HOST

BACKLOG = 512

log = logging.getLogger("local_aws.server")


class QuietRequestHandler(MotoRequestHandler):
    """Leaves the request log to the audit; failures of the server itself go to the log."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Says nothing: the audit has a line for every call."""

    def log(self, type: str, message: str, *args: object) -> None:
        log.log(logging.ERROR if type == "error" else logging.INFO, message, *args)


class LocalServer:
    """The local AWS in this process; port 0 takes a free one."""

    def __init__(self, port: int = 0) -> None:
        installation.install()
        application = installation.layered(DomainDispatcherApplication(create_backend_app))
        # Bound here: where the port is taken, werkzeug would end the process.
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((HOST, port))
            listener.listen(BACKLOG)
            self.port: int = listener.getsockname()[1]
            self._server: BaseWSGIServer = make_server(
                HOST,
                self.port,
                application,
                threaded=True,
                request_handler=QuietRequestHandler,
                fd=listener.fileno(),
            )
        self._server.daemon_threads = True
        self.url = f"http://{HOST}:{self.port}"
        address.listen_on(self.port)
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="local-aws", daemon=True
        )

    def start(self) -> "LocalServer":
        self._thread.start()
        return self

    def stop(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join(timeout=5)
        self._server.server_close()
