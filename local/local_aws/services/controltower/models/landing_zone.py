"""Control Tower as data: a landing zone, what is enabled on units and accounts, and the work that is under way.

One per management account; `organizations.lock` guards all of it, since moves of accounts are part of it.
"""

import secrets
import string
import threading
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.core.utils import utcnow
from moto.organizations.models import OrganizationsBackend

from local_aws import clock
from local_aws.credentials import PARTITION
from local_aws.services.organizations.models import organizations

UNDER_CHANGE, SUCCEEDED, FAILED = "UNDER_CHANGE", "SUCCEEDED", "FAILED"
INHERITANCE_DRIFT = "INHERITANCE_DRIFT"
# The identifiers that AWS has for them in every region.
BASELINES = {
    "AWSControlTowerBaseline": "17BSJV3IGJ2QSGA2",
    "AuditBaseline": "4T4HA1KMO10S6311",
    "LogArchiveBaseline": "J8HX46AHS5MIKQPD",
    "IdentityCenterBaseline": "LN25R72TTG6IGPTQ",
    # That of no document.
    "ConfigBaseline": "CF1GBA5EL1NEABCD",
}
UNIT_BASELINE = "AWSControlTowerBaseline"
BASELINE_VERSION = "4.0"
# By version of the landing zone: what can be enabled on units. Since 4.0 controls can be enabled on any unit, too, and are on none
# by themselves (AWS Control Tower User Guide, "Key changes in landing zone 4.0").
UNIT_BASELINES = {"3.3": (UNIT_BASELINE,), "4.0": (UNIT_BASELINE, "ConfigBaseline")}
USUAL_VERSION = "3.3"
_ID_LETTERS = string.ascii_uppercase + string.digits


def _identifier() -> str:
    return "".join(secrets.choice(_ID_LETTERS) for _ in range(16))


def baseline_arn(region: str, name: str) -> str:
    """The ARN of a baseline; it belongs to no account."""
    return f"arn:{PARTITION}:controltower:{region}::baseline/{BASELINES[name]}"


@dataclass
class EnabledBaseline:
    """A baseline on a unit, or on an account that has it from its unit."""

    arn: str
    baseline: str
    target: str
    parent: str | None = None
    status: str = UNDER_CHANGE
    last_operation: str | None = None
    parameters: list[dict[str, Any]] = field(default_factory=list)
    # Set by tests: the unit's has been changed, and this account's has not followed.
    behind: bool = False


@dataclass(frozen=True)
class EnabledControl:
    """A control on a unit."""

    arn: str
    control: str
    target: str


@dataclass
class Operation:
    """An asynchronous operation on the baseline of a unit."""

    kind: str
    identifier: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = "IN_PROGRESS"
    message: str | None = None
    started: datetime = field(default_factory=utcnow)
    ended: datetime | None = None

    def end(self, status: str, message: str | None = None) -> None:
        self.status, self.message, self.ended = status, message, utcnow()


@dataclass(eq=False)
class AccountWork:
    """One account operation that is under way: enrolling, updating or un-enrolling."""

    account_id: str
    kind: str


