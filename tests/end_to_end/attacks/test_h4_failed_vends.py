"""Vends that fail or are stopped: the access role keeps no power that nothing needs any more, and people are told.

A role that was never taken down keeps what the same request needs to go on; it is told in the notice.
"""

import platform_team
import pytest
from tenant import COMPLETION_KEYS, WITH_DOWNGRADE, Tenant
from vending import subscribe

ACCESS_ROLE = "MeshstackAccountAccessRole"
MINIMUM_POLICY = "MeshstackAccountAccessPolicy"
ADMINISTRATOR_ACCESS = "arn:aws:iam::aws:policy/AdministratorAccess"
CONTACTS = {"operations": {"name": "Operations", "title": "On call", "email": "on-call@example.com", "phone": "+49 69 1"}}


@pytest.fixture
def tenant(environment, landing_zones, make_account, project):
    """An account that was not vended yet."""
    return Tenant(environment, landing_zones, make_account(), project)


@pytest.fixture
def notice(environment, tenant):
    """The notices of the account, as they were published since the last time."""
    receive = subscribe(environment, f"notices-{tenant.project}")

    def of_the_account():
        found = []

        def has_come():
            found.extend(text for text in receive() if tenant.account_id in text)
            return bool(found)

        platform_team.wait_until(has_come)
        (text,) = found
        return text

    return of_the_account


def has_minimum_only(operator, account_id):
    """Whether the access role of an account has its minimum policy and nothing else."""
    try:
        policies = operator.role_policies(account_id, ACCESS_ROLE)
    except operator.organizations.exceptions.ClientError as error:
        # A policy that is taken away while they are read is on its way out.
        assert error.response["Error"]["Code"] == "NoSuchEntity", error
        return False
    return policies["inline"].keys() == {MINIMUM_POLICY} and policies["attached"] == []


def is_at_its_minimum(operator, tenant):
    """Whether that of the tenant's account has."""
    return has_minimum_only(operator, tenant.account_id)


def refuse_contacts(local_aws, tenant):
    """A failure after the StackSets, which needs nothing of the access role."""
    local_aws.inject(
        code="AccessDeniedException",
        status=403,
        service="account",
        action="PutAlternateContact",
        resource=tenant.account_id,
    )


def test_a_vend_that_fails_leaves_its_access_role_at_its_minimum(operator, local_aws, tenant, notice):
    tenant.deploy(**WITH_DOWNGRADE, downgrade="standard", alternateContacts=CONTACTS)
    refuse_contacts(local_aws, tenant)

    tenant.refused("AccountSettings", "AccessDenied")

    assert is_at_its_minimum(operator, tenant)
    assert "The access role is at its minimum, standard." in notice()
    tenant.vend()
    assert is_at_its_minimum(operator, tenant)


def test_a_first_vend_that_fails_leaves_the_power_that_the_same_request_needs(operator, local_aws, tenant, notice):
    tenant.deploy(**WITH_DOWNGRADE, downgrade="strict", deleteDefaultVpcs=True)
    local_aws.inject(
        code="UnauthorizedOperation",
        status=403,
        service="ec2",
        action="DeleteSubnet",
        resource=f"arn:aws:ec2:eu-west-2:{tenant.account_id}:",
    )

    tenant.refused("DefaultVpcs", "AccessDenied")

    assert not is_at_its_minimum(operator, tenant)
    assert "keeps its power: it was never taken down, and the same request needs it again for DefaultVpcs" in notice()
    tenant.vend()
    assert is_at_its_minimum(operator, tenant)


def test_power_that_somebody_gives_by_hand_does_not_outlive_a_vend_that_fails(
    environment, operator, local_aws, tenant
):
    everything = {**WITH_DOWNGRADE, "downgrade": "strict", "deleteDefaultVpcs": True}
    tenant.deploy(**everything)
    tenant.vend()
    iam = environment.root_client("iam", tenant.account_id)
    iam.attach_role_policy(RoleName=ACCESS_ROLE, PolicyArn=ADMINISTRATOR_ACCESS)
    tenant.deploy(**everything, alternateContacts=CONTACTS)
    refuse_contacts(local_aws, tenant)

    tenant.refused("AccountSettings", "AccessDenied")

    assert is_at_its_minimum(operator, tenant)


