"""Vends where IAM is late: what the access stack and the StackSet have just made does not count yet when the next call comes.

A local AWS of its own, with an audit of its own: that roles are refused for seconds is no right that is missing.
"""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local_aws.enforcement.propagation import DELAY_VARIABLE
from local_aws.paths import AUDIT_VARIABLE
from local_aws.process import LocalAwsProcess
from meshstack_client import LocalEnvironment, MeshStack, Operator

VENDS = 6
EXECUTION_ROLE = "AWSCloudFormationStackSetExecutionRole"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where that AWS keeps its audit, and everything else."""
    return tmp_path_factory.mktemp("late")


@pytest.fixture(scope="module")
def late_environment(expressions_folder: Path, folder: Path) -> Iterator[LocalEnvironment]:
    """An AWS that needs up to two minutes for each change of a role."""
    with LocalAwsProcess(folder, variables={DELAY_VARIABLE: "120", AUDIT_VARIABLE: str(folder)}) as process:
        yield LocalEnvironment.load(process.environment_file)


def refused_actions(folder: Path) -> set[str]:
    """What the execution role of StackSets was not allowed yet."""
    [log] = folder.glob("audit-*.log")
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    return {one["action"] for one in lines if str(one["principal"]).endswith(f"/{EXECUTION_ROLE}") and one["error"]}


def test_no_vend_is_lost_to_a_role_that_iam_does_not_know_yet(late_environment, folder):
    meshstack, operator = MeshStack(late_environment), Operator(late_environment)
    payloads = [{"ProductName": "young", "Stage": f"y{number}"} for number in range(VENDS)]

    with ThreadPoolExecutor(VENDS) as pool:
        answers = list(pool.map(meshstack.request, payloads))

    ended = [operator.wait_for_end(answer["executionArn"]) for answer in answers]
    assert [(one["status"], one.get("error"), one.get("cause")) for one in ended] == [("SUCCEEDED", None, None)] * VENDS
    # Else nothing was late for the role whose youth this is about.
    assert refused_actions(folder)
