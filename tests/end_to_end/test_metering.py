"""What accounts cost, from Cost Explorer's answers to reports: fourteen months against the ledger's own sums.

Accounts are vended, so that reports have owners; costs are the local AWS's story of six accounts.
"""

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
import requests
from reports import FUNCTION, Metering
from vending import fail, vend

from local_aws import paths

NOTHING_ELSE = {"accessStack": None, "stackSets": [], "downgrade": "none"}
HISTORY = 13
# Floats of Cost Explorer end where they like.
NEAR = Decimal("0.000001")
PLANS = 7


def month_before(count):
    """The month that lies so many months before the current one."""
    first = datetime.now(UTC).date().replace(day=1)
    for _ in range(count):
        first = (first - timedelta(days=1)).replace(day=1)
    return f"{first:%Y-%m}"


# Long final, whatever the day on which the tests run.
FINAL = month_before(5)
# On the first of a month nothing is known of it.
HAS_BEGUN = datetime.now(UTC).day > 1
MONTHS = [month_before(number) for number in range(HISTORY, -1 if HAS_BEGUN else 0, -1)]


@pytest.fixture(scope="module")
def ledger(environment):
    """The endpoints of the local AWS's ledger: ask("GET", "totals?month=2026-01")."""

    def ask(method, path, document=None):
        url = f"{environment.endpoint_url}/local-aws/{path}"
        answer = requests.request(method, url, data=None if document is None else json.dumps(document), timeout=30)
        answer.raise_for_status()
        return answer.json()

    return ask


@pytest.fixture(scope="module")
def metering(environment):
    return Metering(environment)


@pytest.fixture(scope="module")
def accounts(meshstack, operator, landing_zones, local_aws):
    """Accounts by their role in the story: two are done, the vend of one has failed, one is suspended."""
    zone = landing_zones.deploy("metering", like="sandbox", **NOTHING_ELSE)
    found = {}
    for role in ("shop", "data", "closed"):
        account = meshstack.create_account(f"metering-{role}", f"aws+metering-{role}@example.com")
        vend(meshstack, operator, meshstack.payload(account, "money", role, LandingZone=zone))
        found[role] = account["Id"]
    failing = meshstack.create_account("metering-web", "aws+metering-web@example.com")
    unknown = {"awsRoleName": "admin", "permissionSets": ["NoSuchAccess"]}
    single_sign_on = {"singleSignOn": {"roleMappings": {"admin": unknown}}}
    failing_zone = landing_zones.deploy("metering-failing", like="sandbox", **{**NOTHING_ELSE, **single_sign_on})
    fail(meshstack, operator, meshstack.payload(failing, "money", "web", LandingZone=failing_zone))
    found["web"] = failing["Id"]
    local_aws.suspend(found["closed"])
    return found


@pytest.fixture(scope="module")
def metered(ledger, metering, accounts, local_aws):
    """All months, metered once: what the run answered, and each month as a reader finds it."""
    with local_aws.refusing("AVMMeteringRole", "ce:GetCostAndUsage"):
        refused = metering.run({"Month": FINAL})
    ledger("PUT", "cost-explorer/ledger", {"accounts": accounts})
    answers = []
    for _ in MONTHS:
        answers.append(metering.run({"From": MONTHS[0], "To": MONTHS[-1]}))
        assert "errorType" not in answers[-1], answers[-1]
        if not answers[-1]["remaining"]:
            break
    assert answers[-1]["remaining"] == []
    requested = ledger("GET", "cost-explorer/requests")
    months = {month: metering.month(month) for month in MONTHS}
    return SimpleNamespace(refused=refused, answers=answers, requested=requested, months=months, accounts=accounts)


def test_without_cost_explorer_it_says_what_to_do(metered):
    assert metered.refused["errorType"] == "CostExplorerNotEnabled"


