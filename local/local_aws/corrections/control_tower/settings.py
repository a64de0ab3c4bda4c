"""What a test may change of the landing zone, where AWS would have a person at its console do it.

Remediation of inheritance drift, the mandatory control, the state of the landing zone and its drift.
"""

from typing import Any

from local_aws.corrections import organizations
from local_aws.server import MANAGEMENT_ACCOUNT_ID

from .model import tower_of

_ALLOWED: dict[str, tuple[Any, ...]] = {
    "remediation": (True, False),
    "mandatory_controls": (True, False),
    "status": ("ACTIVE", "PROCESSING", "FAILED"),
    "drift": ("IN_SYNC", "DRIFTED"),
}


def change(document: dict[str, Any]) -> None:
    """Takes these settings over; raises ValueError for what is none."""
    tower = tower_of(MANAGEMENT_ACCOUNT_ID)
    if tower is None:
        raise ValueError("there is no landing zone")
    for name, value in document.items():
        if not any(value is one or (isinstance(value, str) and value == one) for one in _ALLOWED.get(name, ())):
            raise ValueError(f"a landing zone has {_ALLOWED}, not {name}={value}")
    with organizations.lock:
        for name, value in document.items():
            setattr(tower, name, value)


def show() -> dict[str, Any] | None:
    """The settings as they are; None without a landing zone."""
    tower = tower_of(MANAGEMENT_ACCOUNT_ID)
    return None if tower is None else {name: getattr(tower, name) for name in _ALLOWED}
