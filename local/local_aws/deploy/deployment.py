"""The AVM deployed to the local AWS: accounts, the three templates, the configuration, meshStack's key.

The order is that of the README: meshcloud, automation, management, since trust policies name what exists.
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from local_aws import paths
from local_aws.deploy import stacks
from local_aws.deploy.accounts import Accounts, make_accounts, root_client
from local_aws.deploy.artifacts import missing_binaries
from local_aws.deploy.problems import DeploymentError

MESHFED_USER = "meshfed-service-user"
AVM_STACK = "avm"
STATE_MACHINE = "VendAccount"
PARAMETER_PREFIX = "/avm"

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Deployment:
    """What a client needs to know of the deployed AVM."""

    accounts: Accounts
    external_id: str = field(repr=False)
    state_machine_arn: str
    access_key_id: str
    secret_access_key: str = field(repr=False)


def check(repository: Path = paths.REPOSITORY) -> None:
    """Raises DeploymentError when a binary or a template is missing, before anything is started."""
    missing = missing_binaries(stacks.read_template(repository / "template.yaml"))
    if missing:
        raise DeploymentError(
            f"no binary for {', '.join(missing)} in {paths.binaries_folder()}:"
            f" run `cargo build`, or set {paths.BINARIES_VARIABLE}"
        )


def deploy(progress: Progress, repository: Path = paths.REPOSITORY) -> Deployment:
    """Makes the accounts and deploys everything into them."""
    check(repository)
    progress("accounts: management, meshcloud, automation")
    accounts = make_accounts()
    external_id = secrets.token_urlsafe(24)
    known = _parameters(accounts, external_id)
    templates = repository / "templates"
    progress("stack of templates/meshcloud.yaml")
    stacks.create_stack(accounts.meshcloud, "avm-meshcloud", templates / "meshcloud.yaml", known)
    progress("stack of template.yaml")
    stacks.create_stack(accounts.automation, AVM_STACK, repository / "template.yaml", known)
    progress("stack of templates/management.yaml")
    stacks.create_stack(
        accounts.management, "avm-management", templates / "management.yaml", known
    )
    progress("configuration documents")
    put_configuration(accounts.automation, repository / "configuration")
    key = root_client("iam", accounts.meshcloud).create_access_key(UserName=MESHFED_USER)
    return Deployment(
        accounts=accounts,
        external_id=external_id,
        state_machine_arn=stacks.physical_id(accounts.automation, AVM_STACK, STATE_MACHINE),
        access_key_id=key["AccessKey"]["AccessKeyId"],
        secret_access_key=key["AccessKey"]["SecretAccessKey"],
    )


def _parameters(accounts: Accounts, external_id: str) -> dict[str, str]:
    """Values of template parameters that only a deployment knows; all others have defaults."""
    return {
        "ManagementAccountId": accounts.management,
        "MeshcloudAccountId": accounts.meshcloud,
        "AutomationAccountId": accounts.automation,
        "ExternalId": external_id,
    }


def configuration_documents(folder: Path) -> dict[str, str]:
    """The documents by the names of their SSM parameters, without white space."""
    files = {"platform": folder / "platform.json"}
    for path in sorted((folder / "landing-zones").glob("*.json")):
        files[f"landing-zones/{path.stem}"] = path
    documents = {}
    for name, path in files.items():
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise DeploymentError(f"the document {path} cannot be read: {error}") from error
        documents[f"{PARAMETER_PREFIX}/{name}"] = json.dumps(document, separators=(",", ":"))
    return documents


def put_configuration(account_id: str, folder: Path) -> None:
    """Puts platform.json and landing-zones/*.json to SSM."""
    ssm = root_client("ssm", account_id)
    for name, document in configuration_documents(folder).items():
        ssm.put_parameter(Name=name, Value=document, Type="String", Overwrite=True)
