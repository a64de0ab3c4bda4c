"""The local AWS held to facts that nobody here wrote: answers recorded on AWS, its models, its documents.

Each test is a fact and names its source; a difference that stays has its reason in differences.yaml.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

HERE = Path(__file__).parent
DIFFERENCES = HERE / "differences.yaml"
OUTCOMES = pytest.StashKey[dict[str, str]]()


def known_differences() -> dict[str, str]:
    """The facts to which the local AWS does not hold, with the reasons."""
    return {entry["fact"]: entry["reason"] for entry in yaml.safe_load(DIFFERENCES.read_text("utf-8")) or []}


def _fact(item: pytest.Item) -> str:
    return f"{item.path.stem.removeprefix('test_')}: {item.name.removeprefix('test_')}"


def pytest_configure(config: pytest.Config) -> None:
    """Makes the marker known."""
    config.addinivalue_line("markers", "source(text): where the fact comes from, outside of this repository")
    config.stash[OUTCOMES] = {}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Facts have sources; what is known to differ may not agree without its reason being taken back."""
    reasons = known_differences()
    for item in items:
        if HERE not in item.path.parents:
            continue
        if item.get_closest_marker("source") is None:
            raise pytest.UsageError(f"{item.nodeid} names no source")
        if _fact(item) in reasons:
            item.add_marker(pytest.mark.xfail(reason=reasons[_fact(item)], strict=True))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Counts the facts."""
    report = yield
    if HERE in item.path.parents and (report.when == "call" or report.failed):
        known = report.skipped and hasattr(report, "wasxfail")
        outcome = "agree" if report.passed else "differ, with a reason" if known else "DIFFER"
        item.config.stash[OUTCOMES][item.nodeid] = outcome
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Tells how many facts agree and differ."""
    outcomes = list(config.stash[OUTCOMES].values())
    if outcomes:
        kinds = ("agree", "differ, with a reason", "DIFFER")
        told = "; ".join(f"{outcomes.count(kind)} {kind}" for kind in kinds if outcomes.count(kind))
        terminalreporter.write_line(f"Facts about AWS: {told}.")
