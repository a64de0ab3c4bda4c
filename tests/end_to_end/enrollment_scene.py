"""The stage of the tests of the enrollment: registered units, landing zones into them, vends, and what came of them.

Units: `first`, `inner` below it, and `second` are registered with Control Tower, `plain` is not.
"""

import functools
import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from platform_team import PlatformTeam, wait_until
from vending import OF_A_VEND, Vending, writes

from meshstack_client import Inventory, LandingZones, LocalEnvironment, MeshStack, Operator

EXECUTION_ROLE = "AWSControlTowerExecution"
# AWS Organizations makes five accounts at a time.
AT_ONCE = 5

Account = dict[str, Any]
Unit = dict[str, str]


@dataclass(frozen=True)
class State:
    """An account as Control Tower, Organizations and Service Catalog have it."""

    unit: str
    baseline: str | None
    products: list[str]


class Scene:
    """What the tests of the enrollment have in common; each takes accounts of its own from it."""

    def __init__(self, environment: LocalEnvironment, local_aws: Any) -> None:
        self.environment = environment
        self.meshstack = MeshStack(environment)
        self.operator = Operator(environment)
        self.vending = Vending(self.meshstack, self.operator)
        self.landing_zones = LandingZones(environment)
        self.team = PlatformTeam(environment)
        self.local_aws = local_aws
        self.first = self.team.register(self.team.unit("First"))
        self.inner = self.team.register(self.team.unit("Inner", self.first["Id"]))
        self.second = self.team.register(self.team.unit("Second"))
        self.plain = self.team.unit("Plain")
        self._numbers = itertools.count(1)
        self._waiting: list[Account] = []

    def account(self) -> Account:
        """An account that was just made; some are made together, which takes less time."""
        if not self._waiting:
            self._waiting = self.accounts(AT_ONCE)
        return self._waiting.pop()

    def accounts(self, count: int) -> list[Account]:
        """Accounts that were just made."""
        names = [f"enrollment-{next(self._numbers)}" for _ in range(count)]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            make = self.meshstack.create_account
            return list(pool.map(lambda name: make(name, f"aws+{name}@example.com"), names))

    def zone(self, unit: Unit, enrollment: str = "service-catalog", **changes: Any) -> str:
        """Deploys a landing zone that enrolls into a unit, and does nothing else unless told so."""
        nothing_else = {"accessStack": None, "stackSets": None, "downgrade": "none"}
        settings = {"organizationalUnit": unit["Id"], "enrollment": enrollment, **nothing_else, **changes}
        return self.landing_zones.deploy(f"enrollment-{next(self._numbers)}", like="sandbox", **settings)

    def downgrading_zone(self, policy: str, **changes: Any) -> str:
        """Deploys a landing zone that takes the access role down, with what this needs in the account."""
        name = f"enrollment-{next(self._numbers)}"
        return self.landing_zones.deploy(name, like="sandbox", downgrade=policy, **changes)

    def request(self, account: Account, zone: str) -> dict[str, Any]:
        """The request of an account for a landing zone; the same again runs again.

        Most of these tests take one account from landing zone to landing zone, which the platform team allows each time.
        """
        held_to = self.meshstack.tags(account["Id"]).get("avm:landing-zone", zone)
        if held_to != zone:
            self.landing_zones.allow_change(account["Id"], held_to, zone)
        return self.meshstack.payload(account, "space", account["Name"], LandingZone=zone, Force="true")

    def vend(self, account: Account, zone: str) -> tuple[str, str | None]:
        """A vend that ends well: what the enrollment did, and what became of the execution role."""
        done = self.vending.succeed(self.request(account, zone))["Enrollment"]
        return done["Change"], done.get("ExecutionRole")

    def fail(self, account: Account, zone: str, error: str) -> str:
        """A vend that fails with this error: its cause, with the remedy."""
        return str(self.vending.fail(self.request(account, zone), error)["cause"])

    @contextmanager
    def written(self) -> Iterator[list[str]]:
        """The list has, at the end, what the AVM's roles have changed meanwhile."""
        found: list[str] = []
        mark = self.local_aws.mark()
        yield found
        found.extend(action for action in writes(self.local_aws.calls(mark)) if action not in OF_A_VEND)

    def inside(self, account: Account) -> Inventory:
        """What an operator finds of an account."""
        return Inventory(self.environment, account["Id"])

    def has_role(self, account: Account) -> bool:
        """Whether the execution role of Control Tower is in the account."""
        return self.inside(account).has_role(EXECUTION_ROLE)

    def state(self, account: Account) -> State:
        """How the account is enrolled."""
        found = self.inside(account)
        return State(
            self.operator.organizational_unit_path(account["Id"]),
            found.enrollment(),
            [product["Status"] for product in found.provisioned_products()],
        )

    def enroll_by_move(self, account: Account, unit: Unit, baseline: str = "SUCCEEDED") -> None:
        """Somebody moves the account by hand into a registered unit, and its baseline comes to this."""
        self.team.move(account, unit)
        wait_until(lambda: self.inside(account).enrollment() == baseline)

    @contextmanager
    def platform(self, **settings: Any) -> Iterator[None]:
        """Other settings of Control Tower in the platform document, for a while."""
        before = self.landing_zones.platform()
        self.landing_zones.deploy_platform({**before, "controlTower": {**before["controlTower"], **settings}})
        try:
            yield
        finally:
            self.landing_zones.deploy_platform(before)


@functools.cache
def shared_scene(environment: LocalEnvironment, local_aws: Any) -> Scene:
    """One stage for all test modules of the enrollment: its units are made once."""
    return Scene(environment, local_aws)
