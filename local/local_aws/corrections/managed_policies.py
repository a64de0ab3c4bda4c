"""The policies that AWS manages: read once per process and shared by all accounts.

moto reads all of them anew for every account, which takes a tenth of a second and several megabytes each.
"""

from moto.iam.models import IAMBackend, ManagedPolicy

_moto_init_aws_policies = IAMBackend._init_aws_policies
_shared: dict[str, list[ManagedPolicy]] = {}


def _init_aws_policies(self: IAMBackend) -> list[ManagedPolicy]:
    """Only AttachmentCount is not AWS's: it counts the attachments of all accounts."""
    if self.partition not in _shared:
        _shared[self.partition] = _moto_init_aws_policies(self)
    return list(_shared[self.partition])


def install() -> None:
    IAMBackend._init_aws_policies = _init_aws_policies
