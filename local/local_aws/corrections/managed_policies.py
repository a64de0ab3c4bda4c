"""The policies that AWS manages: read once per process, shared by all accounts; ten policies for a role.

moto reads all of them anew for every account, which takes a tenth of a second and several megabytes each,
attaches any number to a role, and counts one that is attached twice as two.
"""

from moto.iam.exceptions import LimitExceededException
from moto.iam.models import IAMBackend, ManagedPolicy

POLICIES_PER_ROLE = 10

_moto_init_aws_policies = IAMBackend._init_aws_policies
_shared: dict[str, list[ManagedPolicy]] = {}


def _init_aws_policies(self: IAMBackend) -> list[ManagedPolicy]:
    """Only AttachmentCount is not AWS's: it counts the attachments of all accounts."""
    if self.partition not in _shared:
        _shared[self.partition] = _moto_init_aws_policies(self)
    return list(_shared[self.partition])


def install() -> None:
    """Roles made by CloudFormation get their policies by the same method of moto."""
    attach = IAMBackend.attach_role_policy

    def attach_role_policy(self: IAMBackend, policy_arn: str, role_name: str) -> None:
        attached = self.get_role(role_name).managed_policies
        if policy_arn in attached:
            return
        if policy_arn in self.managed_policies and len(attached) >= POLICIES_PER_ROLE:
            raise LimitExceededException(f"Cannot exceed quota for PoliciesPerRole: {POLICIES_PER_ROLE}")
        attach(self, policy_arn, role_name)

    IAMBackend._init_aws_policies = _init_aws_policies
    IAMBackend.attach_role_policy = attach_role_policy
