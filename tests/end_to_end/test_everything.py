"""A landing zone with everything on: what the account has afterwards, and that the same call again writes nothing.

The client of the first test is meshfed-service-user, who knows only what `.local/env` says.
"""

import json

import pytest
from vending import by_functions, writes

from meshstack_client import Inventory

# By our functions, with looks at what AWS still works on; the default VPCs of 18 regions are 167 of them.
MOST_CALLS, MOST_CALLS_AGAIN = 330, 155
ROLE_BINDINGS = {"admin": ["ada@example.com"], "user": ["grace@example.com", "alan@example.com"], "reader": []}


def vend(meshstack, operator, payload):
    """Calls the entry point and waits for the end of the execution, which must be success."""
    answer = meshstack.invoke(payload)
    assert answer["status"] == "started", answer
    execution = operator.wait_for_end(answer["executionArn"])
    assert execution["status"] == "SUCCEEDED", (execution.get("error"), execution.get("cause"))
    return json.loads(execution["output"])


@pytest.fixture
def vended(meshstack, operator, local_aws, make_account, project):
    """An account of the landing zone production, with the payload of its vend and the output of the execution."""
    account = make_account()
    payload = meshstack.payload(
        account, "space", project, LandingZone="production", RoleBindings=ROLE_BINDINGS
    )
    mark = local_aws.mark()
    output = vend(meshstack, operator, payload)
    assert len(by_functions(local_aws.calls(mark))) <= MOST_CALLS
    return account, payload, output


def test_the_user_of_meshstack_finds_everything_in_the_account(meshstack, environment, vended, project):
    account, _, _ = vended
    account_id = account["Id"]
    in_management = meshstack.assume(environment.management_account_id, "MeshfedServiceRole")
    in_account = environment.client("sts", in_management).assume_role(
        RoleArn=f"arn:aws:iam::{account_id}:role/MeshstackAccountAccessRole", RoleSessionName="meshstack"
    )["Credentials"]
    iam = environment.client("iam", in_account)
    provider = f"arn:aws:iam::{account_id}:saml-provider/meshstack-saml-idp"

    stacks = environment.client("cloudformation", in_account).describe_stacks()["Stacks"]
    assert "meshstack-cf-access" in {stack["StackName"] for stack in stacks}
    in_automation = meshstack.assume(environment.automation_account_id, "MeshfedAutomationRole")
    instances = environment.client("cloudformation", in_automation).list_stack_instances(
        StackSetName="avm-landing-zone", StackInstanceAccount=account_id
    )["Summaries"]
    # A region that no new account has enabled.
    assert [(instance["Region"], instance["Status"]) for instance in instances] == [("eu-south-1", "CURRENT")]
    assert iam.list_account_aliases()["AccountAliases"] == [f"example-space-{project}"]
    assert iam.get_saml_provider(SAMLProviderArn=provider)["SAMLMetadataDocument"]
    for role, policy in (
        ("meshstack-project-admin", "AdministratorAccess"),
        ("meshstack-project-reader", "ReadOnlyAccess"),
    ):
        trust = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
        assert provider in json.dumps(trust)
        attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
        assert [one["PolicyName"] for one in attached] == [policy]
    sso = environment.client("sso-admin", in_management)
    mapping = "arn:aws:sso:::permissionSet/ssoins-1111222233334444/ps-aaaa111122223333"
    assignments = sso.list_account_assignments(
        InstanceArn="arn:aws:sso:::instance/ssoins-1111222233334444",
        AccountId=account_id,
        PermissionSetArn=mapping,
    )["AccountAssignments"]
    assert [one["PrincipalType"] for one in assignments] == ["GROUP"]
    tags = meshstack.tags(account_id)
    assert (tags["ProductName"], tags["Stage"]) == ("space", project)


def test_the_operator_finds_it_enrolled_with_groups_contacts_and_regions_and_without_default_vpcs(
    environment, operator, vended, project
):
    account, _, output = vended
    found = Inventory(environment, account["Id"])
    group = f"mst-space.{project}.meshstack-project-"

    assert operator.organizational_unit_path(account["Id"]) == "/Workloads/Production"
    assert found.enrollment() == "SUCCEEDED"
    assert [product["Status"] for product in found.provisioned_products()] == ["AVAILABLE"]
    assert found.members(f"{group}admin") == {"ada@example.com"}
    assert found.members(f"{group}developer") == {"grace@example.com", "alan@example.com"}
    assert found.members(f"{group}reader") == set()
    assert found.assignments() == {
        (f"{group}admin", "ps-aaaa111122223333"),
        (f"{group}developer", "PowerUserAccess"),
        (f"{group}reader", "ViewOnlyAccess"),
        (f"{group}reader", "Billing"),
    }
    assert found.roles_by_saml() == {
        "meshstack-project-admin": ["AdministratorAccess"],
        "meshstack-project-reader": ["ReadOnlyAccess"],
    }
    assert found.contact("SECURITY")["EmailAddress"] == "security@example.com"
    assert found.contact("OPERATIONS")["Title"] == "On call"
    assert found.contact("BILLING") is None
    assert found.region("eu-south-1") == "ENABLED"
    assert found.default_vpcs() == {}
    assert "@" not in json.dumps(output), "the output names people"


def test_the_same_again_changes_nothing_and_makes_no_write_call(
    meshstack, operator, local_aws, environment, vended
):
    account, payload, _ = vended
    mark = local_aws.mark()
    assert meshstack.invoke(payload)["status"] == "already done"
    assert writes(local_aws.calls(mark)) == []

    mark = local_aws.mark()
    output = vend(meshstack, operator, {**payload, "Force": "true"})

    # Which execution was the last one, and when: all that is written.
    assert writes(local_aws.calls(mark)) == ["organizations:TagResource"]
    refused = [call for call in local_aws.calls(mark) if call["error"]]
    assert [call for call in refused if call["error"].startswith("AccessDenied")] == []
    assert output["AccountSetUp"]["AccountAlias"]["Change"] == "none"


def test_a_vend_with_everything_on_takes_few_transitions_and_calls(meshstack, operator, local_aws, vended):
    _, payload, _ = vended
    mark = local_aws.mark()
    answer = meshstack.invoke({**payload, "Force": "true"})
    operator.wait_for_end(answer["executionArn"])
    entered = [event for event in operator.events(answer["executionArn"]) if event["type"].endswith("StateEntered")]
    assert len(entered) < 150
    assert len(by_functions(local_aws.calls(mark))) <= MOST_CALLS_AGAIN
    assert not [event for event in entered if event["type"] == "WaitStateEntered"]
