"""Whoever follows docs/DEPLOY.md from the first line to the last has a vended account in the end.

With the real SAM CLI, AWS CLI and cargo-lambda, against three empty accounts of a local AWS.
"""

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import walk
from local_aws.deploy.artifacts import applications, binary_names
from local_aws.deploy.stacks import read_template
from local_aws.process import LocalAwsProcess
from meshstack_client import LocalEnvironment, MeshStack
from meshstack_client.environment import exported
from release import build as release
from release.package import assemble

# The build of all functions without any target folder, on two cores.
LIMIT_SECONDS = 3600
# What a release costs most, and what nobody needs to know whether the commands work.
QUICK_BUILD = {
    "CARGO_PROFILE_RELEASE_LTO": "off",
    "CARGO_PROFILE_RELEASE_OPT_LEVEL": "0",
    "CARGO_PROFILE_RELEASE_CODEGEN_UNITS": "16",
}


@pytest.fixture(scope="module")
def variables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What leads to the three empty accounts."""
    folder = tmp_path_factory.mktemp("local-aws")
    with LocalAwsProcess(folder, command="empty") as process:
        yield exported(process.environment_file)


@pytest.fixture(scope="module")
def reader(variables: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """All variables of the shell in which the reader works."""
    folder = tmp_path_factory.mktemp("reader")
    own = {
        # The functions run on this machine.
        "ARCHITECTURE": release.of_this_machine().name,
        "ADDRESSES": "aws+%s@company.com",
        "OPERATORS": "platform-team@company.com",
        "DOCUMENTS": str(folder / "configuration"),
    }
    hurry = str(Path(__file__).parent / "hurried")
    around = {**QUICK_BUILD, "PYTHONPATH": hurry, "SAM_CLI_TELEMETRY": "0", "AWS_EC2_METADATA_DISABLED": "true"}
    return {**around, **variables, **own}


@pytest.fixture(scope="module")
def page() -> list[walk.Block]:
    """The commands of the page."""
    return walk.blocks("DEPLOY.md")


@pytest.fixture(scope="module")
def said(page: list[walk.Block], reader: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """What all commands of the page have said."""
    return walk.run(walk.script(page), reader, tmp_path_factory.mktemp("first") / "log", LIMIT_SECONDS)


@pytest.fixture(scope="module")
def environment(said: str, variables: dict[str, str]) -> LocalEnvironment:
    """What meshStack knows afterwards: a key of its user, and its ExternalId."""
    known = LocalEnvironment.of_empty_accounts(variables)
    key = known.root_client("iam", known.meshcloud_account_id).create_access_key(UserName="meshfed-service-user")["AccessKey"]
    return dataclasses.replace(
        known,
        access_key_id=key["AccessKeyId"],
        secret_access_key=key["SecretAccessKey"],
        external_id=known.external_id_of("meshstack"),
    )


def test_the_reader_sets_what_the_commands_want(
    page: list[walk.Block], variables: dict[str, str], reader: dict[str, str]
) -> None:
    assert walk.wanted_of_the_reader(page) <= set(reader)
    # What the local AWS says is the same as on the page, too.
    assert set(variables) - walk.wanted_of_the_reader(page) == {"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"}


def test_the_page_ends_with_a_vended_account(said: str, environment: LocalEnvironment) -> None:
    assert re.search(r"(?m)^SUCCEEDED\s", said), said[-4000:]
    organizations = environment.root_client("organizations", environment.management_account_id)
    accounts = {one["Name"]: one["Id"] for one in organizations.list_accounts()["Accounts"]}
    tags = MeshStack(environment).tags(accounts["try-first"])
    assert (tags["ProductName"], tags["Stage"], tags["avm:landing-zone"]) == ("try", "first", "sandbox")


def test_meshstack_can_take_it_from_there(environment: LocalEnvironment) -> None:
    meshstack = MeshStack(environment)
    account = meshstack.create_account("space-shop", "aws+shop@company.com")
    meshstack.request(meshstack.payload(account, "space", "shop"))
    assert meshstack.wait_for_completion(account["Id"], "space", "shop")["avm:landing-zone"] == "sandbox"


def test_the_same_commands_again_change_nothing(
    said: str, page: list[walk.Block], reader: dict[str, str], tmp_path: Path
) -> None:
    first_account = next(index for index, block in enumerate(page) if "lambda invoke" in block.text)
    again = walk.run(walk.script(page[:first_account]), reader, tmp_path / "log", LIMIT_SECONDS)
    assert "Successfully created/updated stack" in said
    assert "Successfully created/updated stack" not in again
    assert "created\n" not in again and "updated\n" not in again


def built_programs() -> dict[str, Path]:
    """What `sam build` has left, by the names of the programs."""
    build, found = walk.REPOSITORY / ".aws-sam" / "build", {}
    outer = read_template(walk.REPOSITORY / "template.yaml")
    places = {build: outer}
    for logical_id, location in applications(outer).items():
        places[build / logical_id] = read_template(walk.REPOSITORY / location)
    for place, template in places.items():
        for logical_id, program in binary_names(template).items():
            found[program] = place / logical_id / "bootstrap"
    return found


def test_a_package_is_deployed_without_a_build(
    said: str, page: list[walk.Block], reader: dict[str, str], environment: LocalEnvironment, tmp_path: Path
) -> None:
    folder = assemble(release.ARCHITECTURES[reader["ARCHITECTURE"]], built_programs(), tmp_path)
    [step] = [block for block in page if "sam build" in block.text]
    first, _, commands = step.text.partition("\n")
    assert first.startswith("sam build ")
    around = {**reader, **walk.with_tools()}
    deployed = walk.run(f"set -euo pipefail\n{commands}", around, tmp_path / "log", LIMIT_SECONDS, folder)
    assert "Successfully created/updated stack - avm in" in deployed
    meshstack = MeshStack(environment)
    account = meshstack.create_account("space-bank", "aws+bank@company.com")
    meshstack.request(meshstack.payload(account, "space", "bank"))
    assert meshstack.wait_for_completion(account["Id"], "space", "bank")
