"""Vends that fail: loudly, with a typed error, and able to be sent again.

Faults are injected into single calls of the AVM's roles by the local AWS.
"""

import json

import pytest

from meshstack_client import FunctionError

COMPLETION_KEYS = {"ProductName", "Stage"}


def fail(meshstack, operator, payload):
    """Calls the entry point and returns the failed execution."""
    answer = meshstack.invoke(payload)
    assert answer["status"] == "started", answer
    execution = operator.wait_for_end(answer["executionArn"])
    assert execution["status"] == "FAILED", execution
    return execution


def succeed(meshstack, operator, payload):
    """Calls the entry point and waits for success."""
    answer = meshstack.invoke(payload)
    assert answer["status"] == "started", answer
    execution = operator.wait_for_end(answer["executionArn"])
    assert execution["status"] == "SUCCEEDED", (execution.get("error"), execution.get("cause"))


@pytest.fixture(scope="session")
def notifications(environment, operator):
    """A queue that is subscribed to the topic of failures."""
    account = environment.automation_account_id
    sns = environment.root_client("sns", account)
    sqs = environment.root_client("sqs", account)
    queue = sqs.create_queue(QueueName="failures")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    (topic,) = [topic["TopicArn"] for topic in sns.list_topics()["Topics"] if "failures" in topic["TopicArn"]]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    def receive():
        messages = []
        while found := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            for message in found:
                messages.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return messages

    return receive


def test_a_failed_vend_says_so_everywhere_and_can_be_sent_again(
    meshstack, operator, local_aws, notifications, make_account, project
):
    account = make_account()
    payload = meshstack.payload(account, "space", project)
    notifications()
    local_aws.inject(
        code="AccessDenied",
        status=403,
        service="iam",
        action="PutRolePolicy",
        principal=f"{account['Id']}:role/PermissionDowngradeLambdaExecutionRole",
    )

    execution = fail(meshstack, operator, payload)

    assert execution["error"] == "AccessDenied"
    assert "permission-downgrade" in execution["cause"]
    tags = meshstack.tags(account["Id"])
    assert not COMPLETION_KEYS & tags.keys()
    assert tags["avm:failed-error"] == "AccessDenied"
    assert tags["avm:failed-step"] == "PermissionDowngrade"
    (message,) = notifications()
    for words in ("AccessDenied", account["Id"], "PermissionDowngrade", execution["executionArn"], "Remedy"):
        assert words.lower() in message["Message"].lower()
    assert "@example.com" not in json.dumps(message)

    succeed(meshstack, operator, payload)

    tags = meshstack.tags(account["Id"])
    assert COMPLETION_KEYS <= tags.keys()
    assert not [key for key in tags if key.startswith("avm:failed")]


def test_a_failed_change_takes_the_completion_tags_away(
    meshstack, operator, local_aws, make_account, project
):
    account = make_account()
    succeed(meshstack, operator, meshstack.payload(account, "space", project))
    local_aws.inject(
        code="AccessDenied",
        status=403,
        service="cloudformation",
        action="UpdateStackInstances",
    )

    execution = fail(
        meshstack, operator, meshstack.payload(account, "space", project, tagEnvironment="other")
    )

    assert execution["error"] == "AccessDenied"
    assert not COMPLETION_KEYS & meshstack.tags(account["Id"]).keys()


def test_busy_answers_of_aws_are_retried_until_they_pass(
    meshstack, operator, local_aws, make_account, project
):
    account = make_account()
    local_aws.inject(
        code="ConcurrentModificationException",
        service="organizations",
        action="MoveAccount",
        resource=account["Id"],
        count=2,
    )

    succeed(meshstack, operator, meshstack.payload(account, "space", project))


def test_a_lost_answer_to_create_account_makes_no_second_account(meshstack, operator, local_aws, project):
    local_aws.inject(
        code="ServiceException",
        status=500,
        service="organizations",
        action="CreateAccount",
        principal="AVMAccountsRole",
        when="after",
    )

    succeed(meshstack, operator, {"ProductName": "space", "Stage": project})

    assert operator.account_by_email(f"aws+space.{project}@example.com")


def test_a_stack_instance_that_fails_ends_the_vend_with_its_reason(
    meshstack, operator, environment, make_account, project
):
    account = make_account()
    iam = environment.root_client("iam", account["Id"])
    iam.create_role(
        RoleName="PermissionDowngradeLambdaExecutionRole",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": []}),
    )

    execution = fail(meshstack, operator, meshstack.payload(account, "space", project))

    assert execution["error"] == "StackSetFailed"
    assert "PermissionDowngradeLambdaExecutionRole" in execution["cause"]
    iam.delete_role(RoleName="PermissionDowngradeLambdaExecutionRole")
    succeed(meshstack, operator, meshstack.payload(account, "space", project))


def test_an_account_that_does_not_exist_is_named(meshstack, operator, project):
    payload = meshstack.payload(
        {
            "Id": "999999999999",
            "Name": "nobody",
            "Email": "nobody@example.com",
            "Arn": "arn:aws:organizations::123456789012:account/o-exampleorg/999999999999",
        },
        "space",
        project,
    )

    execution = fail(meshstack, operator, payload)

    assert execution["error"] == "AccountNotFound"
    assert "999999999999" in execution["cause"]


