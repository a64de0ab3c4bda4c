"""Lambda's Invoke operation finds the deployed function and runs it in a sandbox; its lists come in pages.

Corrects moto, whose Invoke needs docker or answers without running anything, and whose lists have one page. Sources: Lambda API reference,
Invoke, ListFunctions and ListVersionsByFunction; LocalStack, lambda_/test_lambda, recorded on AWS, for what is no JSON, answers that are
too long and too many invocations; faultline/faultline#12 and ASFHyP3/hyp3#2241 for RequestEntityTooLargeException, which no model has.
"""

import base64
import binascii
import json
import threading
from typing import Any
from urllib.parse import unquote

from moto.awslambda.exceptions import InvalidParameterValueException, LambdaClientError, UnknownFunctionException
from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.awslambda.responses import LambdaResponse
from moto.core.responses import TYPE_RESPONSE, BaseResponse

from local_aws.admin import disclosures
from local_aws.api import lists
from local_aws.lambda_service import pool
from local_aws.lambda_service.configuration import FunctionConfiguration
from local_aws.lambda_service.invocation import Invocation, Outcome, new_trace_header
from local_aws.patches import patch
from local_aws.service_roles import ServiceSessionError

MAXIMUM_PAYLOAD_BYTES = 6 * 1024 * 1024
# A hundred bytes more than the documented 6 MB, as AWS words its refusal.
MAXIMUM_ANSWER_BYTES = MAXIMUM_PAYLOAD_BYTES + 100
MAXIMUM_ASYNCHRONOUS_PAYLOAD_BYTES = 1024 * 1024
# Entries of a page at most, whatever is asked for.
PAGE = 50
# Where the id of an invocation comes by, until it is the id of the request.
INVOCATION_HEADER = "x-local-aws-invocation"


class InvokeError(LambdaClientError):
    """An error of Invoke itself, before the function runs."""

    def __init__(self, status: int, error: str, message: str) -> None:
        self.code = status
        super().__init__(error, message)


@patch(LambdaResponse, "invoke")
def _invoke(_: Any, self: LambdaResponse) -> TYPE_RESPONSE:
    name = unquote(self.path.rsplit("/", 2)[-2])
    function = _function(self.backend, name, self._get_param("Qualifier"))
    payload = self.body if isinstance(self.body, bytes) else (self.body or "").encode()
    kind = self.headers.get("X-Amz-Invocation-Type") or "RequestResponse"
    payload = _checked_payload(payload, kind)
    if kind == "DryRun":
        return 204, {"status": 204}, ""
    invocation = Invocation(
        payload=payload,
        function_arn=function.function_arn,
        timeout_seconds=float(function.timeout),
        trace_header=self.headers.get("X-Amzn-Trace-Id") or new_trace_header(),
        client_context=_client_context(self.headers.get("X-Amz-Client-Context")),
    )
    configuration = FunctionConfiguration.of(function)
    headers = {INVOCATION_HEADER: invocation.request_id}
    if kind == "Event":
        threading.Thread(target=_run, args=(configuration, invocation, True), daemon=True).start()
        return 202, {"status": 202, **headers}, ""
    outcome = _within_limit(_run(configuration, invocation))
    disclosures.remember_answer(function.function_name, outcome.failed, outcome.payload)
    headers["Content-Type"] = "application/json"
    headers["X-Amz-Executed-Version"] = str(function.version)
    headers["X-Amzn-Trace-Id"] = invocation.trace_header
    if outcome.failed:
        headers["X-Amz-Function-Error"] = "Unhandled"
    return 200, headers, outcome.payload


def _run(configuration: FunctionConfiguration, invocation: Invocation, is_event: bool = False) -> Outcome:
    try:
        return pool.invoke(configuration, invocation, is_event)
    except ServiceSessionError as error:
        raise InvokeError(403, "AccessDeniedException", str(error)) from error
    except pool.Throttled as error:
        raise InvokeError(429, "TooManyRequestsException", "Rate Exceeded.") from error


def _function(backend: LambdaBackend, name_or_arn: str, qualifier: str | None) -> LambdaFunction:
    """The function by name, partial ARN or ARN; the errors are those of AWS."""
    parts = name_or_arn.split(":")
    if parts[0] == "arn" and len(parts) >= 7:
        region, account_id, name = parts[3], parts[4], ":".join(parts[6:])
        if account_id != backend.account_id:
            raise InvokeError(
                403,
                "AccessDeniedException",
                f"User of account {backend.account_id} is not authorized to perform: lambda:InvokeFunction"
                f" on resource: {name_or_arn} because no resource-based policy allows the"
                " lambda:InvokeFunction action",
            )
        if region != backend.region_name:
            raise UnknownFunctionException(name_or_arn)
    else:
        name = name_or_arn
    return backend.get_function(name, qualifier)


def _checked_payload(payload: bytes, kind: str) -> bytes:
    limit = MAXIMUM_ASYNCHRONOUS_PAYLOAD_BYTES if kind == "Event" else MAXIMUM_PAYLOAD_BYTES
    if len(payload) > limit:
        raise InvokeError(
            413,
            "RequestEntityTooLargeException",
            f"{len(payload)} byte payload is too large for the {kind} invocation type (limit {limit} bytes)",
        )
    payload = payload or b"{}"
    try:
        json.loads(payload)
    except ValueError as error:
        message = f"Could not parse request body into json: {error}"
        raise InvokeError(400, "InvalidRequestContentException", message) from error
    return payload


def _client_context(encoded: str | None) -> str | None:
    if not encoded:
        return None
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        message = "Client context must be a valid Base64-encoded JSON object."
        raise InvokeError(400, "InvalidRequestContentException", message) from error


@patch(BaseResponse, "_enrich_response")
def _enrich_response(original: Any, headers: dict[str, str], body: Any) -> tuple[dict[str, str], Any]:
    """A request has one id; moto adds a second one to that of the invocation."""
    own = headers.pop(INVOCATION_HEADER, None)
    headers, body = original(headers, body)
    return ({**headers, "x-amzn-requestid": own} if own else headers), body


def _within_limit(outcome: Outcome) -> Outcome:
    if len(outcome.payload) <= MAXIMUM_ANSWER_BYTES:
        return outcome
    return Outcome.error(
        "Function.ResponseSizeTooLarge",
        f"Response payload size exceeded maximum allowed payload size ({MAXIMUM_ANSWER_BYTES} bytes).",
    )


def _in_pages(original: Any, self: LambdaResponse, key: str) -> str:
    """The page of moto's list that is asked for, as the references of ListFunctions and ListVersionsByFunction tell."""
    entries = json.loads(original(self))[key]
    size = min(int(self._get_param("MaxItems") or PAGE), PAGE)
    refusal = InvalidParameterValueException("Invalid pagination token provided.")
    shown, following = lists.page(entries, self._get_param("Marker"), size, refusal)
    return json.dumps(lists.given({key: shown, "NextMarker": following}))


@patch(LambdaResponse, "list_functions")
def _list_functions(original: Any, self: LambdaResponse) -> str:
    return _in_pages(original, self, "Functions")


@patch(LambdaResponse, "list_versions_by_function")
def _list_versions(original: Any, self: LambdaResponse) -> str:
    return _in_pages(original, self, "Versions")
