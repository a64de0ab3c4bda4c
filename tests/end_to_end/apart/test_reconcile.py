"""The nightly look at every vended account: what is powerful is taken down, what differs is told, others are left alone.

One night for all actors, in an organization of its own: a night looks at every account that there is.
"""

import json
import shlex
from types import SimpleNamespace

import pytest
from endpoints import LocalAws

from local_aws.process import LocalAwsProcess
from meshstack_client import LandingZones, LocalEnvironment, MeshStack, Operator
from platform_team import wait_until
from root_credentials import managed, trusted
from vending import by_roles, subscribe

ACCESS_ROLE = "MeshstackAccountAccessRole"
ADMINISTRATOR_ACCESS = "arn:aws:iam::aws:policy/AdministratorAccess"
SCHEDULE = "avm-reconcile"
NETWORK = "avm-night-network"
# The execution role of the shipped access stack may make the roles of the shipped StackSet, and nothing else.
NOTHING = json.dumps(
    {
        "Conditions": {"Never": {"Fn::Equals": ["one", "other"]}},
        "Resources": {"Network": {"Type": "AWS::EC2::VPC", "Condition": "Never", "Properties": {"CidrBlock": "10.0.0.0/16"}}},
    }
)
READS_OF_ROLES = ("iam:GetRole", "iam:GetRolePolicy", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies")


class Account:
    """An account that was vended, and what others do to it since."""

    def __init__(self, environment, meshstack, operator, made, project):
        self.id = made["Id"]
        self.made = made
        self.project = project
        self.meshstack = meshstack
        self.operator = operator
        self.iam = environment.root_client("iam", self.id)
        self.organizations = environment.root_client("organizations", environment.management_account_id)

    def payload(self, **keys):
        return self.meshstack.payload(self.made, "space", self.project, **keys)

    def vend(self, **keys):
        execution = self.start(**keys)
        ended = self.operator.wait_for_end(execution)
        assert ended["status"] == "SUCCEEDED", (ended.get("error"), ended.get("cause"))
        return self

    def start(self, **keys):
        return self.meshstack.invoke(self.payload(**keys))["executionArn"]

    def give_power(self):
        self.iam.attach_role_policy(RoleName=ACCESS_ROLE, PolicyArn=ADMINISTRATOR_ACCESS)
        return self

    def attached(self):
        return self.operator.role_policies(self.id, ACCESS_ROLE)["attached"]

    def trust(self, role, principal):
        statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
        document = {"Version": "2012-10-17", "Statement": [statement]}
        self.iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(document))

    def lose_tag(self, key):
        self.organizations.untag_resource(ResourceId=self.id, TagKeys=[key])


@pytest.fixture(scope="module")
def organization(audit_folder, tmp_path_factory):
    """A local AWS of its own, whose platform asks for central root access."""
    with LocalAwsProcess(tmp_path_factory.mktemp("nights")) as process:
        environment = LocalEnvironment.load(process.environment_file)
        zones = LandingZones(environment)
        zones.deploy_platform({**zones.platform(), "centralRootAccess": "required"})
        with trusted(environment), managed(environment):
            yield process


def stopped_while_its_account_is_made(aws, meshstack, operator):
    """The account of a first vend that is stopped after AWS was asked for it, and before any step has named it."""
    project = "night-stopped"
    unseen = {"service": "organizations", "action": "DescribeCreateAccountStatus", "event": project}
    aws.inject(code="ServiceException", status=500, label=project, count=10_000, **unseen)
    mark = aws.mark()
    execution = meshstack.invoke({"ProductName": "space", "Stage": project})["executionArn"]
    wait_until(lambda: "organizations:CreateAccount" in {call["action"] for call in by_roles(aws.calls(mark))})
    operator.states.stop_execution(executionArn=execution)
    aws.clear(project)
    pages = operator.organizations.get_paginator("list_accounts")
    wanted = f"Accounts[?Email=='aws+space.{project}@example.com'].Id"
    wait_until(lambda: list(pages.paginate().search(wanted)))
    return SimpleNamespace(id=next(iter(pages.paginate().search(wanted))))


def failed_before_its_stack_set(aws, account):
    """Of its first vend nothing is done but that its account is known."""
    aws.inject(code="InvalidInputException", status=400, service="organizations", action="MoveAccount", resource=account.id)
    ended = account.operator.wait_for_end(account.start())
    assert ended["status"] == "FAILED", ended
    assert account.meshstack.tags(account.id)["avm:failed-step"] == "PlaceAccount"
    return account


