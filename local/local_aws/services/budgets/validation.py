"""What AWS Budgets refuses of a request: budgets that contradict themselves, topics that it may not tell.

moto takes everything but a budget without a limit. Texts that no source has are this module's own.
"""

from typing import Any

from moto.sns.models import sns_backends

from local_aws.api.own_services import Refusal
from local_aws.enforcement.policies import Caller, TrustLevel, trust_level
from local_aws.services.budgets import models

SERVICE = "budgets.amazonaws.com"
# API reference, Notification.
MOST_NOTIFICATIONS = 10
_NO_LIMIT = (
    "Unable to create/update budget - please provide one of the followings:"
    " Budget Limit/ Planned Budget Limit/ Auto Adjust Data"
)


def invalid(message: str) -> Refusal:
    return Refusal("InvalidParameterException", message)


def check_budget(document: dict[str, Any]) -> None:
    """One kind of limit, and one way to filter (API reference, CreateBudget)."""
    limits = [key for key in ("BudgetLimit", "PlannedBudgetLimits", "AutoAdjustData") if document.get(key)]
    if not limits:
        raise invalid(_NO_LIMIT)
    if {"BudgetLimit", "PlannedBudgetLimits"} <= set(limits):
        raise invalid("Only one of BudgetLimit or PlannedBudgetLimits can be present.")
    older, newer = {"CostFilters", "CostTypes"}, {"FilterExpression", "Metrics"}
    if older & set(document) and newer & set(document):
        raise invalid("Either FilterExpression and Metrics or CostFilters and CostTypes, not both.")


def check_subscribers(account_id: str, subscribers: list[dict[str, Any]]) -> None:
    """Up to ten addresses and one topic (API reference, Notification)."""
    topics = [one["Address"] for one in subscribers if one["SubscriptionType"] == "SNS"]
    if len(topics) > 1:
        raise Refusal("CreationLimitExceededException", "A notification can have one SNS subscriber.")
    for topic in topics:
        _check_topic(account_id, topic)


def check_number(budget: models.Budget) -> None:
    if len(budget.notifications) >= MOST_NOTIFICATIONS:
        raise Refusal("CreationLimitExceededException", "A budget can have up to ten notifications.")


def _check_topic(account_id: str, arn: str) -> None:
    """User guide, "Creating an Amazon SNS topic for budget notifications": of the same account, under its policy."""
    parts = arn.split(":")
    if len(parts) != 6 or parts[2] != "sns" or arn.endswith(".fifo"):
        raise invalid("Please comply with SNS Topic ARN format.")
    topics = sns_backends[account_id][parts[3]].topics if parts[4] == account_id else {}
    context: dict[str, str | list[str]] = {
        "aws:SourceArn": models.arn(account_id, "*"),
        "aws:SourceAccount": account_id,
        "aws:SecureTransport": "true",
    }
    topic = topics.get(arn)
    if topic is None or trust_level(topic.policy, "sns:Publish", Caller(service=SERVICE), context) is not TrustLevel.EXACT:
        raise invalid("Invalid SNS topic. AWS Budgets doesn't have access to the SNS topic.")
