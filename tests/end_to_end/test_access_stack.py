"""The access stack: made, found, repaired, or left as it is, through the access role before and after its downgrade.

Landing zones of these tests name templates of their own, which a bucket of the automation account serves.
"""

import json
import time
from contextlib import suppress
from pathlib import Path

import botocore.exceptions
import pytest
from local_aws.deploy.surroundings import TEMPLATE_BUCKET as BUCKET

ACCESS_ROLE = "MeshstackAccountAccessRole"
EXECUTION_ROLE = "AWSCloudFormationStackSetExecutionRole"
TEMPLATE = Path(__file__).resolve().parent.parent.parent / "templates" / "access-stack.yaml"


def run(meshstack, operator, payload):
    """Calls the entry point and returns the execution at its end."""
    answer = meshstack.invoke(payload)
    assert answer["status"] == "started", answer
    return operator.wait_for_end(answer["executionArn"])


def vend(meshstack, operator, payload):
    """Vends an account and returns what the output says about the access stack."""
    execution = run(meshstack, operator, payload)
    assert execution["status"] == "SUCCEEDED", (execution.get("error"), execution.get("cause"))
    return json.loads(execution["output"])["AccessStack"]


@pytest.fixture
def landing_zone(environment, landing_zones, project):
    """Puts a landing zone whose access stack is made of a template at an address; gives its name."""
    storage = environment.root_client("s3", environment.automation_account_id)
    with suppress(storage.exceptions.BucketAlreadyOwnedByYou):
        storage.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": environment.region}
        )

    def put(template: str | None, key: str = "access.yaml") -> str:
        if template is not None:
            storage.put_object(Bucket=BUCKET, Key=f"{project}/{key}", Body=template.encode())
        address = f"https://{BUCKET}.s3.{environment.region}.amazonaws.com/{project}/{key}"
        return landing_zones.deploy(f"address-{project}", like="sandbox", accessStack={"template": address})

    return put


@pytest.fixture
def stacks(environment, meshstack):
    """CloudFormation in an account as meshStack works in it: through the access role, once this can be assumed."""

    def client(account):
        management = meshstack.assume(environment.management_account_id, "MeshfedServiceRole")
        sts = environment.client("sts", management)
        role = f"arn:aws:iam::{account['Id']}:role/{ACCESS_ROLE}"
        deadline = time.monotonic() + 30
        while True:
            try:
                session = sts.assume_role(RoleArn=role, RoleSessionName="meshstack")
                stacks = environment.client("cloudformation", session["Credentials"])
                stacks.describe_stacks()
                return stacks
            except botocore.exceptions.ClientError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    return client


@pytest.fixture
def create_stack(environment, stacks):
    """Makes an access stack of the shipped template, or of another one, and waits until it has ended."""

    def create(account, name, template=None):
        template = template or TEMPLATE.read_text()
        parameters = [
            {"ParameterKey": "AutomationAccountId", "ParameterValue": environment.automation_account_id}
        ]
        client = stacks(account)
        client.create_stack(
            StackName=name, TemplateBody=template, Parameters=parameters, Capabilities=["CAPABILITY_NAMED_IAM"]
        )
        waiter = client.get_waiter("stack_create_complete")
        waiter.config.delay = 0.1
        waiter.wait(StackName=name)

    return create


def writes_to_stacks(calls, account):
    """The calls that change a stack in the account."""
    writing = ("CreateStack", "UpdateStack", "DeleteStack")
    return [
        call["action"]
        for call in calls
        if call["action"].removeprefix("cloudformation:") in writing
        and any(f":{account['Id']}:stack/meshstack" in resource for resource in call["resources"])
    ]


def test_a_template_at_an_address_makes_the_access_stack(
    meshstack, operator, environment, landing_zone, make_account, project
):
    account = make_account()
    name = landing_zone(TEMPLATE.read_text())

    found = vend(meshstack, operator, meshstack.payload(account, "space", project, LandingZone=name))

    assert found == {"StackName": "meshstack-cf-access", "Change": "create"}
    stack = environment.root_client("cloudformation", account["Id"]).describe_stacks(
        StackName="meshstack-cf-access"
    )["Stacks"][0]
    tags = {tag["Key"]: tag["Value"] for tag in stack["Tags"]}
    assert tags["avm:template"].endswith("/access.yaml")
    assert operator.stack_instances(account["Id"])["avm-landing-zone"]["Status"] == "CURRENT"
