"""What `make local` writes to `.local/env`, read by a client.

The file holds shell lines `export NAME=value`.
"""

import configparser
import shlex
from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.config import Config

ROOT_KEY_PREFIX = "AKIAROOT"
ROOT_SECRET = "root-of-a-local-account"


def exported(path: Path) -> dict[str, str]:
    """The variables that a file of shell lines exports."""
    variables: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        words = shlex.split(line, comments=True)
        if len(words) == 2 and words[0] == "export":
            name, _, value = words[1].partition("=")
            variables[name] = value
    return variables


@dataclass(frozen=True)
class LocalEnvironment:
    """Where the local AWS is, which accounts it has, and the keys of `meshfed-service-user`."""

    endpoint_url: str
    region: str
    access_key_id: str
    secret_access_key: str
    external_id: str
    management_account_id: str
    automation_account_id: str
    meshcloud_account_id: str
    state_machine_arn: str

    @classmethod
    def load(cls, path: Path) -> "LocalEnvironment":
        """Reads the file; every variable must be there."""
        variables = exported(path)
        return cls(
            endpoint_url=variables["AWS_ENDPOINT_URL"],
            region=variables["AWS_REGION"],
            access_key_id=variables["AWS_ACCESS_KEY_ID"],
            secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
            external_id=variables["AVM_EXTERNAL_ID"],
            management_account_id=variables["AVM_MANAGEMENT_ACCOUNT_ID"],
            automation_account_id=variables["AVM_AUTOMATION_ACCOUNT_ID"],
            meshcloud_account_id=variables["AVM_MESHCLOUD_ACCOUNT_ID"],
            state_machine_arn=variables["AVM_STATE_MACHINE_ARN"],
        )

    @classmethod
    def of_empty_accounts(cls, variables: dict[str, str]) -> "LocalEnvironment":
        """What there is before a deployment, from the variables of `make empty`: root keys, and none of meshStack's."""
        profiles = configparser.ConfigParser()
        profiles.read(variables["AWS_CONFIG_FILE"], encoding="utf-8")
        endpoint = profiles[f"profile {variables['AUTOMATION']}"]["endpoint_url"]
        ids = [variables[f"{name}_ID"] for name in ("MANAGEMENT", "AUTOMATION", "MESHCLOUD")]
        return cls(endpoint, variables["AWS_REGION"], "", "", "", *ids, "")

    def external_id_of(self, boundary: str) -> str:
        """The ExternalId of `meshstack`, `cost-explorer` or `machine`, as an administrator of the automation account reads it."""
        secrets = self.root_client("secretsmanager", self.automation_account_id)
        return str(secrets.get_secret_value(SecretId=f"avm/external-id/{boundary}")["SecretString"])

    def client(
        self, service: str, credentials: dict[str, str] | None = None, region: str | None = None
    ):
        """A boto3 client with these credentials; without any, as `meshfed-service-user`."""
        keys = credentials or {
            "AccessKeyId": self.access_key_id,
            "SecretAccessKey": self.secret_access_key,
        }
        return boto3.client(
            service,
            endpoint_url=self.endpoint_url,
            region_name=region or self.region,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys.get("SessionToken"),
            config=Config(retries={"mode": "standard", "total_max_attempts": 5}, read_timeout=120),
        )

    def root_client(self, service: str, account_id: str, region: str | None = None):
        """A client with all rights in an account: only the local AWS has such a key."""
        return self.client(
            service,
            {"AccessKeyId": f"{ROOT_KEY_PREFIX}{account_id}", "SecretAccessKey": ROOT_SECRET},
            region,
        )

    def root_variables(self, account_id: str) -> dict[str, str]:
        """The variables of a command with all rights in an account."""
        return {
            "AWS_ACCESS_KEY_ID": f"{ROOT_KEY_PREFIX}{account_id}",
            "AWS_SECRET_ACCESS_KEY": ROOT_SECRET,
            # Not all tools read the same of the two.
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