def vended_again_without(stack_set, environment, account):
    """Vended with two StackSets, and again after its landing zone has lost one of them."""
    administration = f"arn:aws:iam::{environment.automation_account_id}:role/AWSCloudFormationStackSetAdministrationRole"
    environment.root_client("cloudformation", environment.automation_account_id).create_stack_set(
        StackSetName=stack_set,
        TemplateBody=NOTHING,
        AdministrationRoleARN=administration,
        ExecutionRoleName="AWSCloudFormationStackSetExecutionRole",
    )
    zones = LandingZones(environment)
    shipped = zones.document("sandbox")["stackSets"]
    both = [*shipped, {"name": stack_set, "region": "eu-central-1"}]
    zone = zones.deploy("night-shrunk", like="sandbox", stackSets=both)
    account.vend(LandingZone=zone)
    zones.deploy(zone, stackSets=shipped, like=zone)
    return account.vend(LandingZone=zone)


@pytest.fixture(scope="module")
def night(organization, audit_folder):
    """Accounts as their names say, and what one night has made of them."""
    environment = LocalEnvironment.load(organization.environment_file)
    aws = LocalAws(environment.endpoint_url, audit_folder)
    meshstack, operator = MeshStack(environment), Operator(environment)

    def made(name):
        account = meshstack.create_account(f"night-{name}", f"aws+night.{name}@example.com")
        return Account(environment, meshstack, operator, account, f"night-{name}")

    sound, powerful, trusting, ownerless, rooted, unreadable, under_vend = (
        made(name).vend()
        for name in ("sound", "powerful", "trusting", "ownerless", "rooted", "unreadable", "under-vend")
    )
    shrunk = vended_again_without(NETWORK, environment, made("shrunk"))
    neighbour = made("neighbour").give_power()
    failed = failed_before_its_stack_set(aws, made("failed"))
    stopped = stopped_while_its_account_is_made(aws, meshstack, operator)
    powerful.give_power()
    trusting.trust("OrganizationAccountAccessRole", f"arn:aws:iam::{environment.meshcloud_account_id}:root")
    ownerless.lose_tag("avm:project")
    aws.root_user(rooted.id, AccountAccessKeysPresent=1)
    unreadable.give_power().iam.delete_role_policy(RoleName="AVMVerificationRole", PolicyName="ReadAccessRole")
    aws.inject(
        code="OperationInProgressException",
        service="cloudformation",
        action="UpdateStackInstances",
        event=under_vend.project,
        label="under-vend",
        count=10_000,
    )
    running = under_vend.give_power().start(tagEnvironment="prod")

    receive = subscribe(environment, "nights")
    mark = aws.mark()
    with aws.refusing("AVMVerificationRole", *READS_OF_ROLES):
        execution = operator.wait_for_end(aws.fire(environment.automation_account_id, SCHEDULE))
    assert execution["status"] == "SUCCEEDED", (execution.get("error"), execution.get("cause"))
    was_running = environment.root_client("stepfunctions", environment.automation_account_id).describe_execution(
        executionArn=running
    )["status"]
    power_under_vend = under_vend.attached()
    aws.clear("under-vend")
    ended = operator.wait_for_end(running)
    assert ended["status"] == "SUCCEEDED", (ended.get("error"), ended.get("cause"))
    (notice,) = [message for message in receive() if message.startswith("The nightly look")]
    return SimpleNamespace(
        environment=environment,
        sound=sound,
        powerful=powerful,
        trusting=trusting,
        ownerless=ownerless,
        rooted=rooted,
        unreadable=unreadable,
        under_vend=under_vend,
        shrunk=shrunk,
        neighbour=neighbour,
        failed=failed,
        stopped=stopped,
        was_running=was_running,
        power_under_vend=power_under_vend,
        calls=by_roles(aws.calls(mark)),
        execution=execution,
        notice=notice,
        log=(organization.log_folder / "avm-reconcile.log").read_text(encoding="utf-8"),
    )


def told(night, account):
    """What the notice says of an account, with the head of the section that says it; None where it says nothing."""
    head = ""
    for line in night.notice.splitlines():
        if line.startswith(f"- {account.id}: "):
            return head, line.removeprefix(f"- {account.id}: ")
        if line and not line.startswith("- "):
            head = line
    return None


def test_a_role_that_an_operator_gave_power_by_hand_is_taken_down_and_told(night):
    assert night.powerful.attached() == []
    head, words = told(night, night.powerful)
    assert head.startswith("Access roles that were powerful without a vend, and have been taken down")
    assert words == f"taken down: role {ACCESS_ROLE}: managed policy AdministratorAccess is attached"


def test_a_trust_that_a_tenant_has_widened_is_told(night):
    head, words = told(night, night.trusting)
    assert head.startswith("Roles that are not as they were made")
    assert words == "role OrganizationAccountAccessRole trusts others than it was made for"


