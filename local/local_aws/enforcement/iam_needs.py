"""IAM needs of the APIs of IAM and STS: ARNs of roles, users, groups, policies, instance profiles and SAML providers.

Lists that have no resource in AWS's tables are on "*".
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

_UNSCOPED = {
    "ListRoles",
    "ListUsers",
    "ListGroups",
    "ListPolicies",
    "ListAccountAliases",
    "GetAccountSummary",
    "GetAccountAuthorizationDetails",
    "ListInstanceProfiles",
    "ListSAMLProviders",
    "ListOpenIDConnectProviders",
}


def _named(holders: list[Any], name: str) -> Any:
    return next((holder for holder in holders if holder.name == name), None)


def _holder(scope: Scope, parameters: Parameters) -> tuple[str, Any] | None:
    """The ARN of what the call is about, and the object itself when it exists."""
    backend = iam_of(scope.account_id)
    path = str(parameters.get("Path") or "/")
    for key, kind, holders in (
        ("RoleName", "role", backend.roles),
        ("UserName", "user", backend.users),
        ("GroupName", "group", backend.groups),
        ("InstanceProfileName", "instance-profile", backend.instance_profiles),
    ):
        name = parameters.get(key)
        if name:
            holder = _named(list(holders.values()), str(name))
            return holder.arn if holder else scope.arn("iam", f"{kind}{path}{name}", ""), holder
    return None


def needs(scope: Scope, action: str, parameters: Parameters) -> list[Need]:
    """The needs of a call of IAM."""
    context = tag_context(parameters)
    policy_arn = parameters.get("PolicyArn")
    boundary = parameters.get("PermissionsBoundary")
    if boundary:
        context["iam:PermissionsBoundary"] = str(boundary)
    name = f"iam:{action}"
    if action in _UNSCOPED:
        return [Need(name, ANY, context)]
    if action.endswith("SAMLProvider"):
        provider = parameters.get("SAMLProviderArn") or scope.arn("iam", f"saml-provider/{parameters.get('Name')}", "")
        return [Need(name, str(provider), context)]
    found = _holder(scope, parameters)
    if found is None:
        if policy_arn:
            return [Need(name, str(policy_arn), context)]
        if parameters.get("PolicyName"):
            path = parameters.get("Path") or "/"
            return [Need(name, scope.arn("iam", f"policy{path}{parameters['PolicyName']}", ""), context)]
        return [Need(name, ANY, context)]
    arn, holder = found
    if policy_arn:
        context["iam:PolicyARN"] = str(policy_arn)
    existing = getattr(holder, "tags", None)
    if isinstance(existing, list):
        context = {**resource_tag_context(existing), **context}
    result = [Need(name, arn, context)]
    if action == "AddRoleToInstanceProfile":
        role = _named(list(iam_of(scope.account_id).roles.values()), str(parameters.get("RoleName")))
        result += pass_role(role.arn if role else None, "ec2.amazonaws.com")
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
    """GetCallerIdentity and the like need nothing; AssumeRole see above."""
    if action == "AssumeRole":
        return assume_role_needs(parameters)
    if action in ("GetCallerIdentity", "GetSessionToken", "GetAccessKeyInfo"):
        return []
    return [Need(f"sts:{action}", ANY)]
