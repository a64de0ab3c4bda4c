"""What is charged: usage by the hour with its discount, and single amounts.

Record types are those of the user guide ("charge types") and of Cost and Usage Reports ("line item type").
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Protocol

from local_aws.services.ce.models import calendar
from local_aws.services.ce.models.calendar import Period

ZERO = Decimal(0)


def rounded(amount: Decimal, places: int) -> Decimal:
    """To so many decimals: rates of an hour have eight, amounts of Cost Explorer ten."""
    return amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)


@dataclass(frozen=True)
class Charge:
    """An account's amount of a service and record type in a period; `moved` is what net metrics move to it or away."""

    account: str
    service: str
    record_type: str
    amortized: Decimal
    unblended: Decimal
    moved: Decimal = ZERO

    def metric(self, name: str) -> Decimal:
        """The amount under the name of a metric: a net one has the discounts where they belong."""
        amount = self.amortized if "Amortized" in name else self.unblended
        return amount + self.moved if name.startswith("Net") else amount


class Source(Protocol):
    """Something that costs."""

    def charges(self, period: Period, known_until: datetime) -> Iterator[Charge]:
        """What it costs in a period, as far as that is known."""
        ...


@dataclass(frozen=True)
class Usage:
    """A service used all the time at the same rate, with a discount of the organization's programme if there is one."""

    account: str
    service: str
    hourly: Decimal
    since: datetime
    until: datetime | None = None
    discount: Decimal = ZERO

    def charges(self, period: Period, known_until: datetime) -> Iterator[Charge]:
        hours = calendar.common_hours(period.until(known_until), self.since, self.until)
        if not hours:
            return
        amount = self.hourly * hours
        off = rounded(amount * self.discount, 10)
        yield Charge(self.account, self.service, "Usage", amount, amount, -off)
        if off:
            yield Charge(self.account, self.service, "Enterprise Discount Program Discount", -off, -off, off)


@dataclass(frozen=True)
class Single:
    """One amount on one day; it may be told later, as support charges and refunds are."""

    account: str
    service: str
    record_type: str
    amount: Decimal
    day: date
    told_on: date | None = None

    def charges(self, period: Period, known_until: datetime) -> Iterator[Charge]:
        at = calendar.midnight(self.day)
        told = at < known_until and (self.told_on is None or calendar.midnight(self.told_on) <= known_until)
        if period.has(at) and told:
            yield Charge(self.account, self.service, self.record_type, self.amount, self.amount)
