"""What `sam package` uploads: code and definitions, in a bucket of the account.

The code of a function is one line that stands for its binary, which the Lambda service starts from the disk.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from botocore.client import BaseClient

from local_aws import paths
from local_aws.address import REGION
from local_aws.deploy.accounts import root_client
from local_aws.deploy.problems import DeploymentError
from local_aws.lambda_service.configuration import binary_key, stand_in


class ArtifactBucket:
    """The bucket of one account for everything that templates refer to; all stacks of the account share it."""

    def __init__(self, account_id: str) -> None:
        self.name = f"artifacts-{account_id}-{REGION}"
        self._s3: BaseClient = root_client("s3", account_id)
        if self.name not in [bucket["Name"] for bucket in self._s3.list_buckets()["Buckets"]]:
            self._s3.create_bucket(
                Bucket=self.name, CreateBucketConfiguration={"LocationConstraint": REGION}
            )

    def upload(self, key: str, content: bytes) -> str:
        """Puts an object; answers its S3 address."""
        self._s3.put_object(Bucket=self.name, Key=key, Body=content)
        return f"s3://{self.name}/{key}"

    def url(self, key: str) -> str:
        """The address of an object as CloudFormation wants templates."""
        return f"https://{self.name}.s3.{REGION}.amazonaws.com/{key}"


def _file(folder: Path, name: str, logical_id: str) -> bytes:
    path = folder / name
    if not path.is_file():
        raise DeploymentError(f"{logical_id} refers to {name}, which does not exist")
    return path.read_bytes()


def binary_names(template: dict[str, Any]) -> dict[str, str]:
    """The binary of each function: logical id to name."""
    names = {}
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        properties = (resource.get("Metadata") or {}).get("BuildProperties") or {}
        if not properties.get("Binary"):
            raise DeploymentError(
                f"{logical_id}: Metadata.BuildProperties.Binary must name the function's binary"
            )
        names[logical_id] = str(properties["Binary"])
    return names


def applications(template: dict[str, Any]) -> dict[str, str]:
    """The applications that are nested in a template: logical id to the path of their template."""
    return {
        logical_id: str(resource["Properties"]["Location"])
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Application"
    }


def missing_binaries(templates: Iterable[dict[str, Any]]) -> list[str]:
    """Binaries that the templates need and nobody has built."""
    names = [name for template in templates for name in binary_names(template).values()]
    return sorted(name for name in names if paths.binary(name) is None)


def package(template: dict[str, Any], folder: Path, bucket: ArtifactBucket) -> None:
    """Uploads what the template refers to and puts the addresses in its place."""
    binaries = binary_names(template)
    of_all = (template.get("Globals") or {}).get("Function") or {}
    for logical_id, resource in template["Resources"].items():
        properties = resource.get("Properties") or {}
        if logical_id in binaries:
            code = str(properties.get("CodeUri") or of_all.get("CodeUri"))
            if not (folder / code).is_dir():
                raise DeploymentError(f"{logical_id}: the folder {code} does not exist")
            binary = binaries[logical_id]
            properties["CodeUri"] = bucket.upload(binary_key(binary), stand_in(binary))
        elif resource["Type"] == "AWS::Serverless::StateMachine" and "DefinitionUri" in properties:
            name = str(properties["DefinitionUri"])
            key = "/".join(part for part in Path(name).parts if part != "..")
            properties["DefinitionUri"] = bucket.upload(key, _file(folder, name, logical_id))
