"""Cost anomaly detection in templates: AWS::CE::AnomalyMonitor and AWS::CE::AnomalySubscription.

Unknown to moto.
"""

import json
from typing import Any

from botocore.client import BaseClient

from local_aws import clients
from local_aws.credentials import root_credentials
from local_aws.services.ce.responses.access import REGION
from local_aws.services.cloudformation.resources import ApiResource


class _AnomalyResource(ApiResource):
    """Made in the one region that Cost Explorer has, wherever the stack is."""

    SERVICE = "ce"

    @classmethod
    def client(cls, account_id: str, region: str) -> BaseClient:
        return clients.client(cls.SERVICE, REGION, root_credentials(account_id))


class AnomalyMonitor(_AnomalyResource):
    """AWS::CE::AnomalyMonitor."""

    TYPE = "AWS::CE::AnomalyMonitor"

    @classmethod
    def put(cls, client: BaseClient, name: str, properties: dict[str, Any]) -> str:
        wanted = {key: value for key, value in properties.items() if key != "ResourceTags"}
        if "MonitorSpecification" in wanted:
            wanted["MonitorSpecification"] = json.loads(wanted["MonitorSpecification"])
        return str(client.create_anomaly_monitor(AnomalyMonitor=wanted)["MonitorArn"])

    @classmethod
    def remove(cls, client: BaseClient, physical_id: str, properties: dict[str, Any]) -> None:
        client.delete_anomaly_monitor(MonitorArn=physical_id)


class AnomalySubscription(_AnomalyResource):
    """AWS::CE::AnomalySubscription: the expression of its threshold is JSON in a text."""

    TYPE = "AWS::CE::AnomalySubscription"

    @classmethod
    def put(cls, client: BaseClient, name: str, properties: dict[str, Any]) -> str:
        wanted = {key: value for key, value in properties.items() if key != "ResourceTags"}
        if "ThresholdExpression" in wanted:
            wanted["ThresholdExpression"] = json.loads(wanted["ThresholdExpression"])
        return str(client.create_anomaly_subscription(AnomalySubscription=wanted)["SubscriptionArn"])

    @classmethod
    def remove(cls, client: BaseClient, physical_id: str, properties: dict[str, Any]) -> None:
        client.delete_anomaly_subscription(SubscriptionArn=physical_id)