def test_a_tag_of_the_owner_that_is_gone_is_told(night):
    head, words = told(night, night.ownerless)
    assert head.startswith("Tags that do not tell whose the account is")
    assert words == "tag avm:project is missing"


def test_a_root_user_that_has_got_an_access_key_is_told(night):
    head, words = told(night, night.rooted)
    assert head.startswith("Accounts whose root user has credentials (1)")
    assert words == "the root user has an access key"


def test_an_account_that_cannot_be_read_is_told_and_ends_no_night(night):
    head, words = told(night, night.unreadable)
    assert head.startswith("Accounts that could not be looked into")
    assert "AccessDenied" in words or "not authorized" in words, words


def test_an_instance_that_the_landing_zone_has_lost_is_told_with_the_command_that_removes_it(night):
    head, words = told(night, night.shrunk)
    assert head.startswith("Instances of StackSets that landing zones do not name (1)")
    finding, _, command = words.partition(": ")
    assert finding == f"StackSet {NETWORK} has an instance in eu-central-1 that the landing zone does not name"
    flags = dict(zip(*[iter(shlex.split(command)[3:-1])] * 2, strict=True))
    assert command.startswith("aws cloudformation delete-stack-instances ") and command.endswith(" --no-retain-stacks")
    assert NETWORK in night.shrunk.operator.stack_instances(night.shrunk.id)

    # Read as the AWS CLI reads it.
    client = night.environment.root_client("cloudformation", night.environment.automation_account_id)
    client.delete_stack_instances(
        StackSetName=flags["--stack-set-name"],
        Accounts=[flags["--accounts"]],
        Regions=[flags["--regions"]],
        RetainStacks=False,
    )
    wait_until(lambda: NETWORK not in night.shrunk.operator.stack_instances(night.shrunk.id))


@pytest.mark.parametrize("first_vend", ["failed", "stopped"])
def test_an_account_that_nothing_can_take_down_yet_is_told_as_powerful(night, first_vend):
    account = getattr(night, first_vend)
    head, words = told(night, account)
    assert head.startswith("Access roles that are powerful without a vend (2)")
    assert words.endswith("was never vended to the end"), words
    tags = MeshStack(night.environment).tags(account.id)
    assert (tags["avm:workspace"], "avm:failed-step" in tags) == ("space", first_vend == "failed")


def test_an_account_that_is_being_vended_is_left_its_power(night):
    assert night.was_running == "RUNNING"
    assert ADMINISTRATOR_ACCESS in night.power_under_vend
    assert told(night, night.under_vend) is None


def test_an_account_that_is_as_it_was_made_is_not_told_of(night):
    assert told(night, night.sound) is None
    assert night.sound.attached() == []


def test_an_account_without_the_machines_tags_is_not_entered(night):
    assert ADMINISTRATOR_ACCESS in night.neighbour.attached()
    assert told(night, night.neighbour) is None
    about = [call for call in night.calls if night.neighbour.id in json.dumps(call)]
    assert about, "its tags were read"
    assert [call for call in about if not call["action"].startswith("organizations:")] == []


def test_the_reconciler_itself_writes_nothing(night):
    calls = [call for call in night.calls if "/AVMReconcile" in call["principal"]]
    assert len(calls) > 10
    reads = ("Get", "List", "Describe", "AssumeRole", "InvokeFunction", "Publish", "StartExecution")
    assert [call for call in calls if not call["action"].split(":")[1].startswith(reads)] == []


def test_how_much_power_was_left_is_a_metric_and_in_the_output(night):
    output = json.loads(night.execution["output"])
    # All of the members: those that this test has made. Two are powerful, of which no vend has come to its StackSet.
    assert output == {"Power": {"Roles": 2, "OldestHours": 0}, "Accounts": 11}
    lines = [json.loads(line) for line in night.log.splitlines() if '"_aws"' in line]
    last = lines[-1]
    (metrics,) = last["_aws"]["CloudWatchMetrics"]
    assert (metrics["Namespace"], metrics["Dimensions"]) == ("AVM", [[]])
    assert {metric["Name"] for metric in metrics["Metrics"]} == {"PowerfulAccessRoles", "OldestPowerfulAccessRoleAge"}
    assert (last["PowerfulAccessRoles"], last["OldestPowerfulAccessRoleAge"]) == (2, 0)
    assert last["level"] == "ERROR"


def test_no_address_and_no_secret_is_told(night):
    for text in (night.notice, night.log, night.execution["output"]):
        assert "@example.com" not in text
        assert night.environment.external_id not in text
