"""The rates in `published.yaml`: which of them counts for a call."""

import fnmatch
import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

# What makes a list of EC2 a filtered or paged one.
_FILTERS = ("Filters", "MaxResults", "NextToken")


@dataclass(frozen=True)
class Rate:
    """Tokens a second of AWS, and how many a bucket holds; no tokens are no limit."""

    service: str
    operations: tuple[str, ...]
    per_second: float | None
    burst: float
    is_shared: bool
    of_unfiltered: bool
    source: str

    def counts_for(self, operation: str, parameters: dict[str, Any]) -> bool:
        """Whether a call of that operation takes one of its tokens."""
        if self.of_unfiltered and any(parameters.get(name) for name in _FILTERS):
            return False
        return any(fnmatch.fnmatchcase(operation, pattern) for pattern in self.operations)

    def bucket(self, operation: str) -> str:
        """The operations that use up each other's tokens have one name."""
        name = ",".join(self.operations) if self.is_shared else operation
        return f"{name}, unfiltered" if self.of_unfiltered else name

    def seconds_for(self, calls: int) -> float:
        """The least seconds of AWS in which so many calls are taken."""
        return max(0.0, calls - self.burst) / self.per_second if self.per_second else 0.0


def _rate(service: dict[str, Any], row: dict[str, Any]) -> Rate:
    is_limit = row["rate"] != "none"
    return Rate(
        service=service["service"],
        operations=tuple(row["operations"]),
        per_second=float(row["rate"]) if is_limit else None,
        burst=float(row["burst"]) if is_limit else 0.0,
        is_shared=row.get("together", False),
        of_unfiltered=row.get("unfiltered", False),
        source=f"{service['title']}, {service['read']}: {service['source']}",
    )


@functools.cache
def rates() -> dict[str, list[Rate]]:
    """All of them, by service, in the order in which they count."""
    text = Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")
    return {one["service"]: [_rate(one, row) for row in one["rates"]] for one in yaml.safe_load(text)}


def find(service: str, operation: str, parameters: dict[str, Any]) -> Rate | None:
    """The rate that counts for a call; none where AWS publishes none."""
    found = (one for one in rates().get(service, []) if one.counts_for(operation, parameters))
    rate = next(found, None)
    return rate if rate is not None and rate.per_second else None
