"""The landing zone of a vended account, asked to be another one: by the account's own project, by a user's tag, after a failure.

Only a rule in the old landing zone's document lets the account go, or an operator's word, and meshStack's roles can write neither.
"""

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

import principals
import pytest
from botocore.exceptions import ClientError
from local_aws import paths
from platform_team import wait_until
from tenant import COMPLETION_KEYS, WITH_DOWNGRADE, Tenant
from vending import ASKED_FOR, by_roles, number_of_accounts, writes

from meshstack_client import FunctionError

ACCESS_ROLE = "MeshstackAccountAccessRole"
MINIMUM_POLICY = "MeshstackAccountAccessPolicy"
NOT_ALLOWED = "LandingZoneNotAllowed"
PIN = "avm:landing-zone"
# What is written about a vend that fails, but for the account.
OF_A_FAILURE = {"sns:Publish"}
BOTH = {"widensDowngrade": True, "leavesOrganizationalUnit": True}


class Victim(Tenant):
    """A vended account with the narrowest minimum, in a unit of its own, and what there is to be gained."""

    def seen(self):
        """What must stay as it is: the access role, the unit, the tags."""
        policies = self._operator.role_policies(self.account_id, ACCESS_ROLE)
        return policies, self._operator.organizational_unit_path(self.account_id), self.tags()

    def deploy_zone(self, name, **settings):
        """Another landing zone: everything of the victim's, but for these settings."""
        closed = {"selectableByTag": None, "mayBecome": None}
        name = f"{name}-{self.project}"
        return self._landing_zones.deploy(name, like=self.landing_zone, **{**closed, **settings})

    def let_go(self, zone, **words):
        """The platform team writes the rule that lets accounts of the victim's landing zone go."""
        self._landing_zones.deploy(self.landing_zone, like=self.landing_zone, mayBecome={zone: words})

    def ask(self, zone, **keys):
        """The victim's project asks for another landing zone; the execution at its end."""
        payload = self._meshstack.payload(
            self.account, "space", self.project, LandingZone=zone, Force="true", **keys
        )
        payload = {key: value for key, value in payload.items() if value is not None}
        return self.ended(self._meshstack.invoke(payload)["executionArn"])

    def may(self, action):
        """Whether the access role's minimum names an action."""
        policies = self._operator.role_policies(self.account_id, ACCESS_ROLE)
        assert policies["attached"] == []
        return f'"{action}"' in json.dumps(policies["inline"][MINIMUM_POLICY])


@pytest.fixture
def victim(environment, landing_zones, make_account, project):
    """Vended with `strict`, outside of the units of workspaces."""
    victim = Victim(environment, landing_zones, make_account(), project)
    unit = {"organizationalUnit": f"Secure/{project}", "createOrganizationalUnits": True}
    victim.deploy(**WITH_DOWNGRADE, **unit, downgrade="strict")
    victim.vend()
    assert not victim.may("iam:CreateRole")
    return victim


@pytest.fixture
def open_zone(victim):
    """What an attacker would like: `standard`, and the unit of the workspace."""
    return victim.deploy_zone("open", organizationalUnit="", downgrade="standard")


@pytest.fixture
def refuse(victim, operator, local_aws):
    """Asks for a landing zone, and shows that nothing came of it."""

    def refuse(zone, *words, **keys):
        accounts, before, mark = number_of_accounts(operator), victim.seen(), local_aws.mark()
        execution = victim.ask(zone, **keys)
        assert (execution["status"], execution.get("error")) == ("FAILED", NOT_ALLOWED), execution
        assert set(writes(local_aws.calls(mark))) <= OF_A_FAILURE | {ASKED_FOR}
        assert number_of_accounts(operator) == accounts
        assert victim.seen() == before
        for word in (f"vended in the landing zone {victim.landing_zone}", "Remedy", *words):
            assert word in execution["cause"], execution["cause"]
        return execution

    return refuse


def refusal(call, **arguments):
    """The code with which a call is refused; None where it is not."""
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


