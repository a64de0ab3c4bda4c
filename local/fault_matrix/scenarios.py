"""The vends that are disturbed: each landing zone of the repository, with and without AccountId, and with a change.

Every vend has a workspace and a project of its own, so that many may run at a time.
"""

from dataclasses import dataclass
from typing import Any

from meshstack_client import LocalEnvironment, MeshStack

PEOPLE = {"admin": ["ada@example.com"], "user": ["grace@example.com"], "reader": []}
OTHER_PEOPLE = {"admin": ["grace@example.com"], "user": [], "reader": ["alan@example.com"]}


@dataclass(frozen=True)
class Scenario:
    """One kind of vend."""

    landing_zone: str
    kind: str

    @property
    def name(self) -> str:
        """How the table calls it."""
        return f"{self.landing_zone}, {self.kind}"


NEW, GIVEN, CHANGED = "new account", "account of meshStack", "changed request"
LANDING_ZONES = ("sandbox", "production")
SCENARIOS = tuple(Scenario(zone, kind) for zone in LANDING_ZONES for kind in (NEW, GIVEN, CHANGED))


@dataclass(frozen=True)
class Tenant:
    """Workspace and project of one vend, and its request."""

    workspace: str
    project: str
    payload: dict[str, Any]

    @property
    def email(self) -> str:
        """The address of its account, as meshStack's and the platform's patterns make it."""
        return address(self.workspace, self.project)


def address(workspace: str, project: str) -> str:
    """What accountEmailPattern makes."""
    return f"aws+{workspace}.{project}@example.com"


def prepare(scenario: Scenario, environment: LocalEnvironment, meshstack: MeshStack, number: int) -> Tenant:
    """The request of a vend that has not been sent; with AccountId, the account is made."""
    workspace, project = f"w{number:06d}", f"p{number:06d}"
    payload: dict[str, Any] = {
        "ProductName": workspace,
        "Stage": project,
        "LandingZone": scenario.landing_zone,
        "RoleBindings": PEOPLE,
    }
    if scenario.kind != NEW:
        account = meshstack.create_account(f"{workspace}-{project}", address(workspace, project))
        payload = {**meshstack.payload(account, workspace, project), **payload}
    return Tenant(workspace, project, payload)


def changed(tenant: Tenant) -> Tenant:
    """The same account, asked for with other people and another tag."""
    payload = {**tenant.payload, "RoleBindings": OTHER_PEOPLE, "tagEnvironment": "other"}
    return Tenant(tenant.workspace, tenant.project, payload)
