"""What day it is for Cost Explorer, and its months and hours, all in UTC.

Data go to the end of yesterday: Cost Explorer is refreshed once a day (user guide, "Refresh").
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

# The current month and the thirteen before it (API reference, GetCostAndUsage).
MONTHS_OF_HISTORY = 13
# A bill is finalized in the first days of the next month (user guide, "finalized").
DAY_OF_FINAL_BILL = 6
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Period:
    """From the beginning of a day to the beginning of another."""

    start: datetime
    end: datetime

    @classmethod
    def of_days(cls, start: date, end: date) -> "Period":
        return cls(midnight(start), midnight(end))

    @classmethod
    def of_month(cls, month: date) -> "Period":
        return cls.of_days(first(month), following(month))

    def has(self, moment: datetime) -> bool:
        return self.start <= moment < self.end

    def until(self, end: datetime) -> "Period":
        """As much of it as lies before a moment; empty where nothing does."""
        return Period(self.start, max(self.start, min(self.end, end)))

    def months(self) -> Iterator["Period"]:
        """The months that it touches, each whole."""
        month = first(self.start.date())
        while midnight(month) < self.end:
            yield Period.of_month(month)
            month = following(month)

    @property
    def estimated(self) -> bool:
        """Whether the bill of its last day is not final yet."""
        final = following((self.end - timedelta(days=1)).date()).replace(day=DAY_OF_FINAL_BILL)
        return today() < final

    def shown(self) -> dict[str, str]:
        """As a DateInterval of the API."""
        return {"Start": self.start.date().isoformat(), "End": self.end.date().isoformat()}


def today() -> date:
    """The day by the clock of this machine."""
    return datetime.now(UTC).date()


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def known_until() -> datetime:
    """Up to where costs are known."""
    return midnight(today())


def first(day: date) -> date:
    """The first of its month."""
    return day.replace(day=1)


def following(day: date) -> date:
    """The first of the month after its month."""
    return first(first(day) + timedelta(days=31))


def months_before(day: date, count: int) -> date:
    """The first of the month that lies so many months before its month."""
    months = day.year * 12 + day.month - 1 - count
    return date(months // 12, months % 12 + 1, 1)


def hours(start: datetime, end: datetime) -> int:
    """Whole hours, from the hour that start lies in to the one that end lies in; none the other way round."""

    def number(moment: datetime) -> int:
        return int(moment.timestamp() // _HOUR.total_seconds())

    return max(0, number(end) - number(start))


def common_hours(period: Period, start: datetime, end: datetime | None) -> int:
    """The hours of a period in which something goes on that has a start, and perhaps an end."""
    return hours(max(period.start, start), period.end if end is None else min(period.end, end))
