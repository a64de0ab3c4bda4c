"""Every HTTP call passes here before moto sees it: who calls, may it, and is a fault wanted instead.

Corrects moto, which by default lets every access key do everything.
"""

import functools
import http
from collections.abc import Iterable
from typing import Any

from local_aws import callers, faults, rates
from local_aws.enforcement.actions import needs_of
from local_aws.enforcement.authorization import grants_for, refusal
from local_aws.enforcement.calls import CALL_KEY, Call, read_call
from local_aws.enforcement.principals import AuthenticationError, resolve
from local_aws.enforcement.responses import (
    Answer,
    Application,
    access_denied_code,
    access_denied_message,
    access_denied_status,
    authentication_error,
    error_answer,
)
from local_aws.faults import effects, stale
from local_aws.services.account.models import regions as account_regions

SCIM_PREFIX = "/scim/"
# SCIM has tokens instead of signatures: see services.scim.
_OWN_PATHS = ("/moto-api", "/local-aws", "/favicon.ico", "/latest/", SCIM_PREFIX)
# AWS answers these without credentials; templates and code are read from S3 by a plain URL.
_UNSIGNED_BODIES = ("AssumeRoleWithSAML", "AssumeRoleWithWebIdentity")
# These have one endpoint for all regions; the region that an SDK signs for says nothing here.
_GLOBAL_SERVICES = {"account", "budgets", "ce", "iam", "organizations", "s3"}


def is_aws_call(environ: dict[str, Any]) -> bool:
    """Whether a request is meant for AWS, and not for the local AWS itself."""
    return not environ.get("PATH_INFO", "").startswith(_OWN_PATHS)


def error(call: Call, code: str, message: str, status: int) -> Answer:
    """An error of the service that is called."""
    return error_answer(call.service, call.protocol, code, message, status, call.request_id)


def respond(answer: Answer, start_response: Any) -> Iterable[bytes]:
    """Writes an answer without asking moto."""
    status, headers, body = answer
    content = body.encode()
    lines = [*headers.items(), ("Content-Length", str(len(content)))]
    start_response(f"{status} {http.HTTPStatus(status).phrase}", lines)
    return [content]


def _refused_credentials(call: Call, code: str, message: str) -> Answer:
    return error(call, *authentication_error(call.protocol, code, message))


def _authenticate(call: Call) -> Answer | None:
    if call.access_key_id is None:
        message = "Request is missing Authentication Token"
        return _refused_credentials(call, "MissingAuthenticationToken", message)
    try:
        call.principal = resolve(call.access_key_id, call.session_token)
    except AuthenticationError as failure:
        return _refused_credentials(call, failure.code, failure.message)
    # IAM tells the credentials of an account only to the regions that the account has enabled.
    if call.service not in _GLOBAL_SERVICES and not account_regions.usable(
        call.principal.account_id, call.region
    ):
        message = "The security token included in the request is invalid."
        return _refused_credentials(call, "InvalidClientTokenId", message)
    return None


def _authorize(call: Call) -> Answer | None:
    principal = call.principal
    call.needs = needs_of(call, principal.account_id)
    # Before the call: it may change the very policies that allow it.
    call.grants = [grants_for(principal, need, call.region) for need in call.needs]
    if call.service == "sts" and call.action == "AssumeRole":
        # The role's trust policy has its say too: see services.sts.
        return None
    message = refusal(principal, call.needs, call.region)
    if message is None:
        return None
    code = access_denied_code(call.service, call.protocol)
    text = access_denied_message(call.protocol, message)
    return error(call, code, text, access_denied_status(call.protocol))


def _unreadable(call: Call, environ: dict[str, Any]) -> Answer | None:
    """Lambda takes JSON in UTF-8 only; moto reads every body as such, and breaks where it is none."""
    if (call.service, call.action) != ("lambda", "Invoke"):
        return None
    try:
        environ["wsgi.input"].getvalue().decode("utf-8")
    except UnicodeDecodeError as problem:
        text = f"Could not parse request body into json: Invalid UTF-8 at byte {problem.start}: {problem.reason}"
        return error(call, "InvalidRequestContentException", text, 400)
    return None


def _may_be_unsigned(environ: dict[str, Any], call: Call) -> bool:
    if call.access_key_id is not None:
        return False
    if environ.get("REQUEST_METHOD") in ("GET", "HEAD"):
        return True
    content = environ["wsgi.input"].getvalue()[:200].decode("utf-8", "replace")
    return any(f"Action={action}" in content for action in _UNSIGNED_BODIES)


def guarded(application: Application) -> Application:
    """The application behind authentication, authorization and injected faults."""

    def guard(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if not is_aws_call(environ):
            return application(environ, start_response)
        call = read_call(environ)
        environ[CALL_KEY] = call
        if _may_be_unsigned(environ, call):
            return application(environ, start_response)
        answer = _authenticate(call) or _authorize(call) or _unreadable(call, environ)
        if answer:
            return respond(answer, start_response)
        callers.complete(call)
        with callers.making(call):
            return _run(call, application, environ, start_response)

    return guard


def _run(call: Call, application: Application, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    too_fast = rates.take(call)
    if too_fast is not None:
        return _refuse(call, start_response, *too_fast)
    fault = faults.take(call)
    if fault is not None:
        refuse = functools.partial(_refuse, call, start_response)
        return effects.carry_out(fault, call, application, environ, start_response, refuse)
    event = faults.watched(call)
    if event is not None:
        return stale.remember(event, call, application, environ).write(start_response)
    return application(environ, start_response)


def _refuse(call: Call, start_response: Any, code: str, message: str, status: int) -> Iterable[bytes]:
    return respond(error(call, code, message, status), start_response)
