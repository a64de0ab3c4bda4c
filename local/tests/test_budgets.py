"""AWS Budgets: budgets with notifications, subscribers and tags, and what is refused.

Sources: API reference of AWS Budgets; user guide, "Creating an Amazon SNS topic for budget notifications".
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cost_ledger import PAYER, REGION
from organization import allow, error_of, new_account, new_role, session, trust

NAME = "avm-111111111111"
ARN = f"arn:aws:budgets::{PAYER}:budget/{NAME}"
ACTUAL = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80}
BUDGET = {
    "BudgetName": NAME,
    "BudgetType": "COST",
    "TimeUnit": "MONTHLY",
    "BudgetLimit": {"Amount": "500.00", "Unit": "USD"},
    "CostFilters": {"LinkedAccount": ["111111111111"]},
}
ABOUT = {"AccountId": PAYER, "BudgetName": NAME}


@pytest.fixture
def budgets(client: Callable[..., Any], organizations: Any) -> Iterator[Any]:
    """AWS Budgets as the root of the management account; no budget is left behind."""
    made = client("budgets", PAYER, region=REGION)
    yield made
    for budget in made.describe_budgets(AccountId=PAYER)["Budgets"]:
        made.delete_budget(AccountId=PAYER, BudgetName=budget["BudgetName"])


@pytest.fixture
def topic(client: Callable[..., Any], organizations: Any) -> Callable[..., str]:
    """Makes a topic whose policy lets this service publish."""

    def make(name: str, service: str = "budgets.amazonaws.com", account: str = PAYER) -> str:
        sns = client("sns", account)
        arn = sns.create_topic(Name=name)["TopicArn"]
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": service},
                    "Action": "sns:Publish",
                    "Resource": arn,
                    "Condition": {
                        "StringEquals": {"aws:SourceAccount": account},
                        "ArnLike": {"aws:SourceArn": f"arn:aws:budgets::{account}:*"},
                    },
                }
            ],
        }
        sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=json.dumps(policy))
        return str(arn)

    return make


def create(budgets: Any, *topics: str, **changes: Any) -> None:
    alerts = [
        {"Notification": ACTUAL, "Subscribers": [{"SubscriptionType": "SNS", "Address": arn}]} for arn in topics
    ]
    budgets.create_budget(
        AccountId=PAYER,
        Budget={**BUDGET, **changes},
        NotificationsWithSubscribers=alerts,
        ResourceTags=[{"Key": "avm:account", "Value": "111111111111"}],
    )


def test_a_budget_is_answered_with_what_aws_adds(budgets: Any, topic: Callable[..., str]) -> None:
    arn = topic("told")
    create(budgets, arn)
    found = budgets.describe_budget(**ABOUT)["Budget"]
    assert found["BudgetLimit"] == {"Amount": "500.0", "Unit": "USD"}
    assert found["CostTypes"]["IncludeCredit"] is True
    assert found["CostTypes"]["UseAmortized"] is False
    assert found["TimePeriod"]["End"].year == 2087
    [alert] = budgets.describe_notifications_for_budget(**ABOUT)["Notifications"]
    assert alert == {**ACTUAL, "Threshold": 80.0, "ThresholdType": "PERCENTAGE", "NotificationState": "OK"}
    asked = budgets.describe_subscribers_for_notification(**ABOUT, Notification=ACTUAL)
    assert asked["Subscribers"] == [{"SubscriptionType": "SNS", "Address": arn}]
    tags = budgets.list_tags_for_resource(ResourceARN=ARN)["ResourceTags"]
    assert tags == [{"Key": "avm:account", "Value": "111111111111"}]


def test_a_name_is_used_once_and_a_budget_that_is_gone_is_not_found(budgets: Any) -> None:
    create(budgets)
    assert error_of(lambda: create(budgets))["Code"] == "DuplicateRecordException"
    budgets.delete_budget(**ABOUT)
    for call in (budgets.describe_budget, budgets.delete_budget, budgets.describe_notifications_for_budget):
        assert error_of(call, **ABOUT)["Code"] == "NotFoundException"
    error = error_of(budgets.update_budget, AccountId=PAYER, NewBudget=BUDGET)
    assert error["Code"] == "NotFoundException"
    assert error_of(budgets.list_tags_for_resource, ResourceARN=ARN)["Code"] == "NotFoundException"


def test_an_update_changes_all_but_alerts_and_tags(budgets: Any, topic: Callable[..., str]) -> None:
    create(budgets, topic("kept"), CostTypes={"IncludeCredit": False})
    budgets.update_budget(
        AccountId=PAYER, NewBudget={**BUDGET, "BudgetLimit": {"Amount": "7", "Unit": "USD"}}
    )
    found = budgets.describe_budget(**ABOUT)["Budget"]
    assert found["BudgetLimit"]["Amount"] == "7.0"
    assert found["CostTypes"]["IncludeCredit"] is True
    assert len(budgets.describe_notifications_for_budget(**ABOUT)["Notifications"]) == 1
    assert budgets.list_tags_for_resource(ResourceARN=ARN)["ResourceTags"]


def test_alerts_come_and_go_one_by_one(budgets: Any, topic: Callable[..., str]) -> None:
    create(budgets)
    told = [{"SubscriptionType": "SNS", "Address": topic("one-by-one")}]
    budgets.create_notification(**ABOUT, Notification=ACTUAL, Subscribers=told)
    same = {**ACTUAL, "Threshold": 80.0, "ThresholdType": "PERCENTAGE"}
    error = error_of(budgets.create_notification, **ABOUT, Notification=same, Subscribers=told)
    assert error["Code"] == "DuplicateRecordException"
    budgets.delete_notification(**ABOUT, Notification=same)
    for call in (budgets.delete_notification, budgets.describe_subscribers_for_notification):
        assert error_of(call, **ABOUT, Notification=ACTUAL)["Code"] == "NotFoundException"


def test_ten_alerts_at_most_and_one_topic_for_each(budgets: Any, topic: Callable[..., str]) -> None:
    create(budgets)
    told = [{"SubscriptionType": "EMAIL", "Address": "ada@example.com"}]
    for percent in range(1, 11):
        budgets.create_notification(**ABOUT, Notification={**ACTUAL, "Threshold": percent}, Subscribers=told)
    error = error_of(budgets.create_notification, **ABOUT, Notification=ACTUAL, Subscribers=told)
    assert error["Code"] == "CreationLimitExceededException"
    budgets.delete_notification(**ABOUT, Notification={**ACTUAL, "Threshold": 1})
    two = [{"SubscriptionType": "SNS", "Address": topic(name)} for name in ("first", "second")]
    error = error_of(budgets.create_notification, **ABOUT, Notification=ACTUAL, Subscribers=two)
    assert error["Code"] == "CreationLimitExceededException"
    first = budgets.describe_notifications_for_budget(**ABOUT, MaxResults=4)
    assert len(first["Notifications"]) == 4
    rest = budgets.describe_notifications_for_budget(**ABOUT, NextToken=first["NextToken"])
    assert len(rest["Notifications"]) == 5
    error = error_of(budgets.describe_notifications_for_budget, **ABOUT, NextToken="x")
    assert error["Code"] == "InvalidNextTokenException"


def test_a_topic_is_of_the_same_account_and_lets_budgets_publish(
    budgets: Any, topic: Callable[..., str], organizations: Any, instant: None
) -> None:
    member = new_account(organizations)
    for arn in (
        topic("for-alarms", service="cloudwatch.amazonaws.com"),
        topic("elsewhere", account=member),
        f"arn:aws:sns:{REGION}:{PAYER}:missing",
        "ada@example.com",
    ):
        assert error_of(lambda arn=arn: create(budgets, arn))["Code"] == "InvalidParameterException"
    assert budgets.describe_budgets(AccountId=PAYER)["Budgets"] == []


@pytest.mark.parametrize(
    "change",
    [
        {"BudgetLimit": None},
        {"PlannedBudgetLimits": {"1793491200": {"Amount": "5", "Unit": "USD"}}},
        {"Metrics": ["UnblendedCost"]},
    ],
)
def test_a_budget_that_contradicts_itself_is_refused(budgets: Any, change: dict[str, Any]) -> None:
    wanted = {key: value for key, value in {**BUDGET, **change}.items() if value is not None}
    error = error_of(budgets.create_budget, AccountId=PAYER, Budget=wanted)
    assert error["Code"] == "InvalidParameterException"


def test_tags_say_whose_a_budget_is_and_can_be_taken_away(budgets: Any) -> None:
    create(budgets)
    budgets.tag_resource(ResourceARN=ARN, ResourceTags=[{"Key": "more", "Value": "1"}])
    budgets.untag_resource(ResourceARN=ARN, ResourceTagKeys=["avm:account", "absent"])
    assert budgets.list_tags_for_resource(ResourceARN=ARN)["ResourceTags"] == [{"Key": "more", "Value": "1"}]


def test_budgets_are_those_of_the_callers_account_in_one_region(
    client: Callable[..., Any], budgets: Any, organizations: Any, instant: None
) -> None:
    create(budgets)
    member = new_account(organizations)
    error = error_of(client("budgets", member, region=REGION).describe_budget, **ABOUT)
    assert error["Code"] == "AccessDeniedException"
    error = error_of(client("budgets", PAYER, region="eu-central-1").describe_budget, **ABOUT)
    assert error["Code"] == "InvalidSignatureException"


def test_rights_end_at_the_names_that_they_name(client: Callable[..., Any], budgets: Any) -> None:
    actions = ["budgets:ModifyBudget", "budgets:ViewBudget"]
    role = new_role(client, PAYER, trust(f"arn:aws:iam::{PAYER}:root"), allow(*actions, resource=ARN))
    limited = client("budgets", credentials=session(client, role), region=REGION)
    error = error_of(lambda: create(limited))
    assert error["Code"] == "AccessDeniedException"
    limited.create_budget(AccountId=PAYER, Budget=BUDGET)
    error = error_of(limited.create_budget, AccountId=PAYER, Budget={**BUDGET, "BudgetName": "another"})
    assert error["Code"] == "AccessDeniedException"
