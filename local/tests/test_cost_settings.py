"""Cost allocation tags, anomaly monitors in templates, the tagging API for accounts, and the endpoints of the ledger.

Sources: API reference of AWS Cost Explorer and of Resource Groups Tagging; user guide, "cost anomaly detection".
"""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from cloudformation_support import settled
from cost_ledger import PAYER, REGION
from organization import allow, error_of, new_account, new_role, session, trust

from local_aws.server import LocalServer
from local_aws.services.ce.models import ledger

LIMITED = json.dumps(
    {
        "Dimensions": {
            "Key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
            "MatchOptions": ["GREATER_THAN_OR_EQUAL"],
            "Values": ["50"],
        }
    }
)


@pytest.fixture
def explorer(client: Callable[..., Any]) -> Any:
    return client("ce", PAYER, region=REGION)


@pytest.fixture
def tagged(organizations: Any, instant: None) -> str:
    """An account with a tag that no other has."""
    account = new_account(organizations)
    organizations.tag_resource(ResourceId=account, Tags=[{"Key": f"key-{account}", "Value": "one"}])
    return account


def test_a_key_of_an_account_can_be_activated(explorer: Any, tagged: str) -> None:
    key = f"accountTag/key-{tagged}"
    [found] = explorer.list_cost_allocation_tags(TagKeys=[key])["CostAllocationTags"]
    assert (found["Type"], found["Status"]) == ("UserDefined", "Inactive")
    for _ in range(2):
        wanted = [{"TagKey": key, "Status": "Active"}]
        assert explorer.update_cost_allocation_tags_status(CostAllocationTagsStatus=wanted)["Errors"] == []
    [found] = explorer.list_cost_allocation_tags(Status="Active", TagKeys=[key])["CostAllocationTags"]
    assert found["TagKey"] == key
    off = [{"TagKey": key, "Status": "Inactive"}]
    explorer.update_cost_allocation_tags_status(CostAllocationTagsStatus=off)
    assert explorer.list_cost_allocation_tags(Status="Active", TagKeys=[key])["CostAllocationTags"] == []


def test_a_key_that_nothing_has_is_told_in_the_answer(explorer: Any, tagged: str) -> None:
    wanted = [{"TagKey": f"key-{tagged}", "Status": "Active"}]
    [error] = explorer.update_cost_allocation_tags_status(CostAllocationTagsStatus=wanted)["Errors"]
    assert error["TagKey"] == f"key-{tagged}"


def test_members_have_no_cost_allocation_tags(client: Callable[..., Any], tagged: str) -> None:
    error = error_of(client("ce", tagged, region=REGION).list_cost_allocation_tags)
    assert error["Code"] == "AccessDeniedException"


def test_twenty_keys_at_most(explorer: Any, organizations: Any) -> None:
    wanted = [{"TagKey": f"k{number}", "Status": "Active"} for number in range(21)]
    error = error_of(explorer.update_cost_allocation_tags_status, CostAllocationTagsStatus=wanted)
    assert error["Code"] == "ValidationException"


def test_a_template_makes_a_monitor_with_its_subscription(
    client: Callable[..., Any], organizations: Any, explorer: Any
) -> None:
    topic = client("sns", PAYER).create_topic(Name="anomalies")["TopicArn"]
    resources = {
        "Monitor": {
            "Type": "AWS::CE::AnomalyMonitor",
            "Properties": {
                "MonitorName": "accounts",
                "MonitorType": "DIMENSIONAL",
                "MonitorDimension": "LINKED_ACCOUNT",
            },
        },
        "Subscription": {
            "Type": "AWS::CE::AnomalySubscription",
            "Properties": {
                "SubscriptionName": "accounts",
                "Frequency": "IMMEDIATE",
                "MonitorArnList": [{"Ref": "Monitor"}],
                "Subscribers": [{"Type": "SNS", "Address": topic}],
                "ThresholdExpression": LIMITED,
            },
        },
    }
    cloudformation = client("cloudformation", PAYER)
    cloudformation.create_stack(StackName="anomalies", TemplateBody=json.dumps({"Resources": resources}))
    assert settled(cloudformation, "anomalies")["StackStatus"] == "CREATE_COMPLETE"
    [monitor] = explorer.get_anomaly_monitors()["AnomalyMonitors"]
    [subscription] = explorer.get_anomaly_subscriptions()["AnomalySubscriptions"]
    assert subscription["MonitorArnList"] == [monitor["MonitorArn"]]
    assert subscription["ThresholdExpression"] == json.loads(LIMITED)
    stack = cloudformation.describe_stacks(StackName="anomalies")["Stacks"][0]["StackId"]
    cloudformation.delete_stack(StackName="anomalies")
    assert settled(cloudformation, stack)["StackStatus"] == "DELETE_COMPLETE"
    assert explorer.get_anomaly_monitors()["AnomalyMonitors"] == []


