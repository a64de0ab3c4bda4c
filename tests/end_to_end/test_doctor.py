"""`avm doctor`, as an operator runs it: faults that are planted in three accounts at once are found, each with its remedy.

Other tests leave landing zones of their own behind, which are not looked at here.
"""

import contextlib
import json
from contextlib import ExitStack

import pytest
import requests
import walk
from doctoring import doctor_of
from meshstack_client.landing_zones import PARAMETERS
from platform_team import wait_until

PLACEMENT = "AVMPlacementRole"
ACCOUNT_MANAGEMENT = "account.amazonaws.com"
SECRET = "avm/external-id/cost-explorer"
PERMISSION_SETS = "Number of permission sets allowed in IAM Identity Center"
SHIPPED = {f"{PARAMETERS}production", f"{PARAMETERS}sandbox", "landing zone production", "landing zone sandbox"}
TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}]}
# A stack whose creation fails: the name is taken.
BROKEN = {
    "Resources": {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {"RoleName": "MeshfedAutomationRole", "AssumeRolePolicyDocument": TRUST},
        }
    }
}


@pytest.fixture
def doctor(environment, tmp_path):
    """Runs the command with credentials of both accounts; its exit code and its findings."""
    return doctor_of(environment, tmp_path, is_of_the_installation)


def is_of_the_installation(finding):
    """Whether it is none about a landing zone of another test, or about what such a one names."""
    is_of_a_zone = finding["place"].startswith((PARAMETERS, "landing zone"))
    return not (is_of_a_zone and finding["place"] not in SHIPPED) and finding["check"] != "stack-set"


@contextlib.contextmanager
def changed_trust(iam, role, change):
    """The trust of a role, changed meanwhile."""
    trust = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    other = json.loads(json.dumps(trust))
    change(other["Statement"])
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(other))
    try:
        yield
    finally:
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(trust))


@contextlib.contextmanager
def gone_role(environment):
    """meshStack's role also trusts a role that is gone."""
    iam = environment.root_client("iam", environment.meshcloud_account_id)
    leaver = iam.create_role(RoleName="leaver", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]

    def trust_leaver(statements):
        statements.append({"Effect": "Allow", "Principal": {"AWS": leaver}, "Action": "sts:AssumeRole"})

    role = environment.root_client("iam", environment.automation_account_id)
    with changed_trust(role, "MeshfedAutomationRole", trust_leaver):
        iam.delete_role(RoleName="leaver")
        yield


@contextlib.contextmanager
def wider_user(environment):
    """The user of meshStack has another policy than its template gives it."""
    iam = environment.root_client("iam", environment.meshcloud_account_id)
    name = {"UserName": "meshfed-service-user", "PolicyName": "AssumeMeshfedRoles"}
    policy = iam.get_user_policy(**name)["PolicyDocument"]
    other = json.loads(json.dumps(policy))
    other["Statement"][0]["Resource"] = "*"
    iam.put_user_policy(**name, PolicyDocument=json.dumps(other))
    try:
        yield
    finally:
        iam.put_user_policy(**name, PolicyDocument=json.dumps(policy))


@contextlib.contextmanager
def failed_stack(environment):
    """A stack that could not be made."""
    client = environment.root_client("cloudformation", environment.automation_account_id)
    client.create_stack(StackName="avm-broken", TemplateBody=json.dumps(BROKEN), Capabilities=["CAPABILITY_NAMED_IAM"])
    wait_until(lambda: client.describe_stacks(StackName="avm-broken")["Stacks"][0]["StackStatus"] == "ROLLBACK_COMPLETE")
    try:
        yield
    finally:
        client.delete_stack(StackName="avm-broken")
        client.get_waiter("stack_delete_complete").wait(StackName="avm-broken", WaiterConfig={"Delay": 1})


@contextlib.contextmanager
def full_of_permission_sets(environment):
    """IAM Identity Center may have no more permission sets than it has."""
    quotas = f"{environment.endpoint_url}/local-aws/quotas"

    def change(value):
        named = {"service": "sso", "name": PERMISSION_SETS, "value": value}
        requests.post(quotas, json=named, timeout=10).raise_for_status()

    change(1)
    try:
        yield
    finally:
        change(3500)


