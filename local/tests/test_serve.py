"""`python -m local_aws serve` as a process: its refusals, what it writes, and that nothing stays behind.

The run with the real templates needs the built binaries, as `make test` has them.
"""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local_aws import paths
from local_aws.deploy import environment_file
from local_aws.deploy.artifacts import binary_names
from local_aws.deploy.stacks import with_nested
from meshstack_client.environment import LocalEnvironment

LOCAL_FOLDER = Path(__file__).resolve().parent.parent
START_SECONDS = 60


def serve(folder: Path, command: str = "serve", **variables: str) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(LOCAL_FOLDER),
        "AVM_LOCAL_FOLDER": str(folder),
        "AVM_LOCAL_PORT": "0",
        **variables,
    }
    environment.pop("AVM_LOCAL_BINARIES", None)
    environment.update(variables)
    return subprocess.Popen(
        [sys.executable, "-m", "local_aws", command],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_missing_binaries_are_named_with_the_remedy(tmp_path: Path) -> None:
    process = serve(tmp_path, AVM_LOCAL_BINARIES=str(tmp_path))
    _, errors = process.communicate(timeout=START_SECONDS)
    assert process.returncode == 1
    assert "AVMEntryPoint" in errors and "cargo build" in errors
    assert "Traceback" not in errors


def test_a_taken_port_is_named_with_the_remedy(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        (tmp_path / "env").write_text("of another local AWS")
        process = serve(tmp_path, AVM_LOCAL_PORT=str(port))
        _, errors = process.communicate(timeout=START_SECONDS)
    assert process.returncode == 1
    assert (tmp_path / "env").read_text() == "of another local AWS"
    assert f"port {port} is taken" in errors and "AVM_LOCAL_PORT" in errors
    assert "Traceback" not in errors


def test_a_port_that_is_no_number_is_refused(tmp_path: Path) -> None:
    process = serve(tmp_path, AVM_LOCAL_PORT="http")
    _, errors = process.communicate(timeout=START_SECONDS)
    assert process.returncode == 1
    assert "AVM_LOCAL_PORT must be a port number" in errors


def test_the_environment_file_is_quoted_and_private(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "env"
    environment_file.write(path, {"A": "plain", "B": "with 'quotes' and $dollars"})
    shown = subprocess.run(
        ["sh", "-c", f'. {shlex.quote(str(path))} && printf "%s|%s" "$A" "$B"'],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout == "plain|with 'quotes' and $dollars"
    assert path.stat().st_mode & 0o777 == 0o600


def read_until(process: subprocess.Popen[str], wanted: str) -> list[str]:
    lines = []
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        if lines[-1] == wanted:
            return lines
    pytest.fail(f"it never said {wanted!r}: {lines}\n{process.stderr.read() if process.stderr else ''}")


def children_of(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(entry.parent.name))
    return found


NAMES = [
    "AWS_ENDPOINT_URL",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AVM_EXTERNAL_ID",
    "AVM_MANAGEMENT_ACCOUNT_ID",
    "AVM_AUTOMATION_ACCOUNT_ID",
    "AVM_MESHCLOUD_ACCOUNT_ID",
    "AVM_STATE_MACHINE_ARN",
]


def check_files(folder: Path) -> None:
    """What clients read: names of variables, a file for each function, for their owner only."""
    assert re.findall(r"(?m)^export (\w+)=\S", (folder / "env").read_text()) == NAMES
    files = {path.name: path.stat().st_mode & 0o777 for path in (folder / "functions").iterdir()}
    templates = with_nested(paths.REPOSITORY / "template.yaml")
    functions = [name for template in templates for name in binary_names(template).values()]
    assert files == {f"{name}.env": 0o600 for name in functions}


def invoke_a_function(folder: Path) -> None:
    """Starts a sandbox, and reads the configuration that was deployed."""
    environment = LocalEnvironment.load(folder / "env")
    account = environment.automation_account_id
    environment.root_client("lambda", account).invoke(FunctionName="AVMEntryPoint", Payload=b"{}")
    ssm = environment.root_client("ssm", account)
    assert ssm.get_parameter(Name="/avm/platform")
    assert ssm.get_parameters_by_path(Path="/avm/landing-zones")["Parameters"]


def test_the_real_templates_are_served_until_ctrl_c_and_sandboxes_end_too(tmp_path: Path) -> None:
    process = serve(tmp_path)
    try:
        lines = read_until(process, "ready")
        assert any(line.startswith("local AWS on http://127.0.0.1:") for line in lines)
        check_files(tmp_path)
        invoke_a_function(tmp_path)
        sandboxes = children_of(process.pid)
        assert sandboxes
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0
        assert not (tmp_path / "env").exists()
        assert not (tmp_path / "functions").exists()
        time.sleep(0.2)
        assert not any(Path(f"/proc/{pid}").exists() for pid in sandboxes)
    finally:
        process.kill()
        process.wait()


def test_a_deployment_is_stopped_by_a_signal(tmp_path: Path) -> None:
    process = serve(tmp_path)
    try:
        read_until(process, "  stack of templates/meshcloud.yaml")
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=10)
        assert (process.returncode, "ready" in output, errors) == (0, False, "")
        assert not (tmp_path / "env").exists()
    finally:
        process.kill()
        process.wait()


def test_empty_accounts_have_administrators_with_profiles(tmp_path: Path) -> None:
    process = serve(tmp_path, "empty")
    try:
        read_until(process, "ready")
        text = (tmp_path / "env").read_text()
        assert {"MANAGEMENT", "AUTOMATION_ID", "AWS_CONFIG_FILE"} <= set(re.findall(r"(?m)^export (\w+)=\S", text))
        who = "import boto3; print(boto3.Session(profile_name='automation').client('sts').get_caller_identity()['Arn'])"
        shown = subprocess.run(
            ["sh", "-c", f". {tmp_path / 'env'} && echo $AUTOMATION_ID && {sys.executable} -c \"{who}\""],
            capture_output=True,
            text=True,
            check=True,
        )
        account, arn = shown.stdout.split()
        assert arn == f"arn:aws:iam::{account}:user/administrator"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=START_SECONDS) == 0
        assert sorted(path.name for path in tmp_path.iterdir()) == ["logs"]
    finally:
        process.kill()
        process.wait()


def test_the_repository_is_found() -> None:
    assert (paths.REPOSITORY / "Cargo.toml").is_file()
