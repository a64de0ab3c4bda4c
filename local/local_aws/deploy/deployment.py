"""The AVM deployed to the local AWS: accounts, the templates, the configuration, meshStack's key.

The order is that of docs/DEPLOY.md: the ExternalIds, the standing accounts, the AVM, its StackSet, its roles in the management account.
"""

import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from local_aws import paths
from local_aws.address import REGION, endpoint_url
from local_aws.credentials import root_credentials
from local_aws.deploy import stacks, surroundings
from local_aws.deploy.accounts import Accounts, make_account, make_accounts, root_client
from local_aws.deploy.artifacts import missing_binaries
from local_aws.deploy.external_ids import ExternalIds, make_external_ids
from local_aws.deploy.problems import DeploymentError
from local_aws.deploy.standing_accounts import deploy_standing_accounts

MESHFED_USER = "meshfed-service-user"
AVM_STACK = "avm"
LANDING_ZONE_STACK = "avm-landing-zone"
VENDING_ROLES_STACK = "avm-vending-roles"
STATE_MACHINE = "VendAccount"
COMMAND = "avm"
# The name of a second machine, which is deployed beside the first where it is said.
FURTHER_VARIABLE = "AVM_LOCAL_FURTHER_MACHINE"

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


def deploy(progress: Progress, further: str = "", repository: Path = paths.REPOSITORY) -> list[Deployment]:
    """Makes the accounts and deploys everything into them; `further` is the name of a second machine beside the first."""
    check(repository)
    progress("accounts: management, meshcloud, automation, audit")
    accounts = make_accounts()
    progress("stack of templates/external-ids.yaml")
    external_ids = make_external_ids(accounts, repository)
    progress("Control Tower, IAM Identity Center and trusted access, as the platform team has them")
    before = surroundings.set_up(accounts, repository / "configuration")
    known = {**parameters(accounts, external_ids), **before.parameters()}
    for stack, _ in deploy_standing_accounts(accounts, known, repository):
        progress(f"stack of templates/{stack.template.name}")
    deployments = [_deploy_machine(accounts, external_ids, known, progress, repository)]
    if further:
        progress(f"the machine {further}, in an automation account of its own")
        deployments.append(_deploy_further(further, accounts, known, progress, repository))
    return deployments


def _deploy_further(name: str, first: Accounts, known: dict[str, str], progress: Progress, repository: Path) -> Deployment:
    """A further machine as docs/DEPLOY.md says: an automation account, an access role and addresses of its own."""
    accounts = replace(first, automation=make_account(f"automation-{name.lower()}"))
    external_ids = make_external_ids(accounts, repository)
    own = {**known, **parameters(accounts, external_ids), "MachineName": name, "AccountAccessRoleName": f"{name}AccountAccessRole"}
    own["ProtectedAccountIds"] = f"{first.audit},{first.automation}"
    del own["ScimTokenSecretArn"]
    automation = repository / "templates" / "automation.yaml"
    stacks.create_stack(accounts.automation, "avm-automation", automation, own)
    return _deploy_machine(accounts, external_ids, own, progress, repository)


def _deploy_machine(
    accounts: Accounts, external_ids: ExternalIds, known: dict[str, str], progress: Progress, repository: Path
) -> Deployment:
    # Not before: the standing accounts' parameter of this name is for meshStack's own metering.
    known = {**known, "Metering": "true"}
    templates, name = repository / "templates", known.get("MachineName", "")
    progress("stack of template.yaml")
    stacks.create_stack(accounts.automation, AVM_STACK, repository / "template.yaml", known)
    progress("stack of templates/landing-zone.yaml")
    stacks.create_stack(accounts.automation, LANDING_ZONE_STACK, templates / "landing-zone.yaml", known)
    progress("stack of templates/vending-roles.yaml")
    roles = f"{VENDING_ROLES_STACK}{f'-{name.lower()}' if name else ''}"
    stacks.create_stack(accounts.management, roles, templates / "vending-roles.yaml", known)
    progress("configuration documents")
    with tempfile.TemporaryDirectory() as folder:
        documents = surroundings.local_documents(repository / "configuration", Path(folder), name)
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
        raise DeploymentError(f"`avm config deploy` failed: {finished.stdout.strip()} {finished.stderr.strip()}")
