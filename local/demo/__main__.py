"""Starts the local AWS, vends accounts as meshStack does, shows the steps and the result, and cleans up.

`make demo` runs it; the exit code is 0 when every account was vended.
"""

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

from local_aws import paths
from local_aws.process import LocalAwsProcess
from meshstack_client import FunctionError, Inventory, LocalEnvironment, MeshStack, Operator

from . import report

ACCESS_ROLE = "MeshstackAccountAccessRole"


def vend_an_account_of_meshstack(meshstack: MeshStack, operator: Operator) -> dict[str, str]:
    """meshStack makes the account, then hands it over; the payload of its call."""
    report.heading("1. meshStack creates an account and calls AVMEntryPoint with its AccountId")
    account = meshstack.create_account("space-shop", "aws+space.shop@example.com")
    report.line("created", f"{account['Id']} in {operator.organizational_unit_path(account['Id'])}")
    before = operator.role_policies(account["Id"], ACCESS_ROLE)
    payload = meshstack.payload(account, "space", "shop", LandingZone="sandbox")
    answer = meshstack.invoke(payload)
    report.answer(answer)
    report.follow(operator, answer["executionArn"])
    tags = meshstack.wait_for_completion(account["Id"], "space", "shop")

    report.heading("The account")
    report.account(operator, account, tags)
    report.policies(f"{ACCESS_ROLE} before:", before)
    report.policies(f"{ACCESS_ROLE} after:", operator.role_policies(account["Id"], ACCESS_ROLE))
    return payload


def vend_an_account_with_everything(meshstack: MeshStack, operator: Operator) -> str:
    """The AVM makes the account itself, name and address from the platform's patterns, and leaves nothing out; its id."""
    report.heading("2. Without AccountId, and with everything on: the landing zone production")
    people = {"admin": ["ada@example.com"], "user": ["grace@example.com"], "reader": []}
    answer = meshstack.invoke(
        {
            "ProductName": "space",
            "Stage": "bank",
            "LandingZone": "production",
            "tagEnvironment": "prod",
            "RoleBindings": people,
        }
    )
    report.answer(answer)
    report.follow(operator, answer["executionArn"])
    account = operator.account_by_email("aws+space.bank@example.com")
    assert account, "no account was made"
    tags = meshstack.wait_for_completion(account["Id"], "space", "bank")

    report.heading("The account")
    report.account(operator, account, tags)
    report.inventory(Inventory(operator.environment, account["Id"]))
    report.policies(f"{ACCESS_ROLE} after:", operator.role_policies(account["Id"], ACCESS_ROLE))
    return str(account["Id"])


def call_again(meshstack: MeshStack, payload: dict[str, str]) -> None:
    """meshStack calls at every replication: nothing happens; nonsense is refused with its fields."""
    report.heading("3. meshStack calls again, then with nonsense")
    report.answer(meshstack.invoke(payload))
    try:
        meshstack.invoke({**payload, "AccountId": "12", "Stage": ""})
    except FunctionError as error:
        print(f"  AVMEntryPoint refuses: {error}", flush=True)
    else:
        raise AssertionError("nonsense was taken")


def report_costs(environment: LocalEnvironment, shop: str, bank: str) -> None:
    """The local AWS gets costs for these accounts; the last full month is metered and shown."""
    month = f"{datetime.now(UTC).date().replace(day=1) - timedelta(days=1):%Y-%m}"
    report.heading(f"4. What the accounts have cost: avm meter {month}, avm report {month}")
    # The shop has bought a reservation that only the bank uses.
    told = json.dumps({"accounts": {"shop": shop, "data": bank}}).encode()
    url = f"{environment.endpoint_url}/local-aws/cost-explorer/ledger"
    with urllib.request.urlopen(urllib.request.Request(url, data=told, method="PUT")):
        pass
    for command in ("meter", "report"):
        subprocess.run([avm(), command, month], env=operator_of(environment), check=True)


def avm() -> str:
    """The command of operators."""
    command = paths.binary("avm")
    assert command, "no binary avm: make build"
    return str(command)


def operator_of(environment: LocalEnvironment) -> dict[str, str]:
    """The variables of an operator in the automation account, who may do everything there."""
    return {**os.environ, **environment.root_variables(environment.automation_account_id)}


def main() -> int:
    """Runs the demo against a local AWS of its own, on a free port unless AVM_LOCAL_PORT names one."""
    report.heading("0. The local AWS starts and deploys the real templates")
    with tempfile.TemporaryDirectory() as folder:
        port = os.environ.get("AVM_LOCAL_PORT", "0")
        with LocalAwsProcess(Path(folder), port, echo=True) as local_aws:
            environment = LocalEnvironment.load(local_aws.environment_file)
            meshstack, operator = MeshStack(environment), Operator(environment)
            payload = vend_an_account_of_meshstack(meshstack, operator)
            bank = vend_an_account_with_everything(meshstack, operator)
            call_again(meshstack, payload)
            report_costs(environment, payload["AccountId"], bank)
    report.heading("Done: two accounts vended, everything stopped and cleaned up")
    return 0


if __name__ == "__main__":
    sys.exit(main())
