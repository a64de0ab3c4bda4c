"""Reservations and Savings Plans: what they cost whom, what the plan calls tell and refuse, the story of six accounts.

Sources: botocore's model of `ce`; CUR documentation on amortized cost; answers and errors that public code shows.
"""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from cost_ledger import PAYER, REGION, amounts, at, by, costs, month
from organization import error_of

from local_aws.services.ce.models import calendar, ledger, story
from local_aws.services.ce.models.calendar import Period
from local_aws.services.ce.models.ledger import Ledger
from local_aws.services.ce.models.plans import Reservation, SavingsPlan, Use

OTHER = "333333333333"
YEAR = timedelta(hours=8760)
EC2 = story.EC2


def reservation(**changes: Any) -> Reservation:
    start = changes.get("start", at("2026-01-01"))
    values: dict[str, Any] = {
        "account": PAYER,
        "service": story.RDS,
        "subscription_id": "1",
        "arn": "arn:aws:rds:eu-central-1:123456789012:ri:r1",
        "option": "Partial Upfront",
        "upfront": Decimal(438),
        "hourly": Decimal("0.03"),
        "start": start,
        "end": start + YEAR,
        "term_hours": 8760,
        "uses": (Use(PAYER, story.RDS, Decimal(1)),),
    }
    return Reservation(**{**values, **changes})


def savings_plan(**changes: Any) -> SavingsPlan:
    start = changes.get("start", at("2026-01-01"))
    values: dict[str, Any] = {
        "account": PAYER,
        "arn": f"arn:aws:savingsplans::{PAYER}:savingsplan/1",
        "kind": "Compute",
        "option": "All Upfront",
        "upfront": Decimal(876),
        "recurring_hourly": Decimal(0),
        "start": start,
        "end": start + YEAR,
        "uses": (Use(PAYER, EC2, Decimal("0.8")),),
    }
    return SavingsPlan(**{**values, **changes})


@pytest.fixture
def explorer(client: Callable[..., Any]) -> Any:
    return client("ce", PAYER, region=REGION)


def by_type(explorer: Any, when: str, metric: str) -> dict[str, Decimal]:
    results = costs(explorer, TimePeriod=month(when), GroupBy=by("RECORD_TYPE"))
    return {kind: amount for (kind,), amount in amounts(results, metric).items()}


def reservations(explorer: Any, when: dict[str, str], service: str = story.RDS, **changes: Any) -> list[dict[str, Any]]:
    """All pages of GetReservationUtilization: the groups."""
    request = {
        "TimePeriod": when,
        "GroupBy": by("SUBSCRIPTION_ID"),
        "Filter": {"Dimensions": {"Key": "SERVICE", "Values": [service]}},
        **changes,
    }
    found, token = [], None
    while True:
        answer = explorer.get_reservation_utilization(**request, **({"NextPageToken": token} if token else {}))
        found += [group for one in answer["UtilizationsByTime"] for group in one["Groups"]]
        token = answer.get("NextPageToken")
        if not token:
            return found


def plans(explorer: Any, when: dict[str, str], **changes: Any) -> list[dict[str, Any]]:
    """All pages of GetSavingsPlansUtilizationDetails."""
    found, token = [], None
    while True:
        more = {"NextToken": token} if token else {}
        answer = explorer.get_savings_plans_utilization_details(TimePeriod=when, MaxResults=100, **changes, **more)
        found += answer["SavingsPlansUtilizationDetails"]
        token = answer.get("NextToken")
        if not token:
            return found


def test_a_reservation_is_billed_at_once_and_amortized_by_the_hour(explorer: Any, book: Callable[..., Ledger]) -> None:
    book(reservation())
    # The numbers of a Partial Upfront reservation: 438 upfront, 0.05 + 0.03 an hour, 744 hours.
    amortized, billed = (by_type(explorer, "2026-01", metric) for metric in ("AmortizedCost", "UnblendedCost"))
    assert amortized == {"Fee": 0, "DiscountedUsage": Decimal("59.52"), "RIFee": 0}
    assert billed == {"Fee": 438, "DiscountedUsage": 0, "RIFee": Decimal("22.32")}
    assert by_type(explorer, "2026-02", "UnblendedCost") == {"DiscountedUsage": 0, "RIFee": Decimal("20.16")}


