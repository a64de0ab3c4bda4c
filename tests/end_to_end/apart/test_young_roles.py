"""Vends where IAM is late, and where the account may run few functions at a time, as in an account that is new itself.

What the access stack and the StackSet have just made does not count yet when the next call comes. A local AWS of its own, with an
audit of its own: that roles are refused for seconds is no right that is missing.
"""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from local_aws.enforcement.propagation import DELAY_VARIABLE
from local_aws.lambda_service.pool import CONCURRENCY_VARIABLE
from local_aws.paths import AUDIT_VARIABLE
from local_aws.process import LocalAwsProcess
from meshstack_client import LocalEnvironment, MeshStack, Operator

VENDS = 6


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where that AWS keeps its audit, and everything else."""
    return tmp_path_factory.mktemp("young")


@pytest.fixture(scope="module")
def young_environment(expressions_folder: Path, folder: Path) -> Iterator[LocalEnvironment]:
    """An AWS that needs some minutes at most for each change of a role, and runs two functions at a time.

    With as many as the vends are, they seldom meet on a machine that starts them one after the other.
    """
    variables = {DELAY_VARIABLE: "300", CONCURRENCY_VARIABLE: "2", AUDIT_VARIABLE: str(folder)}
    with LocalAwsProcess(folder, variables=variables) as process:
        yield LocalEnvironment.load(process.environment_file)


@pytest.fixture(scope="module")
def ended(young_environment: LocalEnvironment) -> list[dict[str, Any]]:
    """Vends that began at the same moment, at their ends."""
    meshstack, operator = MeshStack(young_environment), Operator(young_environment)
    payloads = [{"ProductName": "young", "Stage": f"y{number}"} for number in range(VENDS)]
    with ThreadPoolExecutor(VENDS) as pool:
        answers = list(pool.map(meshstack.request, payloads))
    return [operator.wait_for_end(answer["executionArn"], seconds=180) for answer in answers]


@pytest.fixture(scope="module")
def refused(ended: list[dict[str, Any]], folder: Path) -> set[tuple[str, str]]:
    """Which roles were refused, and with what error."""
    [log] = folder.glob("audit-*.log")
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    return {(str(one["principal"]).rsplit("/", 1)[-1], one["error"]) for one in lines if one["error"]}


def test_no_vend_is_lost_to_young_roles_and_functions_that_have_to_wait(ended):
    ends = [(one["status"], one.get("error"), one.get("cause")) for one in ended]
    assert ends == [("SUCCEEDED", None, None)] * VENDS


def test_iam_was_late(refused):
    # Mostly the execution role of StackSets; on a slow machine it has come of age when its turn comes.
    assert {role for role, error in refused if error == "AccessDenied"}


def test_functions_had_to_wait(refused):
    assert ("AVMStateMachineRole", "TooManyRequestsException") in refused
