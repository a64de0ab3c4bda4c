"""The ledger of an organization: all that costs, what was added on demand, and how many requests were answered.

An account sees its own lines, the management account sees all; without a ledger Cost Explorer is not enabled.
"""

import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from local_aws.services.ce.models import calendar
from local_aws.services.ce.models.calendar import Period
from local_aws.services.ce.models.charges import ZERO, Charge, Source, rounded
from local_aws.services.ce.models.plans import Reservation, SavingsPlan

# One US cent for each request, and each page is one (Cost Explorer pricing).
PRICE = Decimal("0.01")
_lock = threading.RLock()


@dataclass(frozen=True)
class Extra:
    """A charge that Cost Explorer tells only after so many more requests: a refresh between two of them."""

    charge: Charge
    month: date
    from_request: int


@dataclass
class Ledger:
    """What one organization costs."""

    payer: str
    sources: list[Source]
    taxed: dict[str, Decimal] = field(default_factory=dict)
    extras: list[Extra] = field(default_factory=list)
    requests: Counter[str] = field(default_factory=Counter)

    def add(self, charge: Charge, month: date, after_requests: int) -> None:
        """One more charge, told after so many more requests of anybody."""
        with _lock:
            self.extras.append(Extra(charge, calendar.first(month), self.requests.total() + after_requests))

    def count(self, account: str) -> None:
        """A request was answered."""
        with _lock:
            self.requests[account] += 1

    def sees(self, reader: str, account: str) -> bool:
        return reader in (self.payer, account)

    def charges(self, period: Period, reader: str) -> list[Charge]:
        """All charges of a period that a reader sees today."""
        known_until = calendar.known_until()
        found = [charge for source in self.sources for charge in source.charges(period, known_until)]
        found += self._taxes(found)
        found += self._extras(period)
        return [charge for charge in found if self.sees(reader, charge.account)]

    def _taxes(self, charges: list[Charge]) -> Iterator[Charge]:
        """Taxes are on what is billed, not on what is amortized."""
        for account, rate in self.taxed.items():
            billed = sum((charge.unblended for charge in charges if charge.account == account), ZERO)
            tax = rounded(billed * rate, 10)
            if tax:
                yield Charge(account, "Tax", "Tax", tax, tax)

    def _extras(self, period: Period) -> Iterator[Charge]:
        with _lock:
            answered, extras = self.requests.total(), list(self.extras)
        for extra in extras:
            if period.has(calendar.midnight(extra.month)) and answered >= extra.from_request:
                yield extra.charge

    def reservations(self, reader: str) -> list[Reservation]:
        plans = (source for source in self.sources if isinstance(source, Reservation))
        return [plan for plan in plans if self.sees(reader, plan.account)]

    def savings_plans(self, reader: str) -> list[SavingsPlan]:
        plans = (source for source in self.sources if isinstance(source, SavingsPlan))
        return [plan for plan in plans if self.sees(reader, plan.account)]

    def totals(self, month: date) -> dict[str, Any]:
        """What a month costs, exactly: by record type, by account, and all of it."""
        period = Period.of_month(month)
        charges = self.charges(period, self.payer)
        return {
            "month": f"{month:%Y-%m}",
            "estimated": period.estimated,
            "recordTypes": _sums((charge.record_type, charge) for charge in charges),
            "accounts": _sums((charge.account, charge) for charge in charges),
            **_sums(("total", charge) for charge in charges),
        }


def _sums(charges: Iterable[tuple[str, Charge]]) -> dict[str, dict[str, str]]:
    found: dict[str, list[Charge]] = {}
    for key, charge in charges:
        found.setdefault(key, []).append(charge)
    return {
        key: {
            "amortized": f"{sum((one.amortized for one in some), ZERO):f}",
            "unblended": f"{sum((one.unblended for one in some), ZERO):f}",
        }
        for key, some in sorted(found.items())
    }


_ledgers: dict[str, Ledger] = {}


def put(ledger: Ledger) -> None:
    """The organization of this payer has this ledger from now on: Cost Explorer is enabled."""
    _ledgers[ledger.payer] = ledger


def remove(payer: str) -> None:
    """Cost Explorer is not enabled any more."""
    _ledgers.pop(payer, None)


def of_payer(payer: str) -> Ledger | None:
    return _ledgers.get(payer)