def test_an_account_of_another_name_is_not_touched(
    meshstack, operator, local_aws, make_account, project
):
    account = make_account()
    mark = local_aws.mark()

    execution = fail(
        meshstack, operator, meshstack.payload({**account, "Name": "somebody-else"}, "space", project)
    )

    assert execution["error"] == "AccountMismatch"
    assert meshstack.tags(account["Id"]) == {}
    touched = [
        call["action"]
        for call in local_aws.calls(mark)
        if call["action"] in ("organizations:MoveAccount", "organizations:TagResource")
    ]
    assert touched == []


def test_a_suspended_account_is_refused(meshstack, operator, local_aws, make_account, project):
    account = make_account()
    local_aws.suspend(account["Id"])

    execution = fail(meshstack, operator, meshstack.payload(account, "space", project))

    assert execution["error"] == "AccountNotActive"
    assert "SUSPENDED" in execution["cause"]
@pytest.mark.refuses("meshfed-service-user", "sts:AssumeRole")
def test_the_user_of_meshstack_may_do_nothing_else(environment, meshstack):
    import botocore.exceptions

    sts = environment.client("sts")
    for account, role, external_id in (
        (environment.management_account_id, "MeshfedServiceRole", "wrong-id"),
        (environment.management_account_id, "MeshfedServiceRole", None),
        (environment.automation_account_id, "PermissionDowngradeLambdaAdministrationRole", environment.external_id),
        (environment.management_account_id, "AVMAccountsRole", environment.external_id_of("machine")),
    ):
        arguments = {"ExternalId": external_id} if external_id else {}
        with pytest.raises(botocore.exceptions.ClientError) as denied:
            sts.assume_role(
                RoleArn=f"arn:aws:iam::{account}:role/{role}", RoleSessionName="nobody", **arguments
            )
        assert denied.value.response["Error"]["Code"] == "AccessDenied"


def test_a_step_that_is_called_with_nonsense_says_which_field(environment):
    lambda_ = environment.root_client("lambda", environment.automation_account_id)
    for function in ("avm-create-account", "avm-place-account", "avm-access-stack", "avm-apply-stackset", "avm-completion"):
        answer = lambda_.invoke(FunctionName=function, Payload=b'{"Order": 7}')
        body = json.loads(answer["Payload"].read())
        assert answer["FunctionError"]
        assert body["errorType"] == "InvalidState", body
    answer = lambda_.invoke(FunctionName="PermissionDowngrade", Payload=b'{"AccountId": "x"}')
    body = json.loads(answer["Payload"].read())
    assert body["errorType"] == "InvalidRequest"
    assert "AccountId" in body["errorMessage"]


def test_errors_of_the_entry_point_reach_the_caller_by_name(meshstack):
    with pytest.raises(FunctionError) as refused:
        meshstack.invoke(["not", "an", "object"])
    assert refused.value.name == "InvalidRequest"


def test_functions_that_find_no_room_among_those_of_the_account_are_waited_for(
    meshstack, operator, local_aws, make_account, project
):
    """A new automation account may run ten functions at a time (Lambda quota), until AWS raises it."""
    local_aws.inject(
        code="TooManyRequestsException",
        status=429,
        message="Rate Exceeded.",
        service="lambda",
        action="Invoke",
        resource="avm-create-account",
        event=project,
        count=8,
    )
    mark = local_aws.mark()

    succeed(meshstack, operator, meshstack.payload(make_account(), "space", project))

    met = [call for call in local_aws.calls(mark) if call["error"] == "TooManyRequestsException"]
    assert len(met) == 8


def test_an_account_that_is_full_of_tags_is_refused_before_anything_is_done_and_marked_as_far_as_there_is_room(
    meshstack, operator, environment, local_aws, make_account, project
):
    account = make_account()
    organizations = environment.root_client("organizations", environment.management_account_id)
    foreign = [{"Key": f"key{number}", "Value": "x"} for number in range(45)]
    organizations.tag_resource(ResourceId=account["Id"], Tags=foreign)
    mark = local_aws.mark()

    execution = fail(meshstack, operator, meshstack.payload(account, "space", project, tagA="1", tagB="2"))

    assert execution["error"] == "InvalidRequest"
    assert "AWS Organizations allows 50" in execution["cause"]
    assert "organizations:MoveAccount" not in [call["action"] for call in local_aws.calls(mark)]
    tags = meshstack.tags(account["Id"])
    assert (tags["avm:workspace"], tags["avm:failed-step"]) == ("space", "CreateAccount")
    assert len(tags) == 50


def test_the_longest_cause_beside_the_longest_order_reaches_the_account_and_the_notice(
    meshstack, operator, local_aws, landing_zones, notifications, make_account, project
):
    """Step Functions hands a state at most 256 KiB, of which a cause may be 32,768 characters (its quotas; `SensitiveCause`)."""
    account = make_account()
    mapping = {"awsRoleName": "reader", "permissionSets": ["ViewOnlyAccess"]}
    zone = landing_zones.deploy(project, like="sandbox", singleSignOn={"roleMappings": {"reader": mapping}})
    people = [f"{number:04}-{'x' * 100}@example.com" for number in range(1950)]
    payload = meshstack.payload(account, "space", project, LandingZone=zone, RoleBindings={"reader": people})
    local_aws.inject(
        code="InvalidInputException",
        status=400,
        message="said at length " * 2_000,
        service="organizations",
        action="MoveAccount",
        principal="AVMPlacementRole",
    )

    execution = fail(meshstack, operator, payload)

    assert "said at length" in execution["cause"]
    assert meshstack.tags(account["Id"])["avm:failed-step"] == "PlaceAccount"
    (message,) = [told for told in notifications() if account["Id"] in told["Message"]]
    assert "Remedy" in message["Message"]
