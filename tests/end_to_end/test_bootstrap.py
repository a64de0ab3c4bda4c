"""`avm bootstrap`, as an operator runs it: three empty accounts become an installation, and are one when it is run again.

In an organization of its own, from a package whose functions are the programs that all tests run.
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
NOTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
WITH_TAGS = ["--tags", "CostCenter=42", "Owner=platform"]


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


def _stacks(environment):
    """The names of all stacks of the three accounts, with their tags."""
    found = {}
    for account_id in (environment.management_account_id, environment.automation_account_id, environment.meshcloud_account_id):
        client = environment.root_client("cloudformation", account_id)
        for stack in client.describe_stacks()["Stacks"]:
            tags = {tag["Key"]: tag["Value"] for tag in stack.get("Tags", [])}
            found[stack["StackName"]] = (stack["StackStatus"], stack.get("LastUpdatedTime"), tags)
    return found


def test_the_plan_of_empty_accounts_has_all_stacks_and_leaves_nothing(environment, bootstrap):
    code, rows, told = bootstrap("--dry-run")
    assert code == 0, told
    assert list(rows) == IN_ORDER
    assert {row["is"] for row in rows.values()} == {"would be created"}
    assert {row["account"] for row in rows.values()} == {
        environment.management_account_id,
        environment.automation_account_id,
        environment.meshcloud_account_id,
    }
    assert all(int(row["added"]) > 0 for row in rows.values())
    # With meshStack's own metering off, the template has more than is made.
    assert rows["avm-management"]["added"] == "1"
    code, _, told = bootstrap()
    assert code == 2 and "Nobody can be asked without a terminal" in told
    assert _stacks(environment) == {}


def test_what_somebody_else_has_made_is_told_before_anything_is_done(environment, bootstrap):
    users = environment.root_client("iam", environment.meshcloud_account_id)
    users.create_user(UserName="meshfed-service-user")
    policies = environment.root_client("iam", environment.automation_account_id)
    boundary = policies.create_policy(PolicyName="AVMFunctionsBoundary", PolicyDocument=json.dumps(NOTHING))["Policy"]["Arn"]
    try:
        code, rows, told = bootstrap("--yes")
        assert (code, rows) == (2, {})
        assert "the policy AVMFunctionsBoundary of the automation account is there" in told and "--leave-out" in told
        code, rows, told = bootstrap("--yes", "--leave-out", "avm-automation", "--parameter", "Metring=true")
        assert code == 2 and "no template has the parameter Metring" in told
        # The user is used.
        code, rows, told = bootstrap("--dry-run", "--leave-out", "avm-automation")
        assert code == 0, told
        assert [name for name in rows if name in IN_ORDER] == [
            name for name in IN_ORDER if name not in ("avm-meshcloud", "avm-automation")
        ]
        assert rows["the user meshfed-service-user of the meshcloud account"]["is"] == "is there and stays as it is"
    finally:
        users.delete_user(UserName="meshfed-service-user")
        policies.delete_policy(PolicyArn=boundary)
    assert _stacks(environment) == {}


def test_three_empty_accounts_become_an_installation_and_stay_one(environment, bootstrap, avm, tmp_path):
    code, rows, told = bootstrap("--yes", "--operators", "platform-team@company.com", *WITH_TAGS)
    assert code == 0, told
    assert list(rows)[: len(IN_ORDER)] == IN_ORDER
    assert {rows[name]["is"] for name in IN_ORDER} == {"created"}
    role = f"arn:aws:iam::{environment.automation_account_id}:role/MeshfedAutomationRole"
    assert rows["meshStack: role of the automation account"]["is"] == role
    assert "avm/external-id/meshstack" in rows["meshStack: ExternalId of both roles"]["is"]
    everything = json.dumps(rows) + told
    assert not [one for one in ("meshstack", "machine", "cost-explorer") if environment.external_id_of(one) in everything]
    before = _stacks(environment)
    assert [before[name][2] for name in IN_ORDER] == [{"CostCenter": "42", "Owner": "platform"}] * len(IN_ORDER)

    # Neither what was said nor what was generated is asked for again.
    code, rows, told = bootstrap("--yes")
    assert code == 0, told
    assert {rows[name]["is"] for name in IN_ORDER} == {"no changes"}
    assert _stacks(environment) == before

    _configure(avm, tmp_path, environment.region)
    _hear_of_failures(environment)
    organizations = environment.root_client("organizations", environment.management_account_id)
    organizations.enable_aws_service_access(ServicePrincipal="account.amazonaws.com")
    code, findings, told = avm("doctor", "--management-profile", "management", "--quick")
    assert (code, json.loads(findings)) == (0, []), told


def test_an_update_shows_what_it_changes_before_it_does(environment, bootstrap):
    code, rows, told = bootstrap("--dry-run", "--parameter", "avm-management:BudgetTopic=true", "LogLevel=WARN")
    assert code == 0, told
    changed = {name: row for name, row in rows.items() if row["is"] != "no changes"}
    assert {name: row["is"] for name, row in changed.items()} == {"avm-management": "would be updated", "avm": "would be updated"}
    assert "added BudgetsTopic (AWS::SNS::Topic)" in changed["avm-management"]["resources"]
    assert "changed AVMEntryPoint (AWS::Lambda::Function)" in changed["avm"]["resources"]
    client = environment.root_client("cloudformation", environment.management_account_id)
    assert client.list_change_sets(StackName="avm-management")["Summaries"] == []


def test_the_commands_can_be_had_instead(environment, avm):
    words = ["bootstrap", "--management-profile", "management", "--meshcloud-profile", "meshcloud", "--print"]
    code, script, told = avm(*words)
    assert code == 0, told
    assert f"export MANAGEMENT=management MANAGEMENT_ID={environment.management_account_id}\n" in script
    assert subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode == 0


def _configure(avm, folder, region):
    platform_document = {
        "platform": "aws",
        "region": region,
        "accountAccessRole": "MeshstackAccountAccessRole",
        "accountNamePattern": "%s-%s",
        "accountEmailPattern": "aws+%s@company.com",
        "defaultLandingZone": "sandbox",
    }
    sandbox = {
        "organizationalUnit": "Sandbox",
        "createOrganizationalUnits": True,
        "accessStack": {"template": "shipped"},
        "stackSets": [{"name": "avm-landing-zone", "region": region}],
        "downgrade": "standard",
    }
    (folder / "landing-zones").mkdir()
    (folder / "platform.json").write_text(json.dumps(platform_document), encoding="utf-8")
    (folder / "landing-zones" / "sandbox.json").write_text(json.dumps(sandbox), encoding="utf-8")
    code, _, told = avm("config", "deploy", "--yes", str(folder))
    assert code == 0, told


def _hear_of_failures(environment):
    """The operators have not answered AWS's mail; something else hears of failures."""
    topics = environment.root_client("sns", environment.automation_account_id)
    topic = next(one["TopicArn"] for one in topics.list_topics()["Topics"] if one["TopicArn"].endswith(":avm-failures"))
    topics.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=topic.replace(":sns:", ":sqs:"), ReturnSubscriptionArn=True)
