"""Another release is deployed while vends stand at every state, and the first one again: no vend changes its code on the way.

The functions of the second release break, until all vends of the first have ended: none may have come to them. In the
organization of the nights, and before its end; which runs the first release again afterwards.
"""

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from bench import costs
from endpoints import LocalAws
from vending import by_functions

import walk
from local_aws import address, paths
from local_aws.deploy import artifacts, stacks
from local_aws.deploy.accounts import root_client
from meshstack_client import LandingZones, LocalEnvironment, MeshStack, Operator

TEMPLATE = paths.REPOSITORY / "template.yaml"
# A vend waits before each of these; the last that are reached begin first.
STEPS = [
    "record-failure", "completion", "account-alias", "permission-downgrade", "identity-provider", "default-vpcs", "single-sign-on",
    "apply-stackset", "access-stack", "elevation", "enroll", "place-account", "account-settings", "create-account",
]  # fmt: skip
# The production landing zone; but for the vend that waits to delete them, no vend looks at the networks of all regions.
QUICK = "releases"
STEPS_GOING_BACK = ["record-failure", "permission-downgrade", "apply-stackset", "create-account"]
LABEL = "release"
SECONDS = 240
PROGRAM = """#!/bin/sh
echo "$AWS_LAMBDA_FUNCTION_NAME:$AWS_LAMBDA_FUNCTION_VERSION" >> {folder}/ran
[ ! -e {folder}/broken ] || exit 1
exec {binary}
"""


class Installation:
    """The installation, and what is done to it here."""

    def __init__(self, environment: LocalEnvironment, folder: Path) -> None:
        self.environment = environment
        self.folder = folder
        self.meshstack, self.operator = MeshStack(environment), Operator(environment)
        self._local_aws = LocalAws(environment.endpoint_url, folder)

    def deploy(self) -> None:
        """Deploys what is in the folder of binaries now."""
        stacks.update_stack(self.environment.automation_account_id, "avm", TEMPLATE, {})

    def start(self, project: str, landing_zone: str, exists: bool = False) -> str:
        """Asks for an account, or for one that exists, and answers the execution."""
        bindings = {"admin": ["ada@example.com"], "reader": []}
        payload = {"ProductName": "releases", "Stage": project, "LandingZone": landing_zone, "RoleBindings": bindings}
        if exists:
            account = self.meshstack.create_account(f"releases-{project}", f"aws+releases.{project}@example.com")
            payload = {**self.meshstack.payload(account, "releases", project), **payload}
        return str(self.meshstack.request(payload)["executionArn"])

    def hold(self, release: str, steps: list[str]) -> dict[str, str]:
        """Starts a vend for each step; each stands before its step in the end. The executions by the steps."""
        found = {}
        for step in steps:
            project = f"{release}{STEPS.index(step):02}"
            wanted = {"service": "lambda", "action": "Invoke", "event": project, "resource": f":function:avm-{step}:"}
            self._local_aws.inject(kind="held", label=LABEL, **wanted)
            if step == "record-failure":
                alias = {"service": "iam", "action": "CreateAccountAlias", "event": project}
                self._local_aws.inject(code="EntityAlreadyExists", label=LABEL, **alias)
            # An account that was just made needs no power back.
            found[step] = self.start(project, "production" if step == "default-vpcs" else QUICK, step == "elevation")
        end = time.monotonic() + SECONDS
        while self._pending():
            assert time.monotonic() < end, self._pending()
            time.sleep(0.1)
        self.expect_held(found)
        return found

    def expect_held(self, vends: dict[str, str]) -> None:
        """They stand where they are held."""
        assert {self.operator.states.describe_execution(executionArn=arn)["status"] for arn in vends.values()} == {"RUNNING"}

    def _pending(self) -> list[str]:
        answer = requests.get(f"{self.environment.endpoint_url}/local-aws/faults", timeout=10).json()
        return [fault["resource"] for fault in answer["faults"] if fault["label"] == LABEL]

    def release(self, vends: dict[str, str]) -> dict[str, dict]:
        """Lets them go on, and waits for their ends."""
        self._local_aws.clear(LABEL)
        with ThreadPoolExecutor(len(vends)) as pool:
            ended = pool.map(lambda arn: self.operator.wait_for_end(arn, SECONDS), vends.values())
            return dict(zip(vends, ended, strict=True))

    def counted(self, project: str, landing_zone: str) -> tuple[str, dict[str, tuple]]:
        """Vends an account alone: the execution, and what of it is no longer as docs/COSTS.md counts."""
        mark = self._local_aws.mark()
        arn = self.start(project, landing_zone)
        assert self.operator.wait_for_end(arn, SECONDS)["status"] == "SUCCEEDED"
        calls = self._local_aws.calls(mark)
        entered = [event for event in self.operator.events(arn) if event["type"].endswith("StateEntered")]
        invoked = [call for call in calls if call["action"] == "lambda:InvokeFunction"]
        return arn, costs.differences(landing_zone, len(entered), len(invoked), len(by_functions(calls)))

    def follow(self, page: str, folder: Path) -> str:
        """Runs the commands of a page as the administrator of the automation account; what they have said."""
        administrator = self.environment.root_variables(self.environment.automation_account_id)
        return walk.follow(page, administrator, folder / "followed", SECONDS)

    def published(self) -> dict[str, list[str]]:
        """The versions of each function of a vend."""
        client = self.environment.root_client("lambda", self.environment.automation_account_id)
        found = {}
        for step in STEPS:
            pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=f"avm-{step}")
            found[step] = [one["Version"] for page in pages for one in page["Versions"] if one["Version"] != "$LATEST"]
        return found

    def versions(self, execution_arn: str) -> set[str]:
        """The versions that an execution has called; $LATEST where it named none."""
        scheduled = [event.get("taskScheduledEventDetails") for event in self.operator.events(execution_arn)]
        called = [json.loads(one["parameters"]) for one in scheduled if one and one["resourceType"] == "lambda"]
        arns = [one["FunctionName"].split(":") for one in called]
        return {arn[7] if len(arn) > 7 else "$LATEST" for arn in arns}

    def ran(self) -> set[str]:
        """The functions of the second release that were started, with their versions."""
        file = self.folder / "ran"
        return set(file.read_text(encoding="utf-8").split()) if file.exists() else set()


