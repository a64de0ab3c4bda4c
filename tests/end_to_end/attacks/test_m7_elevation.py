"""Power that a vend needs again in an account that was downgraded: the machine gives it, for that vend, where it may.

Nobody attaches anything by hand, and however the vend ends, the access role is at its minimum then.
"""

import json

import platform_team
import pytest
from tenant import WITH_DOWNGRADE, Tenant

ACCESS_ROLE = "MeshstackAccountAccessRole"
MINIMUM_POLICY = "MeshstackAccountAccessPolicy"
STRICT = {**WITH_DOWNGRADE, "downgrade": "strict"}
ELEVATED = {**STRICT, "elevation": "when-needed"}


@pytest.fixture
def tenant(environment, landing_zones, make_account, project):
    """An account that was vended and downgraded; its landing zone may give the power back."""
    tenant = Tenant(environment, landing_zones, make_account(), project)
    tenant.deploy(**ELEVATED)
    tenant.vend()
    return tenant


def is_at_its_minimum(operator, tenant):
    """Whether the access role has its minimum policy and nothing else."""
    policies = operator.role_policies(tenant.account_id, ACCESS_ROLE)
    return policies["inline"].keys() == {MINIMUM_POLICY} and policies["attached"] == []


def power_given(local_aws, tenant, mark):
    """How often the machine has given the access role of the account its power back."""
    gives = [
        call
        for call in local_aws.calls(mark)
        if call["action"] == "iam:PutRolePolicy" and call["function"] == "avm-elevation" and call["error"] is None
    ]
    return len([call for call in gives if tenant.account_id in str(call["resources"])])


def elevation(tenant):
    """What the execution says of it."""
    return json.loads(tenant.execution["output"])["Elevation"]


def tells_of_the_stop(local_aws, mark):
    """Whether the function of stopped vends has come to its end, which is to tell people."""
    calls = local_aws.calls(mark)
    return any(call["function"] == "avm-stopped-vend" and call["action"] == "sns:Publish" for call in calls)


def refuse_one_region(local_aws, tenant):
    """One region refuses the deletion of its default VPC, once."""
    local_aws.inject(
        code="UnauthorizedOperation",
        status=403,
        service="ec2",
        action="DeleteSubnet",
        resource=f"arn:aws:ec2:eu-west-2:{tenant.account_id}:",
    )


def test_a_vend_gets_the_power_that_it_needs_and_leaves_none(operator, local_aws, tenant):
    tenant.again()
    assert elevation(tenant) == {"GivenFor": None}
    tenant.deploy(**ELEVATED, deleteDefaultVpcs=True)
    mark = local_aws.mark()

    tenant.vend()

    assert elevation(tenant) == {"GivenFor": "DefaultVpcs"}
    assert tenant.found.default_vpcs() == {}
    assert power_given(local_aws, tenant, mark) == 1
    assert is_at_its_minimum(operator, tenant)


@pytest.mark.refuses("MeshstackAccountAccessRole", "ec2:DeleteSubnet")
def test_no_power_comes_back_where_the_landing_zone_does_not_say_so(operator, local_aws, tenant):
    tenant.deploy(**STRICT, deleteDefaultVpcs=True)
    mark = local_aws.mark()

    cause = tenant.refused("DefaultVpcs", "AccessDenied")

    assert "or have an operator give the power back" in cause
    assert power_given(local_aws, tenant, mark) == 0
    assert is_at_its_minimum(operator, tenant)


@pytest.mark.refuses("MeshstackAccountAccessRole", "ec2:DeleteSubnet")
def test_no_power_comes_back_in_an_account_that_is_held_to_another_landing_zone(
    environment, landing_zones, operator, local_aws, tenant
):
    other = Tenant(environment, landing_zones, tenant.account, tenant.project, f"other-{tenant.project}")
    other.deploy(**ELEVATED, deleteDefaultVpcs=True)
    tenant.deploy(**STRICT, mayBecome={other.landing_zone: {}})
    mark = local_aws.mark()

    other.refused("DefaultVpcs", "AccessDenied")

    assert power_given(local_aws, tenant, mark) == 0
    assert is_at_its_minimum(operator, tenant)


def test_power_does_not_outlive_a_vend_that_fails_and_comes_back_for_the_next(operator, local_aws, tenant):
    tenant.deploy(**ELEVATED, deleteDefaultVpcs=True)
    refuse_one_region(local_aws, tenant)
    mark = local_aws.mark()

    tenant.refused("DefaultVpcs", "AccessDenied")

    assert power_given(local_aws, tenant, mark) == 1
    assert is_at_its_minimum(operator, tenant)
    tenant.vend()
    assert elevation(tenant) == {"GivenFor": "DefaultVpcs"}
    assert is_at_its_minimum(operator, tenant)


def test_power_does_not_outlive_a_vend_that_is_stopped(operator, local_aws, tenant):
    tenant.deploy(**ELEVATED, deleteDefaultVpcs=True)
    mark = local_aws.mark()
    local_aws.inject(kind="aborted", state="DefaultVpcs", event=tenant.project)

    assert tenant.ended(tenant.start())["status"] == "ABORTED"

    assert power_given(local_aws, tenant, mark) == 1
    platform_team.wait_until(lambda: tells_of_the_stop(local_aws, mark))
    assert tenant.tags()["avm:failed-error"] == "VendStopped"
    assert is_at_its_minimum(operator, tenant)
    tenant.vend()
    assert tenant.found.default_vpcs() == {}


def test_a_first_vend_that_fails_is_taken_down_and_goes_on_all_the_same(
    environment, landing_zones, operator, local_aws, make_account, project
):
    tenant = Tenant(environment, landing_zones, make_account(), project)
    tenant.deploy(**ELEVATED, deleteDefaultVpcs=True)
    refuse_one_region(local_aws, tenant)

    tenant.refused("DefaultVpcs", "AccessDenied")

    assert is_at_its_minimum(operator, tenant)
    tenant.vend()
    assert elevation(tenant) == {"GivenFor": "DefaultVpcs"}
    assert is_at_its_minimum(operator, tenant)
