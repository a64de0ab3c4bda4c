"""The policies that AWS manages: read once per process, shared by all accounts; ten policies for a role.

moto reads all of them anew for every account, which takes a tenth of a second and several megabytes each,
attaches any number to a role, and counts one that is attached twice as two. Sources: IAM User Guide, "IAM and AWS STS quotas"; LocalStack,
iam/test_iam, recorded on AWS, for what is no ARN. That they are read once has no source; it is faster.
"""

from typing import Any

from moto.iam.exceptions import LimitExceededException, ValidationError
from moto.iam.models import IAMBackend, ManagedPolicy

from local_aws.patches import patch

POLICIES_PER_ROLE = 10

_shared: dict[str, list[ManagedPolicy]] = {}


@patch(IAMBackend, "_init_aws_policies")
def _init_aws_policies(original: Any, self: IAMBackend) -> list[ManagedPolicy]:
    """Only AttachmentCount is not AWS's: it counts the attachments of all accounts."""
    if self.partition not in _shared:
        _shared[self.partition] = original(self)
    return list(_shared[self.partition])


@patch(IAMBackend, "attach_role_policy")
def _attach_role_policy(original: Any, self: IAMBackend, policy_arn: str, role_name: str) -> None:
    """Roles made by CloudFormation get their policies by the same method of moto."""
    if not policy_arn.startswith("arn:"):
        raise ValidationError("Invalid ARN:  Could not be parsed!")
    attached = self.get_role(role_name).managed_policies
    if policy_arn in attached:
        return
    if policy_arn in self.managed_policies and len(attached) >= POLICIES_PER_ROLE:
        raise LimitExceededException(f"Cannot exceed quota for PoliciesPerRole: {POLICIES_PER_ROLE}")
    original(self, policy_arn, role_name)
