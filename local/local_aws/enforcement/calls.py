"""Reads an HTTP request as a call of an AWS API: service, operation, parameters, region and credentials.

The service is the name that the request is signed for; the parameters are read by the service's model.
"""

import io
import json
import re
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl

from botocore.exceptions import UnknownServiceError
from botocore.model import OperationNotFoundError
from moto.core.model import ServiceModel
from moto.core.parse import PROTOCOL_PARSERS, RequestParserError
from moto.core.request import Request
from moto.core.routing import NotFound, get_service_router
from moto.core.utils import get_service_model
from werkzeug.datastructures import Headers, MultiDict

CALL_KEY = "local_aws.call"
# Signing names that differ from botocore's names of the services.
MODEL_NAMES = {
    "states": "stepfunctions",
    "monitoring": "cloudwatch",
    "sso": "sso-admin",
    "tagging": "resourcegroupstaggingapi",
    "email": "ses",
    "elasticloadbalancing": "elbv2",
    "servicequotas": "service-quotas",
}
_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/\d{8}/([^/,\s]+)/([^/,\s]+)/aws4_request")
_UNREAD_BODIES = ("s3",)


@dataclass
class Call:
    """One call of an AWS API; the gateway adds who calls and what is needed, for the audit."""

    service: str
    action: str
    region: str
    protocol: str
    access_key_id: str | None
    session_token: str | None = field(repr=False)
    parameters: dict[str, Any] = field(default_factory=dict, repr=False)
    trace_id: str | None = None
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    principal: Any = None
    needs: list[Any] = field(default_factory=list)
    grants: list[list[Any]] = field(default_factory=list)
    # The event of Invoke, or of the invocation that makes the call; it may hold addresses, so no log has it.
    event: str = field(default="", repr=False)
    # The process of the function that makes the call, and the function's name.
    sandbox: Any = field(default=None, repr=False)
    function: str = ""
    meets_fault: bool = False
    fault_label: str = ""


def service_model(service: str) -> ServiceModel | None:
    """The model of a service by its signing name."""
    try:
        return get_service_model(MODEL_NAMES.get(service, service))
    except (UnknownServiceError, ValueError, FileNotFoundError):
        return None


def _body(environ: dict[str, Any]) -> bytes:
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    body = environ["wsgi.input"].read(length) if length else b""
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _credential(environ: dict[str, Any]) -> tuple[str | None, str, str]:
    match = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    if match:
        return match[1], match[2], match[3].lower()
    query = parse_qs(environ.get("QUERY_STRING", ""))
    presigned = query.get("X-Amz-Credential", [""])[0].split("/")
    if len(presigned) == 5:
        return presigned[0], presigned[2], presigned[3].lower()
    return None, "us-east-1", "unsigned"


def _protocol(environ: dict[str, Any], model: ServiceModel | None) -> str:
    if environ.get("HTTP_X_AMZ_TARGET"):
        return "json"
    if model:
        return str(model.protocol)
    form = environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded")
    return "query" if form else "rest-json"


def _rest_call(environ: dict[str, Any], model: ServiceModel, body: bytes) -> tuple[str, dict[str, Any]]:
    request = Request({**environ, "wsgi.input": io.BytesIO(body)})
    try:
        operation, path_parameters = get_service_router(model.service_name).match(request)
    except (NotFound, NotImplementedError):
        return "Unknown", {}
    parameters: dict[str, Any] = dict(path_parameters)
    if body and model.protocol == "rest-json":
        try:
            document = json.loads(body)
        except ValueError:
            document = None
        # The body of Invoke is the function's event, not the call's parameters.
        if isinstance(document, dict) and operation.name not in ("Invoke", "InvokeAsync"):
            parameters = {**document, **parameters}
    parameters.update({key: value for key, value in request.args.items() if key not in parameters})
    return operation.name, parameters


def _query_call(environ: dict[str, Any], model: ServiceModel, body: bytes) -> tuple[str, dict[str, Any]]:
    pairs = parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    pairs += parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    values: MultiDict[str, str] = MultiDict(pairs)
    action = values.get("Action", "Unknown")
    try:
        operation = model.operation_model(action)
        parser = PROTOCOL_PARSERS[str(model.protocol)](operation, map_type=dict)
        parameters = parser.parse(
            {
                "method": "POST",
                "values": values,
                "headers": Headers(),
                "body": body,
                "url_path": "/",
                "url_params": {},
            }
        )
    except (OperationNotFoundError, RequestParserError, ValueError, KeyError):
        parameters = {}
    return action, parameters


def _json_call(environ: dict[str, Any], body: bytes) -> tuple[str, dict[str, Any]]:
    action = environ.get("HTTP_X_AMZ_TARGET", "Unknown").split(".")[-1]
    try:
        parameters = json.loads(body or b"{}")
    except ValueError:
        parameters = {}
    return action, parameters if isinstance(parameters, dict) else {}


def read_call(environ: dict[str, Any]) -> Call:
    """The call of a request, whose body may still be read afterwards."""
    access_key_id, region, service = _credential(environ)
    model = service_model(service) if access_key_id else None
    protocol = _protocol(environ, model)
    body = b"" if service in _UNREAD_BODIES else _body(environ)
    action, parameters = "Unknown", {}
    if environ.get("HTTP_X_AMZ_TARGET"):
        action, parameters = _json_call(environ, body)
    elif model and protocol in ("query", "ec2"):
        action, parameters = _query_call(environ, model, body)
    elif model:
        action, parameters = _rest_call(environ, model, body)
    return Call(
        service=service,
        action=action,
        region=region,
        protocol=protocol,
        access_key_id=access_key_id,
        session_token=environ.get("HTTP_X_AMZ_SECURITY_TOKEN"),
        parameters=parameters,
        trace_id=environ.get("HTTP_X_AMZN_TRACE_ID"),
        event=body.decode("utf-8", "replace") if (service, action) == ("lambda", "Invoke") else "",
    )
