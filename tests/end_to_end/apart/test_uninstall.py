"""`avm uninstall`: the plan, the refusal while a vend runs, and the end of an installation.

Vended accounts are as they were. After the upgrade of the same installation, which nobody needs any more then.
"""

import json
import os
import subprocess

import pytest
from local_aws import paths
from meshstack_client import LocalEnvironment, MeshStack, Operator
from meshstack_client.environment import ROOT_KEY_PREFIX, ROOT_SECRET


@pytest.fixture
def uninstall(installed, tmp_path):
    """Runs the command; how it ended, what it answers and what it tells."""
    environment = LocalEnvironment.load(installed.environment_file)
    (tmp_path / "credentials").write_text(
        f"[management]\naws_access_key_id = {ROOT_KEY_PREFIX}{environment.management_account_id}\n"
        f"aws_secret_access_key = {ROOT_SECRET}\n"
    )
    variables = {
        **os.environ,
        **environment.root_variables(environment.automation_account_id),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
    }

    def run(*more):
        command = [str(paths.binary("avm")), "uninstall", "--management-profile", "management", "--output", "json", *more]
        ended = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
        return ended.returncode, [(one["what"], one["is"]) for one in json.loads(ended.stdout or "[]")], ended.stderr

    return run


def test_an_installation_goes_step_by_step_and_its_accounts_stay_as_they_are(installed, uninstall):
    environment = LocalEnvironment.load(installed.environment_file)
    meshstack, operator = MeshStack(environment), Operator(environment)
    account = meshstack.create_account("last", "aws+last@example.com")
    payload = meshstack.payload(account, "space", "last")
    execution = meshstack.invoke(payload)["executionArn"]

    code, nothing, told = uninstall("--apply", "--yes")
    assert (code, nothing) == (2, []) and "vends run" in told
    ended = operator.wait_for_end(execution)
    assert ended["status"] == "SUCCEEDED", (ended.get("error"), ended.get("cause"))
    # What a night has left under way.
    for left in operator.executions():
        if left["status"] == "RUNNING":
            operator.states.stop_execution(executionArn=left["executionArn"])

    iam = environment.root_client("iam", account["Id"])
    before = (iam.list_roles()["Roles"], meshstack.tags(account["Id"]), operator.stacks(account["Id"]))
    code, plan, _ = uninstall()
    assert code == 0
    goes = [what for what, done in plan if done == "would be removed"]
    assert goes[:3] == [
        "stack avm-vending-roles of the management account",
        "stack avm of the automation account",
        "stack avm-landing-zone of the automation account",
    ]
    assert {"/avm/landing-zones/production", "/avm/platform"} <= set(goes[3].removeprefix("parameters ").split(", "))
    assert {what for what, done in plan if done == "stays"} >= {"vended accounts", "StackSet avm-landing-zone"}
    code, _, told = uninstall("--apply")
    assert code == 2 and "Nobody can be asked without a terminal" in told

    code, done, told = uninstall("--apply", "--yes")
    assert code == 0, told
    assert [what for what, is_done in done if is_done == "removed"] == goes
    left = set(operator.stacks(environment.automation_account_id))
    assert {name for name in left if name.startswith("avm")} == {"avm-external-ids", "avm-automation"}
    after = (iam.list_roles()["Roles"], meshstack.tags(account["Id"]), operator.stacks(account["Id"]))
    assert after == before
    assert operator.stack_instances(account["Id"])["avm-landing-zone"]["Status"] == "CURRENT"

    code, again, _ = uninstall("--apply", "--yes")
    assert code == 0 and not [what for what, is_done in again if is_done == "removed"]
