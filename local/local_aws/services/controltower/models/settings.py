"""What a test may change of the landing zone, where AWS would have a person at its console do it.

Remediation of inheritance drift, the mandatory control, the state of the landing zone, its drift and its version.
"""

from typing import Any

from local_aws.address import MANAGEMENT_ACCOUNT_ID
from local_aws.services.controltower.models.landing_zone import UNIT_BASELINES, tower_of
from local_aws.services.organizations.models import organizations

_ALLOWED: dict[str, tuple[Any, ...]] = {
    "remediation": (True, False),
    "mandatory_controls": (True, False),
    "status": ("ACTIVE", "PROCESSING", "FAILED"),
    "drift": ("IN_SYNC", "DRIFTED"),
    "version": tuple(UNIT_BASELINES),
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
