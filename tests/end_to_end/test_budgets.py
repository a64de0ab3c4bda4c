"""Budgets of accounts: made, changed, verified and taken away in the management account, and nobody else's touched.

Most landing zones switch on nothing else. Budgets are deployed, so every other test shows an account without one.
"""

import json

import pytest
from planning import Planner, steps_to_do
from vending import fail, vend, writes

NOTHING_ELSE = {"accessStack": None, "stackSets": [], "downgrade": "none"}
ACTUAL = {"percent": 80, "of": "actual"}
FORECASTED = {"percent": 100, "of": "forecasted"}


class Budgets:
    """AWS Budgets as the operator of the organization calls it."""

    def __init__(self, environment):
        self._payer = environment.management_account_id
        self.client = environment.root_client("budgets", self._payer, "us-east-1")
        self.topic = f"arn:aws:sns:{environment.region}:{self._payer}:avm-budgets"

    def about(self, account_id):
        return {"AccountId": self._payer, "BudgetName": f"avm-{account_id}"}

    def setting(self, amount="500.00", thresholds=(ACTUAL, FORECASTED), **more):
        """The section of a landing zone."""
        return {"amount": amount, "currency": "USD", "thresholds": list(thresholds), "topicArn": self.topic, **more}

    def names(self):
        pages = self.client.get_paginator("describe_budgets").paginate(AccountId=self._payer)
        return {budget["BudgetName"] for page in pages for budget in page.get("Budgets", [])}

    def find(self, account_id):
        return self.client.describe_budget(**self.about(account_id))["Budget"]

    def alerts(self, account_id):
        """Whom the budget tells, by what it tells."""
        about = self.about(account_id)
        found = {}
        for one in self.client.describe_notifications_for_budget(**about)["Notifications"]:
            told = self.client.describe_subscribers_for_notification(**about, Notification=one)["Subscribers"]
            key = (one["NotificationType"], one["ComparisonOperator"], one["Threshold"], one["ThresholdType"])
            found[key] = [(who["SubscriptionType"], who["Address"]) for who in told]
        return found

    def tags(self, account_id):
        arn = f"arn:aws:budgets::{self._payer}:budget/avm-{account_id}"
        answer = self.client.list_tags_for_resource(ResourceARN=arn)
        return {tag["Key"]: tag["Value"] for tag in answer["ResourceTags"]}

    def make(self, account_id):
        """A budget that somebody has made by hand under the name of an account's."""
        budget = {
            "BudgetName": f"avm-{account_id}",
            "BudgetType": "COST",
            "TimeUnit": "QUARTERLY",
            "BudgetLimit": {"Amount": "1", "Unit": "USD"},
        }
        self.client.create_budget(AccountId=self._payer, Budget=budget)


@pytest.fixture
def budgets(environment):
    return Budgets(environment)


@pytest.fixture
def plan_of(environment, local_aws):
    return Planner(environment, local_aws).ask


@pytest.fixture
def request_budget(meshstack, landing_zones, make_account, project):
    """A new account, its request, and how the budget of its landing zone is set, and set again."""
    name = f"budget-{project}"
    account = make_account()

    def put(budget):
        landing_zones.deploy(name, like="sandbox", **NOTHING_ELSE, budget=budget)
        return account["Id"], meshstack.payload(account, "space", project, LandingZone=name)

    return put


def test_a_budget_is_made_verified_and_left_as_it_is(
    meshstack, operator, local_aws, budgets, plan_of, request_budget
):
    account_id, payload = request_budget(budgets.setting())
    mark = local_aws.mark()

    answer = meshstack.invoke(payload)
    execution = operator.wait_for_end(answer["executionArn"])

    assert execution["status"] == "SUCCEEDED", (execution.get("error"), execution.get("cause"))
    assert writes(local_aws.calls(mark), "budgets") == ["budgets:ModifyBudget"]
    output = json.loads(execution["output"])
    assert output["AccountSetUp"]["Settings"]["Budget"] == "set"
    assert f"the budget avm-{account_id} is 500.00 USD a month" in output["Verified"]
    found = budgets.find(account_id)
    assert found["BudgetLimit"] == {"Amount": "500.0", "Unit": "USD"}
    assert (found["BudgetType"], found["TimeUnit"]) == ("COST", "MONTHLY")
    assert found["CostFilters"] == {"LinkedAccount": [account_id]}
    assert found["CostTypes"]["IncludeCredit"] is False
    told = [("SNS", budgets.topic)]
    assert budgets.alerts(account_id) == {
        ("ACTUAL", "GREATER_THAN", 80.0, "PERCENTAGE"): told,
        ("FORECASTED", "GREATER_THAN", 100.0, "PERCENTAGE"): told,
    }
    assert budgets.tags(account_id) == {"avm:account": account_id}

    assert plan_of(execution["input"])["IsEmpty"] is True
    mark = local_aws.mark()
    again = vend(meshstack, operator, {**payload, "Force": "true"})
    assert again["AccountSetUp"]["Settings"]["Budget"] == "unchanged"
    assert writes(local_aws.calls(mark), "budgets") == []


