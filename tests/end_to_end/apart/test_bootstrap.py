"""`avm bootstrap`, as an operator runs it: three empty accounts become an installation, and are one when it is run again.

In an organization of its own, from a package whose functions are the programs that all tests run.
"""

import json
import subprocess

from bootstrapping import (  # noqa: F401
    IN_ORDER,
    avm,
    bootstrap,
    configure,
    empty,
    environment,
    packaged,
    platform_document,
    stacks_of,
)

NOTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
WITH_TAGS = ["--tags", "CostCenter=42", "Owner=platform"]


def test_the_plan_of_empty_accounts_has_all_stacks_and_leaves_nothing(environment, bootstrap):
    code, rows, told = bootstrap("--dry-run")
    assert code == 0, told
    assert list(rows) == IN_ORDER
    assert {row["is"] for row in rows.values()} == {"would be created"}
    assert {row["account"] for row in rows.values()} == {
        environment.management_account_id,
        environment.automation_account_id,
        environment.meshcloud_account_id,
    }
    assert all(int(row["added"]) > 0 for row in rows.values())
    # With meshStack's own metering off, the template has more than is made.
    assert rows["avm-management"]["added"] == "1"
    code, _, told = bootstrap()
    assert code == 2 and "Nobody can be asked without a terminal" in told
    code, _, told = bootstrap("--yes", "--leave-out", "avm-package")
    assert code == 2 and "stack avm needs a bucket for its functions, and there is none" in told
    assert stacks_of(environment) == {}


def test_what_somebody_else_has_made_is_told_before_anything_is_done(environment, bootstrap):
    users = environment.root_client("iam", environment.meshcloud_account_id)
    users.create_user(UserName="meshfed-service-user")
    policies = environment.root_client("iam", environment.automation_account_id)
    boundary = policies.create_policy(PolicyName="AVMFunctionsBoundary", PolicyDocument=json.dumps(NOTHING))["Policy"]["Arn"]
    try:
        code, rows, told = bootstrap("--yes")
        assert (code, rows) == (2, {})
        assert "the policy AVMFunctionsBoundary of the automation account is there" in told and "--leave-out" in told
        code, rows, told = bootstrap("--yes", "--leave-out", "avm-automation", "--parameter", "Metring=true")
        assert code == 2 and "no template has the parameter Metring" in told
        # The user is used.
        code, rows, told = bootstrap("--dry-run", "--leave-out", "avm-automation")
        assert code == 0, told
        assert [name for name in rows if name in IN_ORDER] == [
            name for name in IN_ORDER if name not in ("avm-meshcloud", "avm-automation")
        ]
        assert rows["the user meshfed-service-user of the meshcloud account"]["is"] == "is there and stays as it is"
    finally:
        users.delete_user(UserName="meshfed-service-user")
        policies.delete_policy(PolicyArn=boundary)
    assert stacks_of(environment) == {}


def test_three_empty_accounts_become_an_installation_and_stay_one(environment, bootstrap, avm, tmp_path):
    code, rows, told = bootstrap("--yes", "--operators", "platform-team@company.com", *WITH_TAGS)
    assert code == 0, told
    assert list(rows)[: len(IN_ORDER)] == IN_ORDER
    assert {rows[name]["is"] for name in IN_ORDER} == {"created"}
    role = f"arn:aws:iam::{environment.automation_account_id}:role/MeshfedAutomationRole"
    assert rows["meshStack: role of the automation account"]["is"] == role
    assert "avm/external-id/meshstack" in rows["meshStack: ExternalId of both roles"]["is"]
    everything = json.dumps(rows) + told
    assert not [one for one in ("meshstack", "machine", "cost-explorer") if environment.external_id_of(one) in everything]
    before = stacks_of(environment)
    assert [before[name][2] for name in IN_ORDER] == [{"CostCenter": "42", "Owner": "platform"}] * len(IN_ORDER)

    # Neither what was said nor what was generated is asked for again.
    code, rows, told = bootstrap("--yes")
    assert code == 0, told
    assert {rows[name]["is"] for name in IN_ORDER} == {"no changes"}
    assert stacks_of(environment) == before

    configure(avm, tmp_path, platform_document(environment))
    _hear_of_failures(environment)
    organizations = environment.root_client("organizations", environment.management_account_id)
    organizations.enable_aws_service_access(ServicePrincipal="account.amazonaws.com")
    code, findings, told = avm("doctor", "--management-profile", "management", "--quick")
    assert (code, json.loads(findings)) == (0, []), told


def test_an_update_shows_what_it_changes_before_it_does(environment, bootstrap):
    code, rows, told = bootstrap("--dry-run", "--parameter", "avm-management:BudgetTopic=true", "LogLevel=WARN")
    assert code == 0, told
    changed = {name: row for name, row in rows.items() if row["is"] != "no changes"}
    assert {name: row["is"] for name, row in changed.items()} == {"avm-management": "would be updated", "avm": "would be updated"}
    assert "added BudgetsTopic (AWS::SNS::Topic)" in changed["avm-management"]["resources"]
    assert "changed AVMEntryPoint (AWS::Lambda::Function)" in changed["avm"]["resources"]
    client = environment.root_client("cloudformation", environment.management_account_id)
    assert client.list_change_sets(StackName="avm-management")["Summaries"] == []


def test_the_commands_can_be_had_instead(environment, avm):
    words = ["bootstrap", "--management-profile", "management", "--meshcloud-profile", "meshcloud", "--print"]
    code, script, told = avm(*words)
    assert code == 0, told
    assert f"export MANAGEMENT=management MANAGEMENT_ID={environment.management_account_id}\n" in script
    assert subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode == 0


def _hear_of_failures(environment):
    """The operators have not answered AWS's mail; something else hears of failures."""
    topics = environment.root_client("sns", environment.automation_account_id)
    topic = next(one["TopicArn"] for one in topics.list_topics()["Topics"] if one["TopicArn"].endswith(":avm-failures"))
    topics.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=topic.replace(":sns:", ":sqs:"), ReturnSubscriptionArn=True)
