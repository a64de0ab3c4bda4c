"""IAM needs of the Organizations API: ARNs of accounts, organizational units, roots and policies.

Moves need the action on the account and on both parents; creating with tags also needs TagResource.
"""

from typing import Any

from moto.organizations.models import OrganizationsBackend, organizations_backends

from local_aws.credentials import PARTITION
from local_aws.enforcement.needs import (
    ANY,
    Need,
    Parameters,
    Scope,
    resource_tag_context,
    tag_context,
)

_TARGETS = (
    "AccountId",
    "ChildId",
    "ParentId",
    "SourceParentId",
    "DestinationParentId",
    "OrganizationalUnitId",
    "RootId",
    "ResourceId",
    "TargetId",
    "PolicyId",
)
_KINDS = {"r-": "root", "ou-": "ou", "p-": "policy", "rp-": "resourcepolicy"}


def _backend(account_id: str) -> OrganizationsBackend:
    management_id, _ = organizations_backends.master_accounts.get(account_id, (account_id, PARTITION))
    return organizations_backends[management_id][PARTITION]


def _entity(backend: OrganizationsBackend, identifier: str) -> Any:
    candidates = [*backend.accounts, *backend.ou, *backend.policies]
    return next((candidate for candidate in candidates if candidate.id == identifier), None)


def _arn(backend: OrganizationsBackend, management_id: str, identifier: str) -> str:
    organization_id = backend.org.id if backend.org else "o-none"
    kind = "account"
    for prefix, name in _KINDS.items():
        if identifier.startswith(prefix):
            kind = name
    return f"arn:{PARTITION}:organizations::{management_id}:{kind}/{organization_id}/{identifier}"


def needs(scope: Scope, action: str, parameters: Parameters) -> list[Need]:
    """The needs of a call of Organizations."""
    backend = _backend(scope.account_id)
    management_id = backend.account_id
    tags = tag_context(parameters)
    name = f"organizations:{action}"
    found = []
    for key in _TARGETS:
        identifier = parameters.get(key)
        if not isinstance(identifier, str) or not identifier:
            continue
        entity = _entity(backend, identifier)
        arn = entity.arn if entity else _arn(backend, management_id, identifier)
        existing = resource_tag_context(entity.tags) if entity else {}
        found.append(Need(name, arn, {**existing, **tags}))
    if not found:
        found.append(Need(name, ANY, tags))
    if action.startswith("Create") and parameters.get("Tags"):
        kind = {"CreateAccount": "account", "CreateOrganizationalUnit": "ou"}.get(action, "policy")
        created = _arn(backend, management_id, "*").replace(":account/", f":{kind}/")
        found.append(Need("organizations:TagResource", created, tags))
    return found
