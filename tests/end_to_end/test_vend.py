"""A vend from meshStack's call to the completion tags, and what the account is like afterwards.

Each test is a sentence about what an operator or meshStack relies on.
"""

import pytest
from vending import by_functions

from meshstack_client import FunctionError

ACCESS_ROLE = "MeshstackAccountAccessRole"
MINIMUM_POLICY = "MeshstackAccountAccessPolicy"
# By our functions, with looks at what AWS still works on.
MOST_CALLS = 66
READING = ("Get", "List", "Describe", "AssumeRole", "StartExecution", "Invoke", "Publish", "Put")


def vend(meshstack, operator, payload):
    """Calls the entry point and waits for the end of the execution."""
    answer = meshstack.invoke(payload)
    assert answer["status"] == "started", answer
    execution = operator.wait_for_end(answer["executionArn"])
    assert execution["status"] == "SUCCEEDED", (execution.get("error"), execution.get("cause"))
    return answer


def writes(calls):
    """The calls that change something in the organization or in an account."""
    return [
        call
        for call in calls
        if call["service"] in ("organizations", "iam", "cloudformation")
        and not call["action"].split(":")[1].startswith(READING[:3])
    ]


def test_an_account_of_meshstack_is_vended(meshstack, operator, local_aws, make_account, project):
    account = make_account()
    mark = local_aws.mark()
    assert operator.role_policies(account["Id"], ACCESS_ROLE)["inline"].keys() == {"AdministratorAccess"}

    vend(meshstack, operator, meshstack.payload(account, "space", project, LandingZone="sandbox"))

    assert len(by_functions(local_aws.calls(mark))) <= MOST_CALLS
    assert operator.organizational_unit_path(account["Id"]) == "/space"
    assert operator.stacks(account["Id"])["meshstack-cf-access"] == "CREATE_COMPLETE"
    instance = operator.stack_instances(account["Id"])["avm-landing-zone"]
    assert instance["Status"] == "CURRENT"
    assert operator.role_policies(account["Id"], ACCESS_ROLE)["inline"].keys() == {MINIMUM_POLICY}
    assert operator.role_policies(account["Id"], ACCESS_ROLE)["attached"] == []
    tags = meshstack.tags(account["Id"])
    assert tags["ProductName"] == "space"
    assert tags["Stage"] == project
    assert tags["Environment"] == "dev"
    assert tags["avm:landing-zone"] == "sandbox"
    assert tags["avm:execution"].startswith(account["Id"])


def test_without_an_account_id_the_account_is_created(meshstack, operator, project):
    payload = {"ProductName": "space", "Stage": project, "LandingZone": "production", "tagEnvironment": "prod"}

    vend(meshstack, operator, payload)

    account = operator.account_by_email(f"aws+space.{project}@example.com")
    assert account["Name"] == f"space-{project}"
    assert operator.organizational_unit_path(account["Id"]) == "/Workloads/Production"
    assert meshstack.tags(account["Id"])["Stage"] == project
    assert meshstack.invoke(payload)["status"] == "already done"


def test_a_call_after_success_does_nothing_and_says_how_to_force(
    meshstack, operator, local_aws, make_account, project
):
    payload = meshstack.payload(make_account(), "space", project)
    first = vend(meshstack, operator, payload)
    mark = local_aws.mark()

    again = meshstack.invoke(payload)

    assert again["status"] == "already done"
    assert again["executionArn"] == first["executionArn"]
    assert "Force" in again["message"]
    calls = local_aws.calls(mark)
    assert writes(calls) == []
    assert not [call for call in calls if call["action"] == "states:StartExecution"]


def test_a_forced_call_runs_again_and_changes_only_the_tags_of_the_execution(
    meshstack, operator, local_aws, make_account, project
):
    payload = meshstack.payload(make_account(), "space", project)
    first = vend(meshstack, operator, payload)
    mark = local_aws.mark()

    second = vend(meshstack, operator, {**payload, "Force": "true"})

    assert second["executionArn"] != first["executionArn"]
    changed = {call["action"] for call in writes(local_aws.calls(mark))}
    assert changed == {"organizations:TagResource"}


