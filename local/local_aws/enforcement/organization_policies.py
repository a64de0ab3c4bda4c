"""Service and resource control policies: what the organization lets an account's principals do, and be done to its resources.

An action must be allowed at every level, from the root down to the account; a deny at any of them wins. The management
account and service-linked roles are held to none.
"""

from collections.abc import Callable, Iterator
from typing import Any

from moto.organizations.models import OrganizationsBackend, organizations_backends
from moto.s3.models import s3_backends

from local_aws.credentials import PARTITION
from local_aws.enforcement.conditions import Context
from local_aws.enforcement.needs import Need
from local_aws.enforcement.policies import Decision, evaluate

SERVICE_CONTROL, RESOURCE_CONTROL = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
# The services whose resources AWS holds to resource control policies, and that these policies can name here by account.
_OF_RESOURCE_CONTROL = ("sts", "kms", "sqs", "secretsmanager", "dynamodb", "ecr", "logs")
_SERVICE_LINKED = ":role/aws-service-role/"

# Each answers what else holds for the principals of an account, such as controls of Control Tower.
service_control_policies: list[Callable[[str], list[str]]] = []


def _backend(account_id: str) -> OrganizationsBackend | None:
    management_id, _ = organizations_backends.master_accounts.get(account_id, (account_id, PARTITION))
    backend = organizations_backends[management_id][PARTITION]
    return backend if backend.org else None


def _place(backend: OrganizationsBackend, account_id: str) -> Iterator[Any]:
    """The account, the units above it, and the root."""
    entity = next((account for account in list(backend.accounts) if account.id == account_id), None)
    units = {unit.id: unit for unit in list(backend.ou)}
    while entity is not None:
        yield entity
        entity = units.get(entity.parent_id or "")


def _levels(account_id: str, kind: str) -> list[list[str]]:
    """The documents of that kind at each level; none where the organization does not use the kind."""
    backend = _backend(account_id)
    if backend is None or account_id == backend.account_id:
        return []
    place = list(_place(backend, account_id))
    if not place or all(policy_type["Type"] != kind for policy_type in getattr(place[-1], "policy_types", [])):
        return []
    return [[str(policy.content) for policy in list(level.attached_policies) if policy.type == kind] for level in place]


def _evaluated(levels: list[list[str]], need: Need, context: Context, denied: Decision, missing: Decision) -> Decision:
    decisions = [evaluate(documents, need.action, need.resource, context) for documents in levels]
    if Decision.EXPLICIT_DENY in decisions:
        return denied
    return missing if Decision.IMPLICIT_DENY in decisions else Decision.ALLOWED


def service_control_decision(account_id: str, principal_arn: str, need: Need, context: Context) -> Decision:
    """What the service control policies of the principal's account say."""
    if _SERVICE_LINKED in principal_arn:
        return Decision.ALLOWED
    for policies_of in service_control_policies:
        if evaluate(policies_of(account_id), need.action, need.resource, context) is Decision.EXPLICIT_DENY:
            return Decision.ORGANIZATION_DENY
    levels = _levels(account_id, SERVICE_CONTROL)
    return _evaluated(levels, need, context, Decision.ORGANIZATION_DENY, Decision.ORGANIZATION_MISSING)


def resource_control_decision(principal_arn: str, need: Need, context: Context) -> Decision:
    """What the resource control policies of the resource's account say."""
    account_id = account_of(need.resource)
    is_held = need.action.split(":")[0] in _OF_RESOURCE_CONTROL and _SERVICE_LINKED not in principal_arn
    if account_id is None or not is_held:
        return Decision.ALLOWED
    levels = _levels(account_id, RESOURCE_CONTROL)
    return _evaluated(levels, need, context, Decision.RESOURCE_DENY, Decision.RESOURCE_MISSING)


def account_of(arn: str) -> str | None:
    """The account that an ARN names."""
    segments = arn.split(":")
    return segments[4] if len(segments) > 5 and segments[4].isdigit() else None


def _owner_of_bucket(arn: str) -> str | None:
    """The account of a bucket, or of an object in it: such an ARN names none."""
    start, _, name = arn.partition(":s3:::")
    _, owner = s3_backends.bucket_accounts.get(name.split("/")[0], (start, None))
    return owner


def resource_context(arn: str) -> dict[str, str | list[str]]:
    """aws:ResourceAccount, and aws:ResourceOrgID where that account belongs to an organization."""
    account_id = account_of(arn) or _owner_of_bucket(arn)
    if account_id is None:
        return {}
    backend = _backend(account_id)
    organization = {"aws:ResourceOrgID": str(backend.org.id)} if backend and backend.org else {}
    return {"aws:ResourceAccount": account_id, **organization}