@pytest.mark.parametrize(
    ("monitor", "subscription"),
    [
        ({"MonitorType": "DIMENSIONAL"}, {}),
        ({"MonitorType": "CUSTOM", "MonitorDimension": "SERVICE"}, {}),
        ({}, {"Frequency": "DAILY"}),
        ({}, {"ThresholdExpression": None}),
    ],
)
def test_what_must_go_together(
    explorer: Any, organizations: Any, monitor: dict[str, Any], subscription: dict[str, Any]
) -> None:
    if monitor:
        wanted = {"MonitorName": "one", **monitor}
        assert error_of(explorer.create_anomaly_monitor, AnomalyMonitor=wanted)["Code"] == "ValidationException"
        return
    good = {"MonitorName": "one", "MonitorType": "DIMENSIONAL", "MonitorDimension": "SERVICE"}
    arn = explorer.create_anomaly_monitor(AnomalyMonitor=good)["MonitorArn"]
    wanted = {
        "SubscriptionName": "one",
        "Frequency": "IMMEDIATE",
        "MonitorArnList": [arn],
        "Subscribers": [{"Type": "SNS", "Address": "arn:aws:sns:eu-central-1:123456789012:topic"}],
        "ThresholdExpression": json.loads(LIMITED),
        **subscription,
    }
    wanted = {key: value for key, value in wanted.items() if value is not None}
    error = error_of(explorer.create_anomaly_subscription, AnomalySubscription=wanted)
    assert error["Code"] == "ValidationException"
    explorer.delete_anomaly_monitor(MonitorArn=arn)


@pytest.fixture
def endpoint(server: LocalServer, organizations: Any) -> Iterator[Callable[..., Any]]:
    """endpoint("PUT", "cost-explorer/ledger", document): status and document of the answer."""

    def ask(method: str, path: str, document: Any = None) -> tuple[int, Any]:
        body = None if document is None else json.dumps(document).encode()
        asked = urllib.request.Request(f"{server.url}/local-aws/{path}", data=body, method=method)
        try:
            with urllib.request.urlopen(asked) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    yield ask
    ledger.remove(PAYER)
    ask("POST", "tagging", {"accounts": True})


def tags(tagging: Any, **filters: Any) -> dict[str, dict[str, str]]:
    """All pages of GetResources: tags by the last part of the ARN."""
    found, token = {}, ""
    while True:
        answer = tagging.get_resources(ResourceTypeFilters=["organizations:account"], PaginationToken=token, **filters)
        for one in answer["ResourceTagMappingList"]:
            found[one["ResourceARN"].rsplit("/", 1)[-1]] = {tag["Key"]: tag["Value"] for tag in one["Tags"]}
        token = answer["PaginationToken"]
        if not token:
            return found


def test_accounts_with_tags_are_listed_to_the_management_account(
    client: Callable[..., Any], organizations: Any, tagged: str
) -> None:
    untagged = new_account(organizations)
    found = tags(client("resourcegroupstaggingapi", PAYER, region=REGION))
    assert found[tagged] == {f"key-{tagged}": "one"}
    assert untagged not in found
    filtered = tags(
        client("resourcegroupstaggingapi", PAYER, region=REGION), TagFilters=[{"Key": f"key-{tagged}"}]
    )
    assert list(filtered) == [tagged]
    # In another region, and to a member, there are none.
    assert tags(client("resourcegroupstaggingapi", PAYER)) == {}
    assert tags(client("resourcegroupstaggingapi", tagged, region=REGION)) == {}


