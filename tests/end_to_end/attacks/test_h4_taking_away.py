"""A tenant who renames the account, or an outsider who registers its alias, to keep in it whom the portal has removed.

An account is its id and its owner: another name is told in the plan and in the output of the vend, and keeps nothing from it. What
others can break comes after the taking away.
"""

import json

import pytest
from planning import Planner
from single_sign_on import ADA, ADMIN, GRACE, SingleSignOnTenant
from tenant import WITH_DOWNGRADE

ACCESS_ROLE = "MeshstackAccountAccessRole"


@pytest.fixture
def victim(environment, landing_zones, make_account, project):
    """An account with two administrators."""
    tenant = SingleSignOnTenant(environment, landing_zones, make_account(), project)
    tenant.map(admin=ADMIN)
    tenant.vend(RoleBindings={"admin": [ADA, GRACE]})
    assert tenant.members("admin") == {ADA, GRACE}
    return tenant


def rename(environment, account_id):
    """As an administrator of the account may."""
    environment.root_client("account", account_id).put_account_name(AccountName="renamed")
    organizations = environment.root_client("organizations", environment.management_account_id)
    assert organizations.describe_account(AccountId=account_id)["Account"]["Name"] == "renamed"


def test_people_who_are_removed_leave_an_account_that_its_tenant_has_renamed(environment, victim):
    rename(environment, victim.account_id)

    victim.vend(RoleBindings={"admin": [GRACE]})

    assert victim.members("admin") == {GRACE}
    assert json.loads(victim.execution["output"])["Differs"] == ["AccountName"]
    assert victim.tags()["ProductName"] == "space"


def test_a_plan_tells_that_an_account_has_another_name(environment, local_aws, victim):
    assert json.loads(victim.execution["output"])["Differs"] == []
    rename(environment, victim.account_id)

    plans = Planner(environment, local_aws).ask(victim.execution["input"])["Plans"]

    (found,) = (one["Plan"] for one in plans if one["Step"] == "create-account")
    assert found["IsEmpty"]
    assert found["Words"].endswith("AWS Organizations shows another AccountName")


def test_whoever_registers_the_alias_elsewhere_keeps_nobody_in_and_no_role_powerful(
    environment, landing_zones, operator, make_account, project
):
    tenant = SingleSignOnTenant(environment, landing_zones, make_account(), project)
    both = {"singleSignOn": {"roleMappings": {"admin": ADMIN}}, **WITH_DOWNGRADE}
    tenant.deploy(**both, downgrade="none")
    tenant.vend(RoleBindings={"admin": [ADA, GRACE]})
    other = environment.root_client("iam", make_account()["Id"])
    other.create_account_alias(AccountAlias=f"example-space-{project}")
    tenant.deploy(**both, downgrade="strict", accountAlias=True)

    tenant.refused("AccountAlias", "AccountAliasTaken", RoleBindings={"admin": [GRACE]})

    assert tenant.members("admin") == {GRACE}
    assert operator.role_policies(tenant.account_id, ACCESS_ROLE)["attached"] == []
