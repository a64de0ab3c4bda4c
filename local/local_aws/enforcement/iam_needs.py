"""IAM needs of IAM and STS: ARNs of roles, users, groups, policies, instance profiles and SAML providers.

What has no resource in the service authorization reference is on "*".
"""

from typing import Any

from local_aws.enforcement.needs import (
    ANY,
    Need,
    Parameters,
    Scope,
    pass_role,
    resource_tag_context,
    tag_context,
)
from local_aws.enforcement.principals import iam_of
from local_aws.enforcement.reference import condition_keys_of_resources, resource_kinds

BOUNDARY = "iam:PermissionsBoundary"


def _named(holders: list[Any], name: str) -> Any:
    return next((holder for holder in holders if holder.name == name), None)


def _with_path(parameters: Parameters, name: Any) -> str:
    """A name as ARNs have it, behind the path that a request may set."""
    return f"{parameters.get('Path') or '/'}{name}".removeprefix("/")


def _holder(scope: Scope, kinds: frozenset[str], parameters: Parameters) -> tuple[str, Any] | None:
    """The ARN of what the call is about, and the object itself when it exists."""
    backend = iam_of(scope.account_id)
    # Which parameter names a resource of a kind is not in the reference.
    for key, kind, holders in (
        ("RoleName", "role", backend.roles),
        ("UserName", "user", backend.users),
        ("GroupName", "group", backend.groups),
        ("InstanceProfileName", "instance-profile", backend.instance_profiles),
    ):
        name = parameters.get(key)
        if name and kind in kinds:
            holder = _named(list(holders.values()), str(name))
            new = scope.arn("iam", kind, _with_path(parameters, name))
            return (holder.arn if holder else new), holder
    return None


def _saml_provider_needs(scope: Scope, action: str, parameters: Parameters) -> list[Need]:
    """Of a provider by its ARN; a new one has the ARN of its name."""
    arn = str(parameters.get("SAMLProviderArn") or "")
    if not arn:
        arn = scope.arn("iam", "saml-provider", str(parameters.get("Name")))
    context = tag_context(parameters)
    found = [Need(f"iam:{action}", arn, context)]
    if action == "CreateSAMLProvider" and parameters.get("Tags"):
        found.append(Need("iam:TagSAMLProvider", arn, context))
    return found


def needs(scope: Scope, action: str, parameters: Parameters) -> list[Need]:
    """The needs of a call of IAM."""
    context = tag_context(parameters)
    policy_arn = parameters.get("PolicyArn")
    name = f"iam:{action}"
    kinds = resource_kinds(name)
    if "saml-provider" in kinds:
        return _saml_provider_needs(scope, action, parameters)
    found = _holder(scope, kinds, parameters)
    if found is None:
        arn = ANY
        if "policy" in kinds and policy_arn:
            arn = str(policy_arn)
        elif "policy" in kinds and parameters.get("PolicyName"):
            arn = scope.arn("iam", "policy", _with_path(parameters, parameters["PolicyName"]))
        return [Need(name, arn, context)]
    arn, holder = found
    # The one that the request sets, else the one that the holder has; only these actions know the key (service authorization
    # reference).
    boundary = parameters.get("PermissionsBoundary") or getattr(holder, "permissions_boundary_arn", None)
    if boundary and BOUNDARY in condition_keys_of_resources(name):
        context[BOUNDARY] = str(boundary)
    if policy_arn:
        context["iam:PolicyARN"] = str(policy_arn)
    existing = getattr(holder, "tags", None)
    if isinstance(existing, list):
        context = {**resource_tag_context(existing), **context}
    result = [Need(name, arn, context)]
    if action == "AddRoleToInstanceProfile":
        role = _named(list(iam_of(scope.account_id).roles.values()), str(parameters.get("RoleName")))
        result += pass_role(role.arn if role else None, "ec2.amazonaws.com")
    # The reference does not say that to create with tags needs to tag.
    if action in ("CreateRole", "CreateUser") and parameters.get("Tags"):
        result.append(Need(f"iam:Tag{action.removeprefix('Create')}", arn, context))
    return result


def assume_role_needs(parameters: Parameters) -> list[Need]:
    """The needs of AssumeRole: session tags and a source identity are actions of their own."""
    role_arn = str(parameters.get("RoleArn", ""))
    context = tag_context(parameters)
    for parameter, key in (
        ("ExternalId", "sts:ExternalId"),
        ("RoleSessionName", "sts:RoleSessionName"),
        ("SourceIdentity", "sts:SourceIdentity"),
    ):
        if parameters.get(parameter):
            context[key] = str(parameters[parameter])
    result = [Need("sts:AssumeRole", role_arn, context)]
    if parameters.get("Tags"):
        result.append(Need("sts:TagSession", role_arn, context))
    if parameters.get("SourceIdentity"):
        result.append(Need("sts:SetSourceIdentity", role_arn, context))
    return result


def sts_needs(scope: Scope, action: str, parameters: Parameters) -> list[Need]:
    """AssumeRole see above; that GetCallerIdentity and the like need nothing is not in the reference."""
    if action == "AssumeRole":
        return assume_role_needs(parameters)
    if action in ("GetCallerIdentity", "GetSessionToken", "GetAccessKeyInfo"):
        return []
    return [Need(f"sts:{action}", ANY)]
