"""The local AWS as a process of its own: started, awaited, and stopped with everything that it started.

For the demo, the benchmark and the end-to-end tests; a person uses `make local`.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path
from types import TracebackType

from local_aws.paths import REPOSITORY

START_SECONDS = 400
STOP_SECONDS = 20


class LocalAwsProcess:
    """Runs `python -m local_aws serve` (or another command) as a context, with env and logs in the folder; port "0" is a free one."""

    def __init__(
        self,
        folder: Path,
        port: str = "0",
        echo: bool = False,
        variables: dict[str, str] | None = None,
        command: str = "serve",
    ) -> None:
        self._command = command
        self.environment_file = folder / "env"
        self.log_folder = folder / "logs"
        self._echo = echo
        self._ready = threading.Event()
        self._lines: list[str] = []
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(REPOSITORY / "local"),
            "PYTHONUNBUFFERED": "1",
            "AVM_LOCAL_PORT": port,
            "AVM_LOCAL_FOLDER": str(folder),
            **(variables or {}),
        }
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "LocalAwsProcess":
        self._process = subprocess.Popen(
            [sys.executable, "-m", "local_aws", self._command],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._read, daemon=True).start()
        # A process that has just failed may not be seen as ended yet: only its word counts.
        if not self._ready.wait(START_SECONDS) or "ready" not in self._lines:
            self._stop()
            raise RuntimeError("the local AWS did not start:\n" + "\n".join(self._lines[-40:]))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process
        broken = self._violations() if kind is None and self._process.poll() is None else []
        self._stop()
        if broken:
            raise RuntimeError("answers of the local AWS break the models of AWS:\n" + "\n".join(broken))

    def _violations(self) -> list[str]:
        """What its answers have broken, whoever asked for them."""
        url = next(line.split()[3].rstrip(",") for line in self._lines if line.startswith("local AWS on "))
        with urllib.request.urlopen(f"{url}/local-aws/violations", timeout=30) as answer:
            return list(json.load(answer)["violations"])

    def _read(self) -> None:
        assert self._process and self._process.stdout
        for line in self._process.stdout:
            line = line.rstrip()
            self._lines.append(line)
            if line == "ready":
                self._ready.set()
            elif self._echo and not self._ready.is_set():
                print(f"  {line}", flush=True)
        self._ready.set()

    def _stop(self) -> None:
        assert self._process
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
