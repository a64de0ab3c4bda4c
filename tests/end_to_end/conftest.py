"""One local AWS for all end-to-end tests: the real binaries, state machine and templates.

Each test has accounts and identifiers of its own, so that none sees another's.
"""

import itertools
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

REPOSITORY = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(REPOSITORY / "local"))

from local_aws.paths import AUDIT_VARIABLE  # noqa: E402
from local_aws.process import LocalAwsProcess  # noqa: E402
from local_aws.services.stepfunctions.operations.recording import FOLDER_VARIABLE  # noqa: E402
from meshstack_client import LandingZones, LocalEnvironment, MeshStack, Operator  # noqa: E402
from privileges import record  # noqa: E402

# Tests that look back at a run of all tests, and at nothing less.
OF_FULL_RUNS = "test_zz_privileges.py"
FULL_RUN = pytest.StashKey[bool]()


def pytest_configure(config: pytest.Config) -> None:
    """Makes the marker known."""
    config.addinivalue_line("markers", "refuses(holder, action, ...): the test wants these calls refused")


def _is_full(config: pytest.Config, items: list[pytest.Item]) -> bool:
    """Whether every test of this folder, and of those in it, is run."""
    chosen = config.option.keyword or config.option.markexpr or any("::" in argument for argument in config.args)
    files = {item.path for item in items}
    return not chosen and files >= set(Path(__file__).parent.rglob("test_*.py"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what cannot be said of a part of the tests: it would call grants unused."""
    config.stash[FULL_RUN] = _is_full(config, items)
    if not config.stash[FULL_RUN]:
        left_out = [item for item in items if item.path.name == OF_FULL_RUNS]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Says so, when the privileges were not judged."""
    if not config.stash.get(FULL_RUN, True):
        terminalreporter.write_line("Privileges are not judged: only a run of all end-to-end tests can tell.")


@pytest.fixture(scope="session", autouse=True)
def audit_folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where every local AWS of this run keeps its audit: `.local/privileges`, if all tests are run."""
    is_full = request.config.stash[FULL_RUN]
    folder = record.make_folder() if is_full else tmp_path_factory.mktemp("audit")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(AUDIT_VARIABLE, str(folder))
        yield folder


@pytest.fixture(scope="session")
def expressions_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where every local AWS of this run keeps what expressions were evaluated with."""
    folder = tmp_path_factory.mktemp("expressions")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER_VARIABLE, str(folder))
        yield folder


@pytest.fixture(scope="session")
def process(audit_folder: Path, expressions_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAwsProcess]:
    """The local AWS, as `make local` starts it, on a free port."""
    with LocalAwsProcess(tmp_path_factory.mktemp("local-aws")) as process:
        yield process


@pytest.fixture(scope="session")
def second_process(audit_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAwsProcess]:
    """Another one, for what concerns all of an organization: a night, and at last the end of the installation."""
    with LocalAwsProcess(tmp_path_factory.mktemp("second-local-aws")) as process:
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


@pytest.fixture(autouse=True)
def wanted_refusals(request: pytest.FixtureRequest) -> Iterator[None]:
    """For tests marked `refuses(holder, action, …)`: what they provoke is no right that is missing."""
    with ExitStack() as stack:
        for marker in request.node.iter_markers("refuses"):
            stack.enter_context(request.getfixturevalue("local_aws").refusing(*marker.args))
        yield


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


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class LocalAws:
    """The local AWS's own endpoints."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/local-aws"
        self._provoked: list[tuple[int, int]] = []
        self._marked_at: dict[int, str] = {}
        self.provoked: list[record.Window] = []

    def mark(self) -> int:
        """A place in the audit: what comes later is found with `calls`."""
        number = requests.get(f"{self._url}/audit", timeout=30).json()["next"]
        self._marked_at[number] = _now()
        return number

    def calls(self, since: int = 0) -> list[dict]:
        """The calls since a mark, in their order."""
        answer = requests.get(f"{self._url}/audit", params={"since": since}, timeout=30)
        return answer.json()["calls"]

    def expect_refusals(self, since: int) -> None:
        """The calls from a mark until now may be refused: the test has taken away what they need."""
        self._provoked.append((since, self.mark()))
        self.provoked.append(record.Window(self._marked_at[since], _now()))

    @contextmanager
    def refusing(self, holder: str, *actions: str) -> Iterator[None]:
        """Meanwhile a role or user may be refused these actions, because the test wants it so."""
        start = _now()
        yield
        self.provoked.extend(record.Window(start, _now(), holder, action) for action in actions)

    def holders(self) -> list[dict]:
        """Every role and user of every account, with its policies."""
        return requests.get(f"{self._url}/policies", timeout=60).json()["holders"]

    def is_unexpected(self, call: dict) -> bool:
        """Whether no test has asked for the refusal of that call."""
        within = any(first < call["number"] <= last for first, last in self._provoked)
        return not call["injected"] and not within

    def inject(self, **fault: object) -> None:
        """Makes the next matching calls fail."""
        answer = requests.post(f"{self._url}/faults", data=json.dumps(fault), timeout=10)
        answer.raise_for_status()

    def clear(self, label: str) -> None:
        """Takes the faults of that label back that were not met."""
        requests.delete(f"{self._url}/faults", params={"label": label}, timeout=10).raise_for_status()

    def fire(self, account_id: str, schedule: str) -> str:
        """A schedule is due: the ARN of the execution that it starts."""
        answer = requests.post(f"{self._url}/schedules/{account_id}/{schedule}/fire", timeout=60)
        answer.raise_for_status()
        return str(answer.json()["execution"])

    def root_user(self, account_id: str, **credentials: int) -> None:
        """Gives a root user what only it can make, or takes it away: keys of GetAccountSummary with 1 or 0."""
        url = f"{self._url}/accounts/{account_id}/root-user"
        requests.post(url, data=json.dumps(credentials), timeout=10).raise_for_status()

    def suspend(self, account_id: str) -> None:
        """Suspends an account, as AWS or an owner may do."""
        requests.post(f"{self._url}/accounts/{account_id}/suspend", timeout=10).raise_for_status()
