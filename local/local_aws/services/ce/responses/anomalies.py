"""Cost anomaly detection: monitors and subscriptions, made, read, changed and deleted.

What must go together is checked: a monitor of a dimension names one, topics are told at once (user guide, "alerts").
"""

from typing import Any

from local_aws.api.own_services import Operation, Pages, Refusal, Request, invalid
from local_aws.enforcement.calls import Call
from local_aws.services.ce.models import anomalies
from local_aws.services.ce.models.anomalies import Entry
from local_aws.services.ce.responses import access

_PAGES = Pages("MaxResults", "NextPageToken", "NextPageToken", error="InvalidNextTokenException")


def _account(call: Call) -> str:
    access.payer_of(call)
    return str(call.principal.account_id)


def _create_monitor(call: Call) -> dict[str, Any]:
    wanted: Request = call.parameters["AnomalyMonitor"]
    dimensional = wanted["MonitorType"] == "DIMENSIONAL"
    if dimensional != bool(wanted.get("MonitorDimension")) or dimensional == bool(wanted.get("MonitorSpecification")):
        raise invalid("A DIMENSIONAL monitor has a MonitorDimension, a CUSTOM one a MonitorSpecification")
    account = _account(call)
    arn = anomalies.arn(account, "anomalymonitor")
    anomalies.monitors(account)[arn] = {**wanted, "MonitorArn": arn}
    return {"MonitorArn": arn}


def _existing(entries: dict[str, Entry], arn: str, error: str) -> Entry:
    if arn not in entries:
        raise Refusal(error, f"{arn} does not exist.")
    return entries[arn]


def _update_monitor(call: Call) -> dict[str, Any]:
    found = _existing(anomalies.monitors(_account(call)), call.parameters["MonitorArn"], "UnknownMonitorException")
    found.update({key: value for key, value in call.parameters.items() if key == "MonitorName"})
    return {"MonitorArn": found["MonitorArn"]}


def _delete_monitor(call: Call) -> dict[str, Any]:
    monitors = anomalies.monitors(_account(call))
    _existing(monitors, call.parameters["MonitorArn"], "UnknownMonitorException")
    del monitors[call.parameters["MonitorArn"]]
    return {}


def _get_monitors(call: Call) -> dict[str, Any]:
    wanted = call.parameters.get("MonitorArnList")
    found = [one for arn, one in anomalies.monitors(_account(call)).items() if not wanted or arn in wanted]
    return _PAGES.of("AnomalyMonitors", found, call.parameters)


def _check_subscription(account: str, wanted: Request) -> None:
    for arn in wanted["MonitorArnList"]:
        _existing(anomalies.monitors(account), arn, "UnknownMonitorException")
    if not wanted.get("Threshold") and not wanted.get("ThresholdExpression"):
        raise invalid("ThresholdExpression is needed")
    for subscriber in wanted["Subscribers"]:
        if (subscriber["Type"] == "SNS") != (wanted["Frequency"] == "IMMEDIATE"):
            raise invalid("SNS subscribers are told with the frequency IMMEDIATE, and only they")


def _create_subscription(call: Call) -> dict[str, Any]:
    account, wanted = _account(call), call.parameters["AnomalySubscription"]
    _check_subscription(account, wanted)
    arn = anomalies.arn(account, "anomalysubscription")
    anomalies.subscriptions(account)[arn] = {**wanted, "SubscriptionArn": arn}
    return {"SubscriptionArn": arn}


def _update_subscription(call: Call) -> dict[str, Any]:
    account = _account(call)
    arn = call.parameters["SubscriptionArn"]
    found = _existing(anomalies.subscriptions(account), arn, "UnknownSubscriptionException")
    changed = {**found, **call.parameters}
    _check_subscription(account, changed)
    found.update(changed)
    return {"SubscriptionArn": arn}


def _delete_subscription(call: Call) -> dict[str, Any]:
    subscriptions = anomalies.subscriptions(_account(call))
    arn = call.parameters["SubscriptionArn"]
    _existing(subscriptions, arn, "UnknownSubscriptionException")
    del subscriptions[arn]
    return {}


def _get_subscriptions(call: Call) -> dict[str, Any]:
    wanted = call.parameters.get("SubscriptionArnList")
    found = [one for arn, one in anomalies.subscriptions(_account(call)).items() if not wanted or arn in wanted]
    return _PAGES.of("AnomalySubscriptions", found, call.parameters)


OPERATIONS: dict[str, Operation] = {
    "CreateAnomalyMonitor": _create_monitor,
    "UpdateAnomalyMonitor": _update_monitor,
    "DeleteAnomalyMonitor": _delete_monitor,
    "GetAnomalyMonitors": _get_monitors,
    "CreateAnomalySubscription": _create_subscription,
    "UpdateAnomalySubscription": _update_subscription,
    "DeleteAnomalySubscription": _delete_subscription,
    "GetAnomalySubscriptions": _get_subscriptions,
}
