"""What Cost Explorer refuses of a request: periods, groups, filters.

Its texts are those that callers report in public issues; where none is known, the text is this module's own.
"""

from datetime import date
from typing import Any

from local_aws.api.own_services import Refusal, Request, invalid
from local_aws.services.ce.models import calendar
from local_aws.services.ce.models.calendar import Period
from local_aws.services.ce.models.charges import Charge

METRICS = ("AmortizedCost", "UnblendedCost", "NetAmortizedCost", "NetUnblendedCost")
DIMENSIONS = ("LINKED_ACCOUNT", "SERVICE", "RECORD_TYPE")
# API reference, GetReservationUtilization, Filter.
RESERVED_SERVICES = (
    "Amazon Elastic Compute Cloud - Compute",
    "Amazon Relational Database Service",
    "Amazon ElastiCache",
    "Amazon MemoryDB",
    "Amazon Redshift",
    "Amazon Elasticsearch Service",
    "Amazon OpenSearch Service",
)
NO_DATA = (
    "Data is not available. Please try to adjust the time period."
    " If just enabled Cost Explorer, data might not be ingested yet"
)


def unavailable() -> Refusal:
    return Refusal("DataUnavailableException", NO_DATA)


def _day(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise invalid(f"{name} must be a date, as yyyy-mm-dd") from error


def period_of(request: Request) -> Period:
    """The period of a request, start before end and not before the history."""
    asked = request["TimePeriod"]
    start, end = _day(asked["Start"], "Start"), _day(asked["End"], "End")
    if start >= end:
        raise invalid("Start date (and hour) should be before end date (and hour)")
    if start < calendar.months_before(calendar.today(), calendar.MONTHS_OF_HISTORY):
        raise invalid("You haven't enabled historical data beyond 14 months")
    return Period.of_days(start, end)


def cost_period(request: Request) -> Period:
    """The period of costs, which may end with the current month."""
    period = period_of(request)
    if period.end > calendar.midnight(calendar.following(calendar.today())):
        raise invalid("end date past the beginning of next month")
    return period


def plan_period(request: Request) -> Period:
    """The period of plans, which ends before today: what is asked for later is not there yet."""
    period = period_of(request)
    if period.end >= calendar.midnight(calendar.today()):
        raise unavailable()
    return period


def metrics(request: Request) -> list[str]:
    """The metrics of the ledger; it has no blended costs and no quantities."""
    wanted = list(request["Metrics"])
    unknown = [name for name in wanted if name not in METRICS]
    if unknown or not wanted:
        raise invalid(f"Metrics must be of {', '.join(METRICS)}")
    return wanted


def groups(request: Request) -> list[str]:
    """The dimensions that costs are grouped by, two at most."""
    wanted = request.get("GroupBy") or []
    if len(wanted) > 2:
        raise invalid("GroupBy can have at most two group definitions")
    keys = [group.get("Key") for group in wanted]
    if any(group.get("Type") != "DIMENSION" for group in wanted) or not set(keys) <= set(DIMENSIONS):
        raise invalid(f"GroupBy must be DIMENSION with a key of {', '.join(DIMENSIONS)}")
    if len(set(keys)) < len(keys):
        raise invalid("GroupBy must not name a key twice")
    return [str(key) for key in keys]


def dimension(charge: Charge, key: str) -> str:
    """What a charge has as its value of a dimension."""
    values = {"LINKED_ACCOUNT": charge.account, "SERVICE": charge.service, "RECORD_TYPE": charge.record_type}
    return values[key]


def matches(expression: Request | None, charge: Charge) -> bool:
    """Whether a charge passes a filter, which is one dimension or a combination of filters."""
    if not expression:
        return True
    if len(expression) != 1:
        raise invalid("Expression must have exactly one of And, Or, Not, Dimensions, Tags, CostCategories")
    [(kind, value)] = expression.items()
    if kind in ("And", "Or"):
        if len(value) < 2:
            raise invalid(f"{kind} must have at least two expressions")
        found = [matches(one, charge) for one in value]
        return all(found) if kind == "And" else any(found)
    if kind == "Not":
        return not matches(value, charge)
    key, values = _dimension_filter(expression)
    return dimension(charge, key) in values


def _dimension_filter(expression: Request) -> tuple[str, list[str]]:
    wanted = expression.get("Dimensions") or {}
    options = set(wanted.get("MatchOptions") or ["EQUALS"])
    if wanted.get("Key") not in DIMENSIONS or not wanted.get("Values") or not options <= {"EQUALS", "CASE_SENSITIVE"}:
        raise invalid(f"The filter must be values of {', '.join(DIMENSIONS)} that equal")
    return str(wanted["Key"]), list(wanted["Values"])


def reserved_service(request: Request) -> str:
    """The one service that reservations are asked of: EC2 where none is named."""
    if not request.get("Filter"):
        return RESERVED_SERVICES[0]
    key, values = _dimension_filter(request["Filter"])
    if key != "SERVICE" or len(values) != 1:
        raise invalid("Only one value of SERVICE is supported in the filter")
    if values[0] not in RESERVED_SERVICES:
        raise invalid(f"SERVICE must be one of {', '.join(RESERVED_SERVICES)}")
    return values[0]


def subscription_groups(request: Request) -> None:
    """Reservations are grouped by subscription or not at all, and then not by time."""
    wanted = request.get("GroupBy") or []
    if len(wanted) > 1 or any(group.get("Key") != "SUBSCRIPTION_ID" for group in wanted):
        raise invalid("You can group only by SUBSCRIPTION_ID")
    if wanted and request.get("Granularity"):
        raise invalid("Granularity can't be set if GroupBy is set")


def savings_plans_filter(request: Request) -> None:
    """Only AND is supported (API reference, GetSavingsPlansUtilizationDetails); nothing here filters plans."""
    if request.get("Filter"):
        raise invalid("The local AWS does not filter Savings Plans")