def test_what_nobody_uses_stays_with_the_purchaser(explorer: Any, book: Callable[..., Ledger]) -> None:
    uses = (Use(PAYER, story.RDS, Decimal("0.6")), Use(OTHER, story.RDS, Decimal("0.3")))
    book(reservation(upfront=Decimal(876), hourly=Decimal(0), uses=uses))
    results = costs(explorer, TimePeriod=month("2026-01"), GroupBy=by("LINKED_ACCOUNT", "RECORD_TYPE"))
    assert amounts(results, "AmortizedCost") == {
        (PAYER, "Fee"): 0,
        (PAYER, "DiscountedUsage"): Decimal("44.64"),
        (PAYER, "RIFee"): Decimal("7.44"),
        (OTHER, "DiscountedUsage"): Decimal("22.32"),
    }


def test_a_running_month_begins_as_unused(
    explorer: Any, book: Callable[..., Ledger], on: Callable[[str], None]
) -> None:
    book(reservation(upfront=Decimal(876), hourly=Decimal(0)))
    unused = []
    for day in ("2026-02-02", "2026-02-15", "2026-03-01"):
        on(day)
        unused.append(by_type(explorer, "2026-02", "AmortizedCost")["RIFee"])
    assert unused == [Decimal("67.2") - Decimal("2.4"), Decimal("67.2") - 14 * Decimal("2.4"), 0]


def test_a_modified_reservation_is_not_paid_again(explorer: Any, book: Callable[..., Ledger]) -> None:
    book(reservation(is_paid=False, start=at("2026-02-01"), upfront=Decimal(588), hourly=Decimal(0), term_hours=5880))
    assert by_type(explorer, "2026-02", "UnblendedCost") == {"DiscountedUsage": 0, "RIFee": 0}
    assert by_type(explorer, "2026-02", "AmortizedCost")["DiscountedUsage"] == Decimal("67.2")


def test_subscriptions_are_told_with_what_is_amortized(explorer: Any, book: Callable[..., Ledger]) -> None:
    book(reservation(), reservation(subscription_id="2", upfront=Decimal(106), hourly=Decimal(0)))
    first, second = reservations(explorer, month("2026-01"))
    assert first["Key"] == "SubscriptionId"
    assert first["Value"] == "1"
    attributes = first["Attributes"]
    assert attributes["accountId"] == PAYER
    assert attributes["upfrontFee"] == "438.0"
    assert attributes["startDateTime"] == "2026-01-01T00:00:00.000Z"
    assert attributes["endDateTime"] == "2026-12-31T23:59:59.000Z"
    assert attributes["subscriptionType"] == "Partial Upfront"
    assert first["Utilization"]["AmortizedUpfrontFee"] == "37.2"
    assert first["Utilization"]["AmortizedRecurringFee"] == "22.32"
    # 106 / 8760 × 744, at eight decimals.
    assert second["Utilization"]["AmortizedUpfrontFee"] == "9.00273973"


def test_the_upfront_of_a_leap_februarys_hours() -> None:
    period = Period.of_month(date(2024, 2, 1))
    plan = reservation(upfront=Decimal(106), start=at("2023-12-06T18:50:14"))
    assert plan.amortized_upfront(plan.hours(period)) == Decimal("8.42191781")
    # A Savings Plan's hour is rounded, 0.00502283 × 696: its life does not sum up to 44.
    saving = savings_plan(upfront=Decimal(44), start=at("2023-12-06T18:24:57"))
    assert saving.upfront_hourly * saving.hours(period) == Decimal("3.49588968")
    assert saving.upfront_hourly * 8760 == Decimal("43.9999908")


