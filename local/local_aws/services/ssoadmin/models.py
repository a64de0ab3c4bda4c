"""The organization's instance of IAM Identity Center: there is none until the platform team makes it.

moto has one with made-up ids in every account and region.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from moto.core.utils import unix_time
from moto.ssoadmin.models import PermissionSet, SSOAdminBackend, ssoadmin_backends

from local_aws.api.own_services import Request
from local_aws.enforcement import single_sign_on_needs
from local_aws.services.identitystore.models.directories import create_directory

if TYPE_CHECKING:
    from local_aws.services.identitystore.models.directory import Directory

lock = threading.RLock()


@dataclass(frozen=True)
class Assignment:
    """A user or group that has a permission set in an account."""

    account_id: str
    permission_set_arn: str
    principal_type: str
    principal_id: str


@dataclass
class AssignmentRequest:
    """A creation or deletion that was accepted, and what became of it."""

    request_id: str
    assignment: Assignment
    deletes: bool
    due: float
    requested: float = field(default_factory=unix_time)
    status: str = "IN_PROGRESS"
    failure_reason: str | None = None
    is_unseen: bool = False


@dataclass
class Instance:
    """The instance, its assignments in their order, and all requests for assignments."""

    arn: str
    directory: "Directory"
    key_arn: str | None = None
    created: float = field(default_factory=unix_time)
    assignments: dict[Assignment, None] = field(default_factory=dict)
    requests: dict[str, AssignmentRequest] = field(default_factory=dict)

    @property
    def account_id(self) -> str:
        return self.directory.account_id

    @property
    def region(self) -> str:
        return self.directory.region

    @property
    def backend(self) -> SSOAdminBackend:
        """moto's part of it: the permission sets with their policies."""
        return ssoadmin_backends[self.account_id][self.region]

    def permission_set(self, arn: str) -> PermissionSet | None:
        return next((one for one in self.backend.permission_sets if one.permission_set_arn == arn), None)


# An operation of the API on the instance that its request names.
Operation = Callable[[Instance, Request], dict[str, Any]]

_instances: list[Instance] = []


def create_instance(
    arn: str, identity_store_id: str, account_id: str, region: str, key_arn: str | None = None
) -> Instance:
    """Enables IAM Identity Center in the management account, with these ids; an organization has it once.

    It encrypts with the customer's key, if one is given.
    """
    with lock:
        if _instances:
            raise ValueError(f"the organization has its instance already: {_instances[0].arn}")
        _instances.append(Instance(arn, create_directory(identity_store_id, account_id, region), key_arn))
        return _instances[0]


def find_instance() -> Instance | None:
    """The organization's instance, once it was made."""
    return _instances[0] if _instances else None


def _key_arn() -> str | None:
    instance = find_instance()
    return instance.key_arn if instance else None


single_sign_on_needs.key_arn = _key_arn
