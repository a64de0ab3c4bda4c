"""Monitors of cost anomalies and the subscriptions to them, of each account.

moto has none; nothing here finds an anomaly.
"""

import uuid
from typing import Any

from local_aws.credentials import PARTITION

Entry = dict[str, Any]

_monitors: dict[str, dict[str, Entry]] = {}
_subscriptions: dict[str, dict[str, Entry]] = {}


def arn(account: str, kind: str) -> str:
    """An ARN of its own: anomalymonitor or anomalysubscription."""
    return f"arn:{PARTITION}:ce::{account}:{kind}/{uuid.uuid4()}"


def monitors(account: str) -> dict[str, Entry]:
    """The monitors of an account, by ARN."""
    return _monitors.setdefault(account, {})


def subscriptions(account: str) -> dict[str, Entry]:
    """The subscriptions of an account, by ARN."""
    return _subscriptions.setdefault(account, {})
