"""The world of one account: all that a vend leaves behind, without what differs from vend to vend.

Two vends of one scenario must leave equal worlds, whatever happened on the way.
"""

import json
import re
from typing import Any

from fault_matrix.points import EC2_REGIONS
from fault_matrix.scenarios import Tenant
from meshstack_client import Inventory, LocalEnvironment, Operator

CONTACTS = ("BILLING", "OPERATIONS", "SECURITY")
# Ids, hashes and times that AWS or the AVM make anew each time.
_VARYING = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<uuid>"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(\+00:00|Z)?"), "<time>"),
    (re.compile(r"(execution:[\w-]+:)[\w-]+"), r"\1<name>"),
    (re.compile(r"(AWSReservedSSO_[\w+=,.@-]*_)[0-9a-f]{16}"), r"\1<hash>"),
    (re.compile(r"(AWSSSO_)[0-9a-f]+(_DO_NOT_DELETE)"), r"\1<hash>\2"),
)


def describe(environment: LocalEnvironment, tenant: Tenant, account_id: str) -> dict[str, Any]:
    """Everything about the account, in a form in which equal worlds are equal."""
    # The local AWS makes default VPCs when it is asked for them: nobody else asks in the sandbox.
    with_networks = tenant.payload["LandingZone"] != "sandbox"
    operator, found = Operator(environment), Inventory(environment, account_id)
    world = {
        "accounts": _accounts(operator, tenant),
        "unit": operator.organizational_unit_path(account_id),
        "units of that name": _units(operator, tenant),
        "tags": _tags(operator, account_id),
        "stacks": operator.stacks(account_id),
        "instances": _instances(environment, account_id),
        "roles": _roles(environment, account_id),
        "alias": found.alias(),
        "SAML providers": {name: len(text) for name, text in found.saml_providers().items()},
        "assignments": sorted(found.assignments()),
        "groups": _groups(environment, tenant),
        "contacts": {kind: found.contact(kind) for kind in CONTACTS},
        "regions": _regions(environment, account_id),
        "default VPCs": _default_vpcs(environment, account_id) if with_networks else {},
        "enrollment": found.enrollment(),
        "products": sorted((one["Name"], one["Status"]) for one in found.provisioned_products()),
    }
    text = json.dumps(world, sort_keys=True, default=str)
    names = (
        (account_id, "<account>"),
        (tenant.workspace, "<workspace>"),
        (tenant.project, "<project>"),
        (environment.external_id, "<external id>"),
        (environment.management_account_id, "<management>"),
        (environment.automation_account_id, "<automation>"),
        (environment.meshcloud_account_id, "<meshcloud>"),
    )
    for name, placeholder in names:
        text = text.replace(name, placeholder)
    for pattern, placeholder in _VARYING:
        text = pattern.sub(placeholder, text)
    return dict(json.loads(text))


def differences(world: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """What is not equal, in words."""
    return [
        f"{name}: {json.dumps(other.get(name))} and not {json.dumps(world[name])}"
        for name in world
        if world[name] != other.get(name)
    ]


def _accounts(operator: Operator, tenant: Tenant) -> list[tuple[str, str]]:
    pages = operator.organizations.get_paginator("list_accounts").paginate()
    accounts = [account for page in pages for account in page["Accounts"]]
    return [
        (account["Name"], account["State"])
        for account in accounts
        if account["Email"].lower() == tenant.email or tenant.project in account["Name"]
    ]


def _units(operator: Operator, tenant: Tenant) -> int:
    (root,) = operator.organizations.list_roots()["Roots"]
    pages = operator.organizations.get_paginator("list_organizational_units_for_parent").paginate(
        ParentId=root["Id"]
    )
    return sum(unit["Name"] == tenant.workspace for page in pages for unit in page["OrganizationalUnits"])


def _tags(operator: Operator, account_id: str) -> dict[str, str]:
    pages = operator.organizations.get_paginator("list_tags_for_resource").paginate(ResourceId=account_id)
    tags = {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}
    # Which execution has written them differs; that they name one does not.
    return {key: "<execution>" if key == "avm:execution" else value for key, value in tags.items()}


def _instances(environment: LocalEnvironment, account_id: str) -> list[Any]:
    client = environment.root_client("cloudformation", environment.automation_account_id)
    found = []
    for stack_set in client.list_stack_sets(Status="ACTIVE")["Summaries"]:
        name = stack_set["StackSetName"]
        summaries = client.list_stack_instances(StackSetName=name, StackInstanceAccount=account_id)["Summaries"]
        for summary in summaries:
            instance = client.describe_stack_instance(
                StackSetName=name, StackInstanceAccount=account_id, StackInstanceRegion=summary["Region"]
            )["StackInstance"]
            parameters = sorted(
                (one["ParameterKey"], one["ParameterValue"]) for one in instance["ParameterOverrides"]
            )
            detail = instance["StackInstanceStatus"]["DetailedStatus"]
            found.append([name, summary["Region"], instance["Status"], detail, parameters])
    return sorted(found)


def _roles(environment: LocalEnvironment, account_id: str) -> dict[str, Any]:
    iam = environment.root_client("iam", account_id)
    roles = {}
    for role in iam.get_paginator("list_roles").paginate().search("Roles"):
        name = role["RoleName"]
        inline = iam.list_role_policies(RoleName=name)["PolicyNames"]
        attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        roles[name] = {
            "trust": role["AssumeRolePolicyDocument"],
            "inline": {
                policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
                for policy in inline
            },
            "attached": sorted(policy["PolicyArn"] for policy in attached),
        }
    return roles


def _groups(environment: LocalEnvironment, tenant: Tenant) -> dict[str, list[str]]:
    management = environment.management_account_id
    store = environment.root_client("identitystore", management)
    instances = environment.root_client("sso-admin", management).list_instances()["Instances"]
    groups: dict[str, list[str]] = {}
    for instance in instances:
        store_id = instance["IdentityStoreId"]
        pages = store.get_paginator("list_groups").paginate(IdentityStoreId=store_id)
        for group in (group for page in pages for group in page["Groups"]):
            if tenant.project in group.get("DisplayName", ""):
                groups[group["DisplayName"]] = _members(store, store_id, group["GroupId"])
    return groups


def _members(store: Any, store_id: str, group_id: str) -> list[str]:
    pages = store.get_paginator("list_group_memberships").paginate(IdentityStoreId=store_id, GroupId=group_id)
    ids = [one["MemberId"]["UserId"] for page in pages for one in page["GroupMemberships"]]
    return sorted(store.describe_user(IdentityStoreId=store_id, UserId=one)["UserName"] for one in ids)


def _default_vpcs(environment: LocalEnvironment, account_id: str) -> dict[str, int]:
    """How many there are in the regions in which EC2 is disturbed."""
    only_default = [{"Name": "is-default", "Values": ["true"]}]
    return {
        region: len(
            environment.root_client("ec2", account_id, region).describe_vpcs(Filters=only_default)["Vpcs"]
        )
        for region in EC2_REGIONS
    }


def _regions(environment: LocalEnvironment, account_id: str) -> dict[str, str]:
    account = environment.root_client("account", environment.management_account_id)
    pages = account.get_paginator("list_regions").paginate(AccountId=account_id)
    return {one["RegionName"]: one["RegionOptStatus"] for page in pages for one in page["Regions"]}
