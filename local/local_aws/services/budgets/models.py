"""The budgets of each account, by name, as AWS answers them.

moto keeps what it was given: amounts and thresholds as they were written, no tags.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from local_aws.credentials import PARTITION

# When a budget ends that names no end (API reference, TimePeriod).
NO_END = datetime(2087, 6, 15)
# API reference, CostTypes: all of these by default, and none of the others.
_COST_TYPES = {
    "IncludeTax": True,
    "IncludeSubscription": True,
    "UseBlended": False,
    "IncludeRefund": True,
    "IncludeCredit": True,
    "IncludeUpfront": True,
    "IncludeRecurring": True,
    "IncludeOtherSubscription": True,
    "IncludeSupport": True,
    "IncludeDiscount": True,
    "UseAmortized": False,
}
Document = dict[str, Any]
# What a notification is known by (API reference, DeleteNotification).
Key = tuple[str, str, Decimal, str]


def key_of(notification: Document) -> Key:
    """What makes two notifications the same; a threshold is a percentage unless it says something else."""
    return (
        notification["NotificationType"],
        notification["ComparisonOperator"],
        Decimal(str(notification["Threshold"])),
        notification.get("ThresholdType") or "PERCENTAGE",
    )


def answered(key: Key) -> Document:
    """A notification as AWS answers it: its threshold is a double."""
    kind, operator, threshold, unit = key
    return {
        "NotificationType": kind,
        "ComparisonOperator": operator,
        "Threshold": float(threshold),
        "ThresholdType": unit,
        "NotificationState": "OK",
    }


@dataclass
class Budget:
    """One budget, with whom it tells and whose it says it is."""

    document: Document
    notifications: dict[Key, list[Document]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    def change(self, document: Document) -> None:
        """All but its name, its notifications and its tags."""
        self.document = complete(document)


def complete(document: Document) -> Document:
    """A budget with what AWS adds: a period, kinds of costs, an amount with a decimal, what was spent."""
    now = datetime.now(UTC).replace(tzinfo=None)
    limit = document.get("BudgetLimit")
    found = {
        **document,
        "TimePeriod": {
            "Start": now.replace(day=1, hour=0, minute=0, second=0, microsecond=0),
            "End": NO_END,
            **(document.get("TimePeriod") or {}),
        },
        "CalculatedSpend": {"ActualSpend": {"Amount": "0.0", "Unit": "USD"}},
        "LastUpdatedTime": now,
    }
    if limit:
        # As a Java double is written; the CLI's examples have it so.
        found["BudgetLimit"] = {"Amount": str(float(limit["Amount"])), "Unit": limit["Unit"]}
    if document["BudgetType"] == "COST" and "FilterExpression" not in document:
        found["CostTypes"] = {**_COST_TYPES, **(document.get("CostTypes") or {})}
    return found


_budgets: dict[str, dict[str, Budget]] = {}


def of_account(account_id: str) -> dict[str, Budget]:
    """The budgets of an account, by name."""
    return _budgets.setdefault(account_id, {})


def arn(account_id: str, name: str) -> str:
    """Service authorization reference: budgets have no region."""
    return f"arn:{PARTITION}:budgets::{account_id}:budget/{name}"