def test_no_request_takes_an_account_out_of_its_landing_zone(victim, open_zone, refuse):
    bare = victim.deploy_zone("bare", downgrade="none", accessStack=None, stackSets=[])
    narrow = victim.deploy_zone("narrow", organizationalUnit=f"Secure/{victim.project}/Below")
    for zone in (open_zone, bare, narrow):
        refuse(zone, f"mayBecome does not name {zone}")
        # By its address, which another execution name belongs to.
        refuse(zone, AccountId=None, AccountArn=None)
    victim.again()


def test_a_users_tag_reaches_only_landing_zones_that_say_so(victim, meshstack, local_aws, open_zone, refuse, landing_zones):
    payload = meshstack.payload(victim.account, "space", victim.project, tagLandingZone=open_zone, Force="true")
    before, mark = victim.seen(), local_aws.mark()

    with pytest.raises(FunctionError) as refused:
        meshstack.invoke(payload)

    assert refused.value.name == NOT_ALLOWED
    assert "tagLandingZone: may not name" in refused.value.message
    assert "selectableByTag" in refused.value.message
    calls = {call["action"] for call in by_roles(local_aws.calls(mark))}
    assert calls <= {"lambda:InvokeFunction", "ssm:GetParameters"}
    # One that says so is open to accounts that have no landing zone yet, and to this one as little as by its key.
    landing_zones.deploy(open_zone, like=open_zone, selectableByTag=True)
    execution = victim.ended(meshstack.invoke(payload)["executionArn"])
    assert (execution["status"], execution.get("error")) == ("FAILED", NOT_ALLOWED), execution
    assert victim.seen() == before


def test_a_vend_that_is_made_to_fail_sets_no_account_free(victim, local_aws, open_zone, refuse):
    # A denial would be retried: the policy of a role that was just made may not count yet.
    local_aws.inject(
        code="InvalidInput",
        status=400,
        service="iam",
        action="ListRolePolicies",
        principal=f"{victim.account_id}:role/PermissionDowngradeLambdaExecutionRole",
    )
    execution = victim.ask(victim.landing_zone)
    assert execution["status"] == "FAILED", execution
    assert not COMPLETION_KEYS & victim.tags().keys()
    assert victim.tags()[PIN] == victim.landing_zone

    refuse(open_zone)


def test_a_rule_lets_an_account_go_only_as_far_as_it_says(victim, operator, landing_zones, open_zone, refuse):
    victim.let_go(open_zone)
    refuse(open_zone, "does not say widensDowngrade", "does not say leavesOrganizationalUnit")
    victim.let_go(open_zone, widensDowngrade=True)
    refuse(open_zone, "does not say leavesOrganizationalUnit")
    victim.let_go(open_zone, leavesOrganizationalUnit=True)
    refuse(open_zone, "does not say widensDowngrade")

    victim.let_go(open_zone, **BOTH)
    execution = victim.ask(open_zone)

    assert execution["status"] == "SUCCEEDED", execution
    assert victim.may("iam:CreateRole")
    assert operator.organizational_unit_path(victim.account_id) == "/space"
    assert victim.tags()[PIN] == open_zone
    back = victim.ask(victim.landing_zone)
    assert (back["status"], back.get("error")) == ("FAILED", NOT_ALLOWED), back


@pytest.fixture
def avm(environment):
    """The operator's command, with rights of the automation account."""
    keys = principals.administrator(environment, environment.automation_account_id)
    variables = {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_REGION": environment.region,
        "AWS_ENDPOINT_URL": environment.endpoint_url,
        "AWS_EC2_METADATA_DISABLED": "true",
    }

    def run(*words):
        command = [paths.binary("avm"), *words]
        finished = subprocess.run(
            command, env={**os.environ, **variables}, capture_output=True, text=True, check=False
        )
        assert finished.returncode == 0, finished.stderr
        return finished.stdout

    return run


@pytest.fixture
def plan(environment, operator):
    """Asks for the plan of an order; the execution at its end."""
    machine = environment.state_machine_arn.replace("avm-vend-account", "avm-plan-account")

    def plan(order):
        started = operator.states.start_execution(stateMachineArn=machine, input=order)
        return operator.wait_for_end(started["executionArn"], 60)

    return plan