@pytest.mark.refuses("MeshstackAccountAccessRole", "cloudformation:GetTemplateSummary")
def test_an_access_stack_that_a_downgraded_role_may_not_update_is_a_drift_and_no_failure(
    meshstack, operator, local_aws, landing_zones, landing_zone, make_account, project
):
    account = make_account()
    vend(meshstack, operator, meshstack.payload(account, "space", project))
    name = landing_zone(TEMPLATE.read_text())
    landing_zones.allow_change(account["Id"], "sandbox", name)
    mark = local_aws.mark()

    found = vend(meshstack, operator, meshstack.payload(account, "space", project, LandingZone=name))

    assert (found["StackName"], found["Change"]) == ("meshstack-cf-access", "none")
    assert "another template" in found["Drift"]
    assert "have an operator give the power back" in found["Drift"]
    assert writes_to_stacks(local_aws.calls(mark), account) == []
    tags = meshstack.tags(account["Id"])
    assert (tags["ProductName"], tags["Stage"], tags["avm:landing-zone"]) == ("space", project, name)
    assert not [key for key in tags if key.startswith("avm:failed")]
@pytest.mark.refuses("MeshstackAccountAccessRole", "cloudformation:GetTemplateSummary")
def test_a_drift_goes_when_its_remedy_is_followed(
    meshstack, operator, environment, landing_zones, landing_zone, make_account, project
):
    account = make_account()
    vend(meshstack, operator, meshstack.payload(account, "space", project))
    name = landing_zone(TEMPLATE.read_text() + "  Added:\n    Value: of tomorrow\n")
    landing_zones.allow_change(account["Id"], "sandbox", name)
    payload = meshstack.payload(account, "space", project, LandingZone=name)
    assert "Drift" in vend(meshstack, operator, payload)
    environment.root_client("iam", account["Id"]).attach_role_policy(
        RoleName=ACCESS_ROLE, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )

    found = vend(meshstack, operator, {**payload, "Force": "true"})

    assert found == {"StackName": "meshstack-cf-access", "Change": "update"}
    assert operator.stacks(account["Id"])["meshstack-cf-access"] == "UPDATE_COMPLETE"
    assert operator.role_policies(account["Id"], ACCESS_ROLE)["attached"] == []
@pytest.mark.refuses("MeshstackAccountAccessRole", "cloudformation:GetTemplateSummary")
def test_after_the_downgrade_the_same_address_is_nothing_to_do_and_another_one_is_a_drift(
    meshstack, operator, local_aws, landing_zone, make_account, project
):
    account = make_account()
    name = landing_zone(TEMPLATE.read_text())
    payload = meshstack.payload(account, "space", project, LandingZone=name, Force="true")
    vend(meshstack, operator, payload)
    mark = local_aws.mark()

    same = vend(meshstack, operator, payload)
    landing_zone(TEMPLATE.read_text(), key="access-2.yaml")
    other = vend(meshstack, operator, payload)

    assert same == {"StackName": "meshstack-cf-access", "Change": "none"}
    assert other["Change"] == "none"
    assert "another template" in other["Drift"]
    assert 'let the landing zone say "elevation": "when-needed"' in other["Drift"]
    assert writes_to_stacks(local_aws.calls(mark), account) == []
@pytest.mark.refuses("MeshstackAccountAccessRole", "cloudformation:CreateStack")
def test_an_access_stack_that_is_gone_after_the_downgrade_is_made_again_once_its_remedy_is_followed(
    meshstack, operator, environment, make_account, project
):
    account = make_account()
    payload = meshstack.payload(account, "space", project, Force="true")
    vend(meshstack, operator, payload)
    stacks = environment.root_client("cloudformation", account["Id"])
    stacks.delete_stack(StackName="meshstack-cf-access")
    waiter = stacks.get_waiter("stack_delete_complete")
    waiter.config.delay = 0.1
    waiter.wait(StackName="meshstack-cf-access")

    execution = run(meshstack, operator, payload)

    assert (execution["status"], execution["error"]) == ("FAILED", "AccessDenied")
    assert "could not create stack meshstack-cf-access" in execution["cause"]
    assert "Remedy: the access role was taken down and may not do it any more" in execution["cause"]
    assert meshstack.tags(account["Id"])["avm:failed-step"] == "AccessStack"
    environment.root_client("iam", account["Id"]).attach_role_policy(
        RoleName=ACCESS_ROLE, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )
    assert vend(meshstack, operator, payload)["Change"] == "create"


def test_an_address_without_a_template_is_a_fault_of_the_landing_zone(
    meshstack, operator, landing_zone, make_account, project
):
    name = landing_zone(None, key="missing.yaml")

    execution = run(meshstack, operator, meshstack.payload(make_account(), "space", project, LandingZone=name))

    assert (execution["status"], execution["error"]) == ("FAILED", "InvalidConfiguration")
    assert "Remedy: correct the access stack's template, or its address in the landing zone" in execution["cause"]


