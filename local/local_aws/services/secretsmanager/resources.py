"""Secrets in templates: AWS::SecretsManager::Secret, which moto does not have."""

from typing import Any

from botocore.client import BaseClient

from local_aws.services.cloudformation.resources import ApiResource


class Secret(ApiResource):
    """A secret whose text Secrets Manager makes, or that the template gives; an update leaves the text as it is."""

    TYPE = "AWS::SecretsManager::Secret"
    NAME_PROPERTY = "Name"
    SERVICE = "secretsmanager"

    @classmethod
    def put(cls, client: BaseClient, name: str, properties: dict[str, Any]) -> str:
        """Makes the secret under its name; its physical id is its ARN."""
        described = {"Description": properties["Description"]} if "Description" in properties else {}
        try:
            return str(client.update_secret(SecretId=name, **described)["ARN"])
        except client.exceptions.ResourceNotFoundException:
            text = properties.get("SecretString") or _generated(client, properties["GenerateSecretString"])
            return str(client.create_secret(Name=name, SecretString=text, **described)["ARN"])

    @classmethod
    def remove(cls, client: BaseClient, physical_id: str, properties: dict[str, Any]) -> None:
        """Deletes the secret."""
        client.delete_secret(SecretId=physical_id)


def _generated(client: BaseClient, wanted: dict[str, Any]) -> str:
    excluded = str(wanted.get("ExcludePunctuation", "false")).lower() == "true"
    password = client.get_random_password(
        PasswordLength=int(wanted.get("PasswordLength", 32)), ExcludePunctuation=excluded
    )
    return str(password["RandomPassword"])