def test_listing_needs_its_action(client: Callable[..., Any], tagged: str) -> None:
    root = f"arn:aws:iam::{PAYER}:root"
    for action, refused in (("tag:GetTagKeys", True), ("tag:GetResources", False)):
        role = new_role(client, PAYER, trust(root), allow(action))
        tagging = client("resourcegroupstaggingapi", credentials=session(client, role), region=REGION)
        if refused:
            assert error_of(tagging.get_resources)["Code"] == "AccessDeniedException"
        else:
            assert tags(tagging)


def test_accounts_may_be_left_out(
    client: Callable[..., Any], endpoint: Callable[..., Any], tagged: str
) -> None:
    assert endpoint("POST", "tagging", {"accounts": False}) == (200, {"accounts": False})
    assert tags(client("resourcegroupstaggingapi", PAYER, region=REGION)) == {}
    assert endpoint("POST", "tagging", {"accounts": "no"})[0] == 400


def test_the_ledger_is_put_asked_and_removed(
    explorer: Any, endpoint: Callable[..., Any], organizations: Any, instant: None
) -> None:
    shop = new_account(organizations)
    assert endpoint("PUT", "cost-explorer/ledger", {"accounts": {"shop": shop}})[0] == 200
    month = ledger.calendar.months_before(ledger.calendar.today(), 2)
    end = ledger.calendar.following(month)
    _, totals = endpoint("GET", f"cost-explorer/totals?month={month:%Y-%m}")
    assert shop in totals["accounts"]
    period = {"Start": month.isoformat(), "End": end.isoformat()}
    answer = explorer.get_cost_and_usage(TimePeriod=period, Granularity="MONTHLY", Metrics=["UnblendedCost"])
    told = Decimal(answer["ResultsByTime"][0]["Total"]["UnblendedCost"]["Amount"])
    assert told == pytest.approx(Decimal(totals["total"]["unblended"]), abs=Decimal("1e-6"))
    assert endpoint("GET", "cost-explorer/requests") == (
        200,
        {"requests": 1, "accounts": {PAYER: 1}, "price": "0.01"},
    )
    assert endpoint("DELETE", "cost-explorer/ledger")[0] == 200
    status, document = endpoint("GET", f"cost-explorer/totals?month={month:%Y-%m}")
    assert (status, "no ledger" in document["error"]) == (400, True)


def test_a_charge_is_added_for_later(endpoint: Callable[..., Any]) -> None:
    endpoint("PUT", "cost-explorer/ledger", {"accounts": {}})
    month = f"{ledger.calendar.months_before(ledger.calendar.today(), 3):%Y-%m}"
    kind = "Brand New Type"
    charge = {"account": PAYER, "service": "AWS Lambda", "recordType": kind, "month": month, "amortized": "1.5"}
    assert endpoint("POST", "cost-explorer/charges", {**charge, "afterRequests": 1})[0] == 200
    assert kind not in endpoint("GET", f"cost-explorer/totals?month={month}")[1]["recordTypes"]
    assert endpoint("POST", "cost-explorer/charges", charge)[0] == 200
    _, totals = endpoint("GET", f"cost-explorer/totals?month={month}")
    assert totals["recordTypes"][kind] == {"amortized": "1.5", "unblended": "1.5"}


@pytest.mark.parametrize(
    ("method", "path", "document"),
    [
        ("PUT", "cost-explorer/ledger", {"accounts": {"stranger": "111111111111"}}),
        ("POST", "cost-explorer/charges", {"account": PAYER}),
        ("GET", "cost-explorer/totals?month=later", None),
    ],
)
def test_what_makes_no_sense_is_refused(
    endpoint: Callable[..., Any], method: str, path: str, document: Any
) -> None:
    endpoint("PUT", "cost-explorer/ledger", {"accounts": {}})
    status, answer = endpoint(method, path, document)
    assert status == 400
    assert answer["error"]
    assert endpoint("POST", "cost-explorer/nothing", {})[0] == 404
