"""AssumeRole as AWS decides it: the role, its trust policy with conditions, and the caller's own policies.

moto lets everyone assume everything, even roles that do not exist, and knows no users in GetCallerIdentity. Sources: Security Token Service API
reference, AssumeRole and GetCallerIdentity; LocalStack, sts/test_sts, recorded on AWS 2025-04-10 to 2025-07-21, for refused
parameters; IAM User Guide, "Troubleshoot access denied error messages", for who is not authorized.
"""

import uuid
from collections.abc import Callable
from typing import Any

from moto.core.common_types import TYPE_RESPONSE
from moto.core.responses import ActionResult
from moto.sts.responses import TokenResponse

from local_aws.enforcement.iam_needs import assume_role_needs
from local_aws.enforcement.principals import AuthenticationError, Principal, find_role, resolve
from local_aws.enforcement.responses import error_answer
from local_aws.patches import patch
from local_aws.services.sts.models import may_assume
from local_aws.services.sts.validation import check_duration, check_patterns, check_tags

def _caller(response: TokenResponse) -> Principal:
    return resolve(response.get_access_key(), response.headers.get("X-Amz-Security-Token"))


def _refused(code: str, message: str) -> TYPE_RESPONSE:
    # moto gives errors that are not in the service's model the status 400.
    status, headers, body = error_answer("sts", "query", code, message, 403, str(uuid.uuid4()))
    return status, {**headers, "status": status}, body


def _checked_assume_role(self: TokenResponse, assume_role: Callable[..., Any]) -> Any:
    names = ("RoleArn", "RoleSessionName", "ExternalId", "SourceIdentity", "Tags")
    parameters = {name: self._get_param(name) for name in names}
    check_patterns(parameters)
    principal = _caller(self)
    role_arn = str(parameters["RoleArn"])
    if not may_assume(principal, role_arn, assume_role_needs(parameters), self.region):
        refusal = "is not authorized to perform: sts:AssumeRole on resource:"
        return _refused("AccessDenied", f"User: {principal.arn} {refusal} {role_arn}")
    check_tags(self._get_param("Tags", []), self._get_param("TransitiveTagKeys", []))
    check_duration(principal, find_role(role_arn), self._get_int_param("DurationSeconds", 3600))
    return assume_role(self)


@patch(TokenResponse, "assume_role")
def _assume_role(original: Any, self: TokenResponse) -> Any:
    try:
        return _checked_assume_role(self, original)
    except AuthenticationError as failure:
        return _refused(failure.code, failure.message)


@patch(TokenResponse, "get_caller_identity")
def _get_caller_identity(original: Any, self: TokenResponse) -> Any:
    try:
        principal = _caller(self)
    except AuthenticationError as failure:
        return _refused(failure.code, failure.message)
    if principal.is_root:
        identity = {"UserId": principal.account_id, "Account": principal.account_id, "Arn": principal.arn}
        return ActionResult(identity)
    return original(self)
