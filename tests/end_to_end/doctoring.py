"""`avm doctor` as an operator runs it, with profiles of the management account and of meshcloud's.

Whatever it prints besides its findings is an error.
"""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from local_aws import paths
from meshstack_client import LocalEnvironment
from meshstack_client.environment import ROOT_KEY_PREFIX, ROOT_SECRET

Finding = dict[str, Any]


def doctor_of(
    environment: LocalEnvironment, folder: Path, is_meant: Callable[[Finding], bool]
) -> Callable[..., tuple[int, list[Finding]]]:
    """Runs the command with more options; its exit code, and those of its findings that are meant."""
    accounts = {"management": environment.management_account_id, "meshcloud": environment.meshcloud_account_id}
    (folder / "credentials").write_text(
        "\n".join(
            f"[{name}]\naws_access_key_id = {ROOT_KEY_PREFIX}{account}\naws_secret_access_key = {ROOT_SECRET}"
            for name, account in accounts.items()
        )
    )
    variables = {
        **os.environ,
        **environment.root_variables(environment.automation_account_id),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials"),
    }
    profiles = [f"--{name}-profile={name}" for name in accounts]
    words = ["doctor", *profiles, "--allow-examples", "--output", "json"]

    def run(*more: str) -> tuple[int, list[Finding]]:
        command = [str(paths.binary("avm")), *words, *more]
        ended = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
        assert ended.stderr == ""
        findings = [one for one in json.loads(ended.stdout) if is_meant(one)]
        return ended.returncode, sorted(findings, key=lambda one: (one["check"], one["place"]))

    return run