@contextlib.contextmanager
def faults(environment, landing_zones, operator):
    """All of them at once."""
    secrets = environment.root_client("secretsmanager", environment.automation_account_id)
    tower = f"{environment.endpoint_url}/local-aws/control-tower/landing-zone"
    iam = environment.root_client("iam", environment.management_account_id)

    def trust_nobody(statements):
        statements[0]["Condition"]["StringEquals"]["sts:ExternalId"] = "another-one"

    with ExitStack() as planted:
        planted.enter_context(changed_trust(iam, PLACEMENT, trust_nobody))
        for plant in (gone_role, wider_user, failed_stack, full_of_permission_sets):
            planted.enter_context(plant(environment))
        secrets.delete_secret(SecretId=SECRET)
        operator.organizations.disable_aws_service_access(ServicePrincipal=ACCOUNT_MANAGEMENT)
        requests.post(tower, json={"drift": "DRIFTED"}, timeout=10).raise_for_status()
        platform = landing_zones.platform()
        landing_zones.deploy_platform({**platform, "accountAccessRole": "AnotherRole"})
        try:
            yield
        finally:
            landing_zones.deploy_platform(platform)
            requests.post(tower, json={"drift": "IN_SYNC"}, timeout=10).raise_for_status()
            operator.organizations.enable_aws_service_access(ServicePrincipal=ACCOUNT_MANAGEMENT)
            secrets.restore_secret(SecretId=SECRET)


# What is found of each of them: the check, and words of the place, of the finding and of the remedy.
FOUND = [
    ("drift", "avm-automation", "MeshfedAutomationRole was changed", "describe-stack-resource-drifts"),
    ("drift", "avm-meshcloud", "MeshfedServiceUser was changed", "describe-stack-resource-drifts"),
    ("drift", "avm-vending-roles", f"{PLACEMENT} was changed", "describe-stack-resource-drifts"),
    ("organization", "AWS Control Tower", "drifted", "reset"),
    ("organization", ACCOUNT_MANAGEMENT, "not trusted", "enable-aws-service-access"),
    ("parameter", "/avm/platform", "accountAccessRole", "AccountAccessRoleName=AnotherRole"),
    ("principal", "MeshfedAutomationRole", "AROA", "deploy"),
    ("quota", "IAM Identity Center", "permission sets and may have 1", "Service Quotas"),
    ("secret", SECRET, "no such secret", "external-ids.yaml"),
    ("stack", "avm-broken", "ROLLBACK_COMPLETE", "delete the stack"),
    ("trust", PLACEMENT, "avm-enroll, avm-place-account", "vending-roles.yaml"),
]


@pytest.mark.refuses("AVMPlaceAccountFunctionRole", "sts:AssumeRole")
@pytest.mark.refuses("AVMEnrollFunctionRole", "sts:AssumeRole")
def test_planted_faults_are_found_and_nothing_else(environment, doctor, landing_zones, operator):
    topics = environment.root_client("sns", environment.automation_account_id)
    (topic,) = [one["TopicArn"] for one in topics.list_topics()["Topics"] if one["TopicArn"].endswith(":avm-failures")]
    # Those of earlier tests, which are over.
    for earlier in topics.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]:
        topics.unsubscribe(SubscriptionArn=earlier["SubscriptionArn"])
    code, findings = doctor("--quick")
    assert code == 1
    assert [(one["check"], one["place"]) for one in findings] == [("notice", "avm-failures")]
    queue = topic.replace(":sns:", ":sqs:")
    subscription = topics.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue, ReturnSubscriptionArn=True)
    try:
        with faults(environment, landing_zones, operator):
            code, findings = doctor()
            assert code == 1
            for finding, (check, *words) in zip(findings, FOUND, strict=True):
                assert finding["check"] == check, finding
                told = [finding[field] for field in ("place", "found", "remedy")]
                assert all(word in text for word, text in zip(words, told, strict=True)), finding
        assert doctor()[1] == []
    finally:
        topics.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])


def test_whatever_a_starter_sends_the_functions_do_nothing_as_their_roles(environment, operator, local_aws):
    machine = environment.state_machine_arn.replace("avm-vend-account", "avm-doctor")
    mark = local_aws.mark()
    forged = {"Mode": "Act", "Order": {}, "Execution": environment.state_machine_arn, "Step": "create-account"}
    started = operator.states.start_execution(stateMachineArn=machine, input=json.dumps(forged))
    ended = operator.wait_for_end(started["executionArn"], 60)
    assert ended["status"] == "SUCCEEDED", ended.get("cause")
    answers = json.loads(ended["output"])
    asked = {answer["Function"] for answer in answers}
    assert {"avm-create-account", "avm-metering", "avm-elevation"} <= asked and len(asked) == len(answers) == 18
    assert not asked & {"AVMEntryPoint", "PermissionDowngrade"}
    assert all(answer.get("Version") and not answer.get("Error") for answer in answers), answers
    assert all(trial["Error"] is None for answer in answers for trial in answer["Trusts"])
    # The sessions of the trials: as none of them anything was called.
    assert not [call for call in local_aws.calls(mark) if call["session"] == "avm-doctor"]


def test_more_of_a_quota_is_asked_for_as_the_page_tells(environment, tmp_path):
    administrator = environment.root_variables(environment.automation_account_id)
    said = walk.follow("QUOTAS.md", administrator, tmp_path / "followed", 60)
    assert "Concurrent executions" in said and '"DesiredValue": 2000.0' in said and '"Status": "PENDING"' in said, said
