"""Default VPCs: what AWS puts into them, what keeps them from being deleted, and the regions they are in."""

import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from moto.ec2.models import ec2_backends
from organization import ACCESS_ROLE, allow, error_of, new_account, new_role, session, trust

from local_aws.enforcement.actions import needs_of
from local_aws.enforcement.calls import Call
from local_aws.services.account.models import readiness, regions as account_regions

MANAGEMENT = "123456789012"


@pytest.fixture
def ec2(client: Callable[..., Any], member: str) -> Any:
    return client("ec2", member)


@pytest.fixture
def vpc_id(ec2: Any) -> str:
    found = ec2.describe_vpcs(Filters=[{"Name": "isDefault", "Values": ["true"]}])["Vpcs"]
    assert len(found) == 1
    return str(found[0]["VpcId"])


def of_vpc(vpc_id: str, name: str = "vpc-id") -> list[dict[str, Any]]:
    return [{"Name": name, "Values": [vpc_id]}]


def gateways(ec2: Any, vpc_id: str) -> list[str]:
    found = ec2.describe_internet_gateways(Filters=of_vpc(vpc_id, "attachment.vpc-id"))
    return [gateway["InternetGatewayId"] for gateway in found["InternetGateways"]]


def subnets(ec2: Any, vpc_id: str) -> list[str]:
    return [one["SubnetId"] for one in ec2.describe_subnets(Filters=of_vpc(vpc_id))["Subnets"]]


def empty(ec2: Any, vpc_id: str) -> None:
    """Takes gateway and subnets out of a VPC."""
    for gateway in gateways(ec2, vpc_id):
        ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc_id)
        ec2.delete_internet_gateway(InternetGatewayId=gateway)
    for subnet in subnets(ec2, vpc_id):
        ec2.delete_subnet(SubnetId=subnet)


def test_a_default_vpc_is_as_aws_makes_it(ec2: Any, vpc_id: str) -> None:
    vpc = ec2.describe_vpcs(VpcIds=[vpc_id])["Vpcs"][0]
    assert (vpc["CidrBlock"], vpc["IsDefault"]) == ("172.31.0.0/16", True)
    found = ec2.describe_subnets(Filters=of_vpc(vpc_id))["Subnets"]
    zones = [zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]]
    assert sorted(one["AvailabilityZone"] for one in found) == sorted(zones)
    assert all(one["DefaultForAz"] and one["MapPublicIpOnLaunch"] for one in found)
    assert all(one["CidrBlock"].endswith("/20") for one in found)
    (gateway,) = gateways(ec2, vpc_id)
    (table,) = ec2.describe_route_tables(Filters=of_vpc(vpc_id))["RouteTables"]
    assert table["Associations"][0]["Main"] is True
    routes = {route["DestinationCidrBlock"]: route["GatewayId"] for route in table["Routes"]}
    assert routes == {"172.31.0.0/16": "local", "0.0.0.0/0": gateway}
    (acl,) = ec2.describe_network_acls(Filters=of_vpc(vpc_id))["NetworkAcls"]
    assert acl["IsDefault"] is True
    (group,) = ec2.describe_security_groups(Filters=of_vpc(vpc_id))["SecurityGroups"]
    assert group["GroupName"] == "default"
    assert ec2.describe_network_interfaces(Filters=of_vpc(vpc_id))["NetworkInterfaces"] == []


def test_it_is_made_when_it_is_asked_for(client: Callable[..., Any], member: str) -> None:
    assert "eu-west-1" not in dict.keys(ec2_backends[member])
    one = client("ec2", member, region="eu-west-1").describe_vpcs()["Vpcs"]
    two = client("ec2", member, region="us-west-2").describe_vpcs()["Vpcs"]
    again = client("ec2", member, region="eu-west-1").describe_vpcs()["Vpcs"]
    assert [len(one), len(two)] == [1, 1]
    assert one[0]["VpcId"] == again[0]["VpcId"] != two[0]["VpcId"]


