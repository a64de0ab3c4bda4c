"""`avm config check` with what is protected, against the organization: what has power over others and is not named is a problem.

As an operator of the management account runs it.
"""

import contextlib
import json
import os
import shutil
import subprocess

import pytest
from local_aws import paths
from platform_team import wait_until
from root_credentials import managed, trusted


@pytest.fixture
def check(environment):
    """Runs the command with the lists; its exit code and its lines."""

    def run(accounts, groups, folder=paths.REPOSITORY / "configuration"):
        finished = subprocess.run(
            [
                str(paths.binary("avm")),
                "config",
                "check",
                str(folder),
                "--allow-examples",
                f"--protected-account-ids={','.join(accounts)}",
                f"--protected-group-ids={','.join(groups)}",
                f"--machine-account-ids={environment.automation_account_id},{environment.meshcloud_account_id}",
            ],
            env={**os.environ, **environment.root_variables(environment.management_account_id)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert finished.stderr == ""
        return finished.returncode, finished.stdout.splitlines()

    return run


@pytest.fixture
def assigned(environment, operator):
    """The administrators' group with a permission set in a protected account, until the test has ended."""
    center = environment.root_client("sso-admin", environment.management_account_id)
    (instance,) = center.list_instances()["Instances"]
    permission_set = center.list_permission_sets(InstanceArn=instance["InstanceArn"])["PermissionSets"][0]

    def assignment(group, account):
        return {
            "InstanceArn": instance["InstanceArn"],
            "TargetId": account,
            "TargetType": "AWS_ACCOUNT",
            "PermissionSetArn": permission_set,
            "PrincipalType": "GROUP",
            "PrincipalId": group,
        }

    made = []

    def assign(group, account):
        center.create_account_assignment(**assignment(group, account))
        made.append((group, account))
        wanted = {"InstanceArn": instance["InstanceArn"], "AccountId": account, "PermissionSetArn": permission_set}
        wait_until(lambda: bool(center.list_account_assignments(**wanted)["AccountAssignments"]))

    yield assign
    for group, account in made:
        center.delete_account_assignment(**assignment(group, account))


@pytest.fixture
def protected(environment):
    """The lists as they are deployed: accounts and groups."""
    cloudformation = environment.root_client("cloudformation", environment.management_account_id)
    (stack,) = cloudformation.describe_stacks(StackName="avm-vending-roles")["Stacks"]
    deployed = {one["ParameterKey"]: one["ParameterValue"] for one in stack["Parameters"]}
    return [deployed[name].split(",") for name in ("ProtectedAccountIds", "ProtectedGroupIds")]


def test_what_has_power_over_the_organization_and_is_not_protected_is_named(
    operator, check, make_account, assigned, protected
):
    audit = operator.account_by_email("audit@accounts.example")["Id"]
    accounts, groups = protected
    nobody = "00000000-0000-0000-0000-000000000000"
    code, (line,) = check(accounts, groups)
    assert code == 0 and line.endswith("are valid; the organization has nothing else to protect")

    code, lines = check(["999999999999"], groups)
    assert code == 1
    assert f"templates: field ProtectedAccountIds: must name account {audit}, of AWS Control Tower's landing zone" in lines
    assigned(groups[0], audit)
    expected = f"templates: field ProtectedGroupIds: must name group {groups[0]}, which leads into account {audit}"
    assert check(accounts, [nobody]) == (1, [expected])
    assert check(accounts, groups)[0] == 0

    delegated = make_account()["Id"]
    services = {"AccountId": delegated, "ServicePrincipal": "guardduty.amazonaws.com"}
    operator.organizations.register_delegated_administrator(**services)
    try:
        expected = f"templates: field ProtectedAccountIds: must name account {delegated}, a delegated administrator"
        assert check(accounts, groups) == (1, [expected])
        assert check([*accounts, delegated], groups)[0] == 0
    finally:
        operator.organizations.deregister_delegated_administrator(**services)


def test_an_organization_that_does_not_manage_root_credentials_is_told_where_the_platform_asks_for_it(
    environment, check, protected, tmp_path
):
    folder = shutil.copytree(paths.REPOSITORY / "configuration", tmp_path / "configuration")
    platform = json.loads((folder / "platform.json").read_text(encoding="utf-8"))
    (folder / "platform.json").write_text(json.dumps({**platform, "centralRootAccess": "required"}), encoding="utf-8")
    for wanted in ("not trusted", "not managed"):
        with trusted(environment) if wanted == "not managed" else contextlib.nullcontext():
            code, (line,) = check(*protected, folder)
            assert code == 1
            assert "aws iam enable-organizations-root-credentials-management" in line
    with trusted(environment), managed(environment):
        assert check(*protected, folder)[0] == 0
