"""StackSets in templates: AWS::CloudFormation::StackSet, as AWS's handler makes and changes them.

Unknown to moto. The handler is public (aws-cloudformation/aws-cloudformation-resource-providers-cloudformation): it waits
for the operation of a change, and an operation that fails is a resource that "did not stabilize".
"""

from typing import Any

from botocore.client import BaseClient
from moto.core.exceptions import ServiceException

from local_aws import clock
from local_aws.services.cloudformation.resources import ApiResource


LOOK_SECONDS = 2
_UNDER_WAY = ("RUNNING", "QUEUED")
_PREFERENCES = "OperationPreferences"
_OF_UPDATES = (_PREFERENCES, "CallAs")
_NUMBERS = ("FailureToleranceCount", "FailureTolerancePercentage", "MaxConcurrentCount", "MaxConcurrentPercentage")


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
            if key not in _OF_UPDATES and value is not None
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
        given = {key: value for key, value in (properties.get(_PREFERENCES) or {}).items() if value is not None}
        preferences = {key: int(value) if key in _NUMBERS else value for key, value in given.items()}
        operation = client.update_stack_set(**wanted, **({_PREFERENCES: preferences} if preferences else {}))
        cls._stabilize(client, name, operation["OperationId"])
        return str(found["StackSetId"])

    @classmethod
    def _stabilize(cls, client: BaseClient, name: str, operation_id: str) -> None:
        wanted = {"StackSetName": name, "OperationId": operation_id}
        while (status := client.describe_stack_set_operation(**wanted)["StackSetOperation"]["Status"]) in _UNDER_WAY:
            clock.sleep(LOOK_SECONDS)
        if status != "SUCCEEDED":
            raise ServiceException(
                "NotStabilized", f"Resource of type '{cls.TYPE}' with identifier '{name}' did not stabilize."
            )

    @classmethod
    def remove(cls, client: BaseClient, physical_id: str, properties: dict[str, Any]) -> None:
        client.delete_stack_set(StackSetName=physical_id.split(":", 1)[0])
