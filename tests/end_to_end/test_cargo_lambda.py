"""Functions run by `cargo lambda watch` and called by `cargo lambda invoke`, as README.md tells it.

The real cargo-lambda starts the real binaries with the files that the local AWS writes for it.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent
PAYLOAD = REPOSITORY / "tests" / "payloads" / "create.json"
ACCESS_ROLE = "MeshstackAccountAccessRole"
HOST = "127.0.0.1"
UP_SECONDS = 20
# The first call builds what has changed since `make build`, which builds the functions as the watcher does.
INVOKE_SECONDS = 300
STOP_SECONDS = 10
COMMAND_PATH = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))


class Watched:
    """A function under `cargo lambda watch`."""

    def __init__(self, function: str, port: int) -> None:
        self._command = ["cargo", "lambda", "invoke", function, "--invoke-address", HOST, "--invoke-port", str(port)]

    def invoke(self, *payload: str) -> subprocess.CompletedProcess[str]:
        return run([*self._command, *payload])

    def answer(self, *payload: str) -> dict:
        finished = self.invoke(*payload)
        assert finished.returncode == 0, finished.stderr
        return json.loads(finished.stdout)


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=REPOSITORY,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=INVOKE_SECONDS,
        check=False,
    )


def environment() -> dict[str, str]:
    """Nothing of AWS: all that the function knows is in its file."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "AVM_"))}
    return {**kept, "PATH": COMMAND_PATH}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def wait_until_up(watcher: subprocess.Popen, port: int, log: Path) -> None:
    deadline = time.monotonic() + UP_SECONDS
    while time.monotonic() < deadline and watcher.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"cargo lambda watch does not listen:\n{log.read_text()}")


def stop(watcher: subprocess.Popen) -> None:
    """Ends the watcher's process group as Ctrl-C does: cargo-lambda, cargo and the function."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(watcher.pid, number)
        except ProcessLookupError:
            break
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and group_lives(watcher):
            time.sleep(0.05)
    watcher.wait()


def group_lives(watcher: subprocess.Popen) -> bool:
    watcher.poll()
    try:
        os.killpg(watcher.pid, 0)
    except ProcessLookupError:
        return False
    return True


@contextmanager
def watching(process, function: str, folder: Path) -> Iterator[Watched]:
    port, log = free_port(), folder / "watch.txt"
    variables = process.environment_file.parent / "functions" / f"{function}.env"
    command = ["cargo", "lambda", "watch", "--ignore-changes", "--package", "functions", "--env-file", str(variables)]
    with log.open("w") as output:
        watcher = subprocess.Popen(
            [*command, "--invoke-address", HOST, "--invoke-port", str(port)],
            cwd=REPOSITORY,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_until_up(watcher, port, log)
        yield Watched(function, port)
    finally:
        stop(watcher)
        assert not group_lives(watcher)


def test_the_entry_point_vends_from_cargo_lambda(process, meshstack, operator, tmp_path):
    payload = json.loads(PAYLOAD.read_text())
    workspace, project = payload["ProductName"], payload["Stage"]

    with watching(process, "AVMEntryPoint", tmp_path) as watched:
        first = watched.answer("--data-file", str(PAYLOAD))
        assert first["status"] == "started"
        assert operator.wait_for_end(first["executionArn"])["status"] == "SUCCEEDED"
        again = watched.answer("--data-file", str(PAYLOAD))
        refused = watched.invoke("--data-ascii", '{"AccountId": "12"}')

    assert (again["status"], again["executionArn"]) == ("already done", first["executionArn"])
    account = operator.account_by_email(f"aws+{workspace}.{project}@example.com")
    assert meshstack.tags(account["Id"])["Stage"] == project
    assert refused.returncode != 0
    assert "InvalidRequest" in refused.stderr


def test_the_downgrade_works_from_cargo_lambda(
    process, meshstack, operator, make_account, project, tmp_path
):
    account = make_account()
    vend = meshstack.invoke(meshstack.payload(account, "space", project))
    assert operator.wait_for_end(vend["executionArn"])["status"] == "SUCCEEDED"
    operator.environment.root_client("iam", account["Id"]).attach_role_policy(
        RoleName=ACCESS_ROLE, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )

    with watching(process, "PermissionDowngrade", tmp_path) as watched:
        answer = watched.answer("--data-ascii", json.dumps({"AccountId": account["Id"]}))

    assert (answer["statusCode"], answer["body"]) == (200, "Successfully downgraded")
    assert operator.role_policies(account["Id"], ACCESS_ROLE)["attached"] == []
