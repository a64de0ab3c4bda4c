"""What an account has besides its stacks, as an operator finds it: access, enrollment, contacts, regions, networks.

It uses the roots of the local accounts, which exist on the local AWS only, and changes nothing.
"""

import json
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from .environment import LocalEnvironment

_ADMINISTERED_BY_AWS = "/aws-"


class Inventory:
    """Looks into one account and at what the management account knows of it."""

    def __init__(self, environment: LocalEnvironment, account_id: str) -> None:
        self._environment = environment
        self._account_id = account_id

    def _management(self, service: str) -> Any:
        return self._environment.root_client(service, self._environment.management_account_id)

    def _account(self, service: str, region: str | None = None) -> Any:
        return self._environment.root_client(service, self._account_id, region)

    def alias(self) -> str | None:
        """The account's alias."""
        aliases = self._account("iam").list_account_aliases()["AccountAliases"]
        return aliases[0] if aliases else None

    def saml_providers(self) -> dict[str, str]:
        """The metadata of each SAML provider that is not AWS's own, by its name."""
        iam = self._account("iam")
        arns = [one["Arn"] for one in iam.list_saml_providers()["SAMLProviderList"]]
        return {
            arn.rsplit("/", 1)[1]: iam.get_saml_provider(SAMLProviderArn=arn)["SAMLMetadataDocument"]
            for arn in arns
            if "/AWSSSO_" not in arn
        }

    def roles_by_saml(self) -> dict[str, list[str]]:
        """The attached policies of every role, outside of AWS's own, that a SAML provider may assume."""
        iam = self._account("iam")
        roles = {}
        for role in iam.get_paginator("list_roles").paginate().search("Roles"):
            if role["Path"].startswith(_ADMINISTERED_BY_AWS):
                continue
            if "sts:AssumeRoleWithSAML" in json.dumps(role["AssumeRolePolicyDocument"]):
                attached = iam.list_attached_role_policies(RoleName=role["RoleName"])
                names = [policy["PolicyName"] for policy in attached["AttachedPolicies"]]
                roles[role["RoleName"]] = sorted(names)
        return roles

    def has_role(self, name: str) -> bool:
        """Whether the account has that role."""
        try:
            self._account("iam").get_role(RoleName=name)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchEntity":
                return False
            raise
        return True

    def assignments(self) -> set[tuple[str, str]]:
        """Group and permission set of every assignment to a group, by their names."""
        sso, found = self._management("sso-admin"), set()
        store = self._management("identitystore")
        for instance in sso.list_instances()["Instances"]:
            arn = instance["InstanceArn"]
            for permission_set in _all(
                sso, "list_permission_sets_provisioned_to_account", "PermissionSets",
                InstanceArn=arn, AccountId=self._account_id,
            ):
                name = sso.describe_permission_set(InstanceArn=arn, PermissionSetArn=permission_set)
                for assignment in _all(
                    sso, "list_account_assignments", "AccountAssignments",
                    InstanceArn=arn, AccountId=self._account_id, PermissionSetArn=permission_set,
                ):
                    group = store.describe_group(
                        IdentityStoreId=instance["IdentityStoreId"], GroupId=assignment["PrincipalId"]
                    )
                    found.add((group["DisplayName"], name["PermissionSet"]["Name"]))
        return found

    def members(self, group_name: str) -> set[str] | None:
        """The user names of a group's members; None where there is no such group."""
        instance = self._management("sso-admin").list_instances()["Instances"][0]
        store, store_id = self._management("identitystore"), instance["IdentityStoreId"]
        groups = _all(store, "list_groups", "Groups", IdentityStoreId=store_id)
        for group in groups:
            if group.get("DisplayName") == group_name:
                memberships = _all(
                    store, "list_group_memberships", "GroupMemberships",
                    IdentityStoreId=store_id, GroupId=group["GroupId"],
                )
                return {
                    store.describe_user(
                        IdentityStoreId=store_id, UserId=membership["MemberId"]["UserId"]
                    )["UserName"]
                    for membership in memberships
                }
        return None

    def enrollment(self) -> str | None:
        """The status of the account's baseline of Control Tower; None where it is not enrolled."""
        tower = self._management("controltower")
        for enabled in _all(
            tower, "list_enabled_baselines", "enabledBaselines", includeChildren=True
        ):
            if enabled["targetIdentifier"].endswith(f"/{self._account_id}"):
                return str(enabled["statusSummary"]["status"])
        return None

    def provisioned_products(self) -> list[dict[str, Any]]:
        """The provisioned products of Service Catalog that are this account."""
        found = self._management("servicecatalog").search_provisioned_products(
            Filters={"SearchQuery": [f"physicalId:{self._account_id}"]},
            AccessLevelFilter={"Key": "Account", "Value": "self"},
        )
        return list(found["ProvisionedProducts"])

    def contact(self, kind: str) -> dict[str, str] | None:
        """An alternate contact: BILLING, OPERATIONS or SECURITY."""
        try:
            answer = self._management("account").get_alternate_contact(
                AccountId=self._account_id, AlternateContactType=kind
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return None
            raise
        return dict(answer["AlternateContact"])

    def region(self, name: str) -> str:
        """The status of a region, e.g. ENABLED."""
        answer = self._management("account").get_region_opt_status(
            AccountId=self._account_id, RegionName=name
        )
        return str(answer["RegionOptStatus"])

    def default_vpcs(self) -> dict[str, str]:
        """The default VPC of every enabled region that has one."""
        regions = self._account("ec2").describe_regions()["Regions"]
        found = {}
        for region in sorted(one["RegionName"] for one in regions):
            vpcs = self._account("ec2", region).describe_vpcs(
                Filters=[{"Name": "is-default", "Values": ["true"]}]
            )["Vpcs"]
            found.update({region: vpc["VpcId"] for vpc in vpcs})
        return found


def _all(client: Any, operation: str, field: str, **parameters: Any) -> Iterator[Any]:
    for page in client.get_paginator(operation).paginate(**parameters):
        yield from page[field]