def test_a_role_that_cannot_be_taken_down_is_told(operator, local_aws, tenant, notice):
    tenant.deploy(**WITH_DOWNGRADE, downgrade="standard")
    local_aws.inject(
        code="AccessDenied",
        status=403,
        service="iam",
        action="PutRolePolicy",
        principal=f"{tenant.account_id}:role/PermissionDowngradeLambdaExecutionRole",
        count=2,
    )

    tenant.refused("PermissionDowngrade", "AccessDenied")

    assert not is_at_its_minimum(operator, tenant)
    assert "THE ACCESS ROLE MAY STILL BE POWERFUL: taking it down failed with AccessDenied" in notice()
    tenant.vend()
    assert is_at_its_minimum(operator, tenant)


def test_a_vend_that_fails_before_there_is_a_role_to_take_it_down_says_so(environment, operator, tenant, notice):
    iam = environment.root_client("iam", tenant.account_id)
    iam.create_role(RoleName="AWSCloudFormationStackSetExecutionRole", AssumeRolePolicyDocument='{"Statement": []}')
    tenant.deploy(**WITH_DOWNGRADE, downgrade="standard")

    tenant.refused("AccessStack", "StackFailed")

    assert not is_at_its_minimum(operator, tenant)
    assert "THE ACCESS ROLE MAY STILL BE POWERFUL: taking it down failed with AccountNotReady" in notice()
    iam.delete_role(RoleName="AWSCloudFormationStackSetExecutionRole")
    tenant.vend()
    assert is_at_its_minimum(operator, tenant)


def stopped_in(local_aws, operator, state, project, start):
    """The execution that `start` begins, stopped as it enters a state, as an operator stops it."""
    local_aws.inject(kind="aborted", state=state, event=project)
    execution = operator.wait_for_end(start())
    assert execution["status"] == "ABORTED", execution
    return execution


def test_a_vend_that_is_stopped_marks_its_account_and_takes_its_role_down(operator, local_aws, tenant, notice):
    tenant.deploy(**WITH_DOWNGRADE, downgrade="standard")
    tenant.vend()
    assert tenant.tags()["ProductName"] == "space"
    tenant.deploy(**WITH_DOWNGRADE, downgrade="strict")

    execution = stopped_in(local_aws, operator, "SetUpAccount", tenant.project, tenant.start)

    platform_team.wait_until(lambda: "avm:failed-step" in tenant.tags())
    tags = tenant.tags()
    assert (tags["avm:failed-step"], tags["avm:failed-error"]) == ("SetUpAccount", "VendStopped")
    assert not COMPLETION_KEYS & tags.keys()
    told = notice()
    assert execution["executionArn"] in told
    assert "The access role is at its minimum, strict." in told
    assert is_at_its_minimum(operator, tenant)
    tenant.vend()
    assert COMPLETION_KEYS <= tenant.tags().keys()


def test_a_stopped_vend_has_made_its_account_and_the_account_is_found(
    environment, meshstack, operator, local_aws, landing_zones, project
):
    zone = landing_zones.deploy(f"stopped-{project}", like="sandbox")
    request = {"ProductName": "space", "Stage": project, "LandingZone": zone}

    stopped_in(local_aws, operator, "SetUpAccount", project, lambda: meshstack.invoke(request)["executionArn"])

    account = operator.account_by_email(f"aws+space.{project}@example.com")
    platform_team.wait_until(lambda: "avm:failed-step" in meshstack.tags(account["Id"]))
    assert meshstack.tags(account["Id"])["avm:failed-error"] == "VendStopped"
    platform_team.wait_until(lambda: has_minimum_only(operator, account["Id"]))
