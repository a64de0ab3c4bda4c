"""EC2 in an account's regions: DescribeRegions tells those that it has; new accounts are not subscribed yet, and a region that
was just enabled shows its default VPC some seconds later.

moto gives every account the same regions, those of other partitions too, lets every account in at once, and
deletes also in a dry run. Sources: EC2 API reference, DescribeRegions; EC2 Developer Guide, "Error codes for the Amazon EC2 API", for a dry
run; code, words and status of an account that is not ready: awslabs/aws-deployment-framework#283, Appliscale/cloud-security-audit#24.
The words for unknown regions and filters have no source; callers look at the code.
"""

import fnmatch
import threading
from typing import Any

from moto.core.common_types import TYPE_RESPONSE
from moto.core.responses import ActionResult
from moto.ec2.exceptions import DryRunClientError, EC2ClientError
from moto.ec2.responses import EC2Response

from local_aws.credentials import root_account_id
from local_aws.enforcement.responses import error_answer
from local_aws.patches import patch
from local_aws.services.account.models import readiness
from local_aws.services.account.models import regions as account_regions

_NOT_SUBSCRIBED = "You are not subscribed to this service. Please go to http://aws.amazon.com to subscribe."
_OPT_IN = {"ENABLED_BY_DEFAULT": "opt-in-not-required", "ENABLED": "opted-in"}
_FILTERS: dict[str, str] = {
    "endpoint": "Endpoint",
    "opt-in-status": "OptInStatus",
    "region-name": "RegionName",
}
_lock = threading.RLock()


def regions_of(account_id: str) -> list[dict[str, str]]:
    """All regions as EC2 shows them to an account: one on its way is not opted in yet."""
    return [
        {
            "RegionName": region,
            "Endpoint": f"ec2.{region}.amazonaws.com",
            "OptInStatus": _OPT_IN.get(status, "not-opted-in"),
        }
        for region, status in account_regions.statuses(account_id).items()
    ]


def _passes(region: dict[str, str], filters: dict[str, list[str]]) -> bool:
    for name, patterns in filters.items():
        if name not in _FILTERS:
            raise EC2ClientError("InvalidParameterValue", f"The filter '{name}' is invalid")
        if not any(fnmatch.fnmatchcase(region[_FILTERS[name]], pattern) for pattern in patterns):
            return False
    return True


@patch(EC2Response, "describe_regions")
def _describe_regions(_: Any, self: EC2Response) -> ActionResult:
    regions = regions_of(self.current_account)
    names: list[str] = self._get_param("RegionNames", [])
    known = {region["RegionName"] for region in regions}
    for name in names:
        if name not in known:
            raise EC2ClientError("InvalidParameterValue", f"Invalid region name ({name}) provided.")
    every = str(self._get_param("AllRegions", False)).lower() == "true"
    filters: dict[str, Any] = self._filters_from_querystring()
    found = [
        region
        for region in regions
        if (not names or region["RegionName"] in names)
        and (every or region["OptInStatus"] != "not-opted-in")
        and _passes(region, filters)
    ]
    return ActionResult({"Regions": found})


def _is_late(response: EC2Response, vpc_id: str) -> bool:
    """Whether the VPC is a default one that AWS does not show yet."""
    account_id, region = response.current_account, response.region
    if not account_regions.awaits_default_vpc(account_id, region):
        return False
    return bool(response.ec2_backend.get_vpc(vpc_id).is_default)


@patch(EC2Response, "describe_vpcs")
def _describe_vpcs(original: Any, self: EC2Response) -> ActionResult:
    found = original(self).result["Vpcs"]
    return ActionResult({"Vpcs": [vpc for vpc in found if not _is_late(self, vpc.id)]})


@patch(EC2Response, "describe_subnets")
def _describe_subnets(original: Any, self: EC2Response) -> ActionResult:
    found = original(self).result["Subnets"]
    return ActionResult({"Subnets": [subnet for subnet in found if not _is_late(self, subnet.vpc_id)]})


@patch(EC2Response, "call_action")
def _call_action(original: Any, self: EC2Response) -> TYPE_RESPONSE:
    """Roots, who set up, are let through."""
    setting_up = root_account_id(self.get_access_key()) is not None
    if not setting_up and not readiness.services_ready(self.current_account):
        return error_answer("ec2", "ec2", "OptInRequired", _NOT_SUBSCRIBED, 401, "not-ready")
    if str(self._get_param("DryRun", False)).lower() == "true":
        return error_answer("ec2", "ec2", "DryRunOperation", DryRunClientError.message, 412, "dry-run")
    # moto's dictionaries have no locks, and callers delete in several regions at once.
    with _lock:
        answer: TYPE_RESPONSE = original(self)
        return answer
