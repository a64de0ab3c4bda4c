"""GetSavingsPlansUtilizationDetails: what is amortized of each Savings Plan, of what the caller asks to be told.

Attributes are in PascalCase, unlike those of reservations, and all of them text.
"""

from datetime import timedelta
from typing import Any

from local_aws.enforcement.calls import Call
from local_aws.services.ce import validation
from local_aws.services.ce.models.calendar import Period
from local_aws.services.ce.models.charges import ZERO
from local_aws.services.ce.models.plans import SavingsPlan
from local_aws.services.ce.responses import access

# Twenty if the caller does not say how many, and here never more than two.
PLANS_ON_A_PAGE = 2
_KINDS = ("ATTRIBUTES", "UTILIZATION", "AMORTIZED_COMMITMENT", "SAVINGS")


def utilization_details(call: Call) -> dict[str, Any]:
    book, reader = access.ledger_of(call)
    request = call.parameters
    validation.savings_plans_filter(request)
    period = validation.plan_period(request)
    plans = [plan for plan in book.savings_plans(reader) if plan.hours(period)]
    if not plans:
        raise validation.unavailable()
    size = min(request.get("MaxResults") or PLANS_ON_A_PAGE, PLANS_ON_A_PAGE)
    shown, token = access.page(plans, request, "NextToken", size)
    book.count(reader)
    kinds = request.get("DataType") or _KINDS
    details = [_detail(plan, period, kinds) for plan in shown]
    total = {"Utilization": _utilization(plans, period)}
    return {"SavingsPlansUtilizationDetails": details, "Total": total, "TimePeriod": period.shown(), **token}


def _detail(plan: SavingsPlan, period: Period, kinds: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"SavingsPlanArn": plan.arn}
    if "ATTRIBUTES" in kinds:
        found["Attributes"] = _attributes(plan)
    if "UTILIZATION" in kinds:
        found["Utilization"] = _utilization([plan], period)
    if "AMORTIZED_COMMITMENT" in kinds:
        hours = plan.hours(period)
        upfront, recurring = plan.upfront_hourly * hours, plan.recurring_hourly * hours
        found["AmortizedCommitment"] = {
            "AmortizedUpfrontCommitment": f"{upfront.normalize():f}",
            "AmortizedRecurringCommitment": f"{recurring.normalize():f}",
            "TotalAmortizedCommitment": f"{(upfront + recurring).normalize():f}",
        }
    return found


def _attributes(plan: SavingsPlan) -> dict[str, str]:
    return {
        "AccountId": plan.account,
        "AccountName": f"account-{plan.account}",
        "SavingsPlanARN": plan.arn,
        "SavingsPlansType": plan.kind,
        "PaymentOption": plan.option,
        "PurchaseTerm": "1yr",
        "StartDateTime": f"{plan.start:%Y-%m-%dT%H:%M:%S}.000Z",
        "EndDateTime": f"{plan.end - timedelta(seconds=1):%Y-%m-%dT%H:%M:%S}.000Z",
        "UpfrontFee": str(float(plan.upfront)),
        "RecurringHourlyFee": str(float(plan.recurring_hourly)),
        "HourlyCommitment": str(float(plan.commitment)),
        "Region": "Any",
        "Status": "Returned" if plan.returned else "Active",
    }


def _utilization(plans: list[SavingsPlan], period: Period) -> dict[str, str]:
    total = sum((plan.commitment * plan.hours(period) for plan in plans), ZERO)
    used = sum(
        (
            plan.commitment * use.hours(period, plan.start, plan.end) * use.share
            for plan in plans
            for use in plan.uses
        ),
        ZERO,
    )
    return {
        "TotalCommitment": f"{total:f}",
        "UsedCommitment": f"{used:f}",
        "UnusedCommitment": f"{total - used:f}",
    }