def test_every_request_is_counted_with_its_price(metered):
    assert sum(answer["requests"] for answer in metered.answers) == metered.requested["requests"]
    assert sum(Decimal(answer["requestCost"]) for answer in metered.answers) == Decimal(metered.requested["price"])


@pytest.mark.parametrize("month", MONTHS)
def test_a_month_adds_up_to_the_ledgers_by_record_type_and_in_cash(metered, ledger, month):
    found, told = metered.months[month], ledger("GET", f"cost-explorer/totals?month={month}")
    partition = {one["recordType"]: one for one in found.manifest["controls"]["partition"]}
    assert set(partition) >= {kind for kind, sums in told["recordTypes"].items() if any(map(Decimal, sums.values()))}
    for kind, sums in told["recordTypes"].items():
        if kind in partition:
            assert Decimal(partition[kind]["amortized"]) == pytest.approx(Decimal(sums["amortized"]), abs=NEAR), kind
            assert Decimal(partition[kind]["unblended"]) == pytest.approx(Decimal(sums["unblended"]), abs=NEAR), kind
        assert found.of_type(kind, "amount") == pytest.approx(Decimal(sums["amortized"]), abs=NEAR), kind
    cash = Decimal(told["total"]["unblended"])
    assert found.total("billed") == pytest.approx(cash, abs=NEAR)
    assert found.column("BilledCost") == pytest.approx(cash, abs=NEAR)
    assert found.column("EffectiveCost") == pytest.approx(Decimal(told["total"]["amortized"]), abs=NEAR)
    assert found.column("x_ChargebackCost") == pytest.approx(found.total(), abs=NEAR)
    if found.pointer["status"] == "final":
        # With both flags on, what is charged is what was billed: a cent for each plan at most.
        assert found.total() == pytest.approx(cash, abs=PLANS * Decimal("0.01"))
        assert found.total("rounded") == pytest.approx(cash, abs=PLANS * Decimal("0.01"))


def test_months_become_final_when_all_of_them_is_known(metered):
    long_ago = [month for month in MONTHS if month < month_before(1)]
    statuses = [metered.months[month].pointer["status"] for month in long_ago]
    assert statuses == ["final"] * (HISTORY - 1)
    assert metered.months[FINAL].pointer["version"] == 1


def test_a_purchaser_whose_reservation_another_uses_has_months_below_zero(metered):
    shop, data = (metered.accounts[role] for role in ("shop", "data"))
    for month in MONTHS[2:4]:
        found = metered.months[month]
        assert Decimal(found.reports[shop]["total"]["rounded"]) < 0
        kinds = {line["kind"] for line in found.reports[shop]["lines"]}
        assert "upfrontDiscount" in kinds
        assert "reservationCoveredUsage" in {line["kind"] for line in found.reports[data]["lines"]}


def test_reports_have_owners_and_the_rest_is_unassigned(metered):
    found = metered.months[FINAL]
    owners = {role: found.reports[account]["owner"] for role, account in metered.accounts.items() if role != "closed"}
    assert owners == {
        "shop": {"workspace": "money", "project": "shop", "source": "completionTags"},
        "data": {"workspace": "money", "project": "data", "source": "completionTags"},
        # Its vend has failed: it costs money all the same.
        "web": {"workspace": "money", "project": "web", "source": "ownerTags"},
    }
    unassigned = set(found.reports) - set(metered.accounts.values())
    assert set(found.manifest["unassigned"]["accounts"]) == unassigned
    assert "900000000005" in unassigned
    assert found.reports["900000000005"]["accountState"] == "GONE"


def test_no_report_has_an_address(metered):
    for month in metered.months.values():
        assert "@" not in json.dumps([month.reports, month.rows, month.manifest])


def test_a_second_run_changes_nothing(metered, metering):
    before = {key: metering.text(key) for key in metering.keys() if not key.startswith("checks/")}
    assert "errorType" not in metering.run({"Month": FINAL})
    assert {key: metering.text(key) for key in metering.keys() if not key.startswith("checks/")} == before