def test_an_operators_word_lets_one_account_go_there_and_not_back(victim, avm, plan, open_zone, refuse):
    order = refuse(open_zone)["input"]
    planned = plan(order)
    assert (planned["status"], planned.get("error")) == ("FAILED", NOT_ALLOWED), planned
    change = ("account", "change-landing-zone", "--account", victim.account_id)
    way = ("--from", victim.landing_zone, "--to", open_zone)
    avm(*change, *way, "--dry-run")
    refuse(open_zone)
    # Of another way the word says nothing.
    avm(*change, "--yes", "--from", open_zone, "--to", victim.landing_zone)
    refuse(open_zone, f"allows to go from {open_zone} to {victim.landing_zone} only")

    said = avm(*change, "--yes", *way)

    assert "the downgrade widens from strict to standard" in said
    assert "the organizational unit goes from" in said
    steps = {one["Step"]: one["Plan"]["Words"] for one in json.loads(plan(order)["output"])["Plans"]}
    assert f"take account {victim.account_id} out of the landing zone {victim.landing_zone}" in steps["create-account"]
    assert f"/avm/changes/{victim.account_id}" in steps["create-account"]
    execution = victim.ask(open_zone)
    assert execution["status"] == "SUCCEEDED", execution
    assert (victim.may("iam:CreateRole"), victim.tags()[PIN]) == (True, open_zone)
    back = victim.ask(victim.landing_zone)
    assert (back["status"], back.get("error")) == ("FAILED", NOT_ALLOWED), back
    victim.ask(open_zone)


def test_without_its_old_document_an_account_goes_by_an_operators_word_only(
    environment, victim, landing_zones, open_zone, refuse
):
    victim.let_go(open_zone, **BOTH)
    ssm = environment.root_client("ssm", environment.automation_account_id)
    document = f"/avm/landing-zones/{victim.landing_zone}"
    ssm.delete_parameter(Name=document)
    refuse(open_zone, f"there is no {document}")

    landing_zones.allow_change(victim.account_id, victim.landing_zone, open_zone)

    assert victim.ask(open_zone)["status"] == "SUCCEEDED"


def test_meshstack_can_write_neither_what_holds_an_account_nor_what_lets_it_go(
    environment, meshstack, process, local_aws, victim
):
    keys = principals.meshstack_roles(environment, meshstack)
    organizations = environment.client("organizations", keys["MeshfedServiceRole"])
    account_id, before = victim.account_id, victim.seen()
    root = organizations.list_roots()["Roots"][0]["Id"]
    pin, owner = {"Key": PIN, "Value": "open"}, {"Key": "avm:workspace", "Value": "moon"}
    other = {"Key": "CostCenter", "Value": "7"}
    mark = local_aws.mark()

    answers = {
        "write the pin": refusal(organizations.tag_resource, ResourceId=account_id, Tags=[pin]),
        "write it among others": refusal(organizations.tag_resource, ResourceId=account_id, Tags=[other, pin]),
        "write the owner": refusal(organizations.tag_resource, ResourceId=account_id, Tags=[owner]),
        "take the pin away": refusal(organizations.untag_resource, ResourceId=account_id, TagKeys=[PIN]),
        "take it among others": refusal(
            organizations.untag_resource, ResourceId=account_id, TagKeys=["Environment", PIN]
        ),
        "make an account with it": refusal(
            organizations.create_account, AccountName="forged", Email="aws+forged@example.com", Tags=[owner]
        ),
        "make a unit with an owner": refusal(
            organizations.create_organizational_unit, ParentId=root, Name=f"forged-{victim.project}", Tags=[owner]
        ),
    }
    functions = principals.function_roles(environment, process.environment_file.parent / "functions")
    parameters = (f"/avm/changes/{account_id}", f"/avm/landing-zones/{victim.landing_zone}")
    for who, credentials in {"MeshfedAutomationRole": keys["MeshfedAutomationRole"], **functions}.items():
        ssm = environment.client("ssm", credentials)
        for name in parameters:
            value = {"Name": name, "Value": "{}", "Type": "String", "Overwrite": True}
            answers[who, "write", name] = refusal(ssm.put_parameter, **value)
            answers[who, "delete", name] = refusal(ssm.delete_parameter, Name=name)

    local_aws.expect_refusals(mark)
    assert {what: answer for what, answer in answers.items() if not (answer or "").startswith("AccessDenied")} == {}
    assert victim.seen() == before
    # Its own tags meshStack writes as before.
    organizations.tag_resource(ResourceId=account_id, Tags=[other])
    organizations.untag_resource(ResourceId=account_id, TagKeys=["CostCenter"])
    assert victim.seen() == before


