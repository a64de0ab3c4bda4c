"""ListServiceQuotas, in pages, and RequestServiceQuotaIncrease, and where the service lies."""

import uuid
from collections.abc import Mapping
from typing import Any

from moto.core.utils import utcnow

from local_aws.api import own_services
from local_aws.api.lists import given
from local_aws.api.own_services import Operation, Pages, Refusal
from local_aws.enforcement.calls import Call
from local_aws.services.servicequotas.models import CODES, OPEN, VALUES

# AWS Organizations is asked where it lies.
_REGIONS = {"organizations": "us-east-1"}
_PAGES = Pages(error="InvalidPaginationTokenException")


def _quotas(call: Call) -> list[dict[str, Any]]:
    service = call.parameters["ServiceCode"]
    if service not in VALUES or call.region != _REGIONS.get(service, call.region):
        raise Refusal("NoSuchResourceException", "The request failed because the specified service does not exist.")
    shown = {"ServiceCode": service, "Unit": "None", "Adjustable": True, "GlobalQuota": service in _REGIONS}
    return [given({**shown, "QuotaName": name, "QuotaCode": CODES.get(name), "Value": value}) for name, value in VALUES[service].items()]


def _list(call: Call) -> dict[str, Any]:
    return _PAGES.of("Quotas", _quotas(call), call.parameters)


def _increase(call: Call) -> dict[str, Any]:
    """A request that stays open. What is refused is recorded: cloud-custodian#8939, hashicorp/terraform-provider-aws#19657."""
    code, wanted = call.parameters["QuotaCode"], call.parameters["DesiredValue"]
    quota = next((one for one in _quotas(call) if one.get("QuotaCode") == code), None)
    if quota is None:
        raise Refusal("NoSuchResourceException", "The request failed because the specified quota does not exist.")
    if wanted <= quota["Value"]:
        raise Refusal("IllegalArgumentException", "You must provide a quota value greater than the current quota value.")
    assert call.principal is not None, "the gateway has let it pass"
    key = (call.principal.account_id, call.region, code)
    if key in OPEN:
        raise Refusal("ResourceAlreadyExistsException", "Only one open service quota increase request is allowed per quota.")
    OPEN.add(key)
    told = {name: quota[name] for name in ("ServiceCode", "QuotaCode", "QuotaName", "GlobalQuota", "Unit")}
    now = utcnow()
    return {"RequestedQuota": {**told, "Id": uuid.uuid4().hex, "DesiredValue": wanted, "Status": "PENDING", "Created": now, "LastUpdated": now}}


def _operations() -> Mapping[str, Operation]:
    return {"ListServiceQuotas": _list, "RequestServiceQuotaIncrease": _increase}


own_services.add("servicequotas", _operations)
