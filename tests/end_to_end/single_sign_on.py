"""IAM Identity Center in end-to-end tests: accounts with single sign-on, and somebody else who uses the same instance.

The instance, its store and its people are those of the local AWS.
"""

import time
from typing import Any

from tenant import Tenant

from meshstack_client import LocalEnvironment

STEP = "SingleSignOn"
INSTANCE = "arn:aws:sso:::instance/ssoins-1111222233334444"
STORE = "d-1234567890"
ADA, GRACE, ALAN = "ada@example.com", "grace@example.com", "alan@example.com"


def mapping(suffix: str, *permission_sets: str) -> dict[str, Any]:
    """The mapping of a project role."""
    return {"awsRoleName": suffix, "permissionSets": list(permission_sets)}


ADMIN = mapping("admin", "PowerUserAccess")
READER = mapping("reader", "ViewOnlyAccess")


class SingleSignOnTenant(Tenant):
    """An account whose landing zone has nothing on but single sign-on."""

    def map(self, **mappings: dict[str, Any]) -> None:
        """Deploys the landing zone with these mappings."""
        self.deploy(singleSignOn={"roleMappings": mappings})

    def group(self, suffix: str) -> str:
        """The name of a group."""
        return f"mst-space.{self.project}.{suffix}"

    def members(self, suffix: str) -> set[str] | None:
        """The members of a group; None where there is no such group."""
        return self.found.members(self.group(suffix))

    def succeeded(self, execution_arn: str) -> dict[str, Any]:
        """What the execution says of single sign-on."""
        return dict(super().succeeded(execution_arn)["SingleSignOn"])


class Center:
    """IAM Identity Center in the hands of somebody else in the management account."""

    def __init__(self, environment: LocalEnvironment) -> None:
        account = environment.management_account_id
        self.sso = environment.root_client("sso-admin", account)
        self.store = environment.root_client("identitystore", account)

    def permission_set(self, name: str) -> str:
        """Makes a permission set."""
        made = self.sso.create_permission_set(InstanceArn=INSTANCE, Name=name)
        return str(made["PermissionSet"]["PermissionSetArn"])

    def arn(self, name: str) -> str:
        """The ARN of a permission set."""
        for arn in self.sso.list_permission_sets(InstanceArn=INSTANCE)["PermissionSets"]:
            described = self.sso.describe_permission_set(InstanceArn=INSTANCE, PermissionSetArn=arn)
            if described["PermissionSet"]["Name"] == name:
                return str(arn)
        raise KeyError(name)

    def group(self, name: str, description: str | None = None) -> str:
        """Makes a group."""
        words = {"Description": description} if description else {}
        return str(self.store.create_group(IdentityStoreId=STORE, DisplayName=name, **words)["GroupId"])

    def join(self, group: str, name: str) -> None:
        """Puts a person into a group."""
        self.store.create_group_membership(
            IdentityStoreId=STORE, GroupId=self._id_of(group), MemberId={"UserId": self.id_of_user(name)}
        )

    def id_of_user(self, name: str) -> str:
        """The id of a person."""
        found = self.store.get_user_id(IdentityStoreId=STORE, AlternateIdentifier=_unique("userName", name))
        return str(found["UserId"])

    def delete_group(self, name: str) -> None:
        """Deletes a group; AWS leaves its assignments behind."""
        self.store.delete_group(IdentityStoreId=STORE, GroupId=self._id_of(name))

    def assign(self, account_id: str, permission_set: str, principal: str, kind: str = "GROUP") -> None:
        """Assigns a permission set, and waits until it is there."""
        made = self.sso.create_account_assignment(
            InstanceArn=INSTANCE,
            TargetId=account_id,
            TargetType="AWS_ACCOUNT",
            PermissionSetArn=self.arn(permission_set),
            PrincipalType=kind,
            PrincipalId=principal,
        )["AccountAssignmentCreationStatus"]
        while made["Status"] == "IN_PROGRESS":
            time.sleep(0.05)
            made = self.sso.describe_account_assignment_creation_status(
                InstanceArn=INSTANCE, AccountAssignmentCreationRequestId=made["RequestId"]
            )["AccountAssignmentCreationStatus"]
        assert made["Status"] == "SUCCEEDED"

    def assigned(self, account_id: str, permission_set: str) -> set[str]:
        """To whom a permission set is assigned in an account."""
        found = self.sso.list_account_assignments(
            InstanceArn=INSTANCE, AccountId=account_id, PermissionSetArn=self.arn(permission_set)
        )
        return {one["PrincipalId"] for one in found["AccountAssignments"]}

    def _id_of(self, group: str) -> str:
        found = self.store.get_group_id(IdentityStoreId=STORE, AlternateIdentifier=_unique("displayName", group))
        return str(found["GroupId"])


def _unique(path: str, value: str) -> dict[str, dict[str, str]]:
    return {"UniqueAttribute": {"AttributePath": path, "AttributeValue": value}}
