"""Plans: what a vend would do, asked of all steps at once, and what the audit says of the asking: no write.

The plan of an account that is vended and unchanged is empty; what somebody has changed by hand, it names.
"""

import json

import pytest
from enrollment_scene import Scene, shared_scene
from planning import Planner, left_by, steps_to_do, written_by
from single_sign_on import ADA, ADMIN, GRACE, READER, SingleSignOnTenant
from vending import vend

ACCESS_ROLE = "MeshstackAccountAccessRole"
ROLE_BINDINGS = {"admin": ["ada@example.com"], "user": ["grace@example.com"], "reader": []}


@pytest.fixture
def plan_of(environment, local_aws):
    """Asks for the plan of an order; answers it when no call of the asking wrote anything."""
    return Planner(environment, local_aws).ask


@pytest.fixture
def scene(environment, local_aws) -> Scene:
    """Units that are registered with Control Tower, and landing zones into them."""
    return shared_scene(environment, local_aws)


def _for(order: str, account: dict) -> str:
    """The same order for another account."""
    changed = json.loads(order)
    changed["Request"].update(
        AccountId=account["Id"], AccountName=account["Name"], AccountEmail=account["Email"]
    )
    return json.dumps(changed)


def _order_of(operator, meshstack, payload) -> str:
    answer = meshstack.invoke(payload)
    execution = operator.wait_for_end(answer["executionArn"])
    assert execution["status"] == "SUCCEEDED", (execution.get("error"), execution.get("cause"))
    return execution["input"]


@pytest.mark.parametrize("landing_zone", ["sandbox", "production"])
def test_the_plan_of_a_vended_account_is_empty(
    meshstack, operator, make_account, project, plan_of, landing_zone
):
    account = make_account()
    keys = {"RoleBindings": ROLE_BINDINGS} if landing_zone == "production" else {}
    payload = meshstack.payload(account, "space", project, LandingZone=landing_zone, **keys)
    plan = plan_of(_order_of(operator, meshstack, payload))
    assert steps_to_do(plan) == {}
    assert plan["IsEmpty"] is True
    assert plan["AccountId"] == account["Id"]
    assert "@" not in json.dumps(plan)


