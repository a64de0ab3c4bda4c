"""GetCostAndUsage: charges of days or months, filtered, by at most two dimensions, a few groups on a page.

How many groups AWS puts on a page is not documented: here few, so that every answer of a test has pages.
"""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from local_aws.api.own_services import Request, invalid
from local_aws.enforcement.calls import Call
from local_aws.services.ce import validation
from local_aws.services.ce.models.calendar import Period
from local_aws.services.ce.models.charges import ZERO, Charge
from local_aws.services.ce.models.ledger import Ledger
from local_aws.services.ce.responses import access, amounts

GROUPS_ON_A_PAGE = 7

Groups = dict[tuple[str, ...], dict[str, Decimal]]


def cost_and_usage(call: Call) -> dict[str, Any]:
    book, reader = access.ledger_of(call)
    request = call.parameters
    whole, metrics, keys = validation.cost_period(request), validation.metrics(request), validation.groups(request)
    periods = list(_periods(request, whole))
    found = {period: _grouped(_charges(book, reader, request, period), keys, metrics) for period in periods}
    entries = [(period, group) for period in periods for group in sorted(found[period]) or [None]]
    shown, token = access.page(entries, request, "NextPageToken", GROUPS_ON_A_PAGE, "RequestChangedException")
    book.count(reader)
    results = [
        _result(period, [group for one, group in shown if one == period], found[period], keys, metrics)
        for period in dict.fromkeys(period for period, _ in shown)
    ]
    definitions = {"GroupDefinitions": [{"Type": "DIMENSION", "Key": key} for key in keys]} if keys else {}
    return {**definitions, "ResultsByTime": results, "DimensionValueAttributes": [], **token}


def _periods(request: Request, whole: Period) -> Iterator[Period]:
    """The parts of a period that the answer tells apart."""
    if request["Granularity"] == "MONTHLY":
        for month in whole.months():
            yield Period(max(month.start, whole.start), min(month.end, whole.end))
    elif request["Granularity"] == "DAILY":
        for number in range((whole.end - whole.start).days):
            day = whole.start + timedelta(days=number)
            yield Period(day, day + timedelta(days=1))
    else:
        raise invalid("Hourly data is not enabled")


def _charges(book: Ledger, reader: str, request: Request, period: Period) -> list[Charge]:
    charges = book.charges(period, reader)
    return [charge for charge in charges if validation.matches(request.get("Filter"), charge)]


def _grouped(charges: list[Charge], keys: list[str], metrics: list[str]) -> Groups:
    found: Groups = {} if keys else {(): dict.fromkeys(metrics, ZERO)}
    for charge in charges:
        group = tuple(validation.dimension(charge, key) for key in keys)
        sums = found.setdefault(group, dict.fromkeys(metrics, ZERO))
        for metric in metrics:
            sums[metric] += charge.metric(metric)
    return found


def _result(
    period: Period, shown: list[tuple[str, ...] | None], found: Groups, keys: list[str], metrics: list[str]
) -> dict[str, Any]:
    def written(group: tuple[str, ...]) -> dict[str, dict[str, str]]:
        return {metric: amounts.amount(value) for metric, value in found[group].items()}

    groups = [{"Keys": list(group), "Metrics": written(group)} for group in shown if group] if keys else []
    return {
        "TimePeriod": period.shown(),
        "Total": {} if keys else written(()),
        "Groups": groups,
        "Estimated": period.estimated,
    }
