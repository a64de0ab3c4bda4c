"""What a test may change of the landing zone, where AWS would have a person at its console do it.

Remediation of inheritance drift, the mandatory control, the state of the landing zone, its drift and its version; and an account
that has drifted from its unit.
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


def leave_behind(document: dict[str, Any]) -> None:
    """The account does not have what its unit has been changed to (inheritance drift); raises ValueError for none that is enrolled."""
    tower, account_id = tower_of(MANAGEMENT_ACCOUNT_ID), document.get("account")
    with organizations.lock:
        account = tower.account(account_id) if tower is not None and isinstance(account_id, str) else None
        enabled = tower.all_on(account.arn) if tower is not None and account is not None else []
        if not enabled or set(document) != {"account"}:
            raise ValueError("an account that drifts is enrolled, and nothing but its id is given")
        for one in enabled:
            one.behind = True


def show() -> dict[str, Any] | None:
    """The settings as they are; None without a landing zone."""
    tower = tower_of(MANAGEMENT_ACCOUNT_ID)
    return None if tower is None else {name: getattr(tower, name) for name in _ALLOWED}