@pytest.fixture
def first(environment, landing_zones, make_account, project):
    """An account of a project's that was never vended to its end, as a failed first vend leaves it, and two landing zones."""
    first = Victim(environment, landing_zones, make_account(), project)
    organizations = environment.root_client("organizations", environment.management_account_id)
    owner = [{"Key": "avm:workspace", "Value": "space"}, {"Key": "avm:project", "Value": project}]
    organizations.tag_resource(ResourceId=first.account_id, Tags=owner)
    unit = {"organizationalUnit": f"Secure/{project}", "createOrganizationalUnits": True}
    first.deploy(**WITH_DOWNGRADE, **unit, downgrade="strict")
    return first


def both_ways(first, meshstack, open_zone):
    """The first vend of the account, by its address in its landing zone and by its id in the open one."""
    payload = meshstack.payload(first.account, "space", first.project, LandingZone=first.landing_zone)
    by_address = {key: value for key, value in payload.items() if key not in ("AccountId", "AccountArn")}
    return by_address, {**payload, "LandingZone": open_zone}


def test_a_first_vend_by_another_name_waits_for_the_one_that_runs_and_is_held_to_its_landing_zone(
    first, meshstack, operator, local_aws
):
    open_zone = first.deploy_zone("open", organizationalUnit="", downgrade="standard")
    by_address, by_id = both_ways(first, meshstack, open_zone)
    move = {"service": "organizations", "action": "MoveAccount", "resource": first.account_id}
    local_aws.inject(code="ConcurrentModificationException", count=3, **move)
    mark = local_aws.mark()
    earlier = meshstack.invoke(by_address)["executionArn"]
    wait_until(lambda: "organizations:MoveAccount" in {call["action"] for call in local_aws.calls(mark)})

    later = meshstack.invoke(by_id)
    assert later["status"] == "started"
    ends = [operator.wait_for_end(arn) for arn in (earlier, later["executionArn"])]

    assert ends[0]["status"] == "SUCCEEDED", ends[0]
    assert (ends[1]["status"], ends[1].get("error")) == ("FAILED", NOT_ALLOWED), ends[1]
    assert first.tags()[PIN] == first.landing_zone
    # What the other is refused is not marked on the account: it is as its vend has left it.
    assert COMPLETION_KEYS <= first.tags().keys()
    assert operator.organizational_unit_path(first.account_id) == f"/Secure/{first.project}"
    assert not first.may("iam:CreateRole")
    of_the_later = [call for call in local_aws.calls(mark) if call["execution"] == later["executionArn"]]
    assert set(writes(of_the_later)) <= {*OF_A_FAILURE, "states:StartExecution"}


def test_of_two_first_vends_at_once_one_is_done_and_the_account_is_as_its_landing_zone_says(
    first, meshstack, operator
):
    open_zone = first.deploy_zone("open", organizationalUnit="", downgrade="standard")
    payloads = both_ways(first, meshstack, open_zone)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(meshstack.invoke, payloads))
    ends = [operator.wait_for_end(answer["executionArn"]) for answer in answers]

    assert [answer["status"] for answer in answers] == ["started", "started"]
    assert sorted(end["status"] for end in ends) == ["FAILED", "SUCCEEDED"], ends
    (refused,) = [end for end in ends if end["status"] == "FAILED"]
    assert refused["error"] == NOT_ALLOWED, refused
    is_open = ends[1]["status"] == "SUCCEEDED"
    assert first.tags()[PIN] == (open_zone if is_open else first.landing_zone)
    assert first.may("iam:CreateRole") == is_open
    unit = "/space" if is_open else f"/Secure/{first.project}"
    assert operator.organizational_unit_path(first.account_id) == unit
    assert COMPLETION_KEYS <= first.tags().keys()
