"""Who may assume a role: its trust policy with conditions, and the caller's own policies.

moto lets everyone assume everything, even roles that do not exist.
"""

from moto.iam.models import Role

from local_aws.enforcement import propagation
from local_aws.enforcement.authorization import context_of, identity_decision
from local_aws.enforcement.needs import Need, resource_tag_context
from local_aws.enforcement.organization_policies import resource_context, resource_control_decision
from local_aws.enforcement.policies import Caller, Decision, TrustLevel, trust_level
from local_aws.enforcement.principals import Principal, find_role
from local_aws.services.account.models import readiness
from local_aws.services.organizations.models.organizations import organization_of


def role_trusts_service(
    role_arn: str, service: str, source_account: str | None = None, source_arn: str | None = None
) -> bool:
    """Whether a service may assume a role when it works for that source account and resource."""
    role = find_role(role_arn)
    known = propagation.rights(role) if role else None
    if known is None:
        return False
    context: dict[str, str | list[str]] = {
        "aws:PrincipalServiceName": service,
        "aws:PrincipalIsAWSService": "true",
        "aws:SecureTransport": "true",
        **resource_context(role_arn),
    }
    if source_account:
        context["aws:SourceAccount"] = source_account
    if source_arn:
        context["aws:SourceArn"] = source_arn
    need = Need("sts:AssumeRole", role_arn)
    if resource_control_decision(service, need, context) is not Decision.ALLOWED:
        return False
    caller = Caller(service=service)
    document = known.assume_role_policy_document
    return trust_level(document, "sts:AssumeRole", caller, context) is TrustLevel.EXACT


def may_assume(principal: Principal, role_arn: str, needs: list[Need], region: str) -> bool:
    """Whether trust policy and the caller's own policies together allow it."""
    role = find_role(role_arn)
    account_id = role_arn.split(":")[4]
    if role is None or not readiness.roles_ready(account_id) or _suspended(account_id):
        return False
    return all(_allowed(principal, role, account_id, need, region) for need in needs)


def _allowed(principal: Principal, role: Role, account_id: str, need: Need, region: str) -> bool:
    tags = resource_tag_context(role.tags)
    tags.update({key.replace("aws:", "iam:", 1): value for key, value in tags.items()})
    need = Need(need.action, need.resource, {**tags, **need.context})
    context = context_of(principal, need, region)
    known = propagation.rights(role)
    if known is None:
        return False
    level = trust_level(known.assume_role_policy_document, need.action, principal.caller, context)
    if level is TrustLevel.NONE:
        return False
    decision = identity_decision(principal, need, region)
    if decision.denies:
        return False
    # Named itself by a role of its own account, a principal needs no policy of its own.
    if level is TrustLevel.EXACT and principal.account_id == account_id:
        return True
    return decision is Decision.ALLOWED


def _suspended(account_id: str) -> bool:
    accounts = list(organization_of(account_id).accounts)
    return any(account.id == account_id and account.state != "ACTIVE" for account in accounts)