def late(ledger, account, month, amount="0.60", kind="Brand New Type", after=0):
    """One more line of Cost Explorer's, after so many requests."""
    charge = {"account": account, "service": "AWS Lambda", "recordType": kind, "month": month, "amortized": amount}
    ledger("POST", "cost-explorer/charges", {**charge, "afterRequests": after})


def test_a_late_line_of_an_unknown_type_is_a_new_version(metered, metering, ledger):
    late(ledger, metered.accounts["shop"], FINAL)
    assert "errorType" not in metering.run({"Month": FINAL, "Recompute": True})
    found = metering.month(FINAL)
    assert (found.pointer["status"], found.pointer["version"], found.manifest["supersedes"]) == ("final", 2, 1)
    lines = found.reports[metered.accounts["shop"]]["lines"]
    [line] = [line for line in lines if line.get("recordType") == "Brand New Type"]
    assert (line["kind"], Decimal(line["amount"])) == ("other", Decimal("0.6"))


def test_a_refresh_between_two_requests_is_read_again(metered, metering, ledger):
    month = month_before(6)
    late(ledger, metered.accounts["data"], month, kind="Usage", after=1)
    assert "errorType" not in metering.run({"Month": month, "Recompute": True})
    found, told = metering.month(month), ledger("GET", f"cost-explorer/totals?month={month}")
    assert found.total("billed") == pytest.approx(Decimal(told["total"]["unblended"]), abs=NEAR)
    assert found.manifest["unattributed"] == []


@pytest.mark.parametrize(
    ("service", "action"),
    [("ce", "GetCostAndUsage"), ("ce", "GetReservationUtilization"), ("tagging", "GetResources"), ("s3", "PutObject")],
)
def test_throttling_is_waited_for(metered, metering, ledger, local_aws, service, action):
    month = month_before(7)
    late(ledger, metered.accounts["data"], month, kind="Usage")
    local_aws.inject(kind="throttled", service=service, action=action, count=2, function=FUNCTION, label="metering")
    assert "errorType" not in metering.run({"Month": month, "Recompute": True})
    told = ledger("GET", f"cost-explorer/totals?month={month}")
    assert metering.month(month).total("billed") == pytest.approx(Decimal(told["total"]["unblended"]), abs=NEAR)


@pytest.mark.parametrize("code", ["RequestChangedException", "InvalidNextTokenException"])
def test_a_query_whose_token_is_refused_begins_again(metered, metering, ledger, local_aws, code):
    month = month_before(8)
    late(ledger, metered.accounts["data"], month, kind="Usage")
    local_aws.inject(code=code, service="ce", action="GetCostAndUsage", skip=2, function=FUNCTION, label="metering")
    assert "errorType" not in metering.run({"Month": month, "Recompute": True})
    told = ledger("GET", f"cost-explorer/totals?month={month}")
    assert metering.month(month).total("billed") == pytest.approx(Decimal(told["total"]["unblended"]), abs=NEAR)


def test_killed_at_every_write_it_leaves_a_month_that_a_reader_finds_whole(metered, metering, ledger, local_aws):
    month = month_before(9)
    before = metering.month(month)
    late(ledger, metered.accounts["web"], month, kind="Usage")
    writes = 0
    while True:
        local_aws.inject(
            kind="killed", service="s3", action="PutObject", skip=writes, function=FUNCTION, label=f"write-{writes}"
        )
        answer = metering.run({"Month": month, "Recompute": True})
        found = metering.month(month)
        assert found.pointer["version"] in (before.pointer["version"], before.pointer["version"] + 1)
        if "errorType" not in answer:
            break
        writes += 1
        assert writes < 40, answer
    # A document for each account, the lines, the manifest, the pointer: one at a time.
    local_aws.clear(f"write-{writes}")
    assert writes >= 3
    told = ledger("GET", f"cost-explorer/totals?month={month}")
    assert metering.month(month).total("billed") == pytest.approx(Decimal(told["total"]["unblended"]), abs=NEAR)


