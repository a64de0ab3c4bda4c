"""The SCIM endpoints of the tenants: who is asked, faults, and a line of the audit for every call.

They take a token instead of a signature, so the gateway lets them through.
"""

import json
import re
import threading
import time
from collections.abc import Iterable
from typing import Any

from local_aws import audit, faults, rates
from local_aws.enforcement.calls import Call
from local_aws.enforcement.gateway import SCIM_PREFIX, respond
from local_aws.enforcement.needs import Need
from local_aws.enforcement.responses import Answer
from local_aws.faults import effects
from local_aws.services.identitystore.models.directory import Directory
from local_aws.services.scim import validation as rules
from local_aws.services.scim.models import TenantApplication

_PATH = re.compile(rf"{SCIM_PREFIX}([^/]+)/scim/v2(/.*)?")
_ERROR_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:Error"
_tenants: dict[str, TenantApplication] = {}
_lock = threading.Lock()


def enable_provisioning(tenant_id: str, directory: Directory, token: str) -> str:
    """Opens the directory's endpoint to a token, and answers the endpoint's path; a tenant may have several."""
    with _lock:
        tenant = _tenants.setdefault(tenant_id, TenantApplication(directory))
        if tenant.directory is not directory:
            raise ValueError(f"the tenant {tenant_id} is of another identity store")
        tenant.tokens.add(token)
    return f"{SCIM_PREFIX}{tenant_id}/scim/v2/"


def _error(status: int, detail: str) -> Answer:
    body = {"schemas": [_ERROR_SCHEMA], "status": str(status), "detail": detail}
    return status, {"Content-Type": "application/scim+json"}, json.dumps(body)


def _call(environ: dict[str, Any], tenant: TenantApplication, path: str) -> Call:
    """The request as the audit and the faults know calls; names and addresses in it stay out."""
    action = rules.operation_of(environ["REQUEST_METHOD"], path)
    call = Call("scim", action, tenant.directory.region, "rest-json", None, None)
    call.needs = [Need(f"scim:{action}", path)]
    return call


def serve(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answers a request to /scim/<tenant>/scim/v2/."""
    match = _PATH.fullmatch(environ["PATH_INFO"])
    tenant = _tenants.get(match[1]) if match else None
    if match is None or tenant is None:
        return respond(_error(401, "Authorization header is invalid or missing."), start_response)
    path = match[2] or "/"
    inner = {**environ, "SCRIPT_NAME": f"{SCIM_PREFIX}{match[1]}/scim", "PATH_INFO": f"/v2{path}"}
    call, started = _call(environ, tenant, path), time.time()
    too_fast = rates.take(call)
    fault = None if too_fast else faults.take(call)
    seen = ["500", ""]

    def remember(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        seen[0] = status
        return start_response(status, headers, *rest)

    def refuse(code: str, message: str, status: int) -> Iterable[bytes]:
        seen[1] = code
        return respond(_error(status, message), remember)

    if too_fast is not None:
        result = refuse(*too_fast)
    elif fault is None:
        result = tenant(inner, remember)
    else:
        result = effects.carry_out(fault, call, tenant, inner, remember, refuse)
    status = int(seen[0].split()[0])
    audit.record(call, status, (seen[1] or f"HTTP{status}") if status >= 400 else None, started)
    return result
