"""Landing zones besides the examples of the repository: one of these with changes, deployed as a parameter.

The name of each is given by who deploys it, so that no two tests share one.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from .environment import LocalEnvironment

PARAMETERS = "/avm/landing-zones/"
PLATFORM = "/avm/platform"
CHANGES = "/avm/changes/"


class LandingZones:
    """Deploys landing zones, and tells what is deployed."""

    def __init__(self, environment: LocalEnvironment) -> None:
        self._ssm = environment.root_client("ssm", environment.automation_account_id)
        self._endpoint_url = environment.endpoint_url

    def document(self, name: str) -> dict[str, Any]:
        """A deployed landing zone."""
        return self._read(f"{PARAMETERS}{name}")

    def platform(self) -> dict[str, Any]:
        """The platform document."""
        return self._read(PLATFORM)

    def deploy(self, name: str, like: str = "production", **changes: Any) -> str:
        """Deploys a landing zone that is like another but for some settings; None takes one away."""
        document = {**self.document(like), **changes}
        document = {key: value for key, value in document.items() if value is not None}
        self._write(f"{PARAMETERS}{name}", document)
        return name

    def deploy_platform(self, document: dict[str, Any]) -> None:
        """Deploys the platform document."""
        self._write(PLATFORM, document)

    def allow_change(self, account_id: str, old: str, new: str) -> None:
        """An operator's word, as `avm account change-landing-zone` writes it."""
        word = {"from": old, "to": new, "until": str(datetime.now(UTC).date() + timedelta(days=1))}
        self._ssm.put_parameter(
            Name=f"{CHANGES}{account_id}", Type="String", Overwrite=True, Value=json.dumps(word)
        )

    def _write(self, name: str, document: dict[str, Any]) -> None:
        """For the next request: AVMEntryPoint keeps what it has read for seconds, and forgets it with its sandbox."""
        self._ssm.put_parameter(
            Name=name, Type="String", Tier="Advanced", Overwrite=True, Value=json.dumps(document)
        )
        requests.post(f"{self._endpoint_url}/local-aws/functions/AVMEntryPoint/recycle", timeout=30).raise_for_status()

    def _read(self, name: str) -> dict[str, Any]:
        return dict(json.loads(self._ssm.get_parameter(Name=name)["Parameter"]["Value"]))
