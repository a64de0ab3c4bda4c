"""The calls of AWS Budgets about budgets and their notifications; there are no actions, and nothing is ever spent.

None of them is answered by moto.
"""

from collections.abc import Mapping
from typing import Any

from local_aws.api import own_services
from local_aws.api.own_services import Operation, Pages, Refusal
from local_aws.enforcement.calls import Call
from local_aws.enforcement.needs import tag_pairs
from local_aws.services.budgets import models, validation
from local_aws.services.budgets.models import Budget

# The one region that the endpoint of the partition takes (rules of the SDKs' endpoints).
REGION = "us-east-1"
_PAGES = Pages(error="InvalidNextTokenException")


def _account(call: Call) -> str:
    """Budgets are those of the caller's account."""
    if call.region != REGION:
        raise Refusal("InvalidSignatureException", "Credential should be scoped to a valid region.")
    account = str(call.principal.account_id)
    if call.parameters.get("AccountId", account) != account:
        raise Refusal("AccessDeniedException", "Account is not authorized to access the budgets of another account.")
    return account


def _budget(call: Call, name: str | None = None) -> Budget:
    name = name or call.parameters["BudgetName"]
    found = models.of_account(_account(call)).get(name)
    if found is None:
        raise Refusal("NotFoundException", f"Unable to get budget: {name} - the budget doesn't exist.")
    return found


def _tagged(call: Call) -> Budget:
    prefix = models.arn(_account(call), "")
    arn = call.parameters["ResourceARN"]
    if not arn.startswith(prefix):
        raise validation.invalid("ResourceARN is not valid.")
    return _budget(call, arn.removeprefix(prefix))


def _create_budget(call: Call) -> dict[str, Any]:
    account, wanted = _account(call), call.parameters["Budget"]
    name = wanted["BudgetName"]
    if name in models.of_account(account):
        raise Refusal("DuplicateRecordException", f"Error creating budget: {name} - the budget already exists.")
    validation.check_budget(wanted)
    budget = Budget(models.complete(wanted), tags=tag_pairs(call.parameters.get("ResourceTags")))
    for one in call.parameters.get("NotificationsWithSubscribers") or []:
        _add(account, budget, one["Notification"], one["Subscribers"])
    models.of_account(account)[name] = budget
    return {}


def _update_budget(call: Call) -> dict[str, Any]:
    wanted = call.parameters["NewBudget"]
    found = _budget(call, wanted["BudgetName"])
    validation.check_budget(wanted)
    found.change(wanted)
    return {}


def _delete_budget(call: Call) -> dict[str, Any]:
    _budget(call)
    del models.of_account(_account(call))[call.parameters["BudgetName"]]
    return {}


def _describe_budget(call: Call) -> dict[str, Any]:
    return {"Budget": _budget(call).document}


def _describe_budgets(call: Call) -> dict[str, Any]:
    found = [budget.document for budget in models.of_account(_account(call)).values()]
    return _PAGES.of("Budgets", found, call.parameters)


def _add(account: str, budget: Budget, notification: dict[str, Any], subscribers: list[dict[str, Any]]) -> None:
    key = models.key_of(notification)
    if key in budget.notifications:
        raise Refusal("DuplicateRecordException", "Error creating notification - the notification already exists.")
    validation.check_number(budget)
    validation.check_subscribers(account, subscribers)
    budget.notifications[key] = subscribers


def _create_notification(call: Call) -> dict[str, Any]:
    wanted = call.parameters
    _add(_account(call), _budget(call), wanted["Notification"], wanted["Subscribers"])
    return {}


def _subscribers(call: Call) -> tuple[Budget, models.Key]:
    budget, key = _budget(call), models.key_of(call.parameters["Notification"])
    if key not in budget.notifications:
        raise Refusal("NotFoundException", "Unable to get notification - the notification doesn't exist.")
    return budget, key


def _delete_notification(call: Call) -> dict[str, Any]:
    budget, key = _subscribers(call)
    del budget.notifications[key]
    return {}


def _describe_notifications(call: Call) -> dict[str, Any]:
    found = [models.answered(key) for key in _budget(call).notifications]
    return _PAGES.of("Notifications", found, call.parameters)


def _describe_subscribers(call: Call) -> dict[str, Any]:
    budget, key = _subscribers(call)
    return _PAGES.of("Subscribers", budget.notifications[key], call.parameters)


def _list_tags(call: Call) -> dict[str, Any]:
    return {"ResourceTags": [{"Key": key, "Value": value} for key, value in _tagged(call).tags.items()]}


def _tag(call: Call) -> dict[str, Any]:
    _tagged(call).tags.update(tag_pairs(call.parameters["ResourceTags"]))
    return {}


def _untag(call: Call) -> dict[str, Any]:
    tags = _tagged(call).tags
    for key in call.parameters["ResourceTagKeys"]:
        tags.pop(key, None)
    return {}


_OPERATIONS: dict[str, Operation] = {
    "CreateBudget": _create_budget,
    "UpdateBudget": _update_budget,
    "DeleteBudget": _delete_budget,
    "DescribeBudget": _describe_budget,
    "DescribeBudgets": _describe_budgets,
    "CreateNotification": _create_notification,
    "DeleteNotification": _delete_notification,
    "DescribeNotificationsForBudget": _describe_notifications,
    "DescribeSubscribersForNotification": _describe_subscribers,
    "ListTagsForResource": _list_tags,
    "TagResource": _tag,
    "UntagResource": _untag,
}


def _operations() -> Mapping[str, Operation]:
    return _OPERATIONS


own_services.add("budgets", _operations)