def test_an_account_that_the_vend_has_made_is_not_asked_for_what_it_cannot_have(
    meshstack, operator, local_aws, landing_zones, budgets, project
):
    name, payload = f"new-{project}", {"ProductName": "new", "Stage": project, "LandingZone": f"new-{project}"}
    landing_zones.deploy(name, like="sandbox", elevation="when-needed")

    def ask(**more):
        mark = local_aws.mark()
        output = vend(meshstack, operator, {**payload, **more})
        asked = {call["function"] for call in local_aws.calls(mark) if call["action"].startswith("budgets:")}
        return output, asked

    output, asked = ask()
    assert (output["Elevation"], asked) == (None, set())
    again, asked = ask(Force="true")
    assert again["AccountId"] == output["AccountId"]
    assert (again["Elevation"], asked) == ({"GivenFor": None}, {"avm-account-settings", "avm-completion"})

    landing_zones.deploy(name, like="sandbox", budget=budgets.setting())
    payload["Stage"] += "-b"
    output, asked = ask()
    assert asked == {"avm-account-settings", "avm-completion"}
    assert f"the budget avm-{output['AccountId']} is 500.00 USD a month" in output["Verified"]


def test_a_budget_follows_its_landing_zone_and_what_somebody_has_changed_is_put_right(
    meshstack, operator, environment, budgets, plan_of, request_budget
):
    account_id, payload = request_budget(budgets.setting())
    vend(meshstack, operator, payload)
    about = budgets.about(account_id)
    _, payload = request_budget(budgets.setting("750.5", [FORECASTED, {"percent": 120, "of": "actual"}], creditsCount=True))
    output = vend(meshstack, operator, payload)
    assert output["AccountSetUp"]["Settings"]["Budget"] == "set"
    found = budgets.find(account_id)
    assert found["BudgetLimit"]["Amount"] == "750.5"
    assert found["CostTypes"]["IncludeRefund"] is True
    assert {(key[0], key[2]) for key in budgets.alerts(account_id)} == {("FORECASTED", 100.0), ("ACTUAL", 120.0)}
    assert budgets.tags(account_id) == {"avm:account": account_id}

    wanted = budgets.alerts(account_id)
    (key, _), *_ = wanted.items()
    notification = dict(zip(("NotificationType", "ComparisonOperator", "Threshold", "ThresholdType"), key, strict=True))
    budgets.client.delete_notification(**about, Notification=notification)
    mail = [{"SubscriptionType": "EMAIL", "Address": "ada@example.com"}]
    budgets.client.create_notification(**about, Notification=notification, Subscribers=mail)
    order = operator.states.describe_execution(executionArn=_last(meshstack, payload))["input"]
    to_do = steps_to_do(plan_of(order))
    assert set(to_do) == {"account-settings", "completion"}
    assert "remove the alert" in to_do["account-settings"]
    assert "ada@" not in json.dumps(to_do)
    vend(meshstack, operator, {**payload, "Force": "true"})
    assert budgets.alerts(account_id) == wanted


def _last(meshstack, payload):
    """The latest execution of a request."""
    answer = meshstack.invoke(payload)
    assert answer["status"] == "already done", answer
    return answer["executionArn"]


def test_a_budget_goes_when_its_setting_goes(meshstack, operator, budgets, request_budget):
    account_id, payload = request_budget(budgets.setting())
    vend(meshstack, operator, payload)
    assert f"avm-{account_id}" in budgets.names()
    _, payload = request_budget(None)
    output = vend(meshstack, operator, payload)
    assert output["AccountSetUp"]["Settings"]["Budget"] == "deleted"
    assert f"avm-{account_id}" not in budgets.names()


def test_a_budget_of_somebody_else_is_refused_and_never_touched(
    meshstack, operator, local_aws, budgets, request_budget
):
    account_id, payload = request_budget(budgets.setting())
    budgets.make(account_id)
    mark = local_aws.mark()
    execution = fail(meshstack, operator, payload)
    assert execution["error"] == "NameTaken"
    assert f"avm-{account_id}" in execution["cause"]
    assert meshstack.tags(account_id)["avm:failed-step"] == "AccountSettings"
    _, payload = request_budget(None)
    vend(meshstack, operator, payload)
    assert writes(local_aws.calls(mark), "budgets") == []
    assert budgets.find(account_id)["TimeUnit"] == "QUARTERLY"


def test_what_aws_budgets_cannot_tell_is_told_with_its_setting(
    meshstack, operator, environment, budgets, request_budget
):
    elsewhere = f"arn:aws:sns:{environment.region}:{environment.automation_account_id}:avm-failures"
    account_id, payload = request_budget({**budgets.setting(), "topicArn": elsewhere})
    execution = fail(meshstack, operator, payload)
    assert execution["error"] == "InvalidConfiguration"
    assert "budget.topicArn: must be a topic of the management account" in execution["cause"]
    _, payload = request_budget({**budgets.setting(), "topicArn": f"{budgets.topic}-missing"})
    execution = fail(meshstack, operator, payload)
    assert execution["error"] == "InvalidConfiguration"
    assert "budgets.amazonaws.com" in execution["cause"]
    assert f"avm-{account_id}" not in budgets.names()


def test_an_answer_that_is_lost_makes_no_second_budget(meshstack, operator, local_aws, budgets, request_budget):
    account_id, payload = request_budget(budgets.setting())
    local_aws.inject(
        code="InternalErrorException", status=400, service="budgets", action="CreateBudget", when="after"
    )
    output = vend(meshstack, operator, payload)
    assert output["AccountSetUp"]["Settings"]["Budget"] == "unchanged"
    assert len(budgets.alerts(account_id)) == 2
