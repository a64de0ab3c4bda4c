"""Cost Explorer's costs: sums of the ledger, pages, refusals, estimates, and who sees what.

Sources: botocore's model of `ce`; API reference and user guide of Cost Explorer; texts of errors from public issues.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from cost_ledger import BOTH, PAYER, REGION, amounts, at, by, costs, month
from organization import allow, error_of, new_account, new_role, session, trust

from local_aws.services.ce.models import ledger, story
from local_aws.services.ce.models.charges import Single, Usage
from local_aws.services.ce.models.ledger import Ledger
from local_aws.services.ce.responses.costs import GROUPS_ON_A_PAGE

HOURLY = Decimal("0.1")


@pytest.fixture
def explorer(client: Callable[..., Any]) -> Any:
    """Cost Explorer as the management account's root."""
    return client("ce", PAYER, region=REGION)


def usage(service: str = "AWS Lambda", account: str = PAYER, since: str = "2025-01-01") -> Usage:
    return Usage(account, service, HOURLY, at(since))


def request(**changes: Any) -> dict[str, Any]:
    return {"TimePeriod": month("2026-02"), "Granularity": "MONTHLY", "Metrics": BOTH, **changes}


def test_it_must_be_enabled_first(explorer: Any, organizations: Any) -> None:
    error = error_of(explorer.get_cost_and_usage, **request())
    assert (error["Code"], error["status"]) == ("AccessDeniedException", 400)
    assert error["Message"] == "User not enabled for cost explorer access"


def test_it_has_one_region(client: Callable[..., Any], book: Callable[..., Ledger]) -> None:
    book(usage())
    error = error_of(client("ce", PAYER).get_cost_and_usage, **request())
    assert error["Code"] == "InvalidSignatureException"


def test_usage_counts_by_the_hour_and_the_running_month_to_the_end_of_yesterday(
    explorer: Any, book: Callable[..., Ledger]
) -> None:
    book(usage())
    [february] = costs(explorer, TimePeriod=month("2026-02"))
    assert Decimal(february["Total"]["UnblendedCost"]["Amount"]) == pytest.approx(Decimal("67.2"))
    assert february["Groups"] == []
    [march] = costs(explorer, TimePeriod=month("2026-03"), GroupBy=by("SERVICE"))
    assert march["Total"] == {}
    assert amounts([march]) == {("AWS Lambda",): HOURLY * 14 * 24}


def test_groups_are_the_combinations_of_two_dimensions(explorer: Any, book: Callable[..., Ledger], member: str) -> None:
    book(usage(), usage("Amazon S3", member), Single(member, "Amazon S3", "Credit", Decimal(-5), date(2026, 2, 3)))
    found = amounts(costs(explorer, TimePeriod=month("2026-02"), GroupBy=by("LINKED_ACCOUNT", "RECORD_TYPE")))
    month_of_usage = Decimal("67.2")
    assert found == {
        (PAYER, "Usage"): month_of_usage,
        (member, "Usage"): month_of_usage,
        (member, "Credit"): Decimal(-5),
    }


@pytest.mark.parametrize(
    ("expression", "services"),
    [
        ({"Dimensions": {"Key": "SERVICE", "Values": ["one"]}}, ["one"]),
        ({"Dimensions": {"Key": "SERVICE", "Values": ["one", "two"]}}, ["one", "two"]),
        ({"Not": {"Dimensions": {"Key": "SERVICE", "Values": ["one"]}}}, ["three", "two"]),
        (
            {
                "And": [
                    {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Usage"]}},
                    {"Not": {"Dimensions": {"Key": "SERVICE", "Values": ["two"]}}},
                ]
            },
            ["one", "three"],
        ),
        (
            {
                "Or": [
                    {"Dimensions": {"Key": "SERVICE", "Values": ["two"]}},
                    {"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": ["999999999999"]}},
                ]
            },
            ["two"],
        ),
    ],
)
def test_filters(explorer: Any, book: Callable[..., Ledger], expression: dict[str, Any], services: list[str]) -> None:
    book(usage("one"), usage("two"), usage("three"))
    found = amounts(costs(explorer, TimePeriod=month("2026-02"), GroupBy=by("SERVICE"), Filter=expression))
    assert sorted(service for (service,) in found) == services


def test_several_months_and_days(explorer: Any, book: Callable[..., Ledger]) -> None:
    book(usage())
    period = {"Start": "2025-12-20", "End": "2026-02-10"}
    months = costs(explorer, TimePeriod=period)
    assert [one["TimePeriod"] for one in months] == [
        {"Start": "2025-12-20", "End": "2026-01-01"},
        {"Start": "2026-01-01", "End": "2026-02-01"},
        {"Start": "2026-02-01", "End": "2026-02-10"},
    ]
    days = costs(explorer, TimePeriod=period, Granularity="DAILY")
    assert len(days) == 52
    amount = Decimal(days[0]["Total"]["UnblendedCost"]["Amount"])
    assert round(amount, 8) == HOURLY * 24


