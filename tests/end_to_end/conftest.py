"""One local AWS for all end-to-end tests: the real binaries, state machine and templates.

Each test has accounts and identifiers of its own, so that none sees another's.
"""

import itertools
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

REPOSITORY = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(REPOSITORY / "local"))

from landing_zones import LandingZones  # noqa: E402

from local_aws.process import LocalAwsProcess  # noqa: E402
from meshstack_client import LocalEnvironment, MeshStack, Operator  # noqa: E402


@pytest.fixture(scope="session")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAwsProcess]:
    """The local AWS, as `make local` starts it, on a free port."""
    with LocalAwsProcess(tmp_path_factory.mktemp("local-aws")) as process:
        yield process


@pytest.fixture(scope="session")
def environment(process: LocalAwsProcess) -> LocalEnvironment:
    """What it says about itself."""
    return LocalEnvironment.load(process.environment_file)


@pytest.fixture(scope="session")
def log_folder(process: LocalAwsProcess) -> Path:
    """Where its functions log."""
    return process.log_folder


@pytest.fixture(scope="session")
def meshstack(environment: LocalEnvironment) -> MeshStack:
    """meshStack, which knows only what `.local/env` says."""
    return MeshStack(environment)


@pytest.fixture(scope="session")
def operator(environment: LocalEnvironment) -> Operator:
    """The operator, who looks on."""
    return Operator(environment)


@pytest.fixture(scope="session")
def landing_zones(environment: LocalEnvironment) -> LandingZones:
    """Landing zones of the tests' own."""
    return LandingZones(environment)


@pytest.fixture(scope="session")
def local_aws(environment: LocalEnvironment) -> "LocalAws":
    """What only the local AWS can do: read its audit, inject faults."""
    return LocalAws(environment.endpoint_url)


_projects = itertools.count(1)


@pytest.fixture
def project() -> str:
    """A project identifier that no other test has."""
    return f"p{next(_projects)}"


@pytest.fixture
def make_account(meshstack: MeshStack, project: str) -> Callable[[], dict]:
    """Makes accounts as meshStack does."""
    numbers = itertools.count(1)

    def make() -> dict:
        name = f"{project}-{next(numbers)}"
        return meshstack.create_account(name, f"aws+{name}@example.com")

    return make


class LocalAws:
    """The local AWS's own endpoints."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/local-aws"
        self._provoked: list[tuple[int, int]] = []

    def mark(self) -> int:
        """A place in the audit: what comes later is found with `calls`."""
        return requests.get(f"{self._url}/audit", timeout=30).json()["next"]

    def calls(self, since: int = 0) -> list[dict]:
        """The calls since a mark, in their order."""
        answer = requests.get(f"{self._url}/audit", params={"since": since}, timeout=30)
        return answer.json()["calls"]

    def expect_refusals(self, since: int) -> None:
        """The calls from a mark until now may be refused: the test has taken away what they need."""
        self._provoked.append((since, self.mark()))

    def is_unexpected(self, call: dict) -> bool:
        """Whether no test has asked for the refusal of that call."""
        within = any(first < call["number"] <= last for first, last in self._provoked)
        return not call["injected"] and not within

    def inject(self, **fault: object) -> None:
        """Makes the next matching calls fail."""
        answer = requests.post(f"{self._url}/faults", data=json.dumps(fault), timeout=10)
        answer.raise_for_status()

    def suspend(self, account_id: str) -> None:
        """Suspends an account, as AWS or an owner may do."""
        requests.post(f"{self._url}/accounts/{account_id}/suspend", timeout=10).raise_for_status()
