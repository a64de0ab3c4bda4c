"""The file `.local/env`: what a client of the local AWS needs, as shell lines.

Any AWS client can start from it; only the person who runs the local AWS can read it.
"""

import os
import shlex
from pathlib import Path

from local_aws.address import REGION
from local_aws.deploy.deployment import Deployment


def variables(deployment: Deployment, endpoint_url: str) -> dict[str, str]:
    """The variables, in the order in which they are written."""
    return {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_REGION": REGION,
        # boto3 reads no other name of the region.
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": deployment.access_key_id,
        "AWS_SECRET_ACCESS_KEY": deployment.secret_access_key,
        "AVM_EXTERNAL_ID": deployment.external_id,
        "AVM_MANAGEMENT_ACCOUNT_ID": deployment.accounts.management,
        "AVM_AUTOMATION_ACCOUNT_ID": deployment.accounts.automation,
        "AVM_MESHCLOUD_ACCOUNT_ID": deployment.accounts.meshcloud,
        "AVM_STATE_MACHINE_ARN": deployment.state_machine_arn,
    }


def write(path: Path, values: dict[str, str]) -> None:
    """Writes the file whole or not at all."""
    write_private(path, "".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items()))


def write_private(path: Path, text: str) -> None:
    """Writes a file that only its owner can read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)
