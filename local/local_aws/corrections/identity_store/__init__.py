"""The identity store of IAM Identity Center: uniqueness, memberships and errors as AWS has them.

Corrects moto, which makes a store for any id, repeats memberships and leaves them behind.
"""

from collections.abc import Mapping

from local_aws.corrections import own_services
from local_aws.corrections.own_services import Operation, Refusal
from local_aws.enforcement import single_sign_on_needs
from local_aws.enforcement.needs import Parameters

from .directories import find_directory

_ID_MEMBERS = {"user": "UserId", "group": "GroupId", "membership": "MembershipId"}


def _operations() -> Mapping[str, Operation]:
    # Here for the reason that directories.py has: this reads the models of SCIM.
    from .api import OPERATIONS

    return OPERATIONS


def _owner(identity_store_id: str) -> str | None:
    directory = find_directory(identity_store_id)
    return directory.account_id if directory else None


def _looked_up(identity_store_id: str, action: str, parameters: Parameters) -> dict[str, str]:
    directory = find_directory(identity_store_id)
    if directory is None:
        return {}
    from . import api

    find = {
        "GetUserId": api.get_user_id,
        "GetGroupId": api.get_group_id,
        "GetGroupMembershipId": api.describe_group_membership,
        "DeleteGroupMembership": api.describe_group_membership,
        "DescribeGroupMembership": api.describe_group_membership,
    }.get(action)
    if find is None:
        return {}
    try:
        with directory.operation():
            found = find(directory, dict(parameters))
    except (Refusal, KeyError, TypeError, AttributeError):
        # Not there, or not a request at all: the service says so to whoever may ask for anything.
        return {}
    found = {**found, **found.pop("MemberId", {})}
    return {kind: found[key] for kind, key in _ID_MEMBERS.items() if key in found}


def install() -> None:
    """Takes the whole service from moto: every operation works on the directory that SCIM shares."""
    own_services.add("identitystore", _operations)
    single_sign_on_needs.store_owner = _owner
    single_sign_on_needs.looked_up = _looked_up
