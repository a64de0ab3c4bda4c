"""Three ExternalIds, one for each boundary: none opens another boundary, none is seen in a vended account, each can be replaced.

The rotations are those of docs/OPERATION.md, "Another ExternalId", with vends running.
"""

import json
import secrets
import threading
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tenant import WITH_DOWNGRADE, Tenant

BOUNDARIES = ("meshstack", "cost-explorer", "machine")


@pytest.fixture
def tenant(environment, landing_zones, make_account, project):
    """A vended account with roles of the machine in it."""
    tenant = Tenant(environment, landing_zones, make_account(), project)
    tenant.deploy(**WITH_DOWNGRADE, downgrade="strict", accountAlias=True)
    tenant.vend()
    return tenant


class Stacks:
    """Whoever deploys the templates, with other values of some parameters."""

    def __init__(self, environment: Any) -> None:
        self._environment = environment
        self._accounts = {
            "avm-meshcloud": environment.meshcloud_account_id,
            "avm-management": environment.management_account_id,
            "avm-automation": environment.automation_account_id,
            "avm-vending-roles": environment.management_account_id,
        }

    def update(self, name: str, **values: str) -> None:
        """Deploys a stack anew and waits for it."""
        cloudformation = self._environment.root_client("cloudformation", self._accounts[name])
        known = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["Parameters"]
        cloudformation.update_stack(
            StackName=name,
            UsePreviousTemplate=True,
            Capabilities=["CAPABILITY_NAMED_IAM"],
            Parameters=[
                {"ParameterKey": key, "ParameterValue": values[key]}
                if key in values
                else {"ParameterKey": key, "UsePreviousValue": True}
                for key in (one["ParameterKey"] for one in known)
            ],
        )
        deadline = time.monotonic() + 30
        while (status := cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]) != "UPDATE_COMPLETE":
            assert status.endswith("_IN_PROGRESS") and time.monotonic() < deadline, status
            time.sleep(0.1)


@pytest.fixture
def stacks(environment):
    """The deployed stacks."""
    return Stacks(environment)


class Vends(threading.Thread):
    """One vend after the other, of the same account, until it is told to end."""

    def __init__(self, tenant: Tenant) -> None:
        super().__init__(daemon=True)
        self._tenant = tenant
        self._is_over = threading.Event()
        self.number = 0
        self.problem: BaseException | None = None

    def run(self) -> None:
        try:
            while not self._is_over.is_set():
                self._tenant.again()
                self.number += 1
        except BaseException as problem:
            self.problem = problem

    def go_on(self) -> None:
        """Waits until a vend that begins from now on has ended."""
        wanted = self.number + 2
        deadline = time.monotonic() + 60
        while self.number < wanted:
            assert self.problem is None, self.problem
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def end(self) -> None:
        """Lets the last one end."""
        self._is_over.set()
        self.join(60)
        assert self.problem is None, self.problem


def test_no_external_id_is_seen_in_a_vended_account_or_in_a_function(environment, tenant):
    ids = {environment.external_id_of(name) for name in BOUNDARIES}
    assert len(ids) == len(BOUNDARIES)
    iam = environment.root_client("iam", tenant.account_id)
    cloudformation = environment.root_client("cloudformation", tenant.account_id)
    seen = []
    for role in (role for page in iam.get_paginator("list_roles").paginate() for role in page["Roles"]):
        seen.append(json.dumps(role, default=str))
        for name in iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]:
            seen.append(json.dumps(iam.get_role_policy(RoleName=role["RoleName"], PolicyName=name)))
    for stack in cloudformation.describe_stacks()["Stacks"]:
        seen.append(json.dumps(stack, default=str))
        seen.append(json.dumps(cloudformation.get_template(StackName=stack["StackName"])["TemplateBody"]))
    functions = environment.root_client("lambda", environment.automation_account_id)
    pages = functions.get_paginator("list_functions").paginate()
    seen += [json.dumps(function, default=str) for page in pages for function in page["Functions"]]
    assert len(seen) > 15
    assert "AVMVerificationRole" in "".join(seen)
    assert not [text for text in seen for one in ids if one in text]
    assert "sts:ExternalId" not in "".join(seen)


@pytest.mark.refuses("meshfed-service-user", "sts:AssumeRole")
def test_meshstacks_roles_take_no_external_id_but_its_own(environment):
    sts = environment.client("sts")
    for account, role in (
        (environment.management_account_id, "MeshfedServiceRole"),
        (environment.automation_account_id, "MeshfedAutomationRole"),
    ):
        arn = f"arn:aws:iam::{account}:role/{role}"
        for boundary in ("cost-explorer", "machine"):
            with pytest.raises(ClientError) as refused:
                sts.assume_role(RoleArn=arn, RoleSessionName="rotation", ExternalId=environment.external_id_of(boundary))
            assert refused.value.response["Error"]["Code"] == "AccessDenied"
        sts.assume_role(RoleArn=arn, RoleSessionName="rotation", ExternalId=environment.external_id_of("meshstack"))


def test_the_machines_external_id_is_replaced_while_vends_run(environment, tenant, stacks, local_aws):
    old, new = environment.external_id_of("machine"), secrets.token_hex(20)
    secret = environment.root_client("secretsmanager", environment.automation_account_id)
    vends = Vends(tenant)
    vends.start()
    vends.go_on()

    stacks.update("avm-vending-roles", MachineExternalIds=f"{old},{new}")
    vends.go_on()
    secret.put_secret_value(SecretId="avm/external-id/machine", SecretString=new)
    vends.go_on()
    # Functions that are still warm know the old one, are refused once and read the new one.
    mark = local_aws.mark()
    stacks.update("avm-vending-roles", MachineExternalIds=new)
    vends.go_on()
    vends.end()
    local_aws.expect_refusals(mark)

    iam = environment.root_client("iam", environment.management_account_id)
    trust = json.dumps(iam.get_role(RoleName="AVMMemberAccessRole")["Role"]["AssumeRolePolicyDocument"])
    assert new in trust
    assert old not in trust


def test_meshstacks_external_id_is_replaced_while_a_vend_runs(environment, tenant, stacks, local_aws):
    old, new = environment.external_id_of("meshstack"), secrets.token_hex(20)
    where = ("avm-meshcloud", "avm-management", "avm-automation")
    sts = environment.client("sts")

    def enters(external_id: str) -> bool:
        entered = []
        for account, role in (
            (environment.management_account_id, "MeshfedServiceRole"),
            (environment.automation_account_id, "MeshfedAutomationRole"),
        ):
            try:
                sts.assume_role(
                    RoleArn=f"arn:aws:iam::{account}:role/{role}", RoleSessionName="rotation", ExternalId=external_id
                )
                entered.append(True)
            except ClientError as error:
                assert error.response["Error"]["Code"] == "AccessDenied"
                entered.append(False)
        assert entered[0] == entered[1]
        return entered[0]

    mark = local_aws.mark()
    execution = tenant.start(Force="true")
    try:
        for stack in where:
            stacks.update(stack, MeshStackExternalIds=f"{old},{new}")
        assert enters(old)
        assert enters(new)
        for stack in where:
            stacks.update(stack, MeshStackExternalIds=new)
        assert enters(new)
        assert not enters(old)
    finally:
        for stack in reversed(where):
            stacks.update(stack, MeshStackExternalIds=old)
    tenant.succeeded(execution)
    assert enters(old)
    local_aws.expect_refusals(mark)
