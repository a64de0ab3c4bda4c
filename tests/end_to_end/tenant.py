"""What tests of single steps share: an account with a landing zone of its own that switches on only what a test needs.

A vend of it takes a second or two: no enrollment, no stacks, no regions, unless the test asks for them.
"""

import json
from typing import Any


from meshstack_client import Inventory, LandingZones, LocalEnvironment, MeshStack, Operator

COMPLETION_KEYS = {"ProductName", "Stage"}
# Steps that only the downgrade needs.
WITH_DOWNGRADE: dict[str, Any] = {
    "accessStack": {"template": "shipped"},
    "stackSets": [{"name": "avm-landing-zone", "region": "eu-central-1"}],
}


class Tenant:
    """One account of a project, as meshStack made it; its landing zone has the project's name, or another one."""

    def __init__(
        self,
        environment: LocalEnvironment,
        landing_zones: LandingZones,
        account: dict[str, Any],
        project: str,
        landing_zone: str | None = None,
    ) -> None:
        self._meshstack = MeshStack(environment)
        self._operator = Operator(environment)
        self._landing_zones = landing_zones
        self.landing_zone = landing_zone or project
        self.project = project
        self.account = account
        self.account_id: str = account["Id"]
        self.found = Inventory(environment, self.account_id)
        self.execution: dict[str, Any] = {}

    def deploy(self, **settings: Any) -> None:
        """Deploys the landing zone: nothing but these settings, and an access role that keeps its power."""
        bare = {"accessStack": None, "stackSets": [], "downgrade": "none"}
        self._landing_zones.deploy(self.landing_zone, like="sandbox", **{**bare, **settings})

    def vend(self, **keys: Any) -> dict[str, Any]:
        """Sends the request, which must succeed, and returns what the execution says of the account's set-up."""
        return self.succeeded(self.start(**keys))

    def again(self, **keys: Any) -> dict[str, Any]:
        """The same request once more, although nothing has changed."""
        return self.vend(Force="true", **keys)

    def start(self, **keys: Any) -> str:
        """Sends the request and returns the ARN of the execution that it has started."""
        payload = self._meshstack.payload(
            self.account, "space", self.project, LandingZone=self.landing_zone, **keys
        )
        answer = self._meshstack.invoke(payload)
        assert answer["status"] == "started", answer
        return str(answer["executionArn"])

    def succeeded(self, execution_arn: str) -> dict[str, Any]:
        """Waits for the end of an execution, which must be success, and returns its output on the account's set-up."""
        execution = self.ended(execution_arn)
        assert execution["status"] == "SUCCEEDED", (execution.get("error"), execution.get("cause"))
        assert "@" not in execution["output"]
        return dict(json.loads(execution["output"])["AccountSetUp"])

    def refused(self, step: str, error: str, **keys: Any) -> str:
        """Sends the request, which must fail with that error in that step, as its tags tell; returns the cause."""
        execution = self.ended(self.start(**keys))
        assert (execution["status"], execution["error"]) == ("FAILED", error), execution
        tags = self.tags()
        assert (tags["avm:failed-step"], tags["avm:failed-error"]) == (step, error)
        assert not COMPLETION_KEYS & tags.keys()
        assert "@" not in execution["cause"]
        return str(execution["cause"])

    def tags(self) -> dict[str, str]:
        """The account's tags."""
        return self._meshstack.tags(self.account_id)

    def ended(self, execution_arn: str) -> dict[str, Any]:
        """Waits for the end of an execution, whatever it is."""
        self.execution = self._operator.wait_for_end(execution_arn)
        return self.execution
