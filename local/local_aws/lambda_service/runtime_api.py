"""The Lambda Runtime API of one sandbox: an HTTP endpoint of its own, as on AWS.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import queue
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from local_aws.lambda_service.invocation import Invocation, Outcome

PREFIX = "/2018-06-01/runtime/"


class RuntimeApi:
    """Hands one invocation at a time to the runtime and takes its answer."""

    def __init__(self) -> None:
        self._next: queue.Queue[Invocation | None] = queue.Queue()
        self._current: Invocation | None = None
        self._init_error: Outcome | None = None
        self.closed = False
        self._server = _Server(self)
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.05},
            name=f"runtime-api-{self.address}",
            daemon=True,
        ).start()

    def submit(self, invocation: Invocation) -> None:
        self._current = invocation
        self._next.put(invocation)

    def next(self) -> Invocation | None:
        """Waits for an invocation; None when the sandbox ends."""
        invocation = None if self.closed else self._next.get()
        if invocation is not None:
            invocation.start()
        return invocation

    def answer(self, request_id: str, outcome: Outcome) -> bool:
        current = self._current
        if current is None or current.request_id != request_id:
            return False
        current.resolve(outcome)
        return True

    @property
    def event(self) -> str:
        """The latest event."""
        return self._current.payload.decode("utf-8", "replace") if self._current else ""

    def timed_out(self) -> None:
        """Fails what the process is working on: its time is over."""
        if self._current is not None:
            self._current.resolve(self._current.timed_out())

    def init_failed(self, outcome: Outcome) -> None:
        self._init_error = outcome
        if self._current is not None:
            self._current.resolve(outcome)

    def process_exited(self, reason: str) -> None:
        """Fails what the process was working on, with the init error it has reported, if any."""
        current = self._current
        if current is not None:
            current.resolve(self._init_error or current.exited(reason))

    def close(self) -> None:
        self.closed = True
        self._next.put(None)
        # shutdown() waits for the serving loop, which nobody here needs to do.
        threading.Thread(target=self._stop_server, daemon=True).start()

    def _stop_server(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, api: RuntimeApi) -> None:
        self.api = api
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A sandbox that was ended has cut its connections."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        if self.path != f"{PREFIX}invocation/next":
            return self._reply(404, {"errorType": "NotFound", "errorMessage": self.path})
        invocation = self.server.api.next()
        if invocation is None:
            self.close_connection = True
            return None
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(int(invocation.deadline * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
            "Lambda-Runtime-Trace-Id": invocation.trace_header,
        }
        if invocation.client_context:
            headers["Lambda-Runtime-Client-Context"] = invocation.client_context
        return self._send(200, invocation.payload, headers)

    def do_POST(self) -> None:
        body = self._body()
        if self.path == f"{PREFIX}init/error":
            self.server.api.init_failed(Outcome(body, failed=True))
            return self._reply(202, {"status": "OK"})
        request_id, _, kind = self.path.removeprefix(f"{PREFIX}invocation/").partition("/")
        known = kind in ("response", "error") and self.server.api.answer(
            request_id, Outcome(body, failed=kind == "error")
        )
        if known:
            return self._reply(202, {"status": "OK"})
        return self._reply(
            400, {"errorType": "InvalidRequestID", "errorMessage": "Invalid request ID"}
        )

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", "").lower():
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(chunks)

    def _reply(self, status: int, document: dict[str, str]) -> None:
        self._send(status, json.dumps(document).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    log_message: Callable[..., None] = staticmethod(lambda *_: None)
