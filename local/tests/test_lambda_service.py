"""The Lambda service: real processes behind Invoke, with AWS's errors.

The function is binaries/behave, a script that does what its event says.
"""

import io
import json
import os
import sys
import threading
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from waiting import eventually

from local_aws import paths
from local_aws.lambda_service import pool, processor, shutdown


def invoke(lambda_client: Any, name: str, event: Any, **options: Any) -> tuple[Any, str | None]:
    response = lambda_client.invoke(FunctionName=name, Payload=json.dumps(event), **options)
    body = response["Payload"].read()
    return (json.loads(body) if body else None), response.get("FunctionError")


def test_answers_with_the_functions_payload(function: Any) -> None:
    name, client = function()
    assert invoke(client, name, {"answer": {"ü": [1, None]}}) == ({"ü": [1, None]}, None)


def test_is_found_by_arn_too(function: Any) -> None:
    name, client = function()
    arn = client.get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    assert invoke(client, arn, {"answer": 1}) == (1, None)


def test_the_process_sees_lambdas_environment(function: Any, server: Any) -> None:
    name, client = function(environment={"AVM_EXTRA": "yes"}, timeout=7)
    seen, _ = invoke(client, name, {"do": "describe"})
    environment = seen["environment"]
    assert environment["AVM_EXTRA"] == "yes"
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == name
    assert environment["AWS_ENDPOINT_URL"] == server.url
    assert environment["AWS_REGION"] == "eu-central-1"
    assert seen["arn"].endswith(f":function:{name}")
    assert 5 < seen["left"] <= 7
    assert seen["trace"].startswith("Root=1-")


def test_the_certificates_of_lambdas_image_are_those_of_this_machine(function: Any) -> None:
    name, client = function(environment={"SSL_CERT_FILE": "/etc/pki/tls/certs/ca-bundle.crt"})
    seen, _ = invoke(client, name, {"do": "describe"})
    assert "BEGIN CERTIFICATE" in Path(seen["environment"]["SSL_CERT_FILE"]).read_text()


def test_the_caller_is_a_session_of_the_functions_role(function: Any) -> None:
    name, client = function(timeout=30)
    arn, error = invoke(client, name, {"do": "identity"})
    assert error is None, arn
    assert arn.endswith(f"assumed-role/{name}-role/{name}")


def test_a_function_error_is_marked_and_handed_on(function: Any) -> None:
    name, client = function()
    error = {"errorType": "Throttled", "errorMessage": 'a "quoted" cause'}
    assert invoke(client, name, {"do": "fail", "error": error}) == (error, "Unhandled")


def test_an_exit_is_a_runtime_exit_error_and_the_next_call_works(function: Any) -> None:
    name, client = function()
    body, marked = invoke(client, name, {"do": "exit", "code": 3})
    assert marked == "Unhandled"
    assert body["errorType"] == "Runtime.ExitError"
    assert body["errorMessage"].endswith("Runtime exited with error: exit status 3")
    assert invoke(client, name, {"answer": 2}) == (2, None)


