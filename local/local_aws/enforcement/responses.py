"""Error answers in each protocol of AWS, so that SDKs read code, message and status from them.

Corrects moto, whose denials have no code that the Rust SDK can read.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from xml.sax.saxutils import escape

Answer = tuple[int, dict[str, str], str]
# An application of WSGI.
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]

_ACCESS_DENIED_CODES = {"sns": "AuthorizationError", "sqs": "AccessDenied"}
_NAMESPACES = {
    "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
    "sns": "http://sns.amazonaws.com/doc/2010-03-31/",
    "cloudformation": "http://cloudformation.amazonaws.com/doc/2010-05-15/",
}


def error_answer(
    service: str,
    protocol: str,
    code: str,
    message: str,
    status: int,
    request_id: str,
    fields: Mapping[str, Any] | None = None,
) -> Answer:
    """An error as the service would write it; `fields` are further members of a JSON error."""
    headers = {"x-amzn-requestid": request_id}
    text = escape(message)
    if protocol == "query":
        namespace = _NAMESPACES.get(service, "http://webservices.amazon.com/AWSFault/2005-15-09")
        body = (
            f'<ErrorResponse xmlns="{namespace}"><Error>'
            f"<Type>{'Sender' if status < 500 else 'Receiver'}</Type>"
            f"<Code>{escape(code)}</Code><Message>{text}</Message></Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
        return status, {**headers, "Content-Type": "text/xml"}, body
    if protocol == "ec2":
        body = (
            f"<Response><Errors><Error><Code>{escape(code)}</Code><Message>{text}</Message></Error></Errors>"
            f"<RequestID>{request_id}</RequestID></Response>"
        )
        return status, {**headers, "Content-Type": "text/xml"}, body
    if protocol == "rest-xml":
        body = (
            f"<Error><Code>{escape(code)}</Code><Message>{text}</Message>"
            f"<RequestId>{request_id}</RequestId></Error>"
        )
        return status, {**headers, "Content-Type": "application/xml"}, body
    headers["x-amzn-errortype"] = code
    if protocol == "json":
        headers["Content-Type"] = "application/x-amz-json-1.1"
        members = {"__type": code, "Message": message, "message": message, **(fields or {})}
        return status, headers, json.dumps(members)
    headers["Content-Type"] = "application/json"
    return status, headers, json.dumps({"Message": message, "message": message})


def access_denied_code(service: str, protocol: str) -> str:
    """The name that a service gives to a refusal."""
    if protocol == "ec2":
        return "UnauthorizedOperation"
    if protocol in ("query", "rest-xml"):
        return _ACCESS_DENIED_CODES.get(service, "AccessDenied")
    return _ACCESS_DENIED_CODES.get(service, "AccessDeniedException")


def access_denied_status(protocol: str) -> int:
    """JSON 1.0 and 1.1 services answer 400, all others 403."""
    return 400 if protocol == "json" else 403


def authentication_error(protocol: str, code: str, message: str) -> tuple[str, str, int]:
    """Code, message and status: JSON services and EC2 have their own words for the errors of credentials."""
    if protocol == "ec2":
        if code == "ExpiredToken":
            return "RequestExpired", "Request has expired.", 400
        return "AuthFailure", "AWS was not able to validate the provided access credentials", 401
    names = {
        "InvalidClientTokenId": "UnrecognizedClientException",
        "ExpiredToken": "ExpiredTokenException",
        "MissingAuthenticationToken": "MissingAuthenticationTokenException",
    }
    status = 400 if protocol == "json" and code != "MissingAuthenticationToken" else 403
    return names.get(code, code) if protocol in ("json", "rest-json") else code, message, status


def access_denied_message(protocol: str, message: str) -> str:
    """EC2 says the same twice."""
    return f"You are not authorized to perform this operation. {message}" if protocol == "ec2" else message
