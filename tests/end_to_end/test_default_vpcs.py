"""Default VPCs: all go but those in use, and a call that is lost or refused in one region keeps no other.

The landing zones switch on nothing else, but for the one of the account that is downgraded and then only looked at.
"""

import pytest
from vending import by_roles, errors_of, fail, refused, vend, writes

from meshstack_client import Inventory

ACCESS_ROLE = "MeshstackAccountAccessRole"
NOTHING_ELSE = {"accessStack": None, "stackSets": [], "downgrade": "none"}
REGIONS = 17


@pytest.fixture
def request_clearing(meshstack, landing_zones, make_account, project):
    """A new account, and the request for a landing zone that has its default VPCs deleted."""
    name = landing_zones.deploy(
        f"default-vpcs-{project}", like="sandbox", deleteDefaultVpcs=True, **NOTHING_ELSE
    )
    account = make_account()
    return account["Id"], meshstack.payload(account, "space", project, LandingZone=name)


@pytest.fixture(scope="module")
def switched_on_later(meshstack, operator, landing_zones, local_aws):
    """A downgraded account whose landing zone wants the default VPCs gone since: id, payload, and the failed vend."""
    name = landing_zones.deploy("default-vpcs-strict", like="sandbox", downgrade="strict")
    account = meshstack.create_account("default-vpcs", "aws+default-vpcs@example.com")
    payload = meshstack.payload(account, "space", "default-vpcs", LandingZone=name, Force="true")
    vend(meshstack, operator, payload)
    landing_zones.deploy(name, like=name, deleteDefaultVpcs=True)
    with local_aws.refusing(ACCESS_ROLE, "ec2:DeleteSubnet"):
        failed = fail(meshstack, operator, payload)
    return account["Id"], payload, failed


@pytest.fixture(scope="module")
def settled(meshstack, operator, environment, switched_on_later):
    """The same account once its remedy was followed: id and payload."""
    account_id, payload, _ = switched_on_later
    make_powerful(environment, account_id)
    output = vend(meshstack, operator, payload)
    assert len(output["AccountSetUp"]["DefaultVpcs"]["Deleted"]) == REGIONS
    assert operator.role_policies(account_id, ACCESS_ROLE)["attached"] == []
    return account_id, payload


def make_powerful(environment, account_id):
    """What the remedy says: the access role gets its power back, until the downgrade of the next vend."""
    environment.root_client("iam", account_id).attach_role_policy(
        RoleName=ACCESS_ROLE, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )


def networks(environment, account_id, region):
    """The VPCs and internet gateways of an account in a region."""
    ec2 = environment.root_client("ec2", account_id, region)
    return ec2.describe_vpcs()["Vpcs"] + ec2.describe_internet_gateways()["InternetGateways"]


def test_default_vpcs_in_use_are_named_with_their_causes_and_go_with_the_same_request_once_they_are_empty(
    meshstack, operator, environment, request_clearing
):
    account_id, payload = request_clearing
    ec2 = environment.root_client("ec2", account_id, "eu-west-1")
    subnet = ec2.describe_subnets()["Subnets"][0]
    interface = ec2.create_network_interface(SubnetId=subnet["SubnetId"])["NetworkInterface"]
    other = environment.root_client("ec2", account_id, "eu-west-3")
    vpc_id = other.describe_vpcs()["Vpcs"][0]["VpcId"]
    group = other.create_security_group(GroupName="mine", Description="mine", VpcId=vpc_id)["GroupId"]

    execution = fail(meshstack, operator, payload)

    assert execution["error"] == "DefaultVpcsRemain"
    words = f"{subnet['VpcId']} in eu-west-1: it is in use by network interfaces {interface['NetworkInterfaceId']}"
    assert words in execution["cause"]
    assert f"{vpc_id} in eu-west-3: ec2:DeleteVpc failed with DependencyViolation" in execution["cause"]
    left = {"eu-west-1": subnet["VpcId"], "eu-west-3": vpc_id}
    assert Inventory(environment, account_id).default_vpcs() == left
    assert len(networks(environment, account_id, "eu-west-1")) == 2
    assert meshstack.tags(account_id)["avm:failed-step"] == "DefaultVpcs"

    ec2.delete_network_interface(NetworkInterfaceId=interface["NetworkInterfaceId"])
    other.delete_security_group(GroupId=group)
    output = vend(meshstack, operator, payload)

    assert output["AccountSetUp"]["DefaultVpcs"] == {"Deleted": list(left), "Regions": REGIONS}
    assert networks(environment, account_id, "eu-west-1") == []


def test_lost_answers_leave_nothing_behind(
    meshstack, operator, local_aws, environment, request_clearing
):
    account_id, payload = request_clearing
    lost = {"ec2:DetachInternetGateway": "eu-west-2", "ec2:DeleteVpc": "eu-west-3"}
    for action, region in lost.items():
        local_aws.inject(
            code="InternalError",
            status=500,
            service="ec2",
            action=action.removeprefix("ec2:"),
            resource=f"arn:aws:ec2:{region}:{account_id}:",
            when="after",
            count=3,
        )
    mark = local_aws.mark()

    output = vend(meshstack, operator, payload)

    assert len(output["AccountSetUp"]["DefaultVpcs"]["Deleted"]) == REGIONS
    for action, region in lost.items():
        assert errors_of(local_aws.calls(mark), action).count("InternalError") == 3
        assert networks(environment, account_id, region) == []