@dataclass
class Tower:
    """The Control Tower of a management account, in its home region."""

    account_id: str
    region: str
    # Log archive and audit in one, which AWS would have as two.
    security_account_id: str | None = None
    remediation: bool = True
    identity_center: bool = True
    mandatory_controls: bool = True
    status: str = "ACTIVE"
    drift: str = "IN_SYNC"
    version: str = USUAL_VERSION
    identifier: str = field(default_factory=_identifier)
    enabled: dict[str, EnabledBaseline] = field(default_factory=dict)
    controls: dict[str, EnabledControl] = field(default_factory=dict)
    operations: dict[str, Operation] = field(default_factory=dict)
    works: list[AccountWork] = field(default_factory=list)
    # Accounts that were moved and are being brought to what their place wants.
    followed: set[str] = field(default_factory=set)
    # Set by tests: whatever waits goes on at once.
    hurry: threading.Event = field(default_factory=threading.Event)

    @property
    def landing_zone_arn(self) -> str:
        return f"arn:{PARTITION}:controltower:{self.region}:{self.account_id}:landingzone/{self.identifier}"

    @property
    def organization(self) -> OrganizationsBackend:
        return organizations.organization_of(self.account_id)

    def wait(self, seconds: float) -> None:
        """Takes so many AWS seconds."""
        self.hurry.wait(clock.scaled(seconds))

    def enable(self, baseline: str, target: str, parent: str | None = None) -> EnabledBaseline:
        """A new enabled baseline, under change."""
        arn = f"arn:{PARTITION}:controltower:{self.region}:{self.account_id}:enabledbaseline/X{_identifier()[1:]}"
        self.enabled[arn] = EnabledBaseline(arn, baseline, target, parent)
        return self.enabled[arn]

    def enable_control(self, control: str, target: str) -> EnabledControl:
        """A new control on a unit, which holds at once."""
        arn = f"arn:{PARTITION}:controltower:{self.region}:{self.account_id}:enabledcontrol/{_identifier()}"
        self.controls[arn] = EnabledControl(arn, control, target)
        return self.controls[arn]

    @property
    def unit_baselines(self) -> list[str]:
        """The ARNs of what can be enabled on units."""
        return [baseline_arn(self.region, name) for name in UNIT_BASELINES[self.version]]

    def on(self, target: str, baseline: str | None = None) -> EnabledBaseline | None:
        """A baseline on a unit or an account: that by which the Account Factory goes, unless another one is asked for."""
        wanted = baseline or baseline_arn(self.region, UNIT_BASELINE)
        return next((one for one in self.all_on(target) if one.baseline == wanted), None)

    def all_on(self, target: str) -> list[EnabledBaseline]:
        """All baselines for units on a unit or an account."""
        of_units = {baseline_arn(self.region, name) for name in UNIT_BASELINES["4.0"]}
        return [one for one in list(self.enabled.values()) if one.target == target and one.baseline in of_units]

    def baselines_of(self, unit_id: str) -> list[EnabledBaseline]:
        """All baselines of a unit; none of any other."""
        unit = self.unit(unit_id)
        return self.all_on(unit.arn) if unit is not None else []

    def unit(self, unit_id: str) -> Any:
        """The unit or root of that id, or None."""
        return next((unit for unit in self.organization.ou if unit.id == unit_id), None)

    def account(self, account_id: str) -> Any:
        """The account of that id, or None."""
        return next((one for one in self.organization.accounts if one.id == account_id), None)

    def registered(self, unit_id: str) -> EnabledBaseline | None:
        """The baseline of a registered unit; None for any other unit and the root."""
        unit = self.unit(unit_id)
        return self.on(unit.arn) if unit is not None else None

    def child(self, account_id: str) -> EnabledBaseline | None:
        """The baseline that an account has from its unit."""
        account = self.account(account_id)
        return self.on(account.arn) if account is not None else None


_towers: dict[str, Tower] = {}


def tower_of(account_id: str, region: str | None = None) -> Tower | None:
    """The Control Tower of a management account; with a region only where that is the home region."""
    tower = _towers.get(account_id)
    return tower if tower is not None and region in (None, tower.region) else None


def governing(account_id: str) -> Tower | None:
    """The Control Tower of the organization that an account belongs to."""
    return _towers.get(organizations.organization_of(account_id).account_id)


def set_up(account_id: str, region: str, **settings: Any) -> Tower:
    """A landing zone for an organization, in place of any earlier one."""
    tower = Tower(account_id, region, **settings)
    if tower.identity_center:
        management = tower.account(account_id)
        enabled = tower.enable(baseline_arn(region, "IdentityCenterBaseline"), management.arn)
        enabled.status = SUCCEEDED
    _towers[account_id] = tower
    return tower
