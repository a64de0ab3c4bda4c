"""Types of resources that moto lacks, made through the API of their service; each service has its own in `resources`.

A type that is neither in moto nor in a service is an error: a template never loses a resource silently.
"""

import json
from typing import Any

from botocore.client import BaseClient
from moto.cloudformation import parsing
from moto.core.common_models import CloudFormationModel
from moto.core.exceptions import ServiceException

from local_aws import clients
from local_aws.credentials import root_credentials
from local_aws.patches import patch


def policy_text(document: Any) -> str:
    """A policy document as services keep it."""
    return document if isinstance(document, str) else json.dumps(document)


class ApiResource(CloudFormationModel):
    """A resource that is made through the API of its service, as the root of the stack's account."""

    TYPE = ""
    NAME_PROPERTY = ""
    SERVICE = ""

    def __init__(self, physical_id: str, account_id: str, region: str) -> None:
        self.physical_resource_id = physical_id
        self.account_id = account_id
        self.region = region

    @classmethod
    def cloudformation_name_type(cls) -> str:
        return cls.NAME_PROPERTY

    @classmethod
    def cloudformation_type(cls) -> str:
        return cls.TYPE

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return False

    @classmethod
    def client(cls, account_id: str, region: str) -> BaseClient:
        return clients.client(cls.SERVICE, region, root_credentials(account_id))

    @classmethod
    def put(cls, client: BaseClient, name: str, properties: dict[str, Any]) -> str:
        """Makes the resource, or brings it to these properties; answers its physical id."""
        raise NotImplementedError

    @classmethod
    def remove(cls, client: BaseClient, physical_id: str, properties: dict[str, Any]) -> None:
        """Deletes the resource."""
        raise NotImplementedError

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **_: Any,
    ) -> "ApiResource":
        client = cls.client(account_id, region_name)
        physical_id = cls.put(client, resource_name, cloudformation_json["Properties"])
        return cls(physical_id, account_id, region_name)

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> "ApiResource":
        return cls.create_from_cloudformation_json(
            new_resource_name, cloudformation_json, account_id, region_name
        )

    @classmethod
    def delete_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> None:
        client = cls.client(account_id, region_name)
        cls.remove(client, resource_name, cloudformation_json["Properties"])

    def is_created(self) -> bool:
        return True


def _kinds(model: type[ApiResource]) -> list[type[ApiResource]]:
    """Every kind of resource below a class."""
    return [kind for child in model.__subclasses__() for kind in (child, *_kinds(child))]


@patch(parsing, "get_model_list")
def _model_list(original: Any) -> list[type[CloudFormationModel]]:
    """moto lists the direct subclasses of its model. No source; it is how moto finds its types."""
    return [model for model in original() if model is not ApiResource] + _kinds(ApiResource)


@patch(parsing, "resource_class_from_type")
def _class_from_type(original: Any, resource_type: str) -> Any:
    """moto skips types that it does not know; the words: aws/aws-cli#2684."""
    known = resource_type in parsing.NULL_MODELS or resource_type.startswith("Custom::")
    if not known and resource_type not in parsing.get_model_map():
        raise ServiceException(
            "ValidationError",
            f"Template format error: Unrecognized resource types: [{resource_type}]",
        )
    return original(resource_type)
