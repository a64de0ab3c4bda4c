"""How each service says that it is throttled, broken, or that the caller may not: code, status and words.

As the SDKs' models and the services' documentation have them.
"""

from local_aws.enforcement.authorization import refusal_message
from local_aws.enforcement.calls import Call
from local_aws.enforcement.needs import ANY, Need
from local_aws.enforcement.policies import Decision
from local_aws.enforcement.responses import (
    access_denied_code,
    access_denied_message,
    access_denied_status,
)
from local_aws.faults.fault import Fault

Words = tuple[str, str, int]

_THROTTLING: dict[str, tuple[str, int]] = {
    "account": ("TooManyRequestsException", 429),
    "ce": ("LimitExceededException", 400),
    "cloudformation": ("Throttling", 400),
    "controltower": ("ThrottlingException", 429),
    "ec2": ("RequestLimitExceeded", 503),
    "iam": ("Throttling", 400),
    "lambda": ("TooManyRequestsException", 429),
    "organizations": ("TooManyRequestsException", 400),
    "s3": ("SlowDown", 503),
    "scim": ("ThrottlingException", 429),
    "sns": ("Throttled", 429),
    "sts": ("Throttling", 400),
    "tagging": ("ThrottledException", 400),
}
_SERVER_ERRORS = {
    "account": "InternalServerException",
    "budgets": "InternalErrorException",
    "controltower": "InternalServerException",
    "ec2": "InternalError",
    "iam": "ServiceFailure",
    "identitystore": "InternalServerException",
    "lambda": "ServiceException",
    "organizations": "ServiceException",
    "s3": "InternalError",
    "scim": "InternalServerException",
    "secretsmanager": "InternalServiceError",
    "sns": "InternalError",
    "ssm": "InternalServerError",
    "sso": "InternalServerException",
    "tagging": "InternalServiceException",
}


def throttled(service: str) -> Words:
    """How a service refuses what comes too fast."""
    code, status = _THROTTLING.get(service, ("ThrottlingException", 400))
    return code, "Rate exceeded", status


def words(call: Call, fault: Fault) -> Words:
    """Code, message and HTTP status of the error that a call meets."""
    if fault.kind == "throttled":
        return throttled(call.service)
    if fault.kind == "server-error":
        code = _SERVER_ERRORS.get(call.service, "InternalFailure")
        return code, "An internal error occurred.", 500
    if fault.kind == "denied":
        return _denied(call)
    return fault.code, fault.message, fault.status


def _denied(call: Call) -> Words:
    need = call.needs[0] if call.needs else Need(f"{call.service}:{call.action}", ANY)
    message = "The caller is not authorized to perform this operation."
    if call.principal is not None:
        message = refusal_message(call.principal, need, Decision.IMPLICIT_DENY)
    code = access_denied_code(call.service, call.protocol)
    return code, access_denied_message(call.protocol, message), access_denied_status(call.protocol)
