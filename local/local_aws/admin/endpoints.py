"""Endpoints of the local AWS itself, below /local-aws/ on the same port; not signed, for tests and tools.

GET audit?since=<number>, GET policies, disclosures, violations, health, rates, GET/POST/DELETE faults, POST accounts,
POST accounts/<id>/suspend, POST accounts/<id>/invite,
GET/PUT/DELETE saml/descriptor; control-tower/failures, …/landing-zone and …/drift; cost-explorer/…, tagging;
POST quotas, POST accounts/<id>/root-user, POST schedules/<account>/<name>/fire, POST functions/<name>/recycle.
"""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

from moto.iam.models import iam_backends

from local_aws import audit, faults, lambda_service, rates
from local_aws.admin import cost_explorer, disclosures, saml_descriptor
from local_aws.api import answers
from local_aws.enforcement.gateway import respond
from local_aws.enforcement.principals import iam_of, policies_of
from local_aws.enforcement.responses import Application
from local_aws.services.controltower.models import failures, settings
from local_aws.services.iam.models import root_users
from local_aws.services.organizations.models import organizations, seeding
from local_aws.services.resourcegroupstaggingapi import models as tagging
from local_aws.services.scheduler.models import fired
from local_aws.services.servicequotas import models as quotas

PREFIX = "/local-aws/"


def _audit(environ: dict[str, Any]) -> tuple[int, Any]:
    since = parse_qs(environ.get("QUERY_STRING", "")).get("since", ["0"])[0]
    if not since.isdigit():
        return 400, {"error": "since is the number of a call"}
    calls = audit.calls_since(int(since))
    following = calls[-1]["number"] if calls else int(since)
    return 200, {"calls": calls, "next": following, "last": audit.last_number(), "log": audit.log_name()}


def _policies() -> list[dict[str, Any]]:
    """Every role and user of every account, with the documents of its policies."""
    return [
        {"account": account_id, "kind": kind, "name": holder.name, "policies": policies_of(holder)}
        for account_id in list(iam_backends)
        for kind, holders in (("role", iam_of(account_id).roles), ("user", iam_of(account_id).users))
        for holder in list(holders.values())
    ]


def _body(environ: dict[str, Any]) -> bytes:
    return bytes(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))


def _changed(environ: dict[str, Any], change: Callable[[Any], None]) -> tuple[int, Any] | None:
    """Hands the request's document on; answers what is wrong with it, if anything is."""
    try:
        change(json.loads(_body(environ)))
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        return 400, {"error": str(error)}
    return None


def _wanted_errors(
    environ: dict[str, Any],
    name: str,
    add: Callable[[Any], None],
    clear: Callable[[], None],
    pending: Callable[[], Any],
) -> tuple[int, Any]:
    """A list of errors on demand: POST adds one, DELETE empties it, GET shows it."""
    if environ["REQUEST_METHOD"] == "DELETE":
        clear()
    elif environ["REQUEST_METHOD"] == "POST":
        problem = _changed(environ, add)
        if problem:
            return problem
    return 200, {name: pending()}


def _faults(environ: dict[str, Any]) -> tuple[int, Any]:
    label = parse_qs(environ.get("QUERY_STRING", "")).get("label", [""])[0]
    return _wanted_errors(
        environ,
        "faults",
        lambda document: faults.add(faults.Fault.of(document)),
        lambda: faults.clear(label),
        faults.pending,
    )


def _failures(environ: dict[str, Any]) -> tuple[int, Any]:
    return _wanted_errors(
        environ,
        "failures",
        lambda document: failures.add(failures.Failure.of(document)),
        failures.clear,
        failures.pending,
    )


def _landing_zone(environ: dict[str, Any]) -> tuple[int, Any]:
    if environ["REQUEST_METHOD"] == "POST":
        problem = _changed(environ, settings.change)
        if problem:
            return problem
    shown = settings.show()
    return (200, shown) if shown is not None else (404, {"error": "there is no landing zone"})


def _answer(environ: dict[str, Any]) -> tuple[int, Any]:
    path = environ["PATH_INFO"].removeprefix(PREFIX).strip("/")
    method = environ["REQUEST_METHOD"]
    if path == "health" and method == "GET":
        return 200, {"status": "up"}
    if path == "audit" and method == "GET":
        return _audit(environ)
    if path == "violations" and method == "GET":
        return 200, {"violations": answers.violations()}
    if path == "disclosures" and method == "GET":
        return 200, {"secrets": disclosures.issued_secrets(), "answers": disclosures.answers()}
    if path == "rates" and method == "GET":
        return 200, {"refused": rates.refused()}
    if path == "accounts" and method == "POST":
        return _changed(environ, seeding.seed) or (200, {})
    if path == "policies" and method == "GET":
        return 200, {"holders": _policies()}
    if path == "faults" and method in ("GET", "POST", "DELETE"):
        return _faults(environ)
    if path == "control-tower/failures" and method in ("GET", "POST", "DELETE"):
        return _failures(environ)
    if path == "control-tower/landing-zone" and method in ("GET", "POST"):
        return _landing_zone(environ)
    if path == "control-tower/drift" and method == "POST":
        return _changed(environ, settings.leave_behind) or (200, {})
    if path.startswith(cost_explorer.PATH):
        query = environ.get("QUERY_STRING", "")
        return cost_explorer.answer(method, path.removeprefix(cost_explorer.PATH), query, lambda: _body(environ))
    if path == "tagging" and method == "POST":
        return _changed(environ, tagging.change) or (200, tagging.show())
    if path == "quotas" and method == "POST":
        return _changed(environ, quotas.change) or (200, quotas.show())
    schedule = re.fullmatch(r"schedules/(\d{12})/([\w.-]+)/fire", path)
    if schedule and method == "POST":
        return fired(schedule[1], schedule[2])
    change = re.fullmatch(r"accounts/(\d{12})/(suspend|invite)", path)
    if change and method == "POST":
        changed = organizations.suspend if change[2] == "suspend" else organizations.invite
        return (200, {"account": change[1]}) if changed(change[1]) else (404, {"error": f"no account {change[1]}"})
    function = re.fullmatch(r"functions/([\w-]+)/recycle", path)
    if function and method == "POST":
        lambda_service.recycle(function[1])
        return 200, {}
    root_user = re.fullmatch(r"accounts/(\d{12})/root-user", path)
    if root_user and method == "POST":
        return _changed(environ, lambda keys: root_users.change(root_user[1], keys)) or (200, {})
    return 404, {"error": f"no {method} {PREFIX}{path}"}


def administered(application: Application) -> Application:
    """The application with these endpoints in front: moto knows only its own /moto-api."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if not environ.get("PATH_INFO", "").startswith(PREFIX):
            return application(environ, start_response)
        if environ["PATH_INFO"] == PREFIX + saml_descriptor.PATH:
            metadata = saml_descriptor.answer(environ)
            if metadata is not None:
                return respond(metadata, start_response)
        status, document = _answer(environ)
        headers = {"Content-Type": "application/json"}
        return respond((status, headers, json.dumps(document)), start_response)

    return answer
