"""Three accounts in which the machine is not yet, a package, and `avm bootstrap` between them.

Fixtures of a module: each that takes them has an organization of its own.
"""

import json
import os
import subprocess
from contextlib import contextmanager

import pytest
from local_aws import paths
from local_aws.deploy.artifacts import binary_names
from local_aws.deploy.stacks import with_nested
from local_aws.process import LocalAwsProcess
from meshstack_client import LocalEnvironment
from meshstack_client.environment import exported
from release import build, package

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
SANDBOX = {
    "organizationalUnit": "Sandbox",
    "createOrganizationalUnits": True,
    "accessStack": {"template": "shipped"},
    "stackSets": [{"name": "avm-landing-zone", "region": "eu-central-1"}],
    "downgrade": "standard",
}


@contextmanager
def serve_empty(folder, variables=None):
    """A local AWS of three empty accounts; what leads to them."""
    with LocalAwsProcess(folder, variables=variables, command="empty") as process:
        yield exported(process.environment_file)


@pytest.fixture(scope="module")
def empty(audit_folder, tmp_path_factory):
    """What leads to three empty accounts."""
    with serve_empty(tmp_path_factory.mktemp("empty-local-aws")) as variables:
        yield variables


@pytest.fixture(scope="module")
def environment(empty):
    """The same, for whoever looks into the accounts."""
    return LocalEnvironment.of_empty_accounts(empty)


@pytest.fixture(scope="module")
def packaged(tmp_path_factory):
    """A package, but for what tells where it comes from. A function in it starts the program that is built already."""
    starters = tmp_path_factory.mktemp("programs")
    programs = {}
    for template in with_nested(paths.REPOSITORY / "template.yaml"):
        for name in binary_names(template).values():
            programs[name] = starters / name
            programs[name].write_text(f"#!/bin/sh\nexec {paths.binary(name)}\n", encoding="utf-8")
    folder = tmp_path_factory.mktemp("package")
    package.write_deployable(folder, build.of_this_machine(), programs)
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


def platform_document(environment):
    """A platform of somebody's own."""
    return {
        "platform": "aws",
        "region": environment.region,
        "accountAccessRole": "MeshstackAccountAccessRole",
        "accountNamePattern": "%s-%s",
        "accountEmailPattern": "aws+%s@company.com",
        "defaultLandingZone": "sandbox",
    }


def configure(avm, folder, platform, **zones):
    """Deploys the documents: the landing zone sandbox, and others."""
    (folder / "landing-zones").mkdir(parents=True)
    (folder / "platform.json").write_text(json.dumps(platform), encoding="utf-8")
    for name, zone in {"sandbox": SANDBOX, **zones}.items():
        (folder / "landing-zones" / f"{name}.json").write_text(json.dumps(zone), encoding="utf-8")
    code, _, told = avm("config", "deploy", "--yes", "--allow-examples", str(folder))
    assert code == 0, told
