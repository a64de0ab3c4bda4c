"""Two machines in one organization, production beside staging: each vends its own accounts, and leaves the other's alone.

A local AWS of its own, in which `Staging` has an automation account beside the first machine's.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from principals import function_roles

from local_aws.deploy.deployment import FURTHER_VARIABLE
from local_aws.paths import AUDIT_VARIABLE
from local_aws.process import LocalAwsProcess
from meshstack_client import LocalEnvironment, Operator

STAGING = "Staging"
PROJECT = {"ProductName": "space", "Stage": "shop"}
OWNER = {"avm:workspace": "space", "avm:project": "shop"}


@dataclass(frozen=True)
class Machine:
    """One of the two, with its first account."""

    environment: LocalEnvironment
    functions: Path
    account: str

    @property
    def operator(self) -> Operator:
        return Operator(self.environment)

    def ask(self, payload: dict) -> dict:
        """What the machine comes to, as somebody of its automation account asks."""
        client = self.environment.root_client("lambda", self.environment.automation_account_id)
        answer = client.invoke(FunctionName="AVMEntryPoint", Payload=json.dumps(payload))
        return self.operator.wait_for_end(json.load(answer["Payload"])["executionArn"])

    def organizations(self, function: str, role: str):
        """AWS Organizations as the function of this machine uses it, under that role of the management account."""
        own = self.environment.client("sts", function_roles(self.environment, self.functions)[function])
        session = own.assume_role(
            RoleArn=f"arn:aws:iam::{self.environment.management_account_id}:role/{role}",
            RoleSessionName="two-machines",
            ExternalId=self.environment.external_id_of("machine"),
        )
        return self.environment.client("organizations", session["Credentials"])


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Machine, Machine]]:
    """The first machine and Staging, each with an account for the same project. Its audit is no other test's."""
    folder = tmp_path_factory.mktemp("two")
    variables = {FURTHER_VARIABLE: STAGING, AUDIT_VARIABLE: str(tmp_path_factory.mktemp("two-audit"))}
    with LocalAwsProcess(folder, variables=variables):
        found = []
        for ending in ("", f".{STAGING}"):
            environment = LocalEnvironment.load(folder / f"env{ending}")
            machine = Machine(environment, folder / f"functions{ending}", "")
            ended = machine.ask(PROJECT)
            assert ended["status"] == "SUCCEEDED", ended.get("cause")
            address = f"{'sta' if ending else 'aws'}+space.shop@example.com"
            account = machine.operator.account_by_email(address)
            assert account is not None
            found.append(Machine(environment, machine.functions, account["Id"]))
        yield found[0], found[1]


def tags(machine: Machine, account: str) -> dict[str, str]:
    pages = machine.operator.organizations.get_paginator("list_tags_for_resource").paginate(ResourceId=account)
    return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}


def test_each_vends_the_same_project_an_account_of_its_own(machines):
    first, staging = machines
    assert first.account != staging.account
    assert "avm:machine" not in tags(first, first.account)
    assert tags(first, staging.account).items() >= {**PROJECT, **OWNER, "avm:machine": STAGING}.items()
    for machine in machines:
        iam = machine.environment.root_client("iam", machine.account)
        trust = json.dumps(iam.get_role(RoleName="AVMVerificationRole")["Role"]["AssumeRolePolicyDocument"])
        trusted = [one.environment.automation_account_id in trust for one in machines]
        assert trusted == [machine is first, machine is staging]
    roles = first.environment.root_client("iam", first.environment.management_account_id).list_roles()["Roles"]
    names = {role["RoleName"] for role in roles}
    assert {"AVMPlacementRole", "AVMStagingPlacementRole"} <= names


def test_neither_takes_an_account_of_the_other(machines):
    first, staging = machines
    for machine, other, said in [(first, staging, f"avm:machine ({STAGING})"), (staging, first, "no avm:machine")]:
        before = tags(machine, other.account)
        ended = machine.ask({**PROJECT, "AccountId": other.account, **described(machine, other.account)})
        assert (ended["status"], ended["error"]) == ("FAILED", "AccountMismatch")
        assert said in ended["cause"]
        assert tags(machine, other.account) == before
        assert machine.ask({**PROJECT, "Force": "true"})["status"] == "SUCCEEDED"


def described(machine: Machine, account: str) -> dict[str, str]:
    found = machine.operator.organizations.describe_account(AccountId=account)["Account"]
    return {"AccountName": found["Name"], "AccountEmail": found["Email"]}


def test_neither_machine_may_touch_what_is_the_others(machines):
    first, staging = machines
    root = first.operator.organizations.list_roots()["Roots"][0]["Id"]
    for machine, other, name in [(first, staging, ""), (staging, first, STAGING)]:
        mark = [{"Key": "Environment", "Value": "two"}]
        completing = machine.organizations("AVMCompletionFunctionRole", f"AVM{name}CompletionRole")
        failing = machine.organizations("AVMRecordFailureFunctionRole", f"AVM{name}FailureRole")
        placing = machine.organizations("AVMPlaceAccountFunctionRole", f"AVM{name}PlacementRole")
        parent = placing.list_parents(ChildId=other.account)["Parents"][0]["Id"]
        calls = [
            lambda of, completing=completing, mark=mark: completing.tag_resource(ResourceId=of, Tags=mark),
            lambda of, failing=failing: failing.untag_resource(ResourceId=of, TagKeys=["Stage"]),
            lambda of, placing=placing, parent=parent: placing.move_account(
                AccountId=of, SourceParentId=parent, DestinationParentId=root
            ),
        ]
        for call in calls:
            with pytest.raises(ClientError, match="AccessDenied"):
                call(other.account)
        for call in calls[:2]:
            call(machine.account)
        assert machine.ask({**PROJECT, "Force": "true"})["status"] == "SUCCEEDED"
