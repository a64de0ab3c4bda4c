"""Managed and inline policies that CloudFormation makes: AWS::IAM::ManagedPolicy and AWS::IAM::Policy.

moto can neither update nor delete a managed policy, and breaks on inline policies without users, groups or roles. Sources: CloudFormation
template reference, AWS::IAM::ManagedPolicy and AWS::IAM::Policy; IAM API reference, CreatePolicyVersion (five of them) and DeletePolicy.
That the oldest version goes has no source; else a sixth update would fail.
"""

from typing import Any

from moto.iam.exceptions import DeleteConflictException
from moto.iam.models import IAMBackend, InlinePolicy, ManagedPolicy, PolicyVersion

from local_aws.enforcement.principals import iam_of
from local_aws.patches import patch
from local_aws.services.cloudformation.resources import policy_text

KINDS = ("Role", "User", "Group")
MAXIMUM_VERSIONS = 5


def _attach(backend: IAMBackend, policy: ManagedPolicy, properties: dict[str, Any]) -> None:
    """Attaches the policy to the holders that the template names and detaches it from those it no longer names."""
    before: dict[str, set[str]] = getattr(policy, "cloudformation_holders", {})
    wanted = {kind: set(properties.get(f"{kind}s") or []) for kind in KINDS}
    for kind in KINDS:
        name = kind.lower()
        for holder in sorted(wanted[kind] - before.get(kind, set())):
            getattr(backend, f"attach_{name}_policy")(**{f"{name}_name": holder, "policy_arn": policy.arn})
        for holder in sorted(before.get(kind, set()) - wanted[kind]):
            if policy.arn in _managed_policies(backend, kind, holder):
                getattr(backend, f"detach_{name}_policy")(**{f"{name}_name": holder, "policy_arn": policy.arn})
    policy.cloudformation_holders = wanted  # type: ignore[attr-defined]


def _managed_policies(backend: IAMBackend, kind: str, name: str) -> dict[str, Any]:
    holders = backend.roles.values() if kind == "Role" else getattr(backend, f"{kind.lower()}s").values()
    return next((holder.managed_policies for holder in list(holders) if holder.name == name), {})


@patch(ManagedPolicy, "create_from_cloudformation_json")
def _create_managed_policy(
    _original: Any,
    cls: type[ManagedPolicy],
    resource_name: str,
    cloudformation_json: dict[str, Any],
    account_id: str,
    region_name: str,
    **_: Any,
) -> ManagedPolicy:
    properties = cloudformation_json["Properties"]
    backend = iam_of(account_id)
    policy = backend.create_policy(
        description=properties.get("Description") or "",
        path=properties.get("Path") or "/",
        policy_document=policy_text(properties["PolicyDocument"]),
        policy_name=properties.get("ManagedPolicyName") or resource_name,
        tags=properties.get("Tags") or [],
    )
    try:
        _attach(backend, policy, properties)
    except Exception:
        del backend.managed_policies[policy.arn]
        raise
    return policy


@patch(ManagedPolicy, "update_from_cloudformation_json")
def _update_managed_policy(
    _original: Any,
    cls: type[ManagedPolicy],
    original_resource: ManagedPolicy,
    new_resource_name: str,
    cloudformation_json: dict[str, Any],
    account_id: str,
    region_name: str,
) -> ManagedPolicy:
    properties = cloudformation_json["Properties"]
    policy, document = original_resource, policy_text(properties["PolicyDocument"])
    default = next(version for version in policy.versions if version.version_id == policy.default_version_id)
    if default.document != document:
        _add_version(policy, document)
    _attach(iam_of(account_id), policy, properties)
    policy.tags = {tag["Key"].lower(): tag for tag in properties.get("Tags") or []}
    return policy


def _add_version(policy: ManagedPolicy, document: str) -> None:
    version_id = f"v{policy.next_version_num}"
    policy.next_version_num += 1
    old = [version for version in policy.versions if not version.is_default]
    if len(policy.versions) >= MAXIMUM_VERSIONS:
        policy.versions.remove(old[0])
    policy.versions.append(PolicyVersion(policy.arn, document, False, version_id))
    policy.update_default_version(version_id)


@patch(ManagedPolicy, "delete_from_cloudformation_json")
def _delete_managed_policy(
    _original: Any,
    cls: type[ManagedPolicy],
    resource_name: str,
    cloudformation_json: dict[str, Any],
    account_id: str,
    region_name: str,
) -> None:
    backend = iam_of(account_id)
    policy = backend.get_policy(resource_name)
    _attach(backend, policy, {})
    if policy.attachment_count > 0:
        raise DeleteConflictException("Cannot delete a policy attached to entities.")
    backend.delete_policy(policy.arn)


@patch(InlinePolicy, "update")
def _update_inline_policy(
    original: Any,
    self: InlinePolicy,
    policy_name: str,
    policy_document: Any,
    group_names: list[str] | None,
    role_names: list[str] | None,
    user_names: list[str] | None,
) -> None:
    original(self, policy_name, policy_document, group_names or [], role_names or [], user_names or [])


@patch(InlinePolicy, "unapply_policy")
def _unapply_policy(_: Any, self: InlinePolicy, backend: IAMBackend) -> None:
    """Takes the policy away from those that still have it."""
    for kind, names in (("Role", self.role_names), ("User", self.user_names), ("Group", self.group_names)):
        holders = list(getattr(backend, f"{kind.lower()}s").values())
        for holder in holders:
            if holder.name in names:
                holder.policies.pop(self.policy_name, None)
