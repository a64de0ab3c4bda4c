"""A forged event of a step, sent by everybody who may invoke anything: the access role of a `strict` account stays as it is.

Nothing that callers may invoke is a step: `PermissionDowngrade` reads an account id. And a step whose event would give power
asks Step Functions whether the execution that it names is the machine's, runs, and has that order.
"""

import json

import principals
import pytest
from botocore.exceptions import ClientError
from tenant import WITH_DOWNGRADE, Tenant

ACCESS_ROLE = "MeshstackAccountAccessRole"
POLICIES = ("none", "strict", "standard", "self-upgradable")
# They administer the account that the machine is in: what they may do is theirs to limit.
ADMINISTRATOR = "automation administrator"
STEP = "avm-permission-downgrade"
POWERFUL = (
    "avm-access-stack",
    "avm-apply-stackset",
    "avm-completion",
    "avm-create-account",
    "avm-enroll",
    "avm-identity-provider",
    "avm-permission-downgrade",
    "avm-place-account",
    "avm-single-sign-on",
)

# What they need besides the order and the account.
NEEDED = {
    "avm-apply-stackset": {"name": "avm-landing-zone", "region": "eu-central-1"},
    "avm-enroll": {"OrganizationalUnitId": "ou-ab12-00000001"},
}


def event_of_a_step(operator, execution_arn, account_id):
    """What the machine has really sent: every step that works on the account is sent the same."""
    for event in operator.events(execution_arn):
        scheduled = event.get("taskScheduledEventDetails", {})
        parameters = json.loads(scheduled.get("parameters", "{}"))
        if ":avm-completion:" in parameters.get("FunctionName", ""):
            step = {**parameters["Payload"], "Input": None, "Progress": None}
            assert step["Account"]["AccountId"] == account_id
            return step
    raise AssertionError(f"{execution_arn} has sent no step")


def with_downgrade(step, policy):
    """The event of a step whose order asks for another policy."""
    forged = json.loads(json.dumps(step))
    forged["Order"]["LandingZone"]["Settings"]["downgrade"] = policy
    return forged


def shapes(step, payload):
    """Every event that a caller might send, by a name for it."""
    account_id = payload["AccountId"]
    yield "an account id", {"AccountId": account_id}
    yield "the whole payload", payload
    for policy in POLICIES:
        forged = with_downgrade(step, policy)
        yield f"a step for {policy}", forged
        yield f"a step for {policy} and an account id", {"AccountId": account_id, **forged}
        yield f"a step for {policy} and an empty account id", {"AccountId": "", **forged}
        yield f"a step for {policy} and no account id", {"AccountId": None, **forged}
        yield f"a step for {policy} in the whole payload", {**payload, **forged}
        yield f"the plan of a step for {policy}", {**forged, "Mode": "Plan"}


def may_invoke(client, name):
    """Whether Lambda would take an invocation."""
    try:
        client.invoke(FunctionName=name, InvocationType="DryRun")
    except ClientError as error:
        assert error.response["Error"]["Code"] == "AccessDeniedException", error
        return False
    return True


@pytest.fixture
def victim(environment, landing_zones, meshstack, operator, make_account, project):
    """A vended account with the narrowest minimum: the payload that it was vended with, and the event of a step."""
    tenant = Tenant(environment, landing_zones, make_account(), project)
    tenant.deploy(**WITH_DOWNGRADE, downgrade="strict")
    tenant.vend()
    payload = meshstack.payload(tenant.account, "space", project, LandingZone=tenant.landing_zone)
    return payload, event_of_a_step(operator, tenant.execution["executionArn"], tenant.account_id)


