"""Commitments: Reserved Instances and Savings Plans, what they cost each account, and what is left of them unused.

Amortization is by hours (CUR, "amortized cost"): a reservation's month has eight decimals, a Savings Plan's hour has.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from local_aws.services.ce.models import calendar
from local_aws.services.ce.models.calendar import Period
from local_aws.services.ce.models.charges import ZERO, Charge, rounded

SAVINGS_PLANS = "Savings Plans for AWS Compute usage"


@dataclass(frozen=True)
class Use:
    """Who uses which part of a commitment, and until when."""

    account: str
    service: str
    share: Decimal
    until: datetime | None = None

    def hours(self, period: Period, start: datetime, end: datetime) -> int:
        return calendar.common_hours(period, start, end if self.until is None else min(end, self.until))


@dataclass(frozen=True)
class Reservation:
    """One subscription; `term_hours` is what its upfront payment is spread over."""

    account: str
    service: str
    subscription_id: str
    arn: str
    option: str
    upfront: Decimal
    hourly: Decimal
    start: datetime
    end: datetime
    term_hours: int
    uses: tuple[Use, ...]
    # A modified reservation is a new subscription without a payment (CloudHealth help on modified reservations).
    is_paid: bool = True
    status: str = "Active"

    def hours(self, period: Period) -> int:
        return calendar.common_hours(period, self.start, self.end)

    def amortized_upfront(self, hours: int) -> Decimal:
        return rounded(self.upfront * hours / self.term_hours, 8)

    def recurring(self, hours: int) -> Decimal:
        return rounded(self.hourly * hours, 8)

    def used(self, use: Use, period: Period) -> Decimal:
        """What an account's part of a period costs."""
        hours = use.hours(period, self.start, self.end)
        return rounded((self.amortized_upfront(hours) + self.recurring(hours)) * use.share, 10)

    def unused(self, month: Period, known_until: datetime) -> Decimal:
        """What is left of a whole month, by what is known of its use: the running month begins as unused."""
        hours = self.hours(month)
        used = sum((self.used(use, month.until(known_until)) for use in self.uses), ZERO)
        return self.amortized_upfront(hours) + self.recurring(hours) - used

    def charges(self, period: Period, known_until: datetime) -> Iterator[Charge]:
        if self.is_paid and self.upfront and period.has(self.start) and self.start < known_until:
            yield Charge(self.account, self.service, "Fee", ZERO, self.upfront)
        for use in self.uses:
            amount = self.used(use, period.until(known_until))
            if amount:
                yield Charge(use.account, use.service, "DiscountedUsage", amount, ZERO)
        for month in period.months():
            # The fee of a month is a line of its beginning.
            at = max(month.start, self.start)
            if period.has(at) and at < min(known_until, self.end):
                fee = self.recurring(self.hours(month))
                yield Charge(self.account, self.service, "RIFee", self.unused(month, known_until), fee)


@dataclass(frozen=True)
class SavingsPlan:
    """One plan; what it covers would cost more on demand: `discount` is the part that is saved."""

    account: str
    arn: str
    kind: str
    option: str
    upfront: Decimal
    recurring_hourly: Decimal
    start: datetime
    end: datetime
    uses: tuple[Use, ...]
    discount: Decimal = Decimal("0.28")
    returned: datetime | None = None

    @property
    def upfront_hourly(self) -> Decimal:
        """AWS rounds it to eight decimals, so a plan's life does not sum up to its payment."""
        return rounded(self.upfront / calendar.hours(self.start, self.end), 8)

    @property
    def commitment(self) -> Decimal:
        return self.upfront_hourly + self.recurring_hourly

    @property
    def last(self) -> datetime:
        """When it stops to count."""
        return self.returned or self.end

    def hours(self, period: Period) -> int:
        return calendar.common_hours(period, self.start, self.last)

    def charges(self, period: Period, known_until: datetime) -> Iterator[Charge]:
        if self.upfront and period.has(self.start) and self.start < known_until:
            yield Charge(self.account, SAVINGS_PLANS, "SavingsPlanUpfrontFee", ZERO, self.upfront)
        if self.returned is not None:
            # The whole payment comes back, and all usage is billed on demand (Savings Plans guide, "returning").
            if period.has(self.returned) and self.returned < known_until:
                yield Charge(self.account, SAVINGS_PLANS, "Refund", -self.upfront, -self.upfront)
            return
        yield from self._covered(period.until(known_until))

    def _covered(self, period: Period) -> Iterator[Charge]:
        unused = self.commitment * self.hours(period)
        for use in self.uses:
            amount = rounded(self.commitment * use.hours(period, self.start, self.end) * use.share, 10)
            if amount:
                on_demand = rounded(amount / (1 - self.discount), 10)
                yield Charge(use.account, use.service, "SavingsPlanCoveredUsage", amount, on_demand)
                yield Charge(use.account, use.service, "SavingsPlanNegation", ZERO, -on_demand)
            unused -= amount
        fee = self.recurring_hourly * self.hours(period)
        if unused or fee:
            yield Charge(self.account, SAVINGS_PLANS, "SavingsPlanRecurringFee", unused, fee)
