"""A small ledger on a day of its own, and the story of six accounts, for the tests of Cost Explorer."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from organization import new_account

from local_aws.services.ce.models import calendar, ledger, story
from local_aws.services.ce.models.charges import Source
from local_aws.services.ce.models.ledger import Ledger

PAYER = "123456789012"
REGION = "us-east-1"
BOTH = ["AmortizedCost", "UnblendedCost"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """on("2026-03-15"): Cost Explorer's day."""
    return lambda day: monkeypatch.setattr(calendar, "today", lambda: date.fromisoformat(day))


@pytest.fixture
def book(organizations: Any, on: Callable[[str], None]) -> Iterator[Callable[..., Ledger]]:
    """Gives the organization a ledger of these sources, on 15 March 2026."""
    on("2026-03-15")

    def put(*sources: Source, **more: Any) -> Ledger:
        made = Ledger(PAYER, list(sources), **more)
        ledger.put(made)
        return made

    yield put
    ledger.remove(PAYER)


@pytest.fixture
def accounts(organizations: Any, instant: None) -> dict[str, str]:
    """The accounts of the story, by role; what is left out is known to Cost Explorer only."""
    return {"payer": PAYER, "shop": new_account(organizations), "data": new_account(organizations)}


@pytest.fixture
def told(book: Callable[..., Ledger], accounts: dict[str, str]) -> Ledger:
    """The story of six accounts."""
    made = story.ledger(accounts)
    ledger.put(made)
    return made


def month(text: str) -> dict[str, str]:
    """The TimePeriod of a month."""
    start = date.fromisoformat(f"{text}-01")
    return {"Start": start.isoformat(), "End": calendar.following(start).isoformat()}


def by(*keys: str) -> list[dict[str, str]]:
    return [{"Type": "DIMENSION", "Key": key} for key in keys]


def costs(explorer: Any, **changes: Any) -> list[dict[str, Any]]:
    """All pages of GetCostAndUsage: the results of every page."""
    request = {"Granularity": "MONTHLY", "Metrics": BOTH, **changes}
    found, token = [], None
    while True:
        answer = explorer.get_cost_and_usage(**request, **({"NextPageToken": token} if token else {}))
        found += answer["ResultsByTime"]
        token = answer.get("NextPageToken")
        if not token:
            return found


def amounts(results: list[dict[str, Any]], metric: str = "UnblendedCost") -> dict[tuple[str, ...], Decimal]:
    """The amounts of the groups of all results, to eight decimals: floats end where they like."""
    found: dict[tuple[str, ...], Decimal] = {}
    for result in results:
        for group in result["Groups"]:
            key = tuple(group["Keys"])
            assert key not in found, key
            found[key] = round(Decimal(group["Metrics"][metric]["Amount"]), 8)
    return found
