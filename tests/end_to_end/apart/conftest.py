"""What tests share that start an AWS of their own: one whose installation is upgraded, and then removed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from local_aws.process import LocalAwsProcess


@pytest.fixture(scope="session")
def installed(audit_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAwsProcess]:
    """The local AWS as `make local` starts it, for what concerns a whole installation."""
    with LocalAwsProcess(tmp_path_factory.mktemp("installed")) as process:
        yield process
