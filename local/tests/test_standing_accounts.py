"""`python -m local_aws accounts`: the three standing accounts deploy with every optional part, and are shown.

What their policies hold is compared with meshStack's documents by the contract tests.
"""

import os
import re
import subprocess
import sys

import pytest

from local_aws import paths

SHOWN = (
    r"^  user meshfed-service-user: AssumeMeshfedRoles$",
    r"^  user CostExplorerUser: AssumeMeshCostExplorerServiceRole$",
    r"^  role MeshfedServiceRole: AWSControlTowerAccountFactoryAccess, AWSServiceCatalogAdminReadOnlyAccess,"
    r" AWSServiceCatalogEndUserFullAccess, MeshfedServicePolicy$",
    r"^  role MeshCostExplorerServiceRole: MeshCostExplorerServiceRole$",
    r"^  role MeshfedAutomationRole: AutomationPolicy$",
    r"^  role AWSCloudFormationStackSetAdministrationRole: AssumeStackSetExecutionRole$",
)


@pytest.fixture(scope="module")
def shown() -> str:
    """What the command prints; it must succeed."""
    finished = subprocess.run(
        [sys.executable, "-m", "local_aws", "accounts"],
        env={**os.environ, "PYTHONPATH": str(paths.REPOSITORY / "local")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


@pytest.mark.parametrize("line", SHOWN)
def test_every_user_and_role_is_shown_with_its_policies(shown: str, line: str) -> None:
    assert re.search(line, shown, re.MULTILINE), shown


def test_the_command_for_the_real_aws_is_shown_for_each_template(shown: str) -> None:
    first, *commands = re.findall(r"^    aws cloudformation deploy .*$", shown, re.MULTILINE)
    assert first.endswith("--template-file templates/external-ids.yaml")
    templates = [re.findall(r"--template-file (\S+)", command) for command in commands]
    assert templates == [
        ["templates/meshcloud.yaml"],
        ["templates/management.yaml"],
        ["templates/automation.yaml"],
    ]
    for command in commands:
        assert re.search(r" MeshStackExternalIds=\$MESHSTACK_ID( |$)", command), command
        assert "CAPABILITY_NAMED_IAM" in command
    # With every optional part.
    assert re.search(r"Metering=true .*CostAnomalyTopicArn=arn:aws:sns:\S+:avm-failures( |$)", commands[1])


def test_the_accounts_come_in_the_order_in_which_their_trusts_need_each_other(shown: str) -> None:
    accounts = re.findall(r"^(\w+) account \d{12}: ", shown, re.MULTILINE)
    assert accounts == ["automation", "meshcloud", "management", "automation"]


def test_the_external_ids_are_told_by_their_secrets_and_not_shown(shown: str) -> None:
    for name, variable in (("meshstack", "MESHSTACK_ID"), ("cost-explorer", "COST_EXPLORER_ID"), ("machine", "MACHINE_ID")):
        assert f"    {variable}=$(aws secretsmanager get-secret-value --secret-id avm/external-id/{name} " in shown
    assert not re.search(r"ExternalIds=(?!\$)", shown)
