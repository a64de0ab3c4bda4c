"""StackSets in templates: AWS::CloudFormation::StackSet.

Unknown to moto.
"""

from typing import Any

from botocore.client import BaseClient
from moto.core.exceptions import ServiceException

from local_aws.services.cloudformation.resources import ApiResource


class StackSetResource(ApiResource):
    """AWS::CloudFormation::StackSet: unknown to moto."""

    TYPE = "AWS::CloudFormation::StackSet"
    NAME_PROPERTY = "StackSetName"
    SERVICE = "cloudformation"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr == "StackSetId"

    def get_cfn_attribute(self, attribute_name: str) -> str:
        return self.physical_resource_id

    @classmethod
    def put(cls, client: BaseClient, name: str, properties: dict[str, Any]) -> str:
        if properties.get("StackInstancesGroup"):
            raise ServiceException(
                "ValidationError", "StackInstancesGroup is not supported by the local AWS"
            )
        wanted = {
            key: value
            for key, value in properties.items()
            if key not in ("OperationPreferences", "CallAs") and value is not None
        }
        wanted["StackSetName"] = name
        if "ManagedExecution" in wanted:
            active = str(wanted["ManagedExecution"].get("Active")).lower() == "true"
            wanted["ManagedExecution"] = {"Active": active}
        wanted["Parameters"] = [
            {"ParameterKey": entry["ParameterKey"], "ParameterValue": str(entry["ParameterValue"])}
            for entry in wanted.get("Parameters") or []
        ]
        try:
            found = client.describe_stack_set(StackSetName=name)["StackSet"]
        except client.exceptions.StackSetNotFoundException:
            return str(client.create_stack_set(**wanted)["StackSetId"])
        client.update_stack_set(**wanted)
        return str(found["StackSetId"])

    @classmethod
    def remove(cls, client: BaseClient, physical_id: str, properties: dict[str, Any]) -> None:
        client.delete_stack_set(StackSetName=physical_id.split(":", 1)[0])