def test_an_emptied_vpc_goes_with_all_that_aws_made_for_it(ec2: Any, vpc_id: str) -> None:
    empty(ec2, vpc_id)
    ec2.delete_vpc(VpcId=vpc_id)
    assert ec2.describe_vpcs()["Vpcs"] == []
    assert ec2.describe_route_tables()["RouteTables"] == []
    assert ec2.describe_network_acls()["NetworkAcls"] == []
    assert ec2.describe_security_groups()["SecurityGroups"] == []
    error = error_of(ec2.delete_vpc, VpcId=vpc_id)
    assert (error["Code"], error["status"]) == ("InvalidVpcID.NotFound", 400)
    assert error["Message"] == f"The vpc ID '{vpc_id}' does not exist"
    again = ec2.create_default_vpc()["Vpc"]["VpcId"]
    assert len(gateways(ec2, again)) == 1 and len(subnets(ec2, again)) == 3


def refuses_to_go(ec2: Any, vpc_id: str) -> None:
    error = error_of(ec2.delete_vpc, VpcId=vpc_id)
    assert (error["Code"], error["status"]) == ("DependencyViolation", 400)
    assert error["Message"] == f"The vpc '{vpc_id}' has dependencies and cannot be deleted."


def test_subnets_and_gateways_keep_a_vpc(ec2: Any, vpc_id: str) -> None:
    refuses_to_go(ec2, vpc_id)
    for subnet in subnets(ec2, vpc_id):
        ec2.delete_subnet(SubnetId=subnet)
    refuses_to_go(ec2, vpc_id)
    (gateway,) = gateways(ec2, vpc_id)
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc_id)
    ec2.delete_vpc(VpcId=vpc_id)
    left = ec2.describe_internet_gateways()["InternetGateways"]
    assert [one["InternetGatewayId"] for one in left] == [gateway]


def test_one_subnet_keeps_a_vpc(ec2: Any, vpc_id: str) -> None:
    (gateway,) = gateways(ec2, vpc_id)
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc_id)
    for subnet in subnets(ec2, vpc_id)[1:]:
        ec2.delete_subnet(SubnetId=subnet)
    refuses_to_go(ec2, vpc_id)


def test_a_security_group_of_ones_own_keeps_a_vpc(ec2: Any, vpc_id: str) -> None:
    empty(ec2, vpc_id)
    group = ec2.create_security_group(GroupName="own", Description="own", VpcId=vpc_id)["GroupId"]
    refuses_to_go(ec2, vpc_id)
    ec2.delete_security_group(GroupId=group)
    ec2.delete_vpc(VpcId=vpc_id)


@pytest.mark.parametrize("kind", ["route_table", "network_acl"])
def test_what_was_added_keeps_a_vpc(ec2: Any, vpc_id: str, kind: str) -> None:
    empty(ec2, vpc_id)
    made = getattr(ec2, f"create_{kind}")(VpcId=vpc_id)
    refuses_to_go(ec2, vpc_id)
    name = {"route_table": "RouteTable", "network_acl": "NetworkAcl"}[kind]
    getattr(ec2, f"delete_{kind}")(**{f"{name}Id": made[name][f"{name}Id"]})
    ec2.delete_vpc(VpcId=vpc_id)


def test_a_network_interface_keeps_its_subnet(ec2: Any, vpc_id: str) -> None:
    subnet = subnets(ec2, vpc_id)[0]
    interface = ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
    found = ec2.describe_network_interfaces(Filters=of_vpc(vpc_id))["NetworkInterfaces"]
    assert [one["NetworkInterfaceId"] for one in found] == [interface]
    error = error_of(ec2.delete_subnet, SubnetId=subnet)
    assert (error["Code"], error["status"]) == ("DependencyViolation", 400)
    assert error["Message"] == f"The subnet '{subnet}' has dependencies and cannot be deleted."
    assert subnet in subnets(ec2, vpc_id)
    ec2.delete_network_interface(NetworkInterfaceId=interface)
    ec2.delete_subnet(SubnetId=subnet)


def test_a_deleted_subnet_is_unknown(ec2: Any, vpc_id: str) -> None:
    subnet = subnets(ec2, vpc_id)[0]
    (table,) = ec2.describe_route_tables(Filters=of_vpc(vpc_id))["RouteTables"]
    ec2.associate_route_table(RouteTableId=table["RouteTableId"], SubnetId=subnet)
    ec2.delete_subnet(SubnetId=subnet)
    error = error_of(ec2.delete_subnet, SubnetId=subnet)
    assert (error["Code"], error["status"]) == ("InvalidSubnetID.NotFound", 400)
    empty(ec2, vpc_id)
    ec2.delete_vpc(VpcId=vpc_id)


