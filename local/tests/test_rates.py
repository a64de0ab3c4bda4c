"""Published request rates: which bucket a call takes a token from, how it is filled again, and what is refused."""

from collections.abc import Callable, Iterator
from typing import Any

import administration
import pytest
from botocore.exceptions import ClientError
from organization import allow, error_of, new_user

from bench import limits
from local_aws import clock, rates
from local_aws.enforcement.calls import Call
from local_aws.enforcement.principals import Principal
from local_aws.rates import published

ACCOUNT, OTHER = "111111111111", "222222222222"
SCALE = 0.5


class Clock:
    """A clock that goes on when a test says so."""

    def __init__(self) -> None:
        self.time = 1000.0

    def pass_by(self, seconds: float) -> None:
        """So many seconds of AWS."""
        self.time += seconds * SCALE


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """The rates hold, at half of AWS's time, by a clock that stands still."""
    standing = Clock()
    monkeypatch.setenv(clock.TIME_SCALE_VARIABLE, str(SCALE))
    monkeypatch.setattr(clock, "now", lambda: standing.time)
    rates.begin(True)
    yield standing
    rates.begin(False)


def call(service: str, action: str, account_id: str = ACCOUNT, region: str = "eu-central-1", **parameters: Any) -> Call:
    """A call of a role of that account."""
    made = Call(service, action, region, "json", None, None, parameters)
    arn = f"arn:aws:iam::{account_id}:role/caller"
    made.principal = Principal("role", account_id, arn, arn)
    return made


def taken(number: int, *arguments: Any, **named: Any) -> int:
    """How many of so many calls are taken."""
    return sum(rates.take(call(*arguments, **named)) is None for _ in range(number))


def test_a_bucket_is_emptied_and_filled_again_at_the_rate(hand: Clock) -> None:
    assert taken(10, "organizations", "CreateAccount") == 3
    assert rates.refused() == {"organizations:CreateAccount": 7}
    hand.pass_by(9)
    assert taken(1, "organizations", "CreateAccount") == 0
    hand.pass_by(1)
    assert taken(2, "organizations", "CreateAccount") == 1
    hand.pass_by(10_000)
    assert taken(10, "organizations", "CreateAccount") == 3


def test_operations_have_buckets_of_their_own_unless_they_share_one(hand: Clock) -> None:
    assert taken(9, "organizations", "ListParents") == 8
    assert taken(9, "organizations", "ListAccountsForParent") == 8
    assert taken(30, "ssm", "GetParameter") == 30
    assert taken(30, "ssm", "GetParameters") == 10


def test_buckets_are_of_an_account_in_a_region(hand: Clock) -> None:
    assert taken(200, "ec2", "DeleteVpc") == 50
    assert taken(200, "ec2", "DeleteVpc", region="eu-west-1") == 50
    assert taken(200, "ec2", "DeleteVpc", account_id=OTHER) == 50


def test_lists_of_networks_without_a_filter_have_smaller_buckets(hand: Clock) -> None:
    assert taken(200, "ec2", "DescribeVpcs") == 100
    assert taken(200, "ec2", "DescribeSecurityGroups") == 50
    filtered = {"Filters": [{"Name": "vpc-id", "Values": ["vpc-1"]}]}
    assert taken(200, "ec2", "DescribeSecurityGroups", **filtered) == 100


def test_what_has_no_published_rate_is_never_refused(hand: Clock) -> None:
    assert taken(5000, "iam", "GetRole") == 5000
    assert taken(5000, "lambda", "Invoke") == 5000
    assert taken(20, "lambda", "GetFunctionConfiguration") == 15


@pytest.mark.usefixtures("hand")
def test_every_rate_names_where_aws_publishes_it() -> None:
    for rate in (one for of_service in published.rates().values() for one in of_service):
        assert ", 2026-11-29: https://docs.aws.amazon.com/" in rate.source
        assert rate.per_second is None or 0 < rate.per_second <= rate.burst * 2, rate


def test_the_least_time_for_a_number_of_calls_is_what_the_bucket_lacks() -> None:
    rate = published.find("organizations", "CreateAccount", {})
    assert rate is not None
    assert rate.seconds_for(3) == 0
    assert rate.seconds_for(100) == pytest.approx(970)


def test_a_caller_gets_the_error_of_the_service_and_a_root_none(
    hand: Clock, client: Callable[..., Any], organizations: Any, server: Any
) -> None:
    _, keys = new_user(client, "123456789012", allow("organizations:*"))
    caller = client("organizations", credentials=keys)
    for _ in range(2):
        caller.list_roots()
    error = error_of(caller.list_roots)
    assert (error["Code"], error["Message"]) == ("TooManyRequestsException", "Rate exceeded")
    assert administration.admin(server, "GET", "rates") == (200, {"refused": {"organizations:ListRoots": 1}})
    organizations.list_roots()
    hand.pass_by(1)
    caller.list_roots()
    with pytest.raises(ClientError, match="TooManyRequestsException"):
        caller.list_roots()


def test_the_mode_has_one_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(rates.RATES_VARIABLE, raising=False)
    assert not rates.wanted()
    monkeypatch.setenv(rates.RATES_VARIABLE, "published")
    assert rates.wanted()
    monkeypatch.setenv(rates.RATES_VARIABLE, "fast")
    with pytest.raises(ValueError, match="must be published or nothing"):
        rates.wanted()


def test_the_lower_bound_of_many_vends_is_the_longest_of_queues_and_rates() -> None:
    def line(action: str, account: str = ACCOUNT, principal: str = "arn:aws:iam::1:role/R", region: str = "eu-central-1") -> dict[str, str]:
        return {"service": action.split(":")[0], "action": action, "account": account, "region": region, "principal": principal}

    lines = [
        line("organizations:CreateAccount"),
        line("organizations:TagResource"),
        line("organizations:TagResource"),
        line("organizations:ListRoots", account=OTHER),
        line("organizations:ListRoots", principal="arn:aws:iam::1:root"),
        line("lambda:InvokeFunction"),
        line("iam:GetRole"),
    ]
    of_one = limits.paced(lines, {ACCOUNT})
    assert {one.what: one.calls for one in of_one} == {"organizations:CreateAccount": 1, "organizations:TagResource": 2}
    elsewhere = limits.paced([line("ssm:GetParameter"), line("ssm:GetParameter", region="us-east-1")], {ACCOUNT})
    assert [one.calls for one in elsewhere] == [1, 1]
    case = limits.Case("alone")
    assert limits.Bound(100, case).seconds == 19 * 20 + 90
    bound = limits.Bound(100, case, of_one)
    assert bound.seconds == pytest.approx(970 + 90)
    assert [round(seconds) for seconds, _ in bound.limits(100)] == [1060, 470, 48]