def test_a_changed_tag_reaches_the_stack_instance_and_the_account(
    meshstack, operator, make_account, project
):
    account = make_account()
    vend(meshstack, operator, meshstack.payload(account, "space", project))

    vend(meshstack, operator, meshstack.payload(account, "space", project, tagEnvironment="test"))

    instance = operator.stack_instances(account["Id"])["avm-landing-zone"]
    overrides = {one["ParameterKey"]: one.get("ParameterValue") for one in instance["ParameterOverrides"]}
    assert overrides["tagEnvironment"] == "test"
    assert instance["Status"] == "CURRENT"
    assert meshstack.tags(account["Id"])["Environment"] == "test"


def test_an_account_that_carries_its_owner_is_adopted_by_its_address(
    meshstack, operator, project
):
    account = meshstack.create_account(f"space-{project}", f"aws+space.{project}@example.com")
    owner = {"avm:workspace": "space", "avm:project": project}
    tags = [{"Key": key, "Value": value} for key, value in owner.items()]
    operator.organizations.tag_resource(ResourceId=account["Id"], Tags=tags)

    vend(meshstack, operator, {"ProductName": "space", "Stage": project})

    assert operator.account_by_email(f"aws+space.{project}@example.com")["Id"] == account["Id"]
    assert meshstack.tags(account["Id"])["Stage"] == project


@pytest.mark.parametrize("function", ["AVMEntryPoint"])
def test_nonsense_is_refused_with_every_field_before_anything_is_touched(
    meshstack, local_aws, function
):
    mark = local_aws.mark()

    with pytest.raises(FunctionError) as refused:
        meshstack.invoke({"AccountId": "12", "AccountName": "", "Stage": ["x"], "tagA": {"x": 7}}, function)

    assert refused.value.name == "InvalidRequest"
    for field in ("AccountId", "AccountName", "AccountEmail", "ProductName", "Stage", "tagA"):
        assert field in refused.value.message
    assert writes(local_aws.calls(mark)) == []
    assert not [call for call in local_aws.calls(mark) if call["action"] == "states:StartExecution"]


def test_an_unknown_landing_zone_is_named(meshstack):
    with pytest.raises(FunctionError) as refused:
        meshstack.invoke({"ProductName": "space", "Stage": "x", "LandingZone": "moon"})

    assert refused.value.name == "UnknownLandingZone"
    assert "moon" in refused.value.message


def test_the_downgrade_answers_alone_as_the_original_does(meshstack, operator, make_account, project):
    account = make_account()
    payload = meshstack.payload(account, "space", project)
    vend(meshstack, operator, payload)
    iam = operator.environment.root_client("iam", account["Id"])
    iam.put_role_policy(
        RoleName=ACCESS_ROLE,
        PolicyName="AdministratorAccess",
        PolicyDocument='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
    )
    iam.attach_role_policy(
        RoleName=ACCESS_ROLE, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )

    for event in ({"AccountId": account["Id"]}, payload):
        answer = meshstack.invoke(event, "PermissionDowngrade")
        assert answer["statusCode"] == 200
        assert answer["body"] == "Successfully downgraded"

    after = operator.role_policies(account["Id"], ACCESS_ROLE)
    assert after["inline"].keys() == {MINIMUM_POLICY}
    assert after["attached"] == []


def test_the_completion_tags_are_the_last_thing_that_is_written(
    meshstack, operator, local_aws, make_account, project
):
    account = make_account()
    mark = local_aws.mark()

    vend(meshstack, operator, meshstack.payload(account, "space", project))

    written = [
        call
        for call in writes(local_aws.calls(mark))
        if any(account["Id"] in resource for resource in call["resources"])
    ]
    assert written[-1]["action"] == "organizations:TagResource"
    assert written[-1]["principal"].endswith("role/AVMCompletionRole")
    assert [call["action"] for call in written].count("organizations:TagResource") == 1