def test_a_gateway_is_detached_before_it_is_deleted(ec2: Any, vpc_id: str) -> None:
    (gateway,) = gateways(ec2, vpc_id)
    error = error_of(ec2.delete_internet_gateway, InternetGatewayId=gateway)
    assert (error["Code"], error["status"]) == ("DependencyViolation", 400)
    assert error["Message"] == f"The internetGateway '{gateway}' has dependencies and cannot be deleted."
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc_id)
    error = error_of(ec2.detach_internet_gateway, InternetGatewayId=gateway, VpcId=vpc_id)
    assert (error["Code"], error["status"]) == ("Gateway.NotAttached", 400)
    ec2.delete_internet_gateway(InternetGatewayId=gateway)
    for call in (ec2.delete_internet_gateway, lambda **one: ec2.detach_internet_gateway(VpcId=vpc_id, **one)):
        error = error_of(call, InternetGatewayId=gateway)
        assert (error["Code"], error["status"]) == ("InvalidInternetGatewayID.NotFound", 400)


def test_public_addresses_keep_a_gateway(ec2: Any, vpc_id: str) -> None:
    interface = ec2.create_network_interface(SubnetId=subnets(ec2, vpc_id)[0])["NetworkInterface"]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    association = ec2.associate_address(
        AllocationId=address, NetworkInterfaceId=interface["NetworkInterfaceId"]
    )["AssociationId"]
    (gateway,) = gateways(ec2, vpc_id)
    error = error_of(ec2.detach_internet_gateway, InternetGatewayId=gateway, VpcId=vpc_id)
    assert error["Code"] == "DependencyViolation"
    assert error["Message"].startswith(f"Network {vpc_id} has some mapped public address(es).")
    ec2.disassociate_address(AssociationId=association)
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc_id)


def test_what_aws_made_with_a_vpc_goes_only_with_it(ec2: Any, vpc_id: str) -> None:
    empty(ec2, vpc_id)
    (table,) = ec2.describe_route_tables()["RouteTables"]
    (acl,) = ec2.describe_network_acls()["NetworkAcls"]
    (group,) = ec2.describe_security_groups()["SecurityGroups"]
    for call, parameter, thing, code in (
        (ec2.delete_route_table, "RouteTableId", table, "DependencyViolation"),
        (ec2.delete_network_acl, "NetworkAclId", acl, "InvalidParameterValue"),
        (ec2.delete_security_group, "GroupId", group, "CannotDelete"),
    ):
        assert error_of(call, **{parameter: thing[parameter]})["Code"] == code
    ec2.delete_vpc(VpcId=vpc_id)