def test_a_stack_that_meshstack_has_deployed_is_left_alone(
    meshstack, operator, local_aws, create_stack, make_account, project
):
    account = make_account()
    create_stack(account, "meshstack-cf-access-4711")
    mark = local_aws.mark()

    found = vend(meshstack, operator, meshstack.payload(account, "space", project))

    assert found == {"StackName": "meshstack-cf-access-4711", "Change": "none"}
    assert writes_to_stacks(local_aws.calls(mark), account) == []
    assert "meshstack-cf-access" not in operator.stacks(account["Id"])


def test_what_an_earlier_try_left_behind_is_deleted_and_made_again(
    meshstack, operator, environment, create_stack, make_account, project
):
    account = make_account()
    iam = environment.root_client("iam", account["Id"])
    trust = {"Version": "2012-10-17", "Statement": []}
    iam.create_role(RoleName=EXECUTION_ROLE, AssumeRolePolicyDocument=json.dumps(trust))
    with pytest.raises(botocore.exceptions.WaiterError):
        create_stack(account, "meshstack-cf-access")
    assert operator.stacks(account["Id"])["meshstack-cf-access"] == "ROLLBACK_COMPLETE"
    iam.delete_role(RoleName=EXECUTION_ROLE)

    found = vend(meshstack, operator, meshstack.payload(account, "space", project))

    assert found == {"StackName": "meshstack-cf-access", "Change": "recreate"}
    assert operator.stacks(account["Id"])["meshstack-cf-access"] == "CREATE_COMPLETE"


def test_an_execution_role_that_stays_closed_is_tried_for_some_minutes_and_named(
    meshstack, operator, local_aws, create_stack, make_account, project
):
    account = make_account()
    closed = TEMPLATE.read_text().replace("role/AWSCloudFormationStackSetAdministrationRole", "role/Nobody")
    create_stack(account, "meshstack-cf-access-closed", closed)
    mark = local_aws.mark()

    execution = run(meshstack, operator, meshstack.payload(account, "space", project))

    assert (execution["status"], execution["error"]) == ("FAILED", "StackSetFailed")
    assert "trust relationship to Role" in execution["cause"]
    assert "meshstack-cf-access" in execution["cause"]
    started = [
        call["action"]
        for call in local_aws.calls(mark)
        if any(resource.endswith(f"/{account['Id']}") for resource in call["resources"])
        and call["action"].endswith("StackInstances")
    ]
    assert started == ["cloudformation:CreateStackInstances"] + 8 * ["cloudformation:UpdateStackInstances"]


def test_an_execution_role_that_opens_late_is_no_failure(
    meshstack, operator, environment, create_stack, make_account, project
):
    account = make_account()
    closed = TEMPLATE.read_text().replace("role/AWSCloudFormationStackSetAdministrationRole", "role/Nobody")
    create_stack(account, "meshstack-cf-access-late", closed)
    answer = meshstack.invoke(meshstack.payload(account, "space", project))
    iam = environment.root_client("iam", account["Id"])
    trust = iam.get_role(RoleName=EXECUTION_ROLE)["Role"]["AssumeRolePolicyDocument"]
    opened = json.dumps(trust).replace("role/Nobody", "role/AWSCloudFormationStackSetAdministrationRole")
    for event in operator.follow(answer["executionArn"]):
        output = event.get("stateExitedEventDetails", {}).get("output", "")
        if "tried again soon" in output:
            iam.update_assume_role_policy(RoleName=EXECUTION_ROLE, PolicyDocument=opened)

    execution = operator.wait_for_end(answer["executionArn"])

    assert execution["status"] == "SUCCEEDED", (execution.get("error"), execution.get("cause"))
    assert operator.stack_instances(account["Id"])["avm-landing-zone"]["Status"] == "CURRENT"


def test_a_stack_set_that_takes_no_second_operation_is_waited_for_beyond_any_retry(
    meshstack, operator, local_aws, make_account, project
):
    account = make_account()
    local_aws.inject(
        code="OperationInProgressException",
        service="cloudformation",
        action="CreateStackInstances",
        resource=account["Id"],
        count=17,
    )

    answer = meshstack.invoke(meshstack.payload(account, "space", project))

    execution = operator.wait_for_end(answer["executionArn"])
    assert execution["status"] == "SUCCEEDED", (execution.get("error"), execution.get("cause"))
    events = operator.events(answer["executionArn"])
    assert not [event for event in events if event["type"].endswith("Failed")]
