"""The three ExternalIds, which templates/external-ids.yaml makes in the automation account, before anything that asks for them.

Each opens one boundary: meshStack's roles, the role that reads costs, the machine's own roles in the management account.
"""

from dataclasses import dataclass, field
from pathlib import Path

from local_aws import paths
from local_aws.deploy import stacks
from local_aws.deploy.accounts import Accounts, root_client

STACK = "avm-external-ids"
TEMPLATE = Path("templates") / "external-ids.yaml"
# The secret behind each parameter of the other templates.
SECRETS = {
    "MeshStackExternalIds": "avm/external-id/meshstack",
    "CostExplorerExternalIds": "avm/external-id/cost-explorer",
    "MachineExternalIds": "avm/external-id/machine",
}


@dataclass(frozen=True)
class ExternalIds:
    """The values by the parameters that take them."""

    values: dict[str, str] = field(repr=False)

    @property
    def meshstack(self) -> str:
        """What meshStack's two roles ask for."""
        return self.values["MeshStackExternalIds"]


def make_external_ids(accounts: Accounts, repository: Path = paths.REPOSITORY) -> ExternalIds:
    """Deploys the template and reads what Secrets Manager has made."""
    stacks.create_stack(accounts.automation, STACK, repository / TEMPLATE, {})
    secrets = root_client("secretsmanager", accounts.automation)
    return ExternalIds(
        {
            parameter: str(secrets.get_secret_value(SecretId=name)["SecretString"])
            for parameter, name in SECRETS.items()
        }
    )