def test_a_plan_says_what_somebody_has_changed_by_hand_and_a_vend_does_just_that(
    meshstack, operator, environment, landing_zones, make_account, project, plan_of
):
    zone = landing_zones.deploy(f"plan-{project}", like="sandbox", accountAlias=True)
    account = make_account()
    payload = meshstack.payload(account, "space", project, LandingZone=zone)
    order = _order_of(operator, meshstack, payload)
    account_id = account["Id"]

    organizations = environment.root_client("organizations", environment.management_account_id)
    parent = organizations.list_parents(ChildId=account_id)["Parents"][0]["Id"]
    root = organizations.list_roots()["Roots"][0]["Id"]
    organizations.move_account(AccountId=account_id, SourceParentId=parent, DestinationParentId=root)
    iam = environment.root_client("iam", account_id)
    alias = iam.list_account_aliases()["AccountAliases"][0]
    iam.delete_account_alias(AccountAlias=alias)
    iam.attach_role_policy(RoleName=ACCESS_ROLE, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")

    to_do = steps_to_do(plan_of(order))
    assert set(to_do) == {"place-account", "account-alias", "permission-downgrade", "completion"}
    assert f"from {root} to {parent}" in to_do["place-account"]
    assert alias in to_do["account-alias"]
    assert "AdministratorAccess" in to_do["permission-downgrade"]
    vend(meshstack, operator, {**payload, "Force": "true"})
    assert plan_of(order)["IsEmpty"] is True


def test_a_plan_tells_which_instances_of_stack_sets_a_vend_would_leave(
    meshstack, operator, make_account, project, plan_of
):
    account = make_account()
    payload = meshstack.payload(account, "space", project, LandingZone="sandbox")
    order = json.loads(_order_of(operator, meshstack, payload))
    assert left_by(plan_of(json.dumps(order))) == ("nothing would be left", True)

    [stack_set] = order["LandingZone"]["Settings"]["stackSets"]
    before, stack_set["region"] = stack_set["region"], "eu-west-1"
    plan = plan_of(json.dumps(order))
    assert "create the instance" in steps_to_do(plan)["apply-stackset"]
    words, is_empty = left_by(plan)
    assert is_empty
    assert words == (
        f"would be left: StackSet {stack_set['name']} has an instance in {before} that the landing zone does not name: "
        f"aws cloudformation delete-stack-instances --stack-set-name {stack_set['name']} --accounts {account['Id']} "
        f"--regions {before} --no-retain-stacks"
    )


def test_a_plan_before_the_account_exists_says_which_step_has_to_act_first(
    meshstack, operator, make_account, project, plan_of
):
    account = make_account()
    payload = meshstack.payload(account, "space", project, LandingZone="sandbox")
    order = json.loads(_order_of(operator, meshstack, payload))
    name = f"{project}-new"
    del order["Request"]["AccountId"]
    order["Request"].update(Stage=name, AccountName=name, AccountEmail=f"aws+{name}@example.com")
    plan = plan_of(json.dumps(order))
    assert plan["AccountId"] is None
    depends = {one["Step"]: one["Plan"]["DependsOn"] for one in plan["Plans"]}
    assert depends.pop("create-account") is None
    assert set(depends.values()) == {"create-account"}
    assert plan["IsEmpty"] is False


def test_a_step_that_is_called_for_its_plan_writes_nothing_though_it_could(
    meshstack, operator, environment, make_account, project, local_aws
):
    account = make_account()
    payload = meshstack.payload(account, "space", project, LandingZone="production", RoleBindings=ROLE_BINDINGS)
    order = json.loads(_order_of(operator, meshstack, payload))
    iam = environment.root_client("iam", account["Id"])
    iam.attach_role_policy(RoleName=ACCESS_ROLE, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    lambda_ = environment.root_client("lambda", environment.automation_account_id)
    of_account = {
        "AccountId": account["Id"],
        "AccountName": account["Name"],
        "AccountEmail": account["Email"],
        "AccountArn": account["Arn"],
    }
    event = {
        "Execution": environment.state_machine_arn.replace(":stateMachine:", ":execution:") + ":by-hand",
        "Order": order,
        "Account": of_account,
        "Input": None,
        "Progress": None,
        "Mode": "Plan",
    }
    mark = local_aws.mark()
    for function in ("avm-account-alias", "avm-access-stack", "avm-permission-downgrade", "avm-completion"):
        own = {key: value for key, value in event.items() if key != "AccountId"}
        answer = lambda_.invoke(FunctionName=function, Payload=json.dumps(own))
        reply = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, reply
        assert reply["Status"] == "PLANNED"
    assert written_by(local_aws.calls(mark), "role/") == []


@pytest.mark.parametrize("strategy", ["service-catalog", "auto"])
def test_a_plan_says_how_an_account_would_be_enrolled_and_nothing_of_one_that_is(scene, plan_of, strategy):
    enrolled, fresh, zone = scene.account(), scene.account(), scene.zone(scene.first, strategy)
    order = scene.vending.run(scene.request(enrolled, zone))["input"]
    assert steps_to_do(plan_of(order)) == {}

    plan = plan_of(_for(order, fresh))
    assert plan["AccountId"] == fresh["Id"]
    to_do = steps_to_do(plan)
    assert "enroll" in to_do, to_do
    assert scene.state(fresh).baseline is None


@pytest.mark.refuses("MeshstackAccountAccessRole", "iam:DetachRolePolicy")
def test_a_plan_says_what_becomes_of_an_enrollment_that_has_failed(scene, plan_of):
    account, zone = scene.account(), scene.zone(scene.first)
    scene.team.fail_next(account, "AWS Control Tower could not baseline VPC in the account.")
    execution = scene.vending.run(scene.request(account, zone))
    assert (execution["status"], execution["error"]) == ("FAILED", "EnrolmentFailed")

    to_do = steps_to_do(plan_of(execution["input"]))
    assert "terminate" in to_do["enroll"], to_do
    assert scene.state(account).baseline == "FAILED"


def test_a_plan_leaves_an_account_below_the_unit_where_the_hierarchy_says_so(scene, plan_of):
    account = scene.account()
    scene.vend(account, scene.zone(scene.inner))
    zone = scene.zone(scene.first, hierarchicalAssignment=True)
    order = scene.vending.run(scene.request(account, zone))["input"]
    assert steps_to_do(plan_of(order)) == {}


def test_a_plan_says_which_group_it_has_no_mapping_for(
    environment, landing_zones, make_account, project, plan_of
):
    tenant = SingleSignOnTenant(environment, landing_zones, make_account(), project)
    bindings = {"admin": [ADA], "reader": [GRACE]}
    tenant.map(admin=ADMIN)
    tenant.vend(RoleBindings=bindings)
    order = tenant.execution["input"]
    tenant.map(admin=ADMIN, reader=READER)
    tenant.vend(RoleBindings=bindings)
    assert steps_to_do(plan_of(tenant.execution["input"])) == {}

    to_do = steps_to_do(plan_of(order))
    assert set(to_do) == {"single-sign-on"}
    assert tenant.group("reader") in to_do["single-sign-on"]
    assert tenant.members("reader") == {GRACE}
