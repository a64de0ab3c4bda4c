"""AWS that answers at once: the answers of the local AWS are recorded once, then replayed without its own work.

So the clock sees the function and not the local AWS. The same question may have several answers, one after the other.
"""

import http.client
import sys
import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

Question = tuple[str, str, str, bytes]
Answer = tuple[int, list[tuple[str, str]], bytes]

_KEPT_HEADERS = ("content-type", "x-amzn-requestid", "x-amzn-errortype", "x-amz-function-error")


class ReplayServer:
    """Stands before the local AWS; `record` and then `replay` as often as one likes."""

    def __init__(self, upstream: str) -> None:
        self._upstream = urlsplit(upstream).netloc
        self._answers: dict[Question, list[Answer]] = defaultdict(list)
        self._asked: dict[Question, int] = defaultdict(int)
        self._recording = False
        self._lock = threading.Lock()
        self._server = _QuietServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def record(self) -> None:
        """Forgets what was recorded; what is asked from now on goes to the local AWS and is kept."""
        self._answers.clear()
        self._recording = True

    def replay(self) -> None:
        """Answers from the start of the recording."""
        self._asked.clear()
        self._recording = False

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, question: Question, headers: dict[str, str]) -> Answer:
        if self._recording:
            answer = self._ask_upstream(question, headers)
            with self._lock:
                self._answers[question].append(answer)
            return answer
        with self._lock:
            turn = self._asked[question]
            self._asked[question] += 1
        answers = self._answers.get(question)
        if not answers:
            # Loud: a question that was not recorded would make the measurement one of error handling.
            return 500, [("content-type", "text/plain")], b"this question was not recorded"
        return answers[min(turn, len(answers) - 1)]

    def _ask_upstream(self, question: Question, headers: dict[str, str]) -> Answer:
        method, path, _, body = question
        connection = http.client.HTTPConnection(self._upstream, timeout=60)
        try:
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            kept = [pair for pair in response.getheaders() if pair[0].lower() in _KEPT_HEADERS]
            return response.status, kept, response.read()
        finally:
            connection.close()


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """A process that was ended has cut its connections."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _handler(replay: ReplayServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            question = (self.command, self.path, self.headers.get("X-Amz-Target", ""), body)
            status, headers, text = replay.answer(question, dict(self.headers))
            head = [f"HTTP/1.1 {status} -", *(f"{name}: {value}" for name, value in headers)]
            head.append(f"Content-Length: {len(text)}")
            self.wfile.write("\r\n".join(head).encode() + b"\r\n\r\n" + text)

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    return Handler
