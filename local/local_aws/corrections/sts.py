"""AssumeRole as AWS decides it: the role, its trust policy with conditions, and the caller's own policies.

moto lets everyone assume everything, even roles that do not exist, and knows no users in GetCallerIdentity.
"""

import re
import uuid
from collections.abc import Callable
from typing import Any

from moto.core.common_types import TYPE_RESPONSE
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.iam.models import Role
from moto.organizations.models import organizations_backends
from moto.sts.responses import TokenResponse

from local_aws.corrections import account_regions, readiness, trust_principals
from local_aws.credentials import PARTITION
from local_aws.enforcement.authorization import identity_decision
from local_aws.enforcement.iam_needs import assume_role_needs
from local_aws.enforcement.needs import Need, resource_tag_context
from local_aws.enforcement.policies import Caller, Decision, TrustLevel, trust_level
from local_aws.enforcement.principals import (
    AuthenticationError,
    Principal,
    find_role,
    resolve,
)
from local_aws.enforcement.responses import error_answer

CHAINED_SESSION_SECONDS = 3600
_REGION_DISABLED = (
    "STS is not activated in this region for account:{}."
    " Your account administrator can activate STS in this region using the IAM Console."
)
_PATTERNS = {
    "RoleSessionName": ("roleSessionName", r"[\w+=,.@-]*", 2, 64),
    "ExternalId": ("externalId", r"[\w+=,.@:\/-]*", 2, 1224),
    "SourceIdentity": ("sourceIdentity", r"[\w+=,.@-]*", 2, 64),
    "RoleArn": ("roleArn", r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD]+", 20, 2048),
}


class ValidationError(ServiceException):
    """A parameter that STS refuses."""

    code = "ValidationError"


def role_trusts_service(
    role_arn: str, service: str, source_account: str | None = None, source_arn: str | None = None
) -> bool:
    """Whether a service may assume a role when it works for that source account and resource."""
    role = find_role(role_arn)
    if role is None:
        return False
    context: dict[str, str | list[str]] = {"aws:PrincipalServiceName": service, "aws:SecureTransport": "true"}
    if source_account:
        context["aws:SourceAccount"] = source_account
    if source_arn:
        context["aws:SourceArn"] = source_arn
    caller = Caller(service=service)
    document = role.assume_role_policy_document
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
    context = {**principal.context(), "aws:RequestedRegion": region, **need.context}
    level = trust_level(role.assume_role_policy_document, need.action, principal.caller, context)
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
    management_id, _ = organizations_backends.master_accounts.get(account_id, (account_id, PARTITION))
    accounts = list(organizations_backends[management_id][PARTITION].accounts)
    return any(account.id == account_id and account.state != "ACTIVE" for account in accounts)


def _check_patterns(parameters: dict[str, str | None]) -> None:
    for name, (member, pattern, least, most) in _PATTERNS.items():
        value = parameters.get(name)
        if value is None:
            continue
        if not re.fullmatch(pattern, value):
            constraint = f"Member must satisfy regular expression pattern: {pattern}"
        elif len(value) < least:
            constraint = f"Member must have length greater than or equal to {least}"
        elif len(value) > most:
            constraint = f"Member must have length less than or equal to {most}"
        else:
            continue
        shown = "***" if name == "ExternalId" else value
        raise ValidationError(
            f"1 validation error detected: Value '{shown}' at '{member}'"
            f" failed to satisfy constraint: {constraint}"
        )
    if not parameters.get("RoleSessionName"):
        raise ValidationError(
            "1 validation error detected: Value null at 'roleSessionName' failed to satisfy constraint:"
            " Member must not be null"
        )
    role_arn = parameters.get("RoleArn") or ""
    if not re.fullmatch(r"arn:[\w-]+:iam::\d{12}:role/.+", role_arn):
        raise ValidationError(f"{role_arn} is invalid")


def _check_duration(principal: Principal, role: Role | None, seconds: int) -> None:
    if not 900 <= seconds <= 43200:
        bound = "greater than or equal to 900" if seconds < 900 else "less than or equal to 43200"
        raise ValidationError(
            f"1 validation error detected: Value '{seconds}' at 'durationSeconds'"
            f" failed to satisfy constraint: Member must have value {bound}"
        )
    if principal.kind == "role" and seconds > CHAINED_SESSION_SECONDS:
        raise ValidationError(
            "The requested DurationSeconds exceeds the 1 hour session limit"
            " for roles assumed by role chaining"
        )
    if role is not None and seconds > int(role.max_session_duration or CHAINED_SESSION_SECONDS):
        raise ValidationError(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        )


def _caller(response: TokenResponse) -> Principal:
    return resolve(response.get_access_key(), response.headers.get("X-Amz-Security-Token"))


def _refused(code: str, message: str) -> TYPE_RESPONSE:
    # moto gives errors that are not in the service's model the status 400.
    status, headers, body = error_answer("sts", "query", code, message, 403, str(uuid.uuid4()))
    return status, {**headers, "status": status}, body


def _checked_assume_role(self: TokenResponse, assume_role: Callable[..., Any]) -> Any:
    names = ("RoleArn", "RoleSessionName", "ExternalId", "SourceIdentity", "Tags")
    parameters = {name: self._get_param(name) for name in names}
    _check_patterns(parameters)
    principal = _caller(self)
    role_arn = str(parameters["RoleArn"])
    if not may_assume(principal, role_arn, assume_role_needs(parameters), self.region):
        refusal = "is not authorized to perform: sts:AssumeRole on resource:"
        return _refused("AccessDenied", f"User: {principal.arn} {refusal} {role_arn}")
    account_id = role_arn.split(":")[4]
    if not account_regions.usable(account_id, self.region):
        return _refused("RegionDisabledException", _REGION_DISABLED.format(account_id))
    _check_duration(principal, find_role(role_arn), self._get_int_param("DurationSeconds", 3600))
    return assume_role(self)


def install() -> None:
    """See the two lines at the top of this file."""
    assume_role = TokenResponse.assume_role
    get_caller_identity = TokenResponse.get_caller_identity

    def checked_assume_role(self: TokenResponse) -> Any:
        try:
            return _checked_assume_role(self, assume_role)
        except AuthenticationError as failure:
            return _refused(failure.code, failure.message)

    def known_caller_identity(self: TokenResponse) -> Any:
        try:
            principal = _caller(self)
        except AuthenticationError as failure:
            return _refused(failure.code, failure.message)
        if principal.is_root:
            identity = {"UserId": principal.account_id, "Account": principal.account_id, "Arn": principal.arn}
            return ActionResult(identity)
        return get_caller_identity(self)

    TokenResponse.assume_role = checked_assume_role
    TokenResponse.get_caller_identity = known_caller_identity
    trust_principals.install()
