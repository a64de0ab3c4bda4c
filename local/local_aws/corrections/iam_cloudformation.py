"""Roles and users that CloudFormation makes, with everything their templates say.

moto stores inline policies as Python objects, drops managed policies and users' policies, and updates next to nothing.
"""

import json
from typing import Any

from moto.iam.models import IAMBackend, Role, User, iam_backends
from moto.utilities.utils import get_partition


def _backend(account_id: str, region_name: str) -> IAMBackend:
    return iam_backends[account_id][get_partition(region_name)]


def policy_text(document: Any) -> str:
    """A policy document as IAM keeps it."""
    return document if isinstance(document, str) else json.dumps(document)


def _put_policies(entity: Any, properties: dict[str, Any]) -> None:
    """Puts the template's inline policies and removes those it no longer has; others' policies stay."""
    wanted = {
        policy["PolicyName"]: policy_text(policy["PolicyDocument"])
        for policy in properties.get("Policies") or []
    }
    for name in getattr(entity, "cloudformation_policies", set()) - set(wanted):
        entity.policies.pop(name, None)
    for name, document in wanted.items():
        entity.put_policy(name, document)
    entity.cloudformation_policies = set(wanted)


def _managed(entity: Any, properties: dict[str, Any]) -> tuple[set[str], set[str]]:
    """The managed policies to attach and to detach."""
    wanted = set(properties.get("ManagedPolicyArns") or [])
    before = getattr(entity, "cloudformation_managed_policies", set())
    entity.cloudformation_managed_policies = wanted
    attached = set(entity.managed_policies)
    return wanted - attached, (before - wanted) & attached


def _apply_role(backend: IAMBackend, role: Role, properties: dict[str, Any]) -> None:
    _put_policies(role, properties)
    attach, detach = _managed(role, properties)
    for arn in sorted(attach):
        backend.attach_role_policy(arn, role.name)
    for arn in sorted(detach):
        backend.detach_role_policy(arn, role.name)


def _apply_user(backend: IAMBackend, user: User, properties: dict[str, Any]) -> None:
    _put_policies(user, properties)
    attach, detach = _managed(user, properties)
    for arn in sorted(attach):
        backend.attach_user_policy(arn, user.name)
    for arn in sorted(detach):
        backend.detach_user_policy(arn, user.name)
    for group in properties.get("Groups") or []:
        backend.add_user_to_group(group, user.name)


def _create_role(
    cls: type[Role],
    resource_name: str,
    cloudformation_json: dict[str, Any],
    account_id: str,
    region_name: str,
    **_: Any,
) -> Role:
    properties = cloudformation_json["Properties"]
    backend = _backend(account_id, region_name)
    role = backend.create_role(
        role_name=properties.get("RoleName", resource_name),
        assume_role_policy_document=policy_text(properties["AssumeRolePolicyDocument"]),
        path=properties.get("Path") or "/",
        permissions_boundary=properties.get("PermissionsBoundary") or "",
        description=properties.get("Description") or "",
        tags=properties.get("Tags") or [],
        max_session_duration=str(properties.get("MaxSessionDuration") or 3600),
    )
    try:
        _apply_role(backend, role, properties)
    except Exception:
        # Nothing stays of a role whose policies were refused.
        for policy in list(role.managed_policies.values()):
            policy.detach_from(role)
        del backend.roles[role.id]
        raise
    return role


def _update_role(
    cls: type[Role],
    original_resource: Role,
    new_resource_name: str,
    cloudformation_json: dict[str, Any],
    account_id: str,
    region_name: str,
) -> Role:
    properties = cloudformation_json["Properties"]
    backend = _backend(account_id, region_name)
    role = backend.get_role(original_resource.name)
    backend.update_assume_role_policy(role.name, policy_text(properties["AssumeRolePolicyDocument"]))
    role.description = properties.get("Description") or ""
    role.max_session_duration = str(properties.get("MaxSessionDuration") or 3600)
    role.permissions_boundary_arn = properties.get("PermissionsBoundary")
    backend.untag_role(role.name, [tag["Key"] for tag in role.tags or []])
    if properties.get("Tags"):
        backend.tag_role(role.name, properties["Tags"])
    _apply_role(backend, role, properties)
    return role


_moto_delete_role = Role.delete_from_cloudformation_json.__func__


def _delete_role(
    cls: type[Role],
    resource_name: str,
    cloudformation_json: dict[str, Any],
    account_id: str,
    region_name: str,
) -> None:
    backend = _backend(account_id, region_name)
    role = backend.get_role(resource_name)
    for arn in getattr(role, "cloudformation_managed_policies", set()) & set(role.managed_policies):
        backend.detach_role_policy(arn, resource_name)
    _moto_delete_role(cls, resource_name, cloudformation_json, account_id, region_name)


def _create_user(
    cls: type[User],
    resource_name: str,
    cloudformation_json: dict[str, Any],
    account_id: str,
    region_name: str,
    **_: Any,
) -> User:
    properties = cloudformation_json.get("Properties") or {}
    backend = _backend(account_id, region_name)
    user = backend.create_user(
        region_name=region_name,
        user_name=properties.get("UserName", resource_name),
        path=properties.get("Path") or "/",
        tags=properties.get("Tags") or [],
    )
    _apply_user(backend, user, properties)
    return user


def _update_user(
    cls: type[User],
    original_resource: User,
    new_resource_name: str,
    cloudformation_json: dict[str, Any],
    account_id: str,
    region_name: str,
) -> User:
    backend = _backend(account_id, region_name)
    user = backend.get_user(original_resource.name)
    _apply_user(backend, user, cloudformation_json.get("Properties") or {})
    return user


def install() -> None:
    Role.create_from_cloudformation_json = classmethod(_create_role)
    Role.update_from_cloudformation_json = classmethod(_update_role)
    Role.delete_from_cloudformation_json = classmethod(_delete_role)
    User.create_from_cloudformation_json = classmethod(_create_user)
    User.update_from_cloudformation_json = classmethod(_update_user)
