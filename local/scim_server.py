"""A SCIM server for the tests of the SCIM client: scim2-server, with the few rules of AWS's endpoint that matter here.

Usage: python -m scim_server TOKEN USER_NAME…; prints its port once it listens, and ends with its input.
"""

import json
import sys
import threading
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from scim2_models import InvalidValueException, ScimProvider, Uniqueness
from scim2_server.memory import InMemoryStorage
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.testserver.application import BearerTokenApplication
from scim2_server.utils import (
    load_default_resource_types,
    load_default_schemas,
    load_default_service_provider_config,
)

GROUP_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Group"
MOST_CHANGES = 100


def provider() -> ScimProvider:
    """RFC 7643, but that the names of groups are unique."""
    schemas = load_default_schemas()
    for attribute in schemas[GROUP_SCHEMA].attributes or []:
        if attribute.name == "displayName":
            attribute.uniqueness = Uniqueness.server
    return ScimProvider.from_discovery(
        schemas.values(),
        load_default_resource_types().values(),
        config=load_default_service_provider_config(),
    )


def standard_operations(operation: dict[str, Any]) -> list[dict[str, Any]]:
    """AWS removes the members of the value; the standard wants each of them in the path, and no value."""
    if operation.get("op") != "remove" or operation.get("path") != "members":
        return [operation]
    members = operation.get("value") or []
    if not members:
        raise InvalidValueException(detail="All members cannot be removed at once.")
    return [{"op": "remove", "path": f'members[value eq "{member["value"]}"]'} for member in members]


class Application(BearerTokenApplication):
    """The endpoint."""

    def dispatch_request(self, request: ScimRequest) -> ScimResponse:
        if request.method == "PATCH" and request.path.startswith("/Groups/"):
            document = json.loads(request.body)
            operations = document["Operations"]
            if sum(len(operation.get("value") or []) for operation in operations) > MOST_CHANGES:
                raise InvalidValueException(detail=f"At most {MOST_CHANGES} changes of members.")
            document["Operations"] = [one for operation in operations for one in standard_operations(operation)]
            request.body = json.dumps(document).encode()
        return super().dispatch_request(request)


class Server(ThreadingMixIn, WSGIServer):
    """Serves each request in a thread of its own."""

    daemon_threads = True


class QuietHandler(WSGIRequestHandler):
    """Leaves the log of requests out."""

    def log_message(self, format: str, *args: Any) -> None:
        return


def main() -> None:
    token, *user_names = sys.argv[1:]
    application = Application(InMemoryStorage(), provider(), bearer_tokens=[token])
    with make_server("127.0.0.1", 0, application, Server, QuietHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        add_users(application, token, user_names)
        print(server.server_port, flush=True)
        # Whoever has started this closes the pipe, even by dying.
        sys.stdin.read()
        server.shutdown()


def add_users(application: Application, token: str, user_names: list[str]) -> None:
    """As an identity provider would have provisioned them."""
    for user_name in user_names:
        document = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": user_name}
        request = ScimRequest(
            method="POST",
            base_url="http://127.0.0.1/v2",
            path="/Users",
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/scim+json"},
            body=json.dumps(document).encode(),
        )
        response = application.serve(request)
        if response.status != 201:
            raise RuntimeError(f"a user could not be added: {response.status}")


if __name__ == "__main__":
    main()
