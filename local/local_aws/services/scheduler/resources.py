"""Schedules in templates: AWS::Scheduler::Schedule.

moto has schedules, but not for CloudFormation.
"""

from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import ClientError

from local_aws.services.cloudformation.resources import ApiResource


class ScheduleResource(ApiResource):
    """AWS::Scheduler::Schedule: its properties are the parameters of the API."""

    TYPE = "AWS::Scheduler::Schedule"
    NAME_PROPERTY = "Name"
    SERVICE = "scheduler"

    @classmethod
    def put(cls, client: BaseClient, name: str, properties: dict[str, Any]) -> str:
        retries = (properties["Target"].get("RetryPolicy") or {}).items()
        target = {**properties["Target"], "RetryPolicy": {key: int(value) for key, value in retries}}
        wanted = {**properties, "Name": name, "Target": target}
        try:
            client.create_schedule(**wanted)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConflictException":
                raise
            client.update_schedule(**wanted)
        return name

    @classmethod
    def remove(cls, client: BaseClient, physical_id: str, properties: dict[str, Any]) -> None:
        client.delete_schedule(Name=physical_id)
