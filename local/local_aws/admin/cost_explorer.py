"""The endpoints of Cost Explorer's ledger: set for some accounts, its exact totals, later charges, requests counted.

PUT, DELETE cost-explorer/ledger; GET cost-explorer/totals?month=2026-01; POST cost-explorer/charges; GET requests.
"""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

from local_aws.address import MANAGEMENT_ACCOUNT_ID
from local_aws.services.ce.models import ledger, story
from local_aws.services.ce.models.charges import Charge
from local_aws.services.ce.models.ledger import Ledger

PATH = "cost-explorer/"


def _put(document: Any) -> None:
    """A new ledger, for accounts by role; the payer is the management account."""
    ledger.put(story.ledger({**document["accounts"], "payer": MANAGEMENT_ACCOUNT_ID}))


def _remove() -> None:
    ledger.remove(MANAGEMENT_ACCOUNT_ID)


def _month(text: str) -> date:
    return date.fromisoformat(f"{text}-01")


def _charge(document: Any) -> None:
    """One more charge in a month, which Cost Explorer tells after so many more requests."""
    added = Charge(
        account=document["account"],
        service=document["service"],
        record_type=document["recordType"],
        amortized=Decimal(document["amortized"]),
        unblended=Decimal(document.get("unblended", document["amortized"])),
    )
    _ledger().add(added, _month(document["month"]), int(document.get("afterRequests", 0)))


def _totals(query: str) -> dict[str, Any]:
    """What a month costs, exactly, by record type and by account."""
    return _ledger().totals(_month(parse_qs(query).get("month", [""])[0]))


def _requests() -> dict[str, Any]:
    """How many requests were answered, to whom, and their price."""
    answered = _ledger().requests
    return {
        "requests": answered.total(),
        "accounts": dict(answered),
        "price": f"{answered.total() * ledger.PRICE:f}",
    }


def _ledger() -> Ledger:
    found = ledger.of_payer(MANAGEMENT_ACCOUNT_ID)
    if found is None:
        raise ValueError("there is no ledger: PUT cost-explorer/ledger")
    return found


def answer(method: str, name: str, query: str, body: Callable[[], bytes]) -> tuple[int, Any]:
    """Status and document of a request for one of the endpoints below cost-explorer/."""
    try:
        if (method, name) == ("GET", "totals"):
            return 200, _totals(query)
        if (method, name) == ("GET", "requests"):
            return 200, _requests()
        if (method, name) == ("DELETE", "ledger"):
            _remove()
        elif (method, name) == ("PUT", "ledger"):
            _put(json.loads(body()))
        elif (method, name) == ("POST", "charges"):
            _charge(json.loads(body()))
        else:
            return 404, {"error": f"no {method} of {name}"}
    except (ValueError, TypeError, AttributeError, LookupError, ArithmeticError) as error:
        return 400, {"error": str(error)}
    return 200, {}
