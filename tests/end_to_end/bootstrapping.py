"""Three accounts in which the machine is not yet, a package, and `avm bootstrap` between them.

Fixtures of a module: each that takes them has an organization of its own.
"""

import json
import os
import platform
import shlex
import subprocess

import pytest
from local_aws import paths
from local_aws.process import LocalAwsProcess
from meshstack_client import LocalEnvironment
from release import archives, package, templates
from release.build import ARCHITECTURES

OF_THIS_MACHINE = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}[platform.machine()]
IN_ORDER = [
    "avm-external-ids",
    "avm-package",
    "avm-meshcloud",
    "avm-management",
    "avm-automation",
    "avm",
    "avm-landing-zone",
    "avm-vending-roles",
]


@pytest.fixture(scope="module")
def empty(audit_folder, tmp_path_factory):
    """What leads to three empty accounts."""
    folder = tmp_path_factory.mktemp("empty-local-aws")
    with LocalAwsProcess(folder, command="empty") as process:
        lines = process.environment_file.read_text(encoding="utf-8").splitlines()
        yield dict(shlex.split(line)[1].split("=", 1) for line in lines)


@pytest.fixture(scope="module")
def environment(empty):
    """The same, for whoever looks into the accounts."""
    endpoint = next(
        line.split(" = ")[1]
        for line in open(empty["AWS_CONFIG_FILE"], encoding="utf-8").read().splitlines()
        if line.startswith("endpoint_url")
    )
    ids = [empty[f"{name}_ID"] for name in ("MANAGEMENT", "AUTOMATION", "MESHCLOUD")]
    return LocalEnvironment(endpoint, empty["AWS_REGION"], "", "", "", *ids, "")


@pytest.fixture(scope="module")
def packaged(tmp_path_factory):
    """A package, but for what tells where it comes from. A function in it starts the program that is built already."""
    folder = tmp_path_factory.mktemp("package")
    for source in package.sources():
        place = folder / source.relative_to(paths.REPOSITORY)
        place.parent.mkdir(parents=True, exist_ok=True)
        architecture = ARCHITECTURES[OF_THIS_MACHINE].name
        text = templates.of_zips(source, paths.REPOSITORY, architecture) if source.suffix == ".yaml" else None
        place.write_text(text or source.read_text(encoding="utf-8"), encoding="utf-8")
        for line in (text or "").splitlines():
            if line.strip().startswith("CodeUri: ") and line.endswith(".zip"):
                program = line.rsplit("/", 1)[-1].removesuffix(".zip")
                start = f"#!/bin/sh\nexec {paths.binary(program)}\n".encode()
                archives.write(folder / "functions" / f"{program}.zip", {"bootstrap": (start, 0o755)})
    return folder


@pytest.fixture(scope="module")
def avm(empty, packaged):
    """Runs the command as the administrator of the three accounts; how it ended, its answer, and what it tells."""

    def run(*words):
        command = [str(paths.binary("avm")), *words]
        variables = {**os.environ, **empty, "AVM_OUTPUT": "json", "AWS_PROFILE": "automation", "PYTHONPATH": ""}
        ended = subprocess.run(
            command, env=variables, cwd=packaged, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
        assert "avm/external-id/" not in ended.stderr or ended.returncode, ended.stderr
        return ended.returncode, ended.stdout, ended.stderr

    return run


@pytest.fixture(scope="module")
def bootstrap(avm):
    """The command itself; its answer by the names of the stacks."""

    def run(*more):
        code, said, told = avm("bootstrap", "--management-profile", "management", "--meshcloud-profile", "meshcloud", *more)
        rows = json.loads(said or "[]")
        return code, {row["what"].removeprefix("stack "): row for row in rows}, told

    return run


def stacks_of(environment):
    """The names of all stacks of the three accounts, with their tags."""
    found = {}
    for account_id in (environment.management_account_id, environment.automation_account_id, environment.meshcloud_account_id):
        client = environment.root_client("cloudformation", account_id)
        for stack in client.describe_stacks()["Stacks"]:
            tags = {tag["Key"]: tag["Value"] for tag in stack.get("Tags", [])}
            found[stack["StackName"]] = (stack["StackStatus"], stack.get("LastUpdatedTime"), tags)
    return found