def test_a_region_that_refuses_one_call_keeps_no_other_region(
    meshstack, operator, local_aws, environment, request_clearing
):
    account_id, payload = request_clearing
    local_aws.inject(
        code="UnauthorizedOperation",
        status=403,
        service="ec2",
        action="DeleteSubnet",
        resource=f"arn:aws:ec2:eu-west-2:{account_id}:",
    )

    execution = fail(meshstack, operator, payload)

    left = Inventory(environment, account_id).default_vpcs()
    assert left.keys() == {"eu-west-2"}
    assert execution["error"] == "AccessDenied"
    assert f"{left['eu-west-2']} in eu-west-2: ec2:DeleteSubnet failed" in execution["cause"]
    assert meshstack.tags(account_id)["avm:failed-step"] == "DefaultVpcs"
    vend(meshstack, operator, payload)
    assert networks(environment, account_id, "eu-west-2") == []
def test_a_landing_zone_that_wants_them_gone_after_the_downgrade_is_told_of_all_with_the_remedy(
    meshstack, environment, switched_on_later
):
    account_id, _, execution = switched_on_later
    assert execution["error"] == "AccessDenied"
    assert "or have an operator give the power back" in execution["cause"]
    left = Inventory(environment, account_id).default_vpcs()
    assert len(left) == REGIONS
    for region, vpc_id in left.items():
        assert f"{vpc_id} in {region}" in execution["cause"]
    assert meshstack.tags(account_id)["avm:failed-step"] == "DefaultVpcs"


def test_a_settled_account_is_only_looked_at_and_through_the_role_that_can_only_look(
    meshstack, operator, local_aws, settled
):
    _, payload = settled
    mark = local_aws.mark()

    output = vend(meshstack, operator, payload)

    assert output["AccountSetUp"]["DefaultVpcs"] == {"Deleted": [], "Regions": REGIONS}
    calls = local_aws.calls(mark)
    looks = by_roles(calls, "ec2")
    assert writes(looks) == []
    # The regions, the subnets at home, and each region's VPC.
    assert len(looks) == 2 + REGIONS
    assert {call["principal"].split("/")[-1] for call in looks} == {"AVMVerificationRole"}
    assert refused(calls) == []


def test_a_region_that_a_service_control_policy_closes_is_told_and_is_no_failure(
    meshstack, operator, local_aws, settled
):
    _, payload = settled
    denied = {"code": "UnauthorizedOperation", "status": 403, "service": "ec2", "action": "DescribeVpcs"}
    local_aws.inject(**denied, message="with an explicit deny in a service control policy")

    closed = vend(meshstack, operator, payload)["AccountSetUp"]["DefaultVpcs"]
    local_aws.inject(**denied)
    execution = fail(meshstack, operator, payload)

    assert (len(closed["Closed"]), closed["Regions"]) == (1, REGIONS)
    assert execution["error"] == "AccessDenied"
    assert "Remedy: let role AVMVerificationRole call ec2:DescribeVpcs in" in execution["cause"]
@pytest.mark.refuses("MeshstackAccountAccessRole", "ec2:DescribeSubnets")
def test_a_default_vpc_that_comes_back_after_the_downgrade_is_named_with_what_an_operator_can_do(
    meshstack, operator, environment, settled
):
    account_id, payload = settled
    ec2 = environment.root_client("ec2", account_id, "us-west-2")
    vpc_id = ec2.create_default_vpc()["Vpc"]["VpcId"]

    execution = fail(meshstack, operator, payload)

    assert execution["error"] == "AccessDenied"
    assert f"Remedy: delete {vpc_id} in us-west-2 by hand" in execution["cause"]
    assert "or have an operator give the power back" in execution["cause"]
    make_powerful(environment, account_id)
    assert vend(meshstack, operator, payload)["AccountSetUp"]["DefaultVpcs"]["Deleted"] == ["us-west-2"]
@pytest.mark.refuses("MeshstackAccountAccessRole", "ec2:DescribeRegions")
@pytest.mark.refuses("AVMVerificationRole", "ec2:DescribeRegions")
def test_where_no_role_may_look_any_more_the_remedy_names_what_the_stack_set_brings(
    meshstack, operator, environment, settled
):
    account_id, payload = settled
    iam = environment.root_client("iam", account_id)
    for policy in iam.list_role_policies(RoleName="AVMVerificationRole")["PolicyNames"]:
        iam.delete_role_policy(RoleName="AVMVerificationRole", PolicyName=policy)

    execution = fail(meshstack, operator, payload)

    assert execution["error"] == "AccessDenied"
    assert "nobody may look for default VPCs" in execution["cause"]
    assert "Remedy: deploy the landing zone's StackSet as it ships, with a role AVMV" in execution["cause"]
    assert meshstack.tags(account_id)["avm:failed-step"] == "DefaultVpcs"
