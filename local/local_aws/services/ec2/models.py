"""The default VPC of each account and region as AWS makes it, and what EC2 refuses to delete or detach.

moto's has no internet gateway, and a VPC goes although gateways or security groups are left in it, a subnet
although network interfaces are. Default VPCs are made when EC2 is first asked in that account and region. Sources: VPC User Guide,
"Default VPCs"; EC2 API reference, DeleteVpc, DeleteSubnet, DetachInternetGateway, DeleteInternetGateway, DeleteRouteTable, DeleteNetworkAcl
and DeleteSecurityGroup; the words: gruntwork-io/cloud-nuke#345, hashicorp/terraform#1303.
"""

from collections.abc import Iterator
from typing import Any

from moto.ec2.exceptions import DependencyViolationError, EC2ClientError, InvalidVPCIdError
from moto.ec2.models import EC2Backend
from moto.ec2.models.vpcs import VPC

from local_aws.patches import patch


def _has_dependencies(kind: str, identifier: str) -> DependencyViolationError:
    return DependencyViolationError(f"The {kind} '{identifier}' has dependencies and cannot be deleted.")


def _main_route_table(backend: EC2Backend, vpc_id: str) -> Any:
    return next(
        table
        for table in backend.route_tables.values()
        if table.vpc_id == vpc_id and table.main_association_id is not None
    )


def _interfaces(backend: EC2Backend, vpc_id: str) -> list[Any]:
    return [interface for interface in backend.enis.values() if interface.vpc_id == vpc_id]


def _things_in(backend: EC2Backend, vpc_id: str) -> Iterator[Any]:
    """Everything that keeps a VPC from being deleted: not what AWS made with it and deletes with it."""
    yield from (
        subnet for zone in backend.subnets.values() for subnet in zone.values() if subnet.vpc_id == vpc_id
    )
    yield from (one for one in backend.internet_gateways.values() if one.vpc and one.vpc.id == vpc_id)
    yield from (one for one in backend.egress_only_internet_gateways.values() if one.vpc_id == vpc_id)
    yield from (
        gateway
        for gateway in backend.vpn_gateways.values()
        if vpc_id in gateway.attachments and gateway.attachments[vpc_id].state == "attached"
    )
    yield from (
        one for one in backend.vpc_end_points.values() if one.vpc_id == vpc_id and one.state != "deleted"
    )
    yield from _interfaces(backend, vpc_id)
    yield from (group for group in backend.groups[vpc_id].values() if not group.is_default)
    yield from (
        table
        for table in backend.route_tables.values()
        if table.vpc_id == vpc_id and table.main_association_id is None
    )
    yield from (one for one in backend.network_acls.values() if one.vpc_id == vpc_id and not one.default)


@patch(EC2Backend, "delete_vpc")
def _delete_vpc(_: Any, self: EC2Backend, vpc_id: str) -> VPC:
    self.get_vpc(vpc_id)
    if next(_things_in(self, vpc_id), None) is not None:
        raise _has_dependencies("vpc", vpc_id)
    for collection in (self.route_tables, self.network_acls):
        for identifier in [key for key, one in collection.items() if one.vpc_id == vpc_id]:
            del collection[identifier]
    self.groups.pop(vpc_id, None)
    return self.vpcs.pop(vpc_id)


@patch(EC2Backend, "get_vpc")
def _get_vpc(_: Any, self: EC2Backend, vpc_id: str) -> VPC:
    if vpc_id not in self.vpcs:
        error = InvalidVPCIdError(vpc_id)
        error.message = f"The vpc ID '{vpc_id}' does not exist"
        raise error
    return self.vpcs[vpc_id]


@patch(EC2Backend, "describe_vpcs")
def _describe_vpcs(
    original: Any, self: EC2Backend, vpc_ids: list[str] | None = None, filters: Any = None
) -> list[VPC]:
    for vpc_id in vpc_ids or []:
        self.get_vpc(vpc_id)
    return original(self, vpc_ids, filters)


@patch(EC2Backend, "create_default_vpc")
def _create_default_vpc(original: Any, self: EC2Backend) -> VPC:
    vpc = original(self)
    gateway = self.create_internet_gateway()
    self.attach_internet_gateway(gateway.id, vpc.id)
    self.create_route(_main_route_table(self, vpc.id).id, "0.0.0.0/0", gateway_id=gateway.id)
    return vpc


@patch(EC2Backend, "delete_subnet")
def _delete_subnet(original: Any, self: EC2Backend, subnet_id: str) -> Any:
    self.get_subnet(subnet_id)
    if any(interface.subnet.id == subnet_id for interface in self.enis.values()):
        raise _has_dependencies("subnet", subnet_id)
    for table in self.route_tables.values():
        table._associations = {key: one for key, one in table._associations.items() if one != subnet_id}
    for acl in self.network_acls.values():
        acl._associations = {
            key: one for key, one in acl._associations.items() if one.subnet_id != subnet_id
        }
    return original(self, subnet_id)


@patch(EC2Backend, "detach_internet_gateway")
def _detach_internet_gateway(original: Any, self: EC2Backend, internet_gateway_id: str, vpc_id: str) -> None:
    gateway = self.get_internet_gateway(internet_gateway_id)
    self.get_vpc(vpc_id)
    attached = gateway.vpc is not None and gateway.vpc.id == vpc_id
    if attached and any(interface.public_ip for interface in _interfaces(self, vpc_id)):
        raise DependencyViolationError(
            f"Network {vpc_id} has some mapped public address(es)."
            " Please unmap those public address(es) before detaching the gateway."
        )
    original(self, internet_gateway_id, vpc_id)


@patch(EC2Backend, "delete_internet_gateway")
def _delete_internet_gateway(_: Any, self: EC2Backend, internet_gateway_id: str) -> None:
    if self.get_internet_gateway(internet_gateway_id).vpc is not None:
        raise _has_dependencies("internetGateway", internet_gateway_id)
    del self.internet_gateways[internet_gateway_id]


@patch(EC2Backend, "delete_route_table")
def _delete_route_table(original: Any, self: EC2Backend, route_table_id: str) -> None:
    if self.get_route_table(route_table_id).main_association_id is not None:
        raise _has_dependencies("routeTable", route_table_id)
    original(self, route_table_id)


@patch(EC2Backend, "delete_network_acl")
def _delete_network_acl(original: Any, self: EC2Backend, network_acl_id: str) -> Any:
    if self.get_network_acl(network_acl_id).default:
        message = f"cannot delete default network ACL {network_acl_id}"
        raise EC2ClientError("InvalidParameterValue", message)
    return original(self, network_acl_id)


@patch(EC2Backend, "delete_security_group")
def _delete_security_group(
    original: Any, self: EC2Backend, name: str | None = None, group_id: str | None = None
) -> None:
    group = self.get_security_group_from_id(group_id) if group_id else None
    if group is not None and group.is_default:
        message = f'the specified group: "{group_id}" name: "default" cannot be deleted by a user'
        raise EC2ClientError("CannotDelete", message)
    original(self, name, group_id)