def test_a_plan_that_starts_and_ends_inside_a_month() -> None:
    plan = reservation(start=at("2026-03-10T09:30:00"))
    found = [plan.hours(Period.of_month(date(year, 3, 1))) for year in (2026, 2027)]
    assert found == [519, 225]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Granularity": "MONTHLY"}, "ValidationException"),
        ({"GroupBy": by("SUBSCRIPTION_ID", "SUBSCRIPTION_ID")}, "ValidationException"),
        ({"GroupBy": by("SERVICE")}, "ValidationException"),
        ({"Filter": {"Dimensions": {"Key": "SERVICE", "Values": [story.RDS, story.CACHE]}}}, "ValidationException"),
        ({"Filter": {"Dimensions": {"Key": "SERVICE", "Values": ["AWS Lambda"]}}}, "ValidationException"),
        ({"TimePeriod": {"Start": "2026-03-01", "End": "2026-03-01"}}, "ValidationException"),
        ({"TimePeriod": {"Start": "2025-01-01", "End": "2025-02-01"}}, "ValidationException"),
        # The end must be before today, in both calls.
        ({"TimePeriod": {"Start": "2026-03-01", "End": "2026-03-15"}}, "DataUnavailableException"),
        # EC2 is asked for where no service is named, and it has no plans.
        ({"Filter": {}}, "DataUnavailableException"),
        ({"TimePeriod": month("2025-12")}, "DataUnavailableException"),
        ({"NextPageToken": "made-up"}, "InvalidNextTokenException"),
    ],
)
def test_refusals_for_reservations(
    explorer: Any, book: Callable[..., Ledger], changes: dict[str, Any], code: str
) -> None:
    made = book(reservation())
    request = {
        "TimePeriod": month("2026-02"),
        "GroupBy": by("SUBSCRIPTION_ID"),
        "Filter": {"Dimensions": {"Key": "SERVICE", "Values": [story.RDS]}},
    }
    assert error_of(explorer.get_reservation_utilization, **{**request, **changes})["Code"] == code
    assert made.requests.total() == 0


def test_a_savings_plan_covers_usage_at_its_own_rate(explorer: Any, book: Callable[..., Ledger]) -> None:
    book(savings_plan())
    amortized, billed = (by_type(explorer, "2026-01", metric) for metric in ("AmortizedCost", "UnblendedCost"))
    assert amortized == {
        "SavingsPlanUpfrontFee": 0,
        "SavingsPlanCoveredUsage": Decimal("59.52"),
        "SavingsPlanNegation": 0,
        "SavingsPlanRecurringFee": Decimal("14.88"),
    }
    assert billed["SavingsPlanUpfrontFee"] == 876
    assert billed["SavingsPlanCoveredUsage"] == -billed["SavingsPlanNegation"] > amortized["SavingsPlanCoveredUsage"]
    assert billed["SavingsPlanRecurringFee"] == 0


def test_a_plan_without_upfront_bills_its_hours(explorer: Any, book: Callable[..., Ledger]) -> None:
    book(savings_plan(upfront=Decimal(0), recurring_hourly=Decimal("0.1"), uses=(Use(PAYER, EC2, Decimal(1)),)))
    billed = by_type(explorer, "2026-01", "UnblendedCost")
    assert billed["SavingsPlanRecurringFee"] == Decimal("74.4")
    assert "SavingsPlanUpfrontFee" not in billed


def test_a_returned_plan_is_refunded_whole(explorer: Any, book: Callable[..., Ledger]) -> None:
    book(savings_plan(start=at("2026-02-10T12:00"), uses=(), returned=at("2026-02-14T12:00")))
    assert by_type(explorer, "2026-02", "UnblendedCost") == {"SavingsPlanUpfrontFee": 876, "Refund": -876}
    [plan] = plans(explorer, month("2026-02"))
    assert plan["Attributes"]["Status"] == "Returned"


def test_savings_plans_are_told_as_asked(explorer: Any, book: Callable[..., Ledger]) -> None:
    book(*(savings_plan(arn=f"arn:aws:savingsplans::{PAYER}:savingsplan/{number}") for number in range(5)))
    found = plans(explorer, month("2026-01"), DataType=["ATTRIBUTES", "AMORTIZED_COMMITMENT"])
    assert len(found) == 5
    assert set(found[0]) == {"SavingsPlanArn", "Attributes", "AmortizedCommitment"}
    assert found[0]["Attributes"]["PaymentOption"] == "All Upfront"
    assert found[0]["Attributes"]["EndDateTime"] == "2026-12-31T23:59:59.000Z"
    assert found[0]["AmortizedCommitment"] == {
        "AmortizedUpfrontCommitment": "74.4",
        "AmortizedRecurringCommitment": "0",
        "TotalAmortizedCommitment": "74.4",
    }
    assert "Utilization" in plans(explorer, month("2026-01"))[0]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"TimePeriod": {"Start": "2025-01-01", "End": "2025-02-01"}}, "ValidationException"),
        ({"TimePeriod": {"Start": "2026-03-01", "End": "2026-03-15"}}, "DataUnavailableException"),
        ({"TimePeriod": month("2025-12")}, "DataUnavailableException"),
        ({"Filter": {"Dimensions": {"Key": "REGION", "Values": ["eu-central-1"]}}}, "ValidationException"),
        ({"DataType": ["EVERYTHING"]}, "ValidationException"),
        ({"NextToken": "made-up"}, "InvalidNextTokenException"),
    ],
)
def test_refusals_for_savings_plans(
    explorer: Any, book: Callable[..., Ledger], changes: dict[str, Any], code: str
) -> None:
    book(savings_plan())
    error = error_of(explorer.get_savings_plans_utilization_details, **{"TimePeriod": month("2026-02"), **changes})
    assert error["Code"] == code


