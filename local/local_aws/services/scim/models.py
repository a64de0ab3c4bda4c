"""The SCIM endpoint of one tenant: scim2-server on the tenant's directory, behind a token and AWS's rules.

scim2-server shows the members of groups; AWS never does. A mode: with AVM_LOCAL_SCIM_EMPTYING=refused, no
request may take the last members out of a group. Source: IAM Identity Center SCIM Implementation
Developer Guide, "PatchGroup": that of docs.amazonaws.cn says so, that of docs.aws.amazon.com does not (read 2026-11-29).
The words have no source; callers look at the status.
"""

import os
import secrets
from typing import Any

from scim2_models import InvalidValueException, UnauthorizedException
from scim2_server.applications.wsgi import WSGIApplication
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.service import ScimService

from local_aws.services.identitystore.models.directory import PROVIDER, Directory
from local_aws.services.scim import validation as rules

EMPTYING_VARIABLE = "AVM_LOCAL_SCIM_EMPTYING"


class TenantApplication(WSGIApplication):
    """Serves a directory to whoever has one of the tenant's tokens."""

    def __init__(self, directory: Directory) -> None:
        super().__init__(directory, PROVIDER, ScimService(PROVIDER, secret=secrets.token_hex(32)))
        self.directory = directory
        self.tokens: set[str] = set()

    def needs_auth(self, request: ScimRequest) -> bool:
        """AWS wants the token everywhere."""
        return True

    def check_auth(self, request: ScimRequest) -> None:
        scheme, _, token = (request.header("Authorization") or "").partition(" ")
        if scheme != "Bearer" or token not in self.tokens:
            raise UnauthorizedException(detail="Authorization header is invalid or missing.")

    def dispatch_request(self, request: ScimRequest) -> ScimResponse:
        self.check_auth(request)
        if os.environ.get(EMPTYING_VARIABLE) == "refused":
            self._check_emptying(request)
        return super().dispatch_request(rules.checked(request))

    def _check_emptying(self, request: ScimRequest) -> None:
        group_id = request.path.rsplit("/", 1)[-1]
        members = {user for _, group, user in self.directory.memberships() if group == group_id}
        if members and not rules.members_after(request, members):
            raise InvalidValueException(detail="Removing all group memberships is not supported.")

    def finalize_response(self, request: ScimRequest, response: ScimResponse) -> ScimResponse:
        body: dict[str, Any] = response.body or {}
        for resource in [body, *body.get("Resources", [])]:
            if (resource.get("meta") or {}).get("resourceType") == "Group":
                resource["members"] = []
        return super().finalize_response(request, response)