def test_a_dry_run_deletes_nothing(ec2: Any, vpc_id: str) -> None:
    empty(ec2, vpc_id)
    error = error_of(ec2.delete_vpc, VpcId=vpc_id, DryRun=True)
    assert (error["Code"], error["status"]) == ("DryRunOperation", 412)
    assert [vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"]] == [vpc_id]


def test_an_unknown_vpc_is_not_described(ec2: Any) -> None:
    error = error_of(ec2.describe_vpcs, VpcIds=["vpc-00000000000000000"])
    assert (error["Code"], error["status"]) == ("InvalidVpcID.NotFound", 400)


def test_regions_are_those_of_the_account(client: Callable[..., Any], member: str, ec2: Any) -> None:
    regions = {one["RegionName"]: one["OptInStatus"] for one in ec2.describe_regions()["Regions"]}
    assert len(regions) == 17 and set(regions.values()) == {"opt-in-not-required"}
    described = ec2.describe_regions(AllRegions=True)["Regions"]
    every = {one["RegionName"]: one["OptInStatus"] for one in described}
    assert every["af-south-1"] == "not-opted-in" and every["eu-central-1"] == "opt-in-not-required"
    assert not any(region.startswith(("cn-", "us-gov-")) for region in every)
    client("account", member).enable_region(RegionName="af-south-1")
    opted = [{"Name": "opt-in-status", "Values": ["opted-in"]}]
    found = ec2.describe_regions(Filters=opted)["Regions"]
    assert [one["RegionName"] for one in found] == ["af-south-1"]
    one = ec2.describe_regions(RegionNames=["eu-west-1"])["Regions"]
    assert [region["RegionName"] for region in one] == ["eu-west-1"]
    assert error_of(ec2.describe_regions, RegionNames=["eu-moon-1"])["Code"] == "InvalidParameterValue"
    other = [{"Name": "colour", "Values": ["blue"]}]
    assert error_of(ec2.describe_regions, Filters=other)["Code"] == "InvalidParameterValue"


def test_credentials_are_unknown_until_a_region_is_enabled(
    client: Callable[..., Any], member: str, ec2: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = client("ec2", member, region="af-south-1")

    def is_unknown() -> None:
        error = error_of(far.describe_vpcs)
        assert (error["Code"], error["status"]) == ("AuthFailure", 401)
        assert error["Message"] == "AWS was not able to validate the provided access credentials"

    is_unknown()
    for service, call, code, status in (
        ("sts", "get_caller_identity", "InvalidClientTokenId", 403),
        ("cloudformation", "describe_stacks", "InvalidClientTokenId", 403),
        ("ssm", "describe_parameters", "UnrecognizedClientException", 400),
    ):
        error = error_of(getattr(client(service, member, region="af-south-1"), call))
        assert (error["Code"], error["status"]) == (code, status)
    assert client("iam", member, region="af-south-1").list_account_aliases()["AccountAliases"] == []
    monkeypatch.setenv("AVM_LOCAL_TIME_SCALE", "1")
    client("account", member).enable_region(RegionName="af-south-1")
    is_unknown()
    (status,) = ec2.describe_regions(AllRegions=True, RegionNames=["af-south-1"])["Regions"]
    assert status["OptInStatus"] == "not-opted-in"
    account_regions.changes_of(member)["af-south-1"].due = 0.0
    assert len(far.describe_vpcs()["Vpcs"]) == 1
    assert client("sts", member, region="af-south-1").get_caller_identity()["Account"] == member


def test_a_region_that_was_just_enabled_shows_its_default_vpc_some_seconds_later(
    client: Callable[..., Any], member: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = client("ec2", member, region="af-south-1")
    monkeypatch.setenv("AVM_LOCAL_TIME_SCALE", "1")
    client("account", member).enable_region(RegionName="af-south-1")
    change = account_regions.changes_of(member)["af-south-1"]
    change.due = time.monotonic()
    assert (far.describe_vpcs()["Vpcs"], far.describe_subnets()["Subnets"]) == ([], [])
    own = far.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    assert [vpc["VpcId"] for vpc in far.describe_vpcs()["Vpcs"]] == [own]
    change.due -= account_regions.DEFAULT_VPC_SECONDS
    assert [vpc["IsDefault"] for vpc in far.describe_vpcs()["Vpcs"]] == [True, False]
    assert len(far.describe_subnets()["Subnets"]) == 3


def test_roles_of_an_account_are_of_no_use_in_regions_that_it_has_not(
    client: Callable[..., Any], organizations: Any, member: str
) -> None:
    caller = new_account(organizations)
    client("account", caller).enable_region(RegionName="eu-south-1")
    role = new_role(client, member, trust(f"arn:aws:iam::{caller}:root"))
    sts = client("sts", caller, region="eu-south-1")
    keys = sts.assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    there = client("sts", credentials=keys, region="eu-south-1")
    assert error_of(there.get_caller_identity)["Code"] == "InvalidClientTokenId"
    client("account", member).enable_region(RegionName="eu-south-1")
    assert there.get_caller_identity()["Account"] == member


def test_a_new_account_is_not_subscribed_to_ec2(
    client: Callable[..., Any], organizations: Any, member: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = {"RoleArn": f"arn:aws:iam::{member}:role/{ACCESS_ROLE}", "RoleSessionName": "test"}
    credentials = client("sts").assume_role(**request)["Credentials"]
    ec2 = client("ec2", credentials=credentials)
    monkeypatch.setenv("AVM_LOCAL_TIME_SCALE", "1")
    readiness.account_created(member, time.monotonic() - 31)
    error = error_of(ec2.describe_vpcs)
    assert (error["Code"], error["status"]) == ("OptInRequired", 401)
    readiness.account_created(member, time.monotonic() - 46)
    assert len(ec2.describe_vpcs()["Vpcs"]) == 1


def test_rights_are_on_each_resource(client: Callable[..., Any], member: str, ec2: Any, vpc_id: str) -> None:
    prefix = f"arn:aws:ec2:eu-central-1:{member}"
    (gateway,) = gateways(ec2, vpc_id)
    subnet = subnets(ec2, vpc_id)[0]
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            allow("ec2:DescribeVpcs")["Statement"][0],
            allow("ec2:DetachInternetGateway", resource=[f"{prefix}:internet-gateway/*"])["Statement"][0],
            allow(
                "ec2:DeleteSubnet",
                resource=f"{prefix}:subnet/*",
                condition={"ArnEquals": {"ec2:Vpc": f"{prefix}:vpc/{vpc_id}"}},
            )["Statement"][0],
        ],
    }
    role = new_role(client, member, trust(f"arn:aws:iam::{member}:root"), policy)
    limited = client("ec2", credentials=session(client, role))
    assert limited.describe_vpcs()["Vpcs"]
    error = error_of(limited.delete_vpc, VpcId=vpc_id)
    assert (error["Code"], error["status"]) == ("UnauthorizedOperation", 403)
    assert error["Message"].startswith("You are not authorized to perform this operation. User: ")
    assert f"ec2:DeleteVpc on resource: {prefix}:vpc/{vpc_id}" in error["Message"]
    # Detaching needs the VPC too.
    error = error_of(limited.detach_internet_gateway, InternetGatewayId=gateway, VpcId=vpc_id)
    assert f"on resource: {prefix}:vpc/{vpc_id}" in error["Message"]
    limited.delete_subnet(SubnetId=subnet)


@pytest.mark.parametrize(
    ("action", "parameters", "expected"),
    [
        ("DescribeVpcs", {"VpcIds": ["vpc-1"]}, ["*"]),
        ("DescribeVpcAttribute", {"VpcId": "vpc-1"}, ["vpc/vpc-1"]),
        ("CreateDefaultVpc", {}, ["*"]),
        ("DeleteVpc", {"VpcId": "vpc-1"}, ["vpc/vpc-1"]),
        ("DeleteSubnet", {"SubnetId": "subnet-1"}, ["subnet/subnet-1"]),
        ("DeleteInternetGateway", {"InternetGatewayId": "igw-1"}, ["internet-gateway/igw-1"]),
        (
            "DetachInternetGateway",
            {"InternetGatewayId": "igw-1", "VpcId": "vpc-1"},
            ["vpc/vpc-1", "internet-gateway/igw-1"],
        ),
        ("CreateSubnet", {"VpcId": "vpc-1"}, ["subnet/*", "vpc/vpc-1"]),
        ("CreateVpc", {"TagSpecifications": [{"Tags": [{"Key": "k", "Value": "v"}]}]}, ["vpc/*", "vpc/*"]),
    ],
)
def test_calls_need_their_resources(
    server: Any, action: str, parameters: dict[str, Any], expected: list[str]
) -> None:
    account = "111122223333"
    call = Call("ec2", action, "eu-west-1", "ec2", "key", None, parameters)
    needs = needs_of(call, account)
    prefix = f"arn:aws:ec2:eu-west-1:{account}:"
    assert [need.resource.removeprefix(prefix) for need in needs] == expected
    assert needs[0].action == f"ec2:{action}"
    assert all(need.context["ec2:Region"] == "eu-west-1" for need in needs)
    assert account not in dict.keys(ec2_backends)


def test_wrong_keys_are_an_authentication_failure_of_ec2(server: Any, client: Callable[..., Any]) -> None:
    keys = {"AccessKeyId": "AKIANOBODYNOBODY0000", "SecretAccessKey": "wrong"}
    error = error_of(client("ec2", credentials=keys).describe_vpcs)
    assert (error["Code"], error["status"]) == ("AuthFailure", 401)


def test_a_refusal_has_the_form_of_ec2(client: Callable[..., Any], member: str, server: Any) -> None:
    role = new_role(client, member, trust(f"arn:aws:iam::{member}:root"))
    credentials = session(client, role)
    answer = requests.post(
        server.url,
        data={"Action": "DescribeVpcs", "Version": "2016-11-15"},
        headers={
            "Authorization": "AWS4-HMAC-SHA256 Credential="
            f"{credentials['AccessKeyId']}/20300101/eu-west-1/ec2/aws4_request,"
            " SignedHeaders=host, Signature=0",
            "X-Amz-Security-Token": credentials["SessionToken"],
        },
        timeout=5,
    )
    assert answer.status_code == 403
    assert answer.text.startswith("<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>")
