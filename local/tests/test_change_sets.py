"""Change sets: what `aws cloudformation deploy` and `sam deploy` work with, and what AWS refuses there.

And the macros, which are expanded before: files that a template includes, and the SAM macro.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloudformation_support import NAMED, limited, new_account, parameters, role, settled, template
from waiting import eventually

from local_aws.address import REGION, endpoint_url

Client = Callable[..., Any]


@pytest.fixture
def account(client: Client) -> str:
    return new_account()


@pytest.fixture
def stacks(client: Client, account: str) -> Any:
    return client("cloudformation", account)


@pytest.fixture
def put(client: Client, account: str) -> Callable[[str, str], str]:
    """Puts a text into a bucket of the account; answers its address in the path style, as clients make it."""
    bucket = f"templates-{account}"
    s3 = client("s3", account)
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})

    def write(key: str, text: str) -> str:
        s3.put_object(Bucket=bucket, Key=key, Body=text.encode())
        return f"{endpoint_url()}/{bucket}/{key}"

    return write


def changed(stacks: Any, text: str, kind: str = "CREATE", name: str = "first", **more: Any) -> dict[str, Any]:
    """The change set, when it is known what it would do."""
    given = {"Capabilities": NAMED, "TemplateBody": text, **more}
    if "TemplateURL" in given:
        del given["TemplateBody"]
    made = stacks.create_change_set(StackName="stack", ChangeSetName=name, ChangeSetType=kind, **given)

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = stacks.describe_change_set(ChangeSetName=made["Id"])
        return None if found["Status"] in ("CREATE_PENDING", "CREATE_IN_PROGRESS") else found

    return eventually(look)  # type: ignore[no-any-return]


def executed(stacks: Any, name: str = "first") -> dict[str, Any]:
    stacks.execute_change_set(ChangeSetName=name, StackName="stack")
    return settled(stacks, "stack")


def refusal(call: Callable[..., Any], **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    failure = caught.value.response["Error"]
    return failure["Code"], failure["Message"]


def told(change_set: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    changes = [change["ResourceChange"] for change in change_set["Changes"]]
    return [(one["Action"], one["LogicalResourceId"], one.get("Replacement")) for one in changes]


def test_a_stack_is_only_looked_at_until_its_change_set_is_executed(stacks: Any, client: Client, account: str) -> None:
    found = changed(stacks, template(R=role()), Tags=[{"Key": "owner", "Value": "us"}])
    assert (found["Status"], found["ExecutionStatus"]) == ("CREATE_COMPLETE", "AVAILABLE")
    assert told(found) == [("Add", "R", None)]
    assert stacks.describe_stacks(StackName="stack")["Stacks"][0]["StackStatus"] == "REVIEW_IN_PROGRESS"
    assert client("iam", account).list_roles()["Roles"] == []
    stack = executed(stacks)
    assert (stack["StackStatus"], stack["Tags"]) == ("CREATE_COMPLETE", [{"Key": "owner", "Value": "us"}])
    assert client("iam", account).get_role(RoleName="made")


def test_an_update_tells_what_is_added_changed_replaced_and_removed(stacks: Any) -> None:
    before = template({"P": {"Type": "String"}}, A=role("a"), B=role("b"), C=role("c"), D=role("d", Description={"Ref": "P"}))
    changed(stacks, before, Parameters=parameters(P="one"))
    executed(stacks)
    after = template({"P": {"Type": "String"}}, A=role("a"), B=role("other"), D=role("d", Description={"Ref": "P"}), E=role("e"))
    found = changed(stacks, after, "UPDATE", "second", Parameters=parameters(P="two"))
    assert sorted(told(found)) == [("Add", "E", None), ("Modify", "B", "True"), ("Modify", "D", "False"), ("Remove", "C", None)]
    assert executed(stacks, "second")["StackStatus"] == "UPDATE_COMPLETE"


def test_without_a_change_there_is_nothing_to_execute(stacks: Any) -> None:
    changed(stacks, template(R=role()))
    executed(stacks)
    found = changed(stacks, template(R=role()), "UPDATE", "again")
    assert (found["Status"], found["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    # The words by which both command lines know it.
    assert "The submitted information didn't contain changes." in found["StatusReason"]
    code, _ = refusal(stacks.execute_change_set, ChangeSetName="again", StackName="stack")
    assert code == "InvalidChangeSetStatus"
    stacks.delete_change_set(ChangeSetName="again", StackName="stack")
    assert stacks.list_change_sets(StackName="stack")["Summaries"] == []


def test_after_an_update_of_the_stack_a_change_set_is_obsolete(stacks: Any) -> None:
    changed(stacks, template(R=role()))
    executed(stacks)
    changed(stacks, template(R=role(action="s3:Get*")), "UPDATE", "late")
    stacks.update_stack(StackName="stack", TemplateBody=template(R=role(action="s3:List*")), Capabilities=NAMED)
    settled(stacks, "stack")
    found = stacks.describe_change_set(ChangeSetName="late", StackName="stack")
    assert (found["Status"], found["ExecutionStatus"]) == ("CREATE_COMPLETE", "OBSOLETE")
    code, message = refusal(stacks.execute_change_set, ChangeSetName="late", StackName="stack")
    assert code == "InvalidChangeSetStatus"
    assert message.endswith("cannot be executed in its current execution status of [OBSOLETE]")


def test_what_is_there_is_not_created_and_what_is_not_there_is_not_updated(stacks: Any) -> None:
    text = template(R=role())
    given = {"StackName": "stack", "TemplateBody": text, "Capabilities": NAMED}
    assert "does not exist" in refusal(stacks.create_change_set, ChangeSetName="one", ChangeSetType="UPDATE", **given)[1]
    changed(stacks, text)
    taken = refusal(stacks.create_change_set, ChangeSetName="first", ChangeSetType="CREATE", **given)
    assert taken == ("AlreadyExistsException", "ChangeSet first already exists")
    executed(stacks)
    there = refusal(stacks.create_change_set, ChangeSetName="one", ChangeSetType="CREATE", **given)
    assert "already exists and cannot be created again" in there[1]
    unknown = refusal(stacks.describe_change_set, ChangeSetName="none", StackName="stack")
    assert unknown == ("ChangeSetNotFound", "ChangeSet [none] does not exist")


def test_capabilities_and_parameters_are_asked_for_at_once(stacks: Any) -> None:
    given = {"StackName": "stack", "ChangeSetName": "one", "ChangeSetType": "CREATE"}
    code, _ = refusal(stacks.create_change_set, TemplateBody=template(R=role()), **given)
    assert code == "InsufficientCapabilitiesException"
    text = template({"P": {"Type": "String"}}, R=role())
    code, words = refusal(stacks.create_change_set, TemplateBody=text, Capabilities=NAMED, **given)
    assert (code, words) == ("ValidationError", "Parameters: [P] must have values")


def test_resources_are_made_with_the_rights_of_who_executes(stacks: Any, client: Client, account: str) -> None:
    changed(stacks, template(R=role()))
    somebody = client("cloudformation", credentials=limited(client, account, "cloudformation:*"))
    somebody.execute_change_set(ChangeSetName="first", StackName="stack")
    assert settled(stacks, "stack")["StackStatus"] == "ROLLBACK_COMPLETE"
    with pytest.raises(ClientError):
        client("iam", account).get_role(RoleName="made")


SERVERLESS = {
    "Transform": "AWS::Serverless-2016-10-31",
    "Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}},
    "Outputs": {"Name": {"Value": {"Ref": "Bucket"}}},
}


def test_a_macro_needs_no_capability_since_the_change_set_shows_what_it_makes(stacks: Any) -> None:
    found = changed(stacks, json.dumps(SERVERLESS), Capabilities=[])
    assert found["Status"] == "CREATE_COMPLETE"
    stack = executed(stacks)
    assert stack["StackStatus"] == "CREATE_COMPLETE" and stack["Outputs"][0]["OutputKey"] == "Name"
    original = stacks.get_template(StackName="stack")["TemplateBody"]
    processed = stacks.get_template(StackName="stack", TemplateStage="Processed")["TemplateBody"]
    assert ("Transform" in original, "Transform" in processed) == (True, False)


def test_what_a_template_includes_is_read_with_the_callers_rights(
    stacks: Any, client: Client, account: str, put: Callable[[str, str], str]
) -> None:
    put("whole.yaml", "Fn::Sub: made-for-${AWS::AccountId}")
    location = f"s3://templates-{account}/whole.yaml"
    text = template(R=role({"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": location}}}))
    somebody = client("cloudformation", credentials=limited(client, account, "cloudformation:*"))
    assert "Access Denied" in changed(somebody, text, name="denied")["StatusReason"]
    changed(stacks, text)
    executed(stacks)
    assert client("iam", account).get_role(RoleName=f"made-for-{account}")


def test_a_stack_within_one_asks_for_the_capabilities_of_the_outer_one(
    stacks: Any, put: Callable[[str, str], str]
) -> None:
    url = put("inner.json", json.dumps(SERVERLESS))
    text = template(Inner={"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}})
    outer = put("outer.json", text)
    changed(stacks, text, TemplateURL=outer)
    assert executed(stacks)["StackStatus"] == "ROLLBACK_COMPLETE"
    events = stacks.describe_stack_events(StackName="stack")["StackEvents"]
    assert any("CAPABILITY_AUTO_EXPAND" in event.get("ResourceStatusReason", "") for event in events)
    stacks.delete_stack(StackName="stack")
    eventually(lambda: not stacks.list_stacks(StackStatusFilter=["DELETE_IN_PROGRESS"])["StackSummaries"])
    changed(stacks, text, name="second", Capabilities=["CAPABILITY_AUTO_EXPAND"])
    assert executed(stacks, "second")["StackStatus"] == "CREATE_COMPLETE"
