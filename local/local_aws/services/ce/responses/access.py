"""Who reads which ledger, and pages of answers whose tokens hold for the same request only.

Each page that is answered is a request that costs (Cost Explorer pricing); what is refused costs nothing.
"""

import base64
import hashlib
import json
from typing import Any

from local_aws.api.own_services import Refusal, Request
from local_aws.enforcement.calls import Call
from local_aws.services.ce.models import ledger
from local_aws.services.ce.models.ledger import Ledger
from local_aws.services.organizations.models.organizations import organization_of

# The one endpoint of the partition (AWS General Reference, Cost Explorer endpoints).
REGION = "us-east-1"


def payer_of(call: Call) -> str:
    """The management account of the caller's organization."""
    if call.region != REGION:
        raise Refusal("InvalidSignatureException", "Credential should be scoped to a valid region.")
    return str(organization_of(call.principal.account_id).account_id)


def ledger_of(call: Call) -> tuple[Ledger, str]:
    """The ledger that a call reads, and the account that reads it."""
    found = ledger.of_payer(payer_of(call))
    if found is None:
        raise Refusal("AccessDeniedException", "User not enabled for cost explorer access")
    return found, call.principal.account_id


def _identity(request: Request, token_key: str) -> str:
    asked = {key: value for key, value in request.items() if key != token_key}
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]


def page(
    entries: list[Any], request: Request, token_key: str, size: int, changed: str = "InvalidNextTokenException"
) -> tuple[list[Any], dict[str, str]]:
    """The part of a list that a request asks for, and the token of the next part as a member of the answer."""
    identity, start = _identity(request, token_key), 0
    if request.get(token_key):
        try:
            start, of_request = json.loads(base64.urlsafe_b64decode(request[token_key]))
            start = int(start)
        except (ValueError, TypeError) as error:
            raise Refusal("InvalidNextTokenException", "The pagination token is invalid.") from error
        if of_request != identity:
            raise Refusal(changed, "Your request parameters changed between pages.")
    following = start + size
    if following >= len(entries):
        return entries[start:], {}
    token = base64.urlsafe_b64encode(json.dumps([following, identity]).encode()).decode()
    return entries[start:following], {token_key: token}