def test_of_two_runs_at_once_a_whole_month_is_left(metered, metering, ledger):
    month = month_before(10)
    late(ledger, metered.accounts["web"], month, kind="Usage")
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: metering.run({"Month": month, "Recompute": True}), range(2)))
    told = ledger("GET", f"cost-explorer/totals?month={month}")
    assert metering.month(month).total("billed") == pytest.approx(Decimal(told["total"]["unblended"]), abs=NEAR)


def test_where_the_bulk_answer_is_empty_each_account_is_asked_for_its_tags(metered, metering, ledger, local_aws):
    month, since = month_before(11), local_aws.mark()
    ledger("POST", "tagging", {"accounts": False})
    try:
        assert "errorType" not in metering.run({"Month": month, "Recompute": True})
    finally:
        ledger("POST", "tagging", {"accounts": True})
    actions = [call["action"] for call in local_aws.calls(since)]
    assert "organizations:ListTagsForResource" in actions
    owner = metering.month(month).reports[metered.accounts["shop"]]["owner"]
    assert owner["project"] == "shop"


def test_a_month_outside_the_history_is_refused_with_the_oldest_that_there_is(metered, metering):
    answer = metering.run({"Month": f"{date.today().year - 3}-01"})
    assert answer["errorType"] == "InvalidRequest"
    assert MONTHS[0] in answer["errorMessage"]


def test_publishing_a_final_month_is_an_event(metered, metering, ledger, environment):
    account, month = environment.automation_account_id, month_before(12)
    sqs, events = (environment.root_client(service, account) for service in ("sqs", "events"))
    queue = sqs.create_queue(QueueName="metering-final")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    detail = {"bucket": {"name": [metering.bucket]}, "object": {"key": [{"prefix": "current/final/"}]}}
    pattern = {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": detail}
    events.put_rule(Name="metering-final", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="metering-final", Targets=[{"Id": "queue", "Arn": arn}])
    late(ledger, metered.accounts["data"], month, kind="Usage")
    metering.run({"Month": month, "Recompute": True})
    messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    keys = [json.loads(message["Body"])["detail"]["object"]["key"] for message in messages]
    assert keys == [f"current/final/{month}.json"]


def test_it_is_started_every_day_with_an_empty_event(environment):
    account = environment.automation_account_id
    events, functions = (environment.root_client(service, account) for service in ("events", "lambda"))
    arn = functions.get_function_configuration(FunctionName=FUNCTION)["FunctionArn"]
    [rule] = events.list_rule_names_by_target(TargetArn=arn)["RuleNames"]
    [target] = events.list_targets_by_rule(Rule=rule)["Targets"]
    assert events.describe_rule(Name=rule)["ScheduleExpression"] == "cron(0 6 * * ? *)"
    assert target["Input"] == "{}"


def report(environment, *arguments):
    """`avm report`, as an operator of the automation account calls it."""
    return subprocess.run(
        [paths.binary("avm"), "report", *arguments],
        env=environment.root_variables(environment.automation_account_id),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_an_operator_reads_a_month_with_one_command(metered, metering, environment):
    # No other test adds a line to it.
    month = month_before(3)
    shown = report(environment, month)
    assert shown.returncode == 0, shown.stderr
    for word in ("money", "shop", "data", "final"):
        assert word in shown.stdout
    rows = report(environment, month, "--account", metered.accounts["shop"], "--output", "csv").stdout
    own = metering.month(month).reports[metered.accounts["shop"]]
    assert own["total"]["amount"] and rows.count(metered.accounts["shop"]) >= len(own["lines"])
    checked = report(environment, "--check", month)
    assert checked.returncode == 0, checked.stdout + checked.stderr