def test_an_account_is_told_its_own_plans(client: Callable[..., Any], book: Callable[..., Ledger], member: str) -> None:
    book(reservation(), savings_plan(account=member))
    own = client("ce", member, region=REGION)
    assert len(plans(own, month("2026-01"))) == 1
    period = {"TimePeriod": month("2026-01"), "Filter": {"Dimensions": {"Key": "SERVICE", "Values": [story.RDS]}}}
    assert error_of(own.get_reservation_utilization, **period)["Code"] == "DataUnavailableException"


def test_the_story_adds_up(told: Ledger, explorer: Any, on: Callable[[str], None]) -> None:
    """What is billed and what is amortized over all months differ by what plans have left, and by nothing else."""
    on("2026-03-31")
    months = [calendar.months_before(date(2026, 3, 1), number) for number in range(14)]
    for day in months:
        totals = told.totals(day)
        results = costs(explorer, TimePeriod=month(f"{day:%Y-%m}"), GroupBy=by("LINKED_ACCOUNT", "RECORD_TYPE"))
        billed = Decimal(totals["total"]["unblended"])
        assert sum(amounts(results).values()) == pytest.approx(billed, abs=Decimal("1e-6"))
    whole = Period(calendar.midnight(months[-1]), calendar.midnight(calendar.following(months[0])))
    charges = told.charges(whole, PAYER)
    difference = sum(charge.unblended - charge.amortized for charge in charges)
    left = Decimal(0)
    for plan in told.savings_plans(PAYER):
        # A refund is the same amount in both, so the payment of a plan that was returned is left whole.
        hours = 0 if plan.returned else plan.hours(whole.until(calendar.known_until()))
        left += plan.upfront - plan.upfront_hourly * hours
    for reserved in told.reservations(PAYER):
        paid = reserved.upfront if reserved.is_paid else Decimal(0)
        left += paid - reserved.amortized_upfront(reserved.hours(whole))
    assert difference == pytest.approx(left, abs=Decimal("0.01"))


def test_the_story_has_every_kind_of_line(told: Ledger) -> None:
    kinds = {
        kind
        for number in range(14)
        for kind in told.totals(calendar.months_before(date(2026, 3, 1), number))["recordTypes"]
    }
    assert kinds == {
        "Usage",
        "DiscountedUsage",
        "RIFee",
        "Fee",
        "SavingsPlanCoveredUsage",
        "SavingsPlanNegation",
        "SavingsPlanRecurringFee",
        "SavingsPlanUpfrontFee",
        "Tax",
        "Credit",
        "Refund",
        "Enterprise Discount Program Discount",
    }


def test_a_purchaser_whose_reservation_another_uses_costs_less_than_what_is_amortized_of_it(
    told: Ledger, accounts: dict[str, str]
) -> None:
    """So its months are below zero, once it has paid upfront and gets the amortized part back."""
    [reserved] = [plan for plan in told.reservations(PAYER) if plan.account == accounts["shop"]]
    for number in range(1, 12):
        day = calendar.months_before(calendar.today(), number)
        own = Decimal(told.totals(day)["accounts"][accounts["shop"]]["amortized"])
        assert own < reserved.amortized_upfront(reserved.hours(Period.of_month(day)))


def test_the_ledger_is_removed(told: Ledger, explorer: Any) -> None:
    ledger.remove(PAYER)
    request = {"TimePeriod": month("2026-02"), "Granularity": "MONTHLY", "Metrics": ["AmortizedCost"]}
    error = error_of(explorer.get_cost_and_usage, **request)
    assert error["Code"] == "AccessDeniedException"
