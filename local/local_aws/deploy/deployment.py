"""The AVM deployed to the local AWS: accounts, the templates, the configuration, meshStack's key.

The order is that of docs/DEPLOY.md: the ExternalIds, the standing accounts, the AVM, its StackSet, its roles in the management account.
"""

import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from local_aws import paths
from local_aws.address import REGION, endpoint_url
from local_aws.credentials import root_credentials
from local_aws.deploy import stacks, surroundings
from local_aws.deploy.accounts import Accounts, make_accounts, root_client
from local_aws.deploy.artifacts import missing_binaries
from local_aws.deploy.external_ids import ExternalIds, make_external_ids
from local_aws.deploy.problems import DeploymentError
from local_aws.deploy.standing_accounts import deploy_standing_accounts

MESHFED_USER = "meshfed-service-user"
AVM_STACK = "avm"
LANDING_ZONE_STACK = "avm-landing-zone"
STATE_MACHINE = "VendAccount"
COMMAND = "avm"

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
    missing = missing_binaries(stacks.with_nested(repository / "template.yaml"))
    if paths.binary(COMMAND) is None:
        missing.append(COMMAND)
    if missing:
        raise DeploymentError(
            f"no binary for {', '.join(missing)} in {paths.binaries_folder()}:"
            f" run `cargo build`, or set {paths.BINARIES_VARIABLE}"
        )


def deploy(progress: Progress, repository: Path = paths.REPOSITORY) -> Deployment:
    """Makes the accounts and deploys everything into them."""
    check(repository)
    progress("accounts: management, meshcloud, automation, audit")
    accounts = make_accounts()
    progress("stack of templates/external-ids.yaml")
    external_ids = make_external_ids(accounts, repository)
    progress("Control Tower, IAM Identity Center and trusted access, as the platform team has them")
    configuration = repository / "configuration"
    before = surroundings.set_up(accounts, configuration)
    known = {**parameters(accounts, external_ids), **before.parameters()}
    for stack, _ in deploy_standing_accounts(accounts, known, repository):
        progress(f"stack of templates/{stack.template.name}")
    # Not before: the standing accounts' parameter of this name is for meshStack's own metering.
    known["Metering"] = "true"
    progress("stack of template.yaml")
    stacks.create_stack(accounts.automation, AVM_STACK, repository / "template.yaml", known)
    progress("stack of templates/landing-zone.yaml")
    stacks.create_stack(
        accounts.automation,
        LANDING_ZONE_STACK,
        repository / "templates" / "landing-zone.yaml",
        known,
    )
    progress("stack of templates/vending-roles.yaml")
    stacks.create_stack(
        accounts.management,
        "avm-vending-roles",
        repository / "templates" / "vending-roles.yaml",
        known,
    )
    progress("configuration documents")
    with tempfile.TemporaryDirectory() as folder:
        documents = surroundings.local_documents(configuration, Path(folder))
        put_configuration(accounts.automation, documents, known)
    key = root_client("iam", accounts.meshcloud).create_access_key(UserName=MESHFED_USER)
    return Deployment(
        accounts=accounts,
        external_id=external_ids.meshstack,
        state_machine_arn=stacks.physical_id(accounts.automation, AVM_STACK, STATE_MACHINE),
        access_key_id=key["AccessKey"]["AccessKeyId"],
        secret_access_key=key["AccessKey"]["SecretAccessKey"],
    )


def parameters(accounts: Accounts, external_ids: ExternalIds) -> dict[str, str]:
    """Values of template parameters that only a deployment knows; all others have defaults."""
    return {
        "ManagementAccountId": accounts.management,
        "MeshcloudAccountId": accounts.meshcloud,
        "AutomationAccountId": accounts.automation,
        **external_ids.values,
        "ProtectedAccountIds": accounts.audit,
    }


def put_configuration(account_id: str, folder: Path, known: dict[str, str]) -> None:
    """Deploys platform.json and landing-zones/*.json as the README says: `avm config deploy`."""
    keys = root_credentials(account_id)
    command = paths.binary(COMMAND)
    assert command is not None, "check() has looked for it"
    finished = subprocess.run(
        [
            command,
            "config",
            "deploy",
            str(folder),
            "--yes",
            "--allow-examples",
            f"--saml-metadata-hosts={known['SamlMetadataHosts']}",
            f"--access-stack-templates={known['AccessStackTemplates']}",
        ],
        env={
            "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": endpoint_url(),
            "AWS_EC2_METADATA_DISABLED": "true",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode != 0:
        raise DeploymentError(f"`avm config deploy` failed: {finished.stderr.strip()}")