def test_no_event_of_anybody_who_may_invoke_a_function_widens_the_role_of_a_strict_account(
    environment, meshstack, operator, process, local_aws, victim
):
    payload, step = victim
    account_id = payload["AccountId"]
    before = operator.role_policies(account_id, ACCESS_ROLE)
    assert before["attached"] == []
    folder = process.environment_file.parent / "functions"
    people = principals.everybody(environment, meshstack, folder, account_id)
    administration = environment.root_client("lambda", environment.automation_account_id)
    pages = administration.get_paginator("list_functions").paginate()
    functions = {one["FunctionName"]: one["FunctionArn"] for page in pages for one in page["Functions"]}
    invokers, taken_for_calls = [], []
    mark = local_aws.mark()

    for who, keys in people.items():
        if who == ADMINISTRATOR:
            continue
        client = environment.client("lambda", keys)
        allowed = [name for name, arn in functions.items() if may_invoke(client, arn)]
        invokers += [(who, name) for name in allowed]
        for name in allowed:
            for shape, event in shapes(step, payload):
                answer = client.invoke(FunctionName=functions[name], Payload=json.dumps(event).encode())
                body = json.loads(answer["Payload"].read())
                if "executionArn" in body:
                    operator.wait_for_end(body["executionArn"])
                after = operator.role_policies(account_id, ACCESS_ROLE)
                assert after == before, f"{who} has changed the role with {name} and {shape}: {body}"
                is_refused = body.get("errorType") == "InvalidRequest" and "AccountId" in body["errorMessage"]
                if name == "PermissionDowngrade" and not event.get("AccountId") and not is_refused:
                    taken_for_calls.append((shape, body))

    local_aws.expect_refusals(mark)
    assert taken_for_calls == []
    assert {name for _, name in invokers} == {"AVMEntryPoint", "PermissionDowngrade"}
    assert STEP in functions


def forged_by_an_administrator(step, environment):
    """Events that whoever may invoke every function could send, and what the step says to each."""
    execution = step["Execution"]
    # The order as it was may have been proved by the sandbox that answers: once for an execution.
    for policy in set(POLICIES) - {"strict"}:
        yield with_downgrade(step, policy), "has ended"
    for elsewhere in (
        execution.replace("avm-vend-account", "avm-plan-account"),
        execution.replace(environment.automation_account_id, principals.OUTSIDE_ACCOUNT_ID),
        execution.replace("eu-central-1", "us-east-1"),
    ):
        assert elsewhere != execution
        yield {**step, "Execution": elsewhere}, "is no execution of this machine"
    yield {**step, "Execution": f"{execution}-0"}, "is not there"


def test_no_powerful_step_believes_an_event_that_is_not_the_machines(environment, operator, local_aws, victim):
    payload, step = victim
    before = operator.role_policies(payload["AccountId"], ACCESS_ROLE)
    client = environment.root_client("lambda", environment.automation_account_id)
    mark = local_aws.mark()

    for name in POWERFUL:
        for event, words in forged_by_an_administrator(step, environment):
            event = {**event, "Input": NEEDED.get(name)}
            answer = client.invoke(FunctionName=name, Payload=json.dumps(event).encode())
            body = json.loads(answer["Payload"].read())
            assert body.get("errorType") in ("InvalidState", "ServiceUnavailable"), (name, body)
            assert words in body["errorMessage"], (name, body)

    of_steps = [call for call in local_aws.calls(mark) if "role/AVM" in (call["principal"] or "")]
    assert {call["action"] for call in of_steps} == {"states:DescribeExecution"}
    assert operator.role_policies(payload["AccountId"], ACCESS_ROLE) == before


def test_a_running_execution_lends_its_name_to_no_other_order(
    environment, landing_zones, operator, make_account, project, victim
):
    _, step = victim
    tenant = Tenant(environment, landing_zones, make_account(), project)
    tenant.deploy(**WITH_DOWNGRADE, downgrade="strict", organizationalUnit="")
    running = tenant.start(ContactEmail="another@example.com")
    client = environment.root_client("lambda", environment.automation_account_id)

    answer = client.invoke(FunctionName=STEP, Payload=json.dumps({**step, "Execution": running}).encode())

    body = json.loads(answer["Payload"].read())
    assert operator.wait_for_end(running)["status"] == "SUCCEEDED"
    assert body.get("errorType") == "InvalidState", body
    assert "has another order" in body["errorMessage"]
