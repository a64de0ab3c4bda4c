"""A ledger of six accounts and fourteen months that end with the current one.

A payer, three vended accounts (shop, data, web), one that is closed and one that is moved. The shop buys a reservation
that only data uses, so its months are below zero once upfront payments are charged to purchasers.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from local_aws.services.ce.models import calendar
from local_aws.services.ce.models.charges import Single, Source, Usage
from local_aws.services.ce.models.ledger import Ledger
from local_aws.services.ce.models.plans import Reservation, SavingsPlan, Use

ROLES = ("payer", "shop", "data", "web", "closed", "moved")
EC2 = "Amazon Elastic Compute Cloud - Compute"
RDS = "Amazon Relational Database Service"
S3 = "Amazon Simple Storage Service"
CACHE = "Amazon ElastiCache"
LAMBDA = "AWS Lambda"
SUPPORT = "AWS Support (Business)"
_YEAR_HOURS = 8760
_TOLD_SUPPORT_ON = 7


def _at(month: date, day: int = 1, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return calendar.midnight(month.replace(day=day)) + timedelta(hours=hour, minutes=minute, seconds=second)


def _a_year_from(start: datetime) -> datetime:
    """The end of a plan of one year, which has 8,760 hours also across a leap day."""
    return start + timedelta(hours=_YEAR_HOURS)


def ledger(accounts: Mapping[str, str]) -> Ledger:
    """The ledger for these accounts, by role; the roles that are left out have accounts that nobody knows."""
    unknown = set(accounts) - set(ROLES)
    if unknown or "payer" not in accounts:
        raise ValueError(f"accounts are by role, with a payer at least: {', '.join(ROLES)}")
    known = {role: accounts.get(role, f"90000000000{number}") for number, role in enumerate(ROLES)}
    this_month = calendar.today()
    months = [calendar.months_before(this_month, 13 - number) for number in range(14)]
    sources = [*_usage(known, months), *_singles(known, months), *_reservations(known, months), *_plans(known, months)]
    taxed = {known["data"]: Decimal("0.19"), known["moved"]: Decimal("0.19")}
    return Ledger(known["payer"], sources, taxed)


def _usage(accounts: dict[str, str], months: list[date]) -> list[Source]:
    start, closing = _at(months[0]), _at(months[6], 15)
    rates = [
        ("payer", "AWS CloudTrail", "0.01125"),
        ("payer", S3, "0.00310274"),
        ("shop", S3, "0.00417"),
        ("shop", "Amazon CloudFront", "0.0193"),
        # Small enough to be written in E notation.
        ("shop", LAMBDA, "0.00000017"),
        ("data", RDS, "0.118"),
        ("data", S3, "0.0232"),
        ("data", LAMBDA, "0.0007"),
        ("web", "AmazonCloudWatch", "0.012"),
        ("web", LAMBDA, "0.00210003"),
        ("moved", EC2, "0.0416"),
        ("moved", S3, "0.0051"),
        ("moved", "Amazon Route 53", "0.00069444"),
    ]
    found: list[Source] = [Usage(accounts[role], service, Decimal(rate), start) for role, service, rate in rates]
    found += [
        Usage(accounts["web"], EC2, Decimal("0.4604"), start, discount=Decimal("0.09")),
        Usage(accounts["closed"], EC2, Decimal("0.0832"), start, closing),
        # What the plan that was returned would have covered.
        Usage(accounts["data"], EC2, Decimal("0.43"), _at(months[6], 10, 12), _at(months[6], 14, 12)),
    ]
    return found


def _singles(accounts: dict[str, str], months: list[date]) -> list[Source]:
    last = [calendar.following(month) - timedelta(days=1) for month in months]
    support: list[Source] = [
        Single(
            accounts["payer"],
            SUPPORT,
            "Fee",
            Decimal("100"),
            day,
            calendar.following(day).replace(day=_TOLD_SUPPORT_ON),
        )
        for day in last
    ]
    return [*support, Single(accounts["shop"], S3, "Credit", Decimal("-50"), months[8].replace(day=3))]


def _reservations(accounts: dict[str, str], months: list[date]) -> list[Source]:
    database, server = _at(months[1]), _at(months[0], 10, 9, 30)
    cache, modified = _at(months[2]), _at(months[5])
    left = _YEAR_HOURS - calendar.hours(cache, modified)
    cached = (Use(accounts["closed"], CACHE, Decimal("0.5"), _at(months[6], 15)),)

    def arn(service: str, role: str, name: str) -> str:
        return f"arn:aws:{service}:eu-central-1:{accounts[role]}:{name}"

    return [
        Reservation(
            account=accounts["shop"],
            service=RDS,
            subscription_id="1000000001",
            arn=arn("rds", "shop", "ri:all-upfront"),
            option="All Upfront",
            upfront=Decimal("876"),
            hourly=Decimal(0),
            start=database,
            end=_a_year_from(database),
            term_hours=_YEAR_HOURS,
            uses=(Use(accounts["data"], RDS, Decimal(1)),),
        ),
        Reservation(
            account=accounts["web"],
            service=EC2,
            subscription_id="1000000002",
            arn=arn("ec2", "web", "reserved-instances/partial-upfront"),
            option="Partial Upfront",
            upfront=Decimal("500"),
            hourly=Decimal("0.03"),
            start=server,
            end=_a_year_from(server),
            term_hours=_YEAR_HOURS,
            uses=(Use(accounts["web"], EC2, Decimal("0.6")), Use(accounts["moved"], EC2, Decimal("0.3"))),
        ),
        Reservation(
            account=accounts["closed"],
            service=CACHE,
            subscription_id="1000000003",
            arn=arn("elasticache", "closed", "reserved-instance:before"),
            option="All Upfront",
            upfront=Decimal("876"),
            hourly=Decimal(0),
            start=cache,
            end=modified,
            term_hours=_YEAR_HOURS,
            uses=cached,
            status="Expired",
        ),
        Reservation(
            account=accounts["closed"],
            service=CACHE,
            subscription_id="1000000004",
            arn=arn("elasticache", "closed", "reserved-instance:modified"),
            option="All Upfront",
            upfront=Decimal("0.1") * left,
            hourly=Decimal(0),
            start=modified,
            end=modified + timedelta(hours=left),
            term_hours=left,
            uses=cached,
            is_paid=False,
        ),
    ]


def _plans(accounts: dict[str, str], months: list[date]) -> list[Source]:
    monthly, all_upfront, returned = _at(months[3], 5, 14, 24, 57), _at(months[4]), _at(months[6], 10, 12)

    def arn(role: str, name: str) -> str:
        return f"arn:aws:savingsplans::{accounts[role]}:savingsplan/{name}"

    return [
        SavingsPlan(
            account=accounts["web"],
            arn=arn("web", "c0000000-0000-4000-8000-000000000001"),
            kind="Compute",
            option="No Upfront",
            upfront=Decimal(0),
            recurring_hourly=Decimal("0.25"),
            start=monthly,
            end=_a_year_from(monthly),
            uses=(Use(accounts["web"], LAMBDA, Decimal("0.4")), Use(accounts["moved"], LAMBDA, Decimal("0.5"))),
        ),
        SavingsPlan(
            account=accounts["payer"],
            arn=arn("payer", "c0000000-0000-4000-8000-000000000002"),
            kind="Compute",
            option="All Upfront",
            upfront=Decimal("8760"),
            recurring_hourly=Decimal(0),
            start=all_upfront,
            end=_a_year_from(all_upfront),
            uses=(
                Use(accounts["web"], EC2, Decimal("0.4")),
                Use(accounts["data"], EC2, Decimal("0.3")),
                Use(accounts["closed"], EC2, Decimal("0.1"), _at(months[6], 15)),
            ),
        ),
        SavingsPlan(
            account=accounts["data"],
            arn=arn("data", "c0000000-0000-4000-8000-000000000003"),
            kind="EC2Instance",
            option="All Upfront",
            upfront=Decimal("876"),
            recurring_hourly=Decimal(0),
            start=returned,
            end=_a_year_from(returned),
            uses=(),
            returned=_at(months[6], 14, 12),
        ),
    ]