def test_a_time_out_ends_the_sandbox(function: Any) -> None:
    name, client = function(timeout=1)
    before, _ = invoke(client, name, {"do": "describe"})
    start = time.monotonic()
    body, marked = invoke(client, name, {"do": "sleep", "seconds": 20})
    assert time.monotonic() - start < 3
    assert (body["errorType"], marked) == ("Sandbox.Timedout", "Unhandled")
    assert body["errorMessage"].endswith("Error: Task timed out after 1.00 seconds")
    after, _ = invoke(client, name, {"do": "describe"})
    assert after["pid"] != before["pid"]


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Functions have what Lambda gives them."""
    if sys.platform != "linux":
        pytest.skip("what other processes use is asked of Linux")
    monkeypatch.setenv(processor.PROCESSOR_VARIABLE, processor.BY_MEMORY)


def test_a_function_has_the_processor_that_goes_with_its_memory(function: Any, limited: None) -> None:
    name, client = function(timeout=30)
    for memory, share in ((442, 4), (884, 2)):
        client.update_function_configuration(FunctionName=name, MemorySize=memory)
        seconds, _ = invoke(client, name, {"do": "compute", "seconds": 0.3})
        assert 0.8 * 0.3 * share < seconds, memory
        # What it has not used while it slept is not made up for.
        invoke(client, name, {"do": "sleep", "seconds": 0.5})
        seconds, _ = invoke(client, name, {"do": "compute", "seconds": 0.3})
        assert 0.8 * 0.3 * share < seconds, memory


def test_a_slow_function_meets_its_time_out(function: Any, limited: None) -> None:
    name, client = function(timeout=1)
    body, _ = invoke(client, name, {"do": "compute", "seconds": 0.3})
    assert body["errorType"] == "Sandbox.Timedout"
    assert invoke(client, name, {"answer": 1}) == (1, None)


def test_a_function_that_needs_more_than_its_memory_is_killed(function: Any, limited: None) -> None:
    name, client = function(timeout=30)
    client.update_function_configuration(FunctionName=name, MemorySize=256)
    assert invoke(client, name, {"do": "allocate", "megabytes": 100}) == (100 * 2**20, None)
    body, marked = invoke(client, name, {"do": "allocate", "megabytes": 300})
    assert (body["errorType"], marked) == ("Runtime.ExitError", "Unhandled")
    assert body["errorMessage"].endswith(" Error: Runtime exited with error: signal: killed")
    assert invoke(client, name, {"answer": 1}) == (1, None)


def test_an_init_error_is_the_answer(function: Any) -> None:
    name, client = function(environment={"INIT_ERROR": "1"})
    body, marked = invoke(client, name, {})
    assert (body["errorType"], marked) == ("Broken.Init", "Unhandled")


def test_a_missing_binary_names_itself(function: Any) -> None:
    name, client = function(binary="no-such-binary")
    body, marked = invoke(client, name, {})
    assert (body["errorType"], marked) == ("Runtime.InvalidEntrypoint", "Unhandled")
    assert "no-such-binary" in body["errorMessage"]


def test_sandboxes_are_reused_one_after_the_other_and_added_side_by_side(function: Any) -> None:
    name, client = function(timeout=20)
    first, _ = invoke(client, name, {"do": "describe"})
    second, _ = invoke(client, name, {"do": "describe"})
    assert first["pid"] == second["pid"]
    threads = [
        threading.Thread(target=invoke, args=(client, name, {"do": "sleep", "seconds": 1.5}))
        for _ in range(4)
    ]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - start < 5


def test_an_account_has_only_so_many_invocations_at_a_time_and_events_wait(
    function: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, client = function(timeout=20)
    other, _ = function(timeout=20)
    invoke(client, name, {})
    monkeypatch.setenv(pool.CONCURRENCY_VARIABLE, "1")
    busy = threading.Thread(target=invoke, args=(client, name, {"do": "sleep", "seconds": 1.5}))
    busy.start()
    eventually(lambda: pool.at_work())
    with pytest.raises(ClientError) as caught:
        invoke(client, other, {})
    assert caught.value.response["Error"] == {"Code": "TooManyRequestsException", "Message": "Rate Exceeded."}
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert invoke(client, other, {}, InvocationType="Event") == (None, None)
    busy.join()
    eventually(lambda: (paths.LOG_FOLDER / f"{other}.log").exists() and not pool.at_work())
    assert invoke(client, other, {"answer": 1}) == (1, None)


@pytest.mark.parametrize("text", ["0", "-1", "ten", "1.5"])
def test_the_number_of_invocations_is_a_whole_one(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(pool.CONCURRENCY_VARIABLE, text)
    with pytest.raises(ValueError, match="must be a number from 1 on"):
        pool.concurrency()


def test_the_processor_of_functions_goes_with_their_memory_or_is_the_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(processor.PROCESSOR_VARIABLE, "half")
    with pytest.raises(ValueError, match="must be memory"):
        processor.wanted()


def test_a_changed_configuration_takes_a_new_sandbox(function: Any) -> None:
    name, client = function(environment={"COLOUR": "red"})
    before, _ = invoke(client, name, {"do": "describe"})
    client.update_function_configuration(
        FunctionName=name, Environment={"Variables": {"COLOUR": "blue"}}
    )
    after, _ = invoke(client, name, {"do": "describe"})
    assert (before["environment"]["COLOUR"], after["environment"]["COLOUR"]) == ("red", "blue")


@pytest.mark.parametrize(
    ("name", "payload", "code"),
    [
        ("no-such-function", b"{}", "ResourceNotFoundException"),
        ("arn:aws:lambda:eu-central-1:999999999999:function:f", b"{}", "AccessDeniedException"),
        (None, b"{not json", "InvalidRequestContentException"),
        (None, b'{"no": "UTF-8 \xff"}', "InvalidRequestContentException"),
    ],
)
def test_invoke_refuses_as_aws_does(
    function: Any, name: str | None, payload: bytes, code: str
) -> None:
    made, client = function()
    with pytest.raises(ClientError) as caught:
        client.invoke(FunctionName=name or made, Payload=payload)
    assert caught.value.response["Error"]["Code"] == code


def test_event_and_dry_run_answer_without_a_payload(function: Any) -> None:
    name, client = function()
    for kind, status in (("Event", 202), ("DryRun", 204)):
        response = client.invoke(FunctionName=name, InvocationType=kind, Payload=b"{}")
        assert response["StatusCode"] == status
        assert response["Payload"].read() == b""


def test_output_goes_to_the_functions_log(function: Any) -> None:
    name, client = function()
    invoke(client, name, {})
    assert "started" in (paths.LOG_FOLDER / f"{name}.log").read_text()


def test_shutdown_leaves_no_process(function: Any) -> None:
    name, client = function()
    seen, _ = invoke(client, name, {"do": "describe"})
    shutdown()
    for _ in range(50):
        try:
            os.kill(seen["pid"], 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("the sandbox still runs")


PROGRAM = """#!/bin/sh
exec "$BEHAVE"
"""


def uploaded(client: Any, service_role: Any, search_path: str, mode: int, name: str) -> Any:
    """A function whose code is a zip with a program of these permissions."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = mode << 16
        archive.writestr(entry, PROGRAM)
    behave = str(paths.binary("behave"))
    lambda_client = client("lambda")
    lambda_client.create_function(
        FunctionName=name,
        Runtime="provided.al2023",
        Handler="bootstrap",
        Role=service_role(f"{name}-role"),
        Code={"ZipFile": content.getvalue()},
        Environment={"Variables": {"PATH": search_path, "BEHAVE": behave}},
    )
    return lambda_client


def test_what_was_uploaded_runs(
    client: Any, service_role: Any, search_path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "STATE_FOLDER", tmp_path)
    lambda_client = uploaded(client, service_role, search_path, 0o755, "uploaded")
    assert invoke(lambda_client, "uploaded", {"answer": 1}) == (1, None)


def test_a_program_that_is_not_executable_in_the_zip_does_not_run(
    client: Any, service_role: Any, search_path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "STATE_FOLDER", tmp_path)
    lambda_client = uploaded(client, service_role, search_path, 0o644, "not-executable")
    answer, error = invoke(lambda_client, "not-executable", {"answer": 1})
    assert (error, answer["errorType"]) == ("Unhandled", "Runtime.InvalidEntrypoint")
