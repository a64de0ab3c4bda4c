"""Alarms in templates: AWS::CloudWatch::Alarm.

moto has alarms, but not for CloudFormation.
"""

from typing import Any

from botocore.client import BaseClient

from local_aws.services.cloudformation.resources import ApiResource


class Alarm(ApiResource):
    """AWS::CloudWatch::Alarm: moto has alarms, but not for CloudFormation."""

    TYPE = "AWS::CloudWatch::Alarm"
    NAME_PROPERTY = "AlarmName"
    SERVICE = "cloudwatch"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr == "Arn"

    def get_cfn_attribute(self, attribute_name: str) -> str:
        return f"arn:aws:cloudwatch:{self.region}:{self.account_id}:alarm:{self.physical_resource_id}"

    @classmethod
    def put(cls, client: BaseClient, name: str, properties: dict[str, Any]) -> str:
        wanted = {key: value for key, value in properties.items() if key != "Tags"}
        for key in ("EvaluationPeriods", "Period", "DatapointsToAlarm"):
            if key in wanted:
                wanted[key] = int(wanted[key])
        if "Threshold" in wanted:
            wanted["Threshold"] = float(wanted["Threshold"])
        if "Metrics" in wanted:
            wanted["Metrics"] = [_of_expression(metric) for metric in wanted["Metrics"]]
        client.put_metric_alarm(**{**wanted, "AlarmName": name})
        return name

    @classmethod
    def remove(cls, client: BaseClient, physical_id: str, properties: dict[str, Any]) -> None:
        client.delete_alarms(AlarmNames=[physical_id])


def _of_expression(metric: dict[str, Any]) -> dict[str, Any]:
    """A metric of an alarm with an expression, with numbers and booleans as the API has them."""
    found = dict(metric)
    if "ReturnData" in found:
        found["ReturnData"] = str(found["ReturnData"]).lower() == "true"
    if "MetricStat" in found:
        found["MetricStat"] = {**found["MetricStat"], "Period": int(found["MetricStat"]["Period"])}
    return found