def test_net_metrics_have_the_discount_where_it_belongs(explorer: Any, book: Callable[..., Ledger]) -> None:
    book(Usage(PAYER, "EC2", HOURLY, at("2025-01-01"), discount=Decimal("0.09")))
    metrics = ["AmortizedCost", "NetAmortizedCost"]
    results = costs(explorer, TimePeriod=month("2026-02"), Metrics=metrics, GroupBy=by("RECORD_TYPE"))
    discount = ("Enterprise Discount Program Discount",)
    assert amounts(results, "AmortizedCost") == {("Usage",): Decimal("67.2"), discount: Decimal("-6.048")}
    assert amounts(results, "NetAmortizedCost") == {("Usage",): Decimal("61.152"), discount: Decimal(0)}


# API reference, GetCostAndUsage; texts of public issues.
@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"TimePeriod": {"Start": "2026-03-01", "End": "2026-03-01"}}, "should be before end date"),
        ({"TimePeriod": {"Start": "2026-03-01", "End": "2026-04-02"}}, "end date past the beginning of next month"),
        ({"TimePeriod": {"Start": "2025-01-31", "End": "2026-04-01"}}, "historical data beyond 14 months"),
        ({"TimePeriod": {"Start": "2026-02-30", "End": "2026-04-01"}}, "Start must be a date"),
        ({"GroupBy": by("LINKED_ACCOUNT", "SERVICE", "RECORD_TYPE")}, "at most two"),
        ({"GroupBy": by("SERVICE", "SERVICE")}, "twice"),
        ({"GroupBy": by("AZ")}, "LINKED_ACCOUNT"),
        ({"Metrics": ["Cost"]}, "Metrics must be"),
        ({"Metrics": []}, "Metrics must be"),
        ({"Granularity": "HOURLY"}, "Hourly"),
        ({"Filter": {"Dimensions": {"Key": "SERVICE", "Values": []}}}, "values"),
        ({"Filter": {"And": [{"Dimensions": {"Key": "SERVICE", "Values": ["a"]}}]}}, "at least two"),
    ],
)
def test_refusals(explorer: Any, book: Callable[..., Ledger], changes: dict[str, Any], text: str) -> None:
    made = book(usage())
    error = error_of(explorer.get_cost_and_usage, **request(**changes))
    assert (error["Code"], error["status"]) == ("ValidationException", 400)
    assert text in error["Message"]
    # What is refused costs nothing.
    assert made.requests.total() == 0


def test_thirteen_months_before_the_current_are_there(explorer: Any, book: Callable[..., Ledger]) -> None:
    book(usage(since="2024-01-01"))
    results = costs(explorer, TimePeriod={"Start": "2025-02-01", "End": "2026-04-01"})
    assert len(results) == 14


def test_pages_are_small_and_each_is_a_request(explorer: Any, book: Callable[..., Ledger]) -> None:
    services = [f"service {number}" for number in range(2 * GROUPS_ON_A_PAGE + 1)]
    made = book(*(usage(service) for service in services))
    results = costs(explorer, TimePeriod=month("2026-02"), GroupBy=by("SERVICE"))
    assert [len(result["Groups"]) for result in results] == [GROUPS_ON_A_PAGE, GROUPS_ON_A_PAGE, 1]
    assert len(amounts(results)) == len(services)
    assert made.requests == {PAYER: 3}


def test_a_token_is_of_its_request(explorer: Any, book: Callable[..., Ledger]) -> None:
    book(*(usage(f"service {number}") for number in range(GROUPS_ON_A_PAGE + 1)))
    asked = request(GroupBy=by("SERVICE"))
    token = explorer.get_cost_and_usage(**asked)["NextPageToken"]
    other = {**asked, "Metrics": ["UnblendedCost"], "NextPageToken": token}
    assert error_of(explorer.get_cost_and_usage, **other)["Code"] == "RequestChangedException"
    made_up = {**asked, "NextPageToken": "made-up"}
    assert error_of(explorer.get_cost_and_usage, **made_up)["Code"] == "InvalidNextTokenException"


@pytest.mark.parametrize(
    ("today", "estimated"),
    [
        ("2026-03-15", [False, True]),
        ("2026-04-01", [False, True]),
        ("2026-04-05", [False, True]),
        ("2026-04-06", [False, False]),
    ],
)
def test_a_month_is_estimated_until_the_sixth_of_the_next(
    explorer: Any, book: Callable[..., Ledger], on: Callable[[str], None], today: str, estimated: list[bool]
) -> None:
    book(usage())
    on(today)
    results = costs(explorer, TimePeriod={"Start": "2026-02-01", "End": "2026-04-01"})
    assert [result["Estimated"] for result in results] == estimated


