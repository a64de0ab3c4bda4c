"""One local AWS for all end-to-end tests: the real binaries, state machine and templates.

Each test has accounts and identifiers of its own, so that none sees another's. With `-n 2` the tests in `apart`, which
start an AWS of their own, run beside the others, and what looks back at the run waits for them.
"""

import itertools
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

REPOSITORY = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(REPOSITORY / "local"))

from endpoints import LocalAws  # noqa: E402
from local_aws.paths import AUDIT_VARIABLE  # noqa: E402
from local_aws.process import LocalAwsProcess  # noqa: E402
from local_aws.services.stepfunctions.operations.recording import FOLDER_VARIABLE  # noqa: E402
from meshstack_client import LandingZones, LocalEnvironment, MeshStack, Operator  # noqa: E402
from privileges import record  # noqa: E402

# Tests that look back at a run of all tests, and at nothing less.
OF_FULL_RUNS = "test_zz_privileges.py"
# The folder of tests that start an AWS of their own.
APART = "apart"
FULL_RUN = pytest.StashKey[bool]()
# How long the slower half of the tests may take, in seconds.
LONGEST_HALF = 3600


def pytest_configure(config: pytest.Config) -> None:
    """Makes the marker known; the first process of a full run makes the folder of its audits, before there are others."""
    config.addinivalue_line("markers", "refuses(holder, action, ...): the test wants these calls refused")
    config.stash[FULL_RUN] = _is_full(config)
    if config.stash[FULL_RUN] and not _is_worker(config) and not config.option.collectonly:
        record.make_folder()


def _is_worker(config: pytest.Config) -> bool:
    """Whether another process hands out the tests."""
    return hasattr(config, "workerinput")


def _is_full(config: pytest.Config) -> bool:
    """Whether this folder is run, and nothing of it left out."""
    option = config.option
    chosen = any((option.keyword, option.markexpr, option.deselect, option.ignore, option.ignore_glob, getattr(option, "lf", False)))
    here = Path(__file__).resolve().parent
    return not chosen and any((config.invocation_params.dir / argument).resolve() == here for argument in config.args)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what cannot be said of a part of the tests: it would call grants unused."""
    if not config.stash[FULL_RUN]:
        left_out = [item for item in items if item.path.name == OF_FULL_RUNS]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


class Halves(LoadScopeScheduling):
    """What is in `apart`, and the rest: two processes, each with an order that is the same in every run."""

    def _split_scope(self, nodeid: str) -> str:
        return str(APART in Path(nodeid.partition("::")[0]).parts)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Halves:
    """Each half of the tests is one process's."""
    return Halves(config, log)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tells the others of this run."""
    if _is_worker(session.config):
        _ended(session.config).touch()


def _ended(config: pytest.Config) -> Path:
    """The mark of a process that has run all of its tests."""
    return Path(config.option.basetemp).parent / f"ended-{config.workerinput['workerid']}"


@pytest.fixture(scope="session")
def everything_else(request: pytest.FixtureRequest) -> None:
    """All other tests have run: those of this process come first, and for those of the others this waits."""
    if not _is_worker(request.config):
        return
    own = _ended(request.config)
    others = int(os.environ["PYTEST_XDIST_WORKER_COUNT"]) - 1
    limit = time.monotonic() + LONGEST_HALF
    while len(list(own.parent.glob("ended-*"))) < others:
        if time.monotonic() > limit:
            raise TimeoutError(f"the tests beside these still run after {LONGEST_HALF} s more")
        time.sleep(1)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Says so, when the privileges were not judged."""
    if not config.stash.get(FULL_RUN, True):
        terminalreporter.write_line("Privileges are not judged: only a run of all end-to-end tests can tell.")


@pytest.fixture(scope="session")
def run_folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What all processes of this run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if _is_worker(request.config) else own


@pytest.fixture(scope="session", autouse=True)
def audit_folder(request: pytest.FixtureRequest, run_folder: Path) -> Iterator[Path]:
    """Where every local AWS of this run keeps its audit: `.local/privileges`, if all tests are run."""
    folder = record.FOLDER if request.config.stash[FULL_RUN] else run_folder / "audit"
    folder.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(AUDIT_VARIABLE, str(folder))
        yield folder


@pytest.fixture(scope="session")
def expressions_folder(run_folder: Path) -> Iterator[Path]:
    """Where every local AWS of this run keeps what expressions were evaluated with."""
    folder = run_folder / "expressions"
    folder.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER_VARIABLE, str(folder))
        yield folder


@pytest.fixture(scope="session")
def process(audit_folder: Path, expressions_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAwsProcess]:
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


@pytest.fixture(autouse=True)
def wanted_refusals(request: pytest.FixtureRequest) -> Iterator[None]:
    """For tests marked `refuses(holder, action, …)`: what they provoke is no right that is missing."""
    with ExitStack() as stack:
        for marker in request.node.iter_markers("refuses"):
            stack.enter_context(request.getfixturevalue("local_aws").refusing(*marker.args))
        yield


@pytest.fixture(scope="session")
def local_aws(environment: LocalEnvironment, audit_folder: Path) -> LocalAws:
    """What only the local AWS can do: read its audit, inject faults."""
    return LocalAws(environment.endpoint_url, audit_folder)


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
