"""GetReservationUtilization: what is amortized of each subscription of one service, and how much of it is used.

Attributes are in camelCase, unlike those of Savings Plans, and all of them text.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from local_aws.enforcement.calls import Call
from local_aws.services.ce import validation
from local_aws.services.ce.models.calendar import Period, known_until
from local_aws.services.ce.models.charges import ZERO
from local_aws.services.ce.models.plans import Reservation
from local_aws.services.ce.responses import access

SUBSCRIPTIONS_ON_A_PAGE = 1


def reservation_utilization(call: Call) -> dict[str, Any]:
    book, reader = access.ledger_of(call)
    request = call.parameters
    validation.subscription_groups(request)
    service, period = validation.reserved_service(request), validation.plan_period(request)
    plans = [plan for plan in book.reservations(reader) if plan.service == service and plan.hours(period)]
    if not plans:
        raise validation.unavailable()
    size = min(request.get("MaxResults") or SUBSCRIPTIONS_ON_A_PAGE, SUBSCRIPTIONS_ON_A_PAGE)
    shown, token = access.page(plans, request, "NextPageToken", size)
    book.count(reader)
    total = _sum([_utilization(plan, period) for plan in plans])
    groups = [_group(plan, period) for plan in shown] if request.get("GroupBy") else []
    by_time = {"TimePeriod": period.shown(), "Groups": groups, "Total": total}
    return {"UtilizationsByTime": [by_time], "Total": total, **(token if groups else {})}


def _group(plan: Reservation, period: Period) -> dict[str, Any]:
    return {
        "Key": "SubscriptionId",
        "Value": plan.subscription_id,
        "Attributes": _attributes(plan),
        "Utilization": _utilization(plan, period),
    }


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"


def _attributes(plan: Reservation) -> dict[str, str]:
    return {
        "accountId": plan.account,
        "accountName": f"account-{plan.account}",
        "subscriptionId": plan.subscription_id,
        "reservationARN": plan.arn,
        "leaseId": plan.subscription_id,
        "service": plan.service,
        "region": "eu-central-1",
        "numberOfInstances": "1",
        "subscriptionType": plan.option,
        "subscriptionStatus": plan.status,
        "modificationStatus": "",
        "startDateTime": _moment(plan.start),
        "endDateTime": _moment(plan.end - timedelta(seconds=1)),
        "cancellationDateTime": "",
        "upfrontFee": str(float(plan.upfront)),
        "hourlyRecurringFee": str(float(plan.hourly)),
        "totalAssetValue": str(float(plan.upfront + plan.hourly * plan.term_hours)),
        "scope": "Region",
    }


def _utilization(plan: Reservation, period: Period) -> dict[str, str]:
    hours = plan.hours(period)
    upfront, recurring = plan.amortized_upfront(hours), plan.recurring(hours)
    used = sum((plan.used(use, period.until(known_until())) for use in plan.uses), ZERO)
    return {
        "PurchasedHours": str(hours),
        "AmortizedUpfrontFee": f"{upfront.normalize():f}",
        "AmortizedRecurringFee": f"{recurring.normalize():f}",
        "TotalAmortizedFee": f"{(upfront + recurring).normalize():f}",
        "RICostForUnusedHours": f"{(upfront + recurring - used).normalize():f}",
    }


def _sum(all_of: list[dict[str, str]]) -> dict[str, str]:
    return {key: f"{sum((Decimal(one[key]) for one in all_of), ZERO):f}" for key in all_of[0]}