@pytest.fixture
def installation(installed, tmp_path: Path) -> Iterator[Installation]:
    """It, reached from this process as the local AWS deploys by itself."""
    environment = LocalEnvironment.load(installed.environment_file)
    address.listen_on(int(environment.endpoint_url.rsplit(":", 1)[1]))
    root_client.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        # The SAM macro asks for it.
        patch.setenv("AWS_DEFAULT_REGION", address.REGION)
        LandingZones(environment).deploy(QUICK, deleteDefaultVpcs=None)
        yield Installation(environment, tmp_path)
    root_client.cache_clear()


@pytest.fixture
def second_release(tmp_path: Path) -> Callable[[], contextlib.AbstractContextManager[None]]:
    """While it is open, the binaries are programs that tell that they run, and break as long as there is a file `broken`."""
    binaries = tmp_path / "binaries"
    binaries.mkdir()
    for template in stacks.with_nested(TEMPLATE):
        for name in artifacts.binary_names(template).values():
            program = binaries / name
            program.write_text(PROGRAM.format(folder=tmp_path, binary=paths.binary(name)), encoding="utf-8")
            program.chmod(0o755)

    @contextlib.contextmanager
    def opened() -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(paths.BINARIES_VARIABLE, str(binaries))
            yield

    return opened


def expect_ends(ended: dict[str, dict]) -> None:
    """All but the one that meets a fault have succeeded; that one fails for its fault, and nothing else."""
    failed = ended.pop("record-failure")
    assert {step: (one["status"], one.get("error"), one.get("cause")) for step, one in ended.items()} == {
        step: ("SUCCEEDED", None, None) for step in ended
    }
    assert (failed["status"], failed["error"]) == ("FAILED", "AccountAliasTaken"), failed


def test_vends_end_with_the_release_with_which_they_began(installation: Installation, second_release, tmp_path: Path) -> None:
    (tmp_path / "broken").touch()
    vends = installation.hold("n", STEPS)
    with second_release():
        installation.deploy()
    installation.expect_held(vends)
    ended = installation.release(vends)
    expect_ends(ended)
    first = {step: installation.versions(arn) for step, arn in vends.items()}
    (number,) = first["completion"]
    assert first == {step: {number} for step in STEPS}
    assert installation.ran() == set()

    # What is asked for now is served by the second release; and then the first one is deployed again.
    (tmp_path / "broken").unlink()
    vends = installation.hold("r", STEPS_GOING_BACK)
    second = str(int(number) + 1)
    assert {f"avm-apply-stackset:{second}", f"avm-create-account:{second}", "AVMEntryPoint:$LATEST"} <= installation.ran()
    installation.deploy()
    installation.expect_held(vends)
    expect_ends(installation.release(vends))
    assert {step: installation.versions(arn) for step, arn in vends.items()} == {step: {second} for step in vends}
    before = installation.ran()
    counted = {zone: installation.counted(f"last-{zone}", zone) for zone in costs.counted()}
    assert {zone: installation.versions(arn) for zone, (arn, _) in counted.items()} == {zone: {str(int(second) + 1)} for zone in counted}
    assert installation.ran() == before
    assert [differences for _, differences in counted.values() if differences] == [], "local/bench/counts.json"

    # Old versions are taken away as docs/UPGRADE.md says, and nobody misses them.
    kept = [second, str(int(second) + 1)]
    assert all(versions[-3:] == [number, *kept] for versions in installation.published().values())
    installation.follow("UPGRADE.md", tmp_path)
    assert installation.published() == {step: kept for step in STEPS}
    arn = installation.start("after", QUICK)
    assert installation.operator.wait_for_end(arn, SECONDS)["status"] == "SUCCEEDED"
    assert installation.versions(arn) == {kept[-1]}
