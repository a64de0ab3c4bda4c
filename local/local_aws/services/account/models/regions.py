"""Which regions an account has enabled: some always, the others some time after it asked for them.

moto knows no such thing: every account can use every region. Account Management, EC2 and the gateway ask
here. Sources: Account Management reference guide, "Enable or disable AWS Regions in your account"; its page "Quotas for AWS Account
Management" (looked up 2026-11-29) for what changes at once.
"""

import threading
import time
from dataclasses import dataclass

from boto3 import Session

from local_aws.clock import scaled
from local_aws.services.organizations.models.organizations import organization_of

# No source; the guide says "a few minutes to several hours", and tests have no hours.
CHANGE_SECONDS = 120
# Of an account, and of all accounts of its organization together.
CHANGES_AT_ONCE = 6
CHANGES_OF_ORGANIZATION = 50
# No document says when the default VPC of a region is there that was just enabled.
DEFAULT_VPC_SECONDS = 10
_BY_DEFAULT = frozenset(
    """
    ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-southeast-1 ap-southeast-2
    ca-central-1 eu-central-1 eu-north-1 eu-west-1 eu-west-2 eu-west-3 sa-east-1
    us-east-1 us-east-2 us-west-1 us-west-2
    """.split()
)
STATUSES = ("ENABLED", "ENABLING", "DISABLING", "DISABLED", "ENABLED_BY_DEFAULT")
_USABLE = ("ENABLED", "ENABLED_BY_DEFAULT")
_DONE = {"ENABLING": "ENABLED", "DISABLING": "DISABLED"}


@dataclass
class Change:
    """The latest wish of an account for a region; on its way until the time of the monotonic clock."""

    status: str
    due: float


class UnknownRegion(Exception):
    """No region of the partition has that name."""


class SettledRegion(Exception):
    """The region is already so or on its way, or can never be otherwise."""


class RegionChanging(Exception):
    """The region is on its way to the contrary, or too many of the account's or of its organization's are on theirs."""


_changes: dict[str, dict[str, Change]] = {}
_lock = threading.RLock()


def all_regions() -> list[str]:
    """The regions of the partition."""
    return sorted(Session().get_available_regions("ec2"))


_REGIONS = all_regions()


def changes_of(account_id: str) -> dict[str, Change]:
    """What an account has asked for, by region."""
    with _lock:
        return _changes.setdefault(account_id, {})


def status(account_id: str, region: str) -> str:
    """The status of a region as Account Management names it; raises UnknownRegion."""
    if region not in _REGIONS:
        raise UnknownRegion(region)
    if region in _BY_DEFAULT:
        return "ENABLED_BY_DEFAULT"
    with _lock:
        change = changes_of(account_id).get(region)
        if change is None:
            return "DISABLED"
        if change.status in _DONE and time.monotonic() >= change.due:
            change.status = _DONE[change.status]
        return change.status


def usable(account_id: str, region: str) -> bool:
    """Whether credentials of the account are known in the region; other partitions' are not judged."""
    return region not in _REGIONS or status(account_id, region) in _USABLE


def awaits_default_vpc(account_id: str, region: str) -> bool:
    """Whether the region was enabled so lately that AWS shows no default VPC in it yet."""
    with _lock:
        change = changes_of(account_id).get(region)
        if change is None or status(account_id, region) != "ENABLED":
            return False
        return time.monotonic() - change.due < scaled(DEFAULT_VPC_SECONDS)


def statuses(account_id: str) -> dict[str, str]:
    """The status of every region."""
    return {region: status(account_id, region) for region in _REGIONS}


def enable(account_id: str, region: str) -> None:
    """Begins to enable a region; it is ENABLING for a while."""
    _begin(account_id, region, "ENABLING", settled=_USABLE)


def disable(account_id: str, region: str) -> None:
    """Begins to disable a region; it is DISABLING for a while."""
    _begin(account_id, region, "DISABLING", settled=("DISABLED", "ENABLED_BY_DEFAULT"))


def _begin(account_id: str, region: str, wanted: str, settled: tuple[str, ...]) -> None:
    with _lock:
        before = status(account_id, region)
        if before in settled or before == wanted:
            raise SettledRegion(region)
        if before in _DONE or _under_way(account_id) >= CHANGES_AT_ONCE:
            raise RegionChanging(region)
        if _under_way_around(account_id) >= CHANGES_OF_ORGANIZATION:
            raise RegionChanging(region)
        due = time.monotonic() + scaled(CHANGE_SECONDS)
        changes_of(account_id)[region] = Change(wanted, due)


def _under_way(account_id: str) -> int:
    return sum(status(account_id, region) in _DONE for region in list(changes_of(account_id)))


def _under_way_around(account_id: str) -> int:
    """The changes of all accounts of an organization; one without an organization is alone."""
    organization = organization_of(account_id)
    found = {other: _under_way(other) for other in list(_changes)}
    return sum(number for other, number in found.items() if number and organization_of(other) is organization)
