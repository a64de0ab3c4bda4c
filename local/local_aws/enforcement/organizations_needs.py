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
# By the beginning of an id, which the formats of the reference have in front of the rest.
_KINDS = {"r-": "root", "ou-": "organizationalunit", "p-": "policy", "rp-": "resourcepolicy", "": "account"}


def _backend(account_id: str) -> OrganizationsBackend:
    management_id, _ = organizations_backends.master_accounts.get(account_id, (account_id, PARTITION))
    return organizations_backends[management_id][PARTITION]


def _entity(backend: OrganizationsBackend, identifier: str) -> Any:
    candidates = [*backend.accounts, *backend.ou, *backend.policies]
    return next((candidate for candidate in candidates if candidate.id == identifier), None)


def _arn(scope: Scope, backend: OrganizationsBackend, identifier: str) -> str:
    organization_id = str(backend.org.id) if backend.org else "o-none"
    prefix, kind = next((prefix, kind) for prefix, kind in _KINDS.items() if identifier.startswith(prefix))
    # The type of a policy that does not exist is not known.
    types = ["*"] if kind == "policy" else []
    parts = (organization_id.removeprefix("o-"), *types, identifier.removeprefix(prefix))
    return scope.arn("organizations", kind, *parts, account_id=backend.account_id)


def needs(scope: Scope, action: str, parameters: Parameters) -> list[Need]:
    """The needs of a call of Organizations."""
    backend = _backend(scope.account_id)
    tags = tag_context(parameters)
    name = f"organizations:{action}"
    found = []
    for key in _TARGETS:
        identifier = parameters.get(key)
        if not isinstance(identifier, str) or not identifier:
            continue
        entity = _entity(backend, identifier)
        arn = entity.arn if entity else _arn(scope, backend, identifier)
        existing = resource_tag_context(entity.tags) if entity else {}
        found.append(Need(name, arn, {**existing, **tags}))
    if not found:
        found.append(Need(name, ANY, tags))
    # The reference does not say that to create with tags needs to tag.
    if action.startswith("Create") and parameters.get("Tags"):
        new = {"CreateAccount": "*", "CreateOrganizationalUnit": "ou-*"}.get(action, "p-*")
        created = _arn(scope, backend, new)
        found.append(Need("organizations:TagResource", created, tags))
    return found
