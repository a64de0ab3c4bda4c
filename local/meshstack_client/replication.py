"""What meshStack does with the account of a project at each replication, besides the call of the function.

Sources: meshcloud-docs, how-to-integrate ("Accounts will always be moved directly to the organizational unit defined in the
landing zone (only from root OU currently)") and landing-zones; terraform-aws-meshplatform, the policy of MeshfedServiceRole
("New accounts need to be moved from root to the target OU"; the assignments; the access role under the ExternalId). In this order:
it moves the account, enters it, assigns its own groups, and calls the function.
"""

import time
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from .meshstack import ACCOUNT_ACCESS_ROLE, MeshStack

ENTERED_WITHIN_SECONDS = 60


@dataclass
class Replication:
    """The replication of one project, which meshStack repeats for years."""

    meshstack: MeshStack
    account: dict[str, Any]
    payload: dict[str, Any]
    # The target organizational unit of meshStack's landing zone: a unit, or the root.
    unit_id: str
    # meshStack's own single sign-on: permission sets by the ids of its groups, and the instance.
    groups: dict[str, str] = field(default_factory=dict)
    instance_arn: str = ""

    def run(self) -> dict[str, Any]:
        """One replication: the answer of the function."""
        self._move()
        self._enter()
        self._assign()
        return self.meshstack.request(self.payload)

    def _move(self) -> None:
        organizations, account_id = self.meshstack.organizations, self.account["Id"]
        (parent,) = organizations.list_parents(ChildId=account_id)["Parents"]
        if parent["Type"] == "ROOT" and parent["Id"] != self.unit_id:
            organizations.move_account(
                AccountId=account_id, SourceParentId=parent["Id"], DestinationParentId=self.unit_id
            )

    def _enter(self) -> None:
        """A new account refuses its access role for a while; what goes on longer is told."""
        environment = self.meshstack.environment
        management = self.meshstack.assume(environment.management_account_id, "MeshfedServiceRole")
        deadline = time.monotonic() + ENTERED_WITHIN_SECONDS
        while True:
            try:
                environment.client("sts", management).assume_role(
                    RoleArn=f"arn:aws:iam::{self.account['Id']}:role/{ACCOUNT_ACCESS_ROLE}",
                    RoleSessionName="meshstack",
                    ExternalId=environment.external_id,
                )
                return
            except ClientError as error:
                if error.response["Error"]["Code"] != "AccessDenied" or time.monotonic() > deadline:
                    raise
            time.sleep(0.1)

    def _assign(self) -> None:
        environment = self.meshstack.environment
        management = self.meshstack.assume(environment.management_account_id, "MeshfedServiceRole")
        center = environment.client("sso-admin", management)
        for group, permission_set in self.groups.items():
            target = {"InstanceArn": self.instance_arn, "PermissionSetArn": permission_set}
            found = center.list_account_assignments(AccountId=self.account["Id"], **target)["AccountAssignments"]
            if group in [one["PrincipalId"] for one in found]:
                continue
            status = center.create_account_assignment(
                TargetId=self.account["Id"], TargetType="AWS_ACCOUNT", PrincipalType="GROUP", PrincipalId=group, **target
            )["AccountAssignmentCreationStatus"]
            while status["Status"] == "IN_PROGRESS":
                time.sleep(0.05)
                status = center.describe_account_assignment_creation_status(
                    InstanceArn=self.instance_arn, AccountAssignmentCreationRequestId=status["RequestId"]
                )["AccountAssignmentCreationStatus"]
            if status["Status"] != "SUCCEEDED":
                raise RuntimeError(f"group {group}: {status.get('FailureReason')}")
