"""ListServiceQuotas: the values of an account that has been raised where a test would meet the default.

Sources: the pages of quotas of AWS Lambda, AWS Organizations and AWS CloudFormation.
"""

from collections.abc import Mapping
from typing import Any

from local_aws.api import own_services
from local_aws.api.own_services import Operation, Pages, Refusal
from local_aws.enforcement.calls import Call

_VALUES: dict[str, dict[str, float]] = {
    "cloudformation": {"Stack instances per stack set": 100000.0, "Stack sets per administrator account": 1000.0},
    # What its guide says of concurrent account operations has no document that names the quota.
    "controltower": {},
    "lambda": {"Concurrent executions": 1000.0},
    "organizations": {"Default maximum number of accounts": 10000.0},
}
# AWS Organizations is asked where it lies.
_REGIONS = {"organizations": "us-east-1"}
_PAGES = Pages(error="InvalidPaginationTokenException")


def _list(call: Call) -> dict[str, Any]:
    service = call.parameters["ServiceCode"]
    if service not in _VALUES or call.region != _REGIONS.get(service, call.region):
        raise Refusal("NoSuchResourceException", "The request failed because the specified service does not exist.")
    quotas = [
        {"ServiceCode": service, "QuotaName": name, "Value": value, "Unit": "None", "GlobalQuota": service in _REGIONS}
        for name, value in _VALUES[service].items()
    ]
    return _PAGES.of("Quotas", quotas, call.parameters)


def _operations() -> Mapping[str, Operation]:
    return {"ListServiceQuotas": _list}


own_services.add("servicequotas", _operations)
