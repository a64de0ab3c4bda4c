"""IAM needs of EC2: the networks of an account by their ARNs; descriptions are on "*".

What is created has no id yet: its ARN ends in `/*`, as AWS checks it.
"""

from typing import Any

from moto.ec2.models import EC2Backend, ec2_backends

from local_aws.enforcement.needs import ANY, Need, Parameters, Scope, resource_tag_context, tag_context
from local_aws.enforcement.reference import condition_keys_of_kind, resource_kinds

# By parameter: the kind of the resource; the reference has its ARN and its condition key, not the parameter.
_TARGETS = {
    "VpcId": "vpc",
    "SubnetId": "subnet",
    "InternetGatewayId": "internet-gateway",
    "NetworkInterfaceId": "network-interface",
    "GroupId": "security-group",
    "RouteTableId": "route-table",
    "NetworkAclId": "network-acl",
    "NatGatewayId": "natgateway",
    "InstanceId": "instance",
}


def _created(action: str) -> str | None:
    """The kind of what an action makes: its name is in that of the action, which the reference does not tell."""
    made = action.removeprefix("Create").lower() if action.startswith("Create") else ""
    return next((kind for kind in resource_kinds(f"ec2:{action}") if kind.replace("-", "") == made), None)


def _id_key(kind: str) -> list[str]:
    """The condition key of the id of a resource, where AWS has one."""
    return [key for key in condition_keys_of_kind("ec2", kind) if key.endswith("ID")][:1]


def _backend(scope: Scope) -> EC2Backend | None:
    """EC2 of an account and region when anybody has used it: asking would make its default VPC."""
    account = dict.get(ec2_backends, scope.account_id)
    return dict.get(account, scope.region) if account is not None else None


def _existing(scope: Scope, identifier: str) -> dict[str, str | list[str]]:
    """The tags of a resource, and the VPC that it is in, as condition keys."""
    backend = _backend(scope)
    if backend is None:
        return {}
    tags = backend.tags.get(identifier, {})
    context = resource_tag_context(dict(tags))
    context.update({f"ec2:ResourceTag/{key}": value for key, value in tags.items()})
    vpc_id = next((one.vpc_id for one in _members_of_vpcs(backend) if one.id == identifier), None)
    if vpc_id:
        context["ec2:Vpc"] = scope.arn("ec2", "vpc", str(vpc_id))
    return context


def _members_of_vpcs(backend: EC2Backend) -> list[Any]:
    subnets = [subnet for zone in list(backend.subnets.values()) for subnet in list(zone.values())]
    groups = [group for vpc in list(backend.groups.values()) for group in list(vpc.values())]
    others = (backend.enis, backend.route_tables, backend.network_acls)
    return [*subnets, *groups, *(one for collection in others for one in list(collection.values()))]


def _request_tags(parameters: Parameters) -> dict[str, str | list[str]]:
    tags = list(parameters.get("Tags") or [])
    for specification in parameters.get("TagSpecifications") or []:
        tags += specification.get("Tags") or []
    return tag_context({"Tags": tags})


def needs(scope: Scope, action: str, parameters: Parameters) -> list[Need]:
    """The needs of a call of EC2."""
    name = f"ec2:{action}"
    kinds = resource_kinds(name)
    region: dict[str, str | list[str]] = {"ec2:Region": scope.region}
    context = {**region, **_request_tags(parameters)}
    found = []
    created = _created(action)
    if created:
        arn = scope.arn("ec2", created, "*")
        found.append(Need(name, arn, context))
        if parameters.get("TagSpecifications"):
            found.append(Need("ec2:CreateTags", arn, {**context, "ec2:CreateAction": action}))
    for parameter, kind in _TARGETS.items():
        identifier = parameters.get(parameter)
        if not identifier or kind not in kinds:
            continue
        own = dict.fromkeys(_id_key(kind), str(identifier))
        arn = scope.arn("ec2", kind, str(identifier))
        found.append(Need(name, arn, {**context, **own, **_existing(scope, str(identifier))}))
    return found or [Need(name, ANY, context)]
