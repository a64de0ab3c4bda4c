"""The identity store of IAM Identity Center: uniqueness, memberships and errors as AWS has them.

Corrects moto, which makes a store for any id; here a store is made with its instance, see ../single_sign_on.
"""

import json
from collections.abc import Callable
from typing import Any

from moto.core.common_types import TYPE_RESPONSE
from moto.identitystore.responses import IdentityStoreResponse

from local_aws.corrections.json_services import Refusal, Request, refused, request_of
from local_aws.enforcement.principals import organization_of

from . import api
from .directory import Directory

Operation = Callable[[Directory, Request], dict[str, Any]]

_READS: dict[str, Operation] = {
    "describe_user": api.describe_user,
    "list_users": api.list_users,
    "get_user_id": api.get_user_id,
    "describe_group": api.describe_group,
    "list_groups": api.list_groups,
    "get_group_id": api.get_group_id,
    "describe_group_membership": api.describe_group_membership,
    "get_group_membership_id": api.get_group_membership_id,
    "list_group_memberships": api.list_group_memberships,
    "list_group_memberships_for_member": api.list_group_memberships_for_member,
    "is_member_in_groups": api.is_member_in_groups,
}
_WRITES: dict[str, Operation] = {
    "create_user": api.create_user,
    "delete_user": api.delete_user,
    "create_group": api.create_group,
    "delete_group": api.delete_group,
    "create_group_membership": api.create_group_membership,
    "delete_group_membership": api.delete_group_membership,
}


def _require_access(directory: Directory, account_id: str, writes: bool) -> None:
    """The accounts of the organization may read; only the owner of the store writes."""
    same = organization_of(account_id) == organization_of(directory.account_id)
    if account_id != directory.account_id and (writes or not same):
        raise Refusal("AccessDeniedException", "You do not have sufficient access to perform this action.")


def _method(operation: Operation, writes: bool) -> Callable[[IdentityStoreResponse], str]:
    def respond(self: IdentityStoreResponse) -> str:
        request = request_of(self, "identitystore")
        directory = api.directory_of(request, self.region)
        _require_access(directory, self.current_account, writes)
        with directory.operation():
            return json.dumps(operation(directory, request))

    return respond


def install() -> None:
    """Every operation works on the directory of directory.py instead of on moto's own."""
    call_action = IdentityStoreResponse.call_action

    def with_refusals(self: IdentityStoreResponse) -> TYPE_RESPONSE:
        try:
            return call_action(self)
        except Refusal as refusal:
            return refused("identitystore", refusal)

    for operations, writes in ((_READS, False), (_WRITES, True)):
        for name, operation in operations.items():
            setattr(IdentityStoreResponse, name, _method(operation, writes))
    IdentityStoreResponse.call_action = with_refusals
