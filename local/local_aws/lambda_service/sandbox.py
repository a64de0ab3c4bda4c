"""A sandbox: one process of a function's binary that works on one invocation at a time.

It ends with its function's time-out, with its process, or when its configuration or credentials are outdated.
"""

import datetime
import os
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

from local_aws import callers, paths
from local_aws.lambda_service import processor
from local_aws.lambda_service.configuration import FunctionConfiguration
from local_aws.lambda_service.invocation import Invocation, Outcome
from local_aws.lambda_service.runtime_api import RuntimeApi
from local_aws.service_roles import service_session_credentials

CREDENTIALS_SECONDS = 12 * 3600
RENEWAL_SECONDS = 30 * 60
# AWS gives the initialisation 10 s; many sandboxes that start at once on a small machine need longer.
INITIALISATION_SECONDS = 30.0


class SandboxError(Exception):
    """The sandbox cannot be started; the outcome says why."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.payload.decode())
        self.outcome = outcome


class Sandbox:
    """Starts the process at once; `run` may be called from one thread at a time."""

    def __init__(self, configuration: FunctionConfiguration) -> None:
        if configuration.binary is None:
            raise SandboxError(
                Outcome.error(
                    "Runtime.InvalidEntrypoint",
                    f"Error: no binary {configuration.binary_name} in {paths.binaries_folder()}",
                )
            )
        self.configuration = configuration
        credentials = service_session_credentials(
            configuration.role_arn,
            "lambda.amazonaws.com",
            configuration.arn,
            configuration.name,
            CREDENTIALS_SECONDS,
        )
        callers.register(credentials["AccessKeyId"], self)
        self._renewal = time.time() + CREDENTIALS_SECONDS - RENEWAL_SECONDS
        self._api = RuntimeApi()
        paths.LOG_FOLDER.mkdir(parents=True, exist_ok=True)
        try:
            self._process = self._started(configuration.binary, credentials)
        except OSError as problem:
            # Not executable, or built for another processor.
            self._api.close()
            text = f"Error: fork/exec /var/task/bootstrap: {problem.strerror}"
            raise SandboxError(Outcome.error("Runtime.InvalidEntrypoint", text)) from problem
        threading.Thread(target=self._watch, name=f"sandbox-{self.pid}", daemon=True).start()

    def _started(self, program: Path, credentials: dict[str, Any]) -> "subprocess.Popen[bytes]":
        configuration = self.configuration
        with open(paths.LOG_FOLDER / f"{configuration.name}.log", "ab") as log_file:
            return subprocess.Popen(
                [program],
                env=configuration.environment(self._api.address, credentials),
                stdin=subprocess.DEVNULL,
                stdout=log_file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def event(self) -> str:
        """The event that it works on, or has worked on last."""
        return self._api.event

    def time_out(self) -> None:
        """Ends as if the time-out of the function had passed."""
        self._api.timed_out()
        self.kill()

    def usable(self, configuration: FunctionConfiguration) -> bool:
        """Whether it still runs what is deployed, with credentials that last."""
        return (
            not self._api.closed
            and self._process.poll() is None
            and self.configuration == configuration
            and time.time() < self._renewal
        )

    def run(self, invocation: Invocation) -> Outcome:
        self._api.submit(invocation)
        if self._process.poll() is not None:
            self._api.process_exited(_exit_reason(self._process.returncode))
        invocation.started.wait(max(INITIALISATION_SECONDS, invocation.timeout_seconds))
        is_limited = processor.wanted()
        if is_limited:
            processor.hold(self._process, self.configuration.memory_size)
        outcome = invocation.wait(invocation.deadline - time.time())
        if outcome is None:
            self.kill()
            invocation.resolve(invocation.timed_out())
            outcome = invocation.wait(1.0)
        assert outcome is not None
        if is_limited and processor.peak_megabytes(self.pid) > self.configuration.memory_size:
            # AWS ends it on the way; here it has gone on, and what it has answered is not handed on.
            self.kill()
            return invocation.exited(_exit_reason(-signal.SIGKILL))
        return outcome

    def kill(self) -> None:
        self._api.close()
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def _watch(self) -> None:
        code = self._process.wait()
        self._api.process_exited(_exit_reason(code))
        self._api.close()


def _exit_reason(code: int) -> str:
    if code == 0:
        return "Runtime exited without providing a reason"
    if code < 0:
        return f"Runtime exited with error: signal: {(signal.strsignal(-code) or str(-code)).lower()}"
    return f"Runtime exited with error: exit status {code}"


def log_line(configuration: FunctionConfiguration, text: str) -> None:
    """Adds a line of Lambda's own to the function's log."""
    paths.LOG_FOLDER.mkdir(parents=True, exist_ok=True)
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
    with open(paths.LOG_FOLDER / f"{configuration.name}.log", "a", encoding="utf-8") as log_file:
        log_file.write(f"{now} {text}\n")