def test_a_late_line_comes_after_the_bill_is_final(
    explorer: Any, book: Callable[..., Ledger], on: Callable[[str], None]
) -> None:
    book(Single(PAYER, "AWS Support (Business)", "Fee", Decimal(100), date(2026, 2, 28), date(2026, 3, 7)))
    on("2026-03-06")
    assert amounts(costs(explorer, TimePeriod=month("2026-02"), GroupBy=by("SERVICE"))) == {}
    on("2026-03-07")
    found = amounts(costs(explorer, TimePeriod=month("2026-02"), GroupBy=by("SERVICE")))
    assert found == {("AWS Support (Business)",): Decimal(100)}


def test_a_refresh_comes_between_two_requests(explorer: Any, book: Callable[..., Ledger]) -> None:
    made = book(usage())
    late = next(iter(usage().charges(ledger.Period.of_month(date(2026, 2, 1)), at("2026-02-07"))))
    made.add(late, date(2026, 2, 1), 1)
    first, second = (amounts(costs(explorer, TimePeriod=month("2026-02"), GroupBy=by("SERVICE"))) for _ in range(2))
    assert second[("AWS Lambda",)] - first[("AWS Lambda",)] == HOURLY * 6 * 24


def test_amounts_are_written_as_aws_writes_them(explorer: Any, book: Callable[..., Ledger]) -> None:
    values = [Decimal(number) / 1000 for number in range(1, 60)] + [Decimal("0.00000017"), Decimal(-438)]
    charges = [Single(PAYER, f"service {value}", "Fee", value, date(2026, 2, 1)) for value in values]
    zero = Single(PAYER, "nothing", "Fee", Decimal(0), date(2026, 2, 1))
    book(*charges, zero)
    results = costs(explorer, TimePeriod=month("2026-02"), GroupBy=by("SERVICE"))
    written = {
        group["Keys"][0]: group["Metrics"]["UnblendedCost"] for result in results for group in result["Groups"]
    }
    assert written.pop("nothing") == {"Amount": "0", "Unit": "N/A"}
    texts = [one["Amount"] for one in written.values()]
    assert any("E-" in text for text in texts)
    assert any(len(text) > 16 for text in texts), "no artefact of a float"
    assert {one["Unit"] for one in written.values()} == {"USD"}
    for value in values:
        assert float(written[f"service {value}"]["Amount"]) == pytest.approx(float(value), rel=1e-15)


def test_an_account_sees_only_itself(client: Callable[..., Any], book: Callable[..., Ledger], member: str) -> None:
    made = book(usage(account=PAYER), usage(account=member))
    own = amounts(costs(client("ce", member, region=REGION), TimePeriod=month("2026-02"), GroupBy=by("LINKED_ACCOUNT")))
    assert list(own) == [(member,)]
    assert made.requests == {member: 1}


def test_the_price_is_counted(book: Callable[..., Ledger], explorer: Any) -> None:
    made = book(usage())
    costs(explorer, TimePeriod=month("2026-02"))
    assert made.requests.total() * ledger.PRICE == Decimal("0.01")


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("get_cost_and_usage", request()),
        ("get_reservation_utilization", {"TimePeriod": month("2026-02")}),
        ("get_savings_plans_utilization_details", {"TimePeriod": month("2026-02")}),
    ],
)
def test_each_call_needs_its_action(
    client: Callable[..., Any], told: Ledger, call: str, arguments: dict[str, Any]
) -> None:
    action = "ce:" + "".join(part.capitalize() for part in call.split("_"))
    for allowed in (False, True):
        policy = allow(action if allowed else "ce:ListTagsForResource")
        role = new_role(client, PAYER, trust(f"arn:aws:iam::{PAYER}:root"), policy)
        reader = client("ce", credentials=session(client, role), region=REGION)
        if allowed:
            assert getattr(reader, call)(**arguments)
        else:
            error = error_of(getattr(reader, call), **arguments)
            assert error["Code"] == "AccessDeniedException"
            assert f"is not authorized to perform: {action}" in error["Message"]


def test_accounts_that_were_left_out_are_known_to_cost_explorer_only(
    explorer: Any, told: Ledger, accounts: dict[str, str]
) -> None:
    found = amounts(costs(explorer, TimePeriod=month("2026-02"), GroupBy=by("LINKED_ACCOUNT")))
    assert len(found) == 6
    assert {account for (account,) in found} > set(accounts.values())


def test_a_ledger_is_for_its_accounts_only(organizations: Any) -> None:
    with pytest.raises(ValueError, match="by role"):
        story.ledger({"payer": PAYER, "other": new_account(organizations)})
    with pytest.raises(ValueError, match="a payer"):
        story.ledger({"shop": "111111111111"})
