"""What AWS is now and then, or may be: modes of the local AWS in which vends are recorded and disturbed.

local/README.md tells what each of them is.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from local_aws.clock import TIME_SCALE_VARIABLE
from local_aws.deploy.control_tower import VERSION_VARIABLE
from local_aws.deploy.surroundings import CUSTOMERS, KEY_VARIABLE
from local_aws.enforcement.propagation import DELAY_VARIABLE, MOST_SECONDS
from local_aws.lambda_service.pool import CONCURRENCY_VARIABLE
from local_aws.lambda_service.processor import BY_MEMORY, PROCESSOR_VARIABLE
from local_aws.rates import PUBLISHED, RATES_VARIABLE
from local_aws.services.stacksets.operations.queue import READING_VARIABLE

USUAL, ALL = "usual", "all"
MODES: dict[str, dict[str, str]] = {
    USUAL: {},
    # AWS needs 15 seconds as a rule. Here they hardly take time: less would be over before the next call.
    "young-iam": {DELAY_VARIABLE: str(MOST_SECONDS)},
    # Where a second hardly takes time, nobody comes too fast.
    "rates": {RATES_VARIABLE: PUBLISHED, TIME_SCALE_VARIABLE: "0.1"},
    "queue": {READING_VARIABLE: "queue"},
    "key": {KEY_VARIABLE: CUSTOMERS},
    "landing-zone-4": {VERSION_VARIABLE: "4.0"},
    # New accounts have ten. Two vends at a time seldom need as many; with three each has to wait for the other.
    "lambda": {CONCURRENCY_VARIABLE: "3"},
    "slow-lambda": {PROCESSOR_VARIABLE: BY_MEMORY},
}


def chosen(names: list[str] | None) -> list[str]:
    """The modes that are asked for, each once."""
    if names and ALL in names:
        return list(MODES)
    return list(dict.fromkeys(names or [USUAL]))


@contextmanager
def within(name: str) -> Iterator[None]:
    """Every local AWS that is started meanwhile is in that mode."""
    before = {variable: os.environ.get(variable) for variable in MODES[name]}
    os.environ.update(MODES[name])
    try:
        yield
    finally:
        for variable, value in before.items():
            if value is None:
                del os.environ[variable]
            else:
                os.environ[variable] = value
