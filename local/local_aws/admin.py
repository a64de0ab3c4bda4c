"""Endpoints of the local AWS itself, below /local-aws/ on the same port; not signed, for tests and tools.

GET audit?since=<number>, GET/POST/DELETE faults, POST accounts/<id>/suspend, GET health,
GET/PUT/DELETE saml/descriptor.
"""

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs

from moto.moto_server.werkzeug_app import DomainDispatcherApplication

from local_aws import audit, faults, saml_descriptor
from local_aws.corrections import organizations
from local_aws.enforcement.gateway import respond

PREFIX = "/local-aws/"


def _audit(environ: dict[str, Any]) -> tuple[int, Any]:
    since = parse_qs(environ.get("QUERY_STRING", "")).get("since", ["0"])[0]
    if not since.isdigit():
        return 400, {"error": "since is the number of a call"}
    calls = audit.calls_since(int(since))
    return 200, {"calls": calls, "next": calls[-1]["number"] if calls else int(since)}


def _faults(environ: dict[str, Any]) -> tuple[int, Any]:
    method = environ["REQUEST_METHOD"]
    if method == "DELETE":
        faults.clear()
    elif method == "POST":
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        try:
            document = json.loads(body)
            faults.add(faults.Fault.of(document))
        except (ValueError, TypeError, AttributeError) as error:
            return 400, {"error": str(error)}
    return 200, {"faults": faults.pending()}


def _answer(environ: dict[str, Any]) -> tuple[int, Any]:
    path = environ["PATH_INFO"].removeprefix(PREFIX).strip("/")
    method = environ["REQUEST_METHOD"]
    if path == "health" and method == "GET":
        return 200, {"status": "up"}
    if path == "audit" and method == "GET":
        return _audit(environ)
    if path == "faults" and method in ("GET", "POST", "DELETE"):
        return _faults(environ)
    suspension = re.fullmatch(r"accounts/(\d{12})/suspend", path)
    if suspension and method == "POST":
        if organizations.suspend(suspension[1]):
            return 200, {"account": suspension[1], "state": "SUSPENDED"}
        return 404, {"error": f"no account {suspension[1]}"}
    return 404, {"error": f"no {method} {PREFIX}{path}"}


def install() -> None:
    """moto knows only its own /moto-api."""
    dispatch = DomainDispatcherApplication.__call__

    def with_admin(self: DomainDispatcherApplication, environ: dict, start_response: Any) -> Iterable[bytes]:
        if not environ.get("PATH_INFO", "").startswith(PREFIX):
            return dispatch(self, environ, start_response)
        if environ["PATH_INFO"] == PREFIX + saml_descriptor.PATH:
            metadata = saml_descriptor.answer(environ)
            if metadata is not None:
                return respond(metadata, start_response)
        status, document = _answer(environ)
        headers = {"Content-Type": "application/json"}
        return respond((status, headers, json.dumps(document)), start_response)

    DomainDispatcherApplication.__call__ = with_admin
