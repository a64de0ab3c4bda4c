"""PermissionDowngrade invoked alone, with an account's id: which accounts it can reach, and what it does there.

The call carries no owner, so that it cannot be asked whose the account is. It can only take rights away from the one
access role, and only where the landing zone's StackSet has left the role for it.
"""

from typing import Any

import pytest
from principals import OUTSIDE_ACCOUNT_ID
from vending import Vending, by_roles

from meshstack_client import FunctionError

EXECUTION_ROLE = "PermissionDowngradeLambdaExecutionRole"
ACCESS_ROLE = "MeshstackAccountAccessRole"


@pytest.fixture
def refuse(meshstack, local_aws):
    """Invokes the function, which must refuse; answers what its role tried and the failure."""

    def refuse(payload: dict[str, Any], error: str) -> tuple[list[str], FunctionError]:
        mark = local_aws.mark()
        with pytest.raises(FunctionError) as refused:
            meshstack.invoke(payload, "PermissionDowngrade")
        assert refused.value.name == error, refused.value
        calls = [call for call in by_roles(local_aws.calls(mark)) if "Downgrade" in call["principal"]]
        local_aws.expect_refusals(mark)
        return [call["action"] for call in calls], refused.value

    return refuse


@pytest.mark.parametrize("standing", ["management", "automation", "meshcloud"])
def test_an_account_that_the_machine_stands_on_is_refused_without_a_call(
    environment, meshstack, refuse, operator, standing
):
    account_id = getattr(environment, f"{standing}_account_id")
    account = operator.organizations.describe_account(AccountId=account_id)["Account"]

    for payload in ({"AccountId": account_id}, meshstack.payload(account, "space", "shop")):
        calls, failure = refuse(payload, "InvalidRequest")
        assert calls == []
        assert f"the {standing} account" in failure.message


def test_where_no_stackset_has_let_it_in_it_stays_outside(meshstack, refuse, local_aws, make_account):
    fresh, suspended = make_account()["Id"], make_account()["Id"]
    local_aws.suspend(suspended)

    for account_id in (fresh, suspended, OUTSIDE_ACCOUNT_ID):
        calls, failure = refuse({"AccountId": account_id}, "AccessDenied")
        assert set(calls) == {"sts:AssumeRole"}
        assert EXECUTION_ROLE in failure.message


def test_a_request_of_another_workspace_can_only_narrow(meshstack, operator, local_aws, make_account, project):
    account = make_account()
    payload = meshstack.payload(account, "space", project)
    Vending(meshstack, operator).succeed(payload)
    before = operator.role_policies(account["Id"], ACCESS_ROLE)
    tags = meshstack.tags(account["Id"])
    mark = local_aws.mark()

    answer = meshstack.invoke(meshstack.payload(account, "moon", project), "PermissionDowngrade")

    assert (answer["statusCode"], answer["Changed"]) == (200, [])
    assert operator.role_policies(account["Id"], ACCESS_ROLE) == before
    assert meshstack.tags(account["Id"]) == tags
    by_function = {call["principal"].rsplit("/", 1)[-1] for call in by_roles(local_aws.calls(mark), "iam")}
    assert by_function == {EXECUTION_ROLE}


def test_it_stays_out_of_an_account_of_others_that_imitates_a_tenant(environment, refuse):
    """Somebody outside of the organization makes the role that the function looks for: no session of ours comes there."""
    iam = environment.root_client("iam", OUTSIDE_ACCOUNT_ID)
    automation = environment.automation_account_id
    trust = (
        '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole",'
        f' "Principal": {{"AWS": "arn:aws:iam::{automation}:root"}}}}}}'
    )
    iam.create_role(RoleName=EXECUTION_ROLE, AssumeRolePolicyDocument=trust)
    try:
        calls, failure = refuse({"AccountId": OUTSIDE_ACCOUNT_ID}, "AccessDenied")
    finally:
        iam.delete_role(RoleName=EXECUTION_ROLE)
    assert set(calls) == {"sts:AssumeRole"}
    assert environment.external_id not in failure.message
