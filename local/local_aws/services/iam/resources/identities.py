"""Roles and users that CloudFormation makes, with everything their templates say.

moto stores inline policies as Python objects, drops managed policies, users' policies and boundaries, and updates next to nothing.
Sources: CloudFormation template reference, AWS::IAM::Role and AWS::IAM::User.
"""

from typing import Any

from moto.iam.models import IAMBackend, Role, User

from local_aws.enforcement.principals import iam_of
from local_aws.patches import patch
from local_aws.services.cloudformation.resources import policy_text
from local_aws.services.iam.models.permissions_boundaries import bind_user, check_boundary


def _put_policies(entity: Any, properties: dict[str, Any]) -> None:
    """Puts the template's inline policies and removes those it no longer has; others' policies stay."""
    wanted = {
        policy["PolicyName"]: policy_text(policy["PolicyDocument"])
        for policy in properties.get("Policies") or []
    }
    for name in getattr(entity, "cloudformation_policies", set()) - set(wanted):
        if name in entity.policies:
            entity.delete_policy(name)
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


@patch(Role, "create_from_cloudformation_json")
def _create_role(
    _original: Any,
    cls: type[Role],
    resource_name: str,
    cloudformation_json: dict[str, Any],
    account_id: str,
    region_name: str,
    **_: Any,
) -> Role:
    properties = cloudformation_json["Properties"]
    backend = iam_of(account_id)
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


@patch(Role, "update_from_cloudformation_json")
def _update_role(
    _original: Any,
    cls: type[Role],
    original_resource: Role,
    new_resource_name: str,
    cloudformation_json: dict[str, Any],
    account_id: str,
    region_name: str,
) -> Role:
    properties = cloudformation_json["Properties"]
    backend = iam_of(account_id)
    role = backend.get_role(original_resource.name)
    backend.update_assume_role_policy(role.name, policy_text(properties["AssumeRolePolicyDocument"]))
    role.description = properties.get("Description") or ""
    role.max_session_duration = str(properties.get("MaxSessionDuration") or 3600)
    boundary = properties.get("PermissionsBoundary")
    if boundary:
        backend.put_role_permissions_boundary(role.name, boundary)
    else:
        backend.delete_role_permissions_boundary(role.name)
    backend.untag_role(role.name, [tag["Key"] for tag in role.tags or []])
    if properties.get("Tags"):
        backend.tag_role(role.name, properties["Tags"])
    _apply_role(backend, role, properties)
    return role


@patch(Role, "delete_from_cloudformation_json")
def _delete_role(
    original: Any,
    cls: type[Role],
    resource_name: str,
    cloudformation_json: dict[str, Any],
    account_id: str,
    region_name: str,
) -> None:
    backend = iam_of(account_id)
    role = backend.get_role(resource_name)
    for arn in getattr(role, "cloudformation_managed_policies", set()) & set(role.managed_policies):
        backend.detach_role_policy(arn, resource_name)
    original(cls, resource_name, cloudformation_json, account_id, region_name)


@patch(User, "create_from_cloudformation_json")
def _create_user(
    _original: Any,
    cls: type[User],
    resource_name: str,
    cloudformation_json: dict[str, Any],
    account_id: str,
    region_name: str,
    **_: Any,
) -> User:
    properties = cloudformation_json.get("Properties") or {}
    backend = iam_of(account_id)
    check_boundary(backend, properties.get("PermissionsBoundary"))
    user = backend.create_user(
        region_name=region_name,
        user_name=properties.get("UserName", resource_name),
        path=properties.get("Path") or "/",
        tags=properties.get("Tags") or [],
    )
    bind_user(backend, user, properties.get("PermissionsBoundary"))
    _apply_user(backend, user, properties)
    return user


@patch(User, "update_from_cloudformation_json")
def _update_user(
    _original: Any,
    cls: type[User],
    original_resource: User,
    new_resource_name: str,
    cloudformation_json: dict[str, Any],
    account_id: str,
    region_name: str,
) -> User:
    backend = iam_of(account_id)
    user = backend.get_user(original_resource.name)
    properties = cloudformation_json.get("Properties") or {}
    bind_user(backend, user, properties.get("PermissionsBoundary"))
    _apply_user(backend, user, properties)
    return user
