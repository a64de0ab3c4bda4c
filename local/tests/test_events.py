"""Events of executions through EventBridge rules to SNS topics and functions, and what SNS refuses.

Subscribed queues show what was published.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws import paths
from machines import one_state
from waiting import eventually


def last_target(events: Any, sqs: Any, rule: str) -> Callable[[], Any]:
    """Gives the rule a queue, which is told after topics and functions; waits until it was."""
    queue = sqs.create_queue(QueueName=f"after-{rule}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_targets(Rule=rule, Targets=[{"Id": "after", "Arn": arn}])
    return lambda: eventually(lambda: sqs.receive_message(QueueUrl=queue).get("Messages"), 60)


def test_a_stopped_execution_reaches_a_topic_through_a_rule(
    states: Any, client: Callable[..., Any], machine: Callable[..., str]
) -> None:
    arn = machine("announced", one_state({"Type": "Wait", "Seconds": 5000, "End": True}))
    sns, sqs, events = client("sns"), client("sqs"), client("events")
    topic = sns.create_topic(Name="stopped")["TopicArn"]
    queue = sqs.create_queue(QueueName="stopped")["QueueUrl"]
    queue_arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=queue_arn["Attributes"]["QueueArn"],
        Attributes={"RawMessageDelivery": "true"},
    )
    pattern = {"source": ["aws.states"], "detail": {"status": ["ABORTED"], "stateMachineArn": [arn]}}
    rule = events.put_rule(Name="stopped", EventPattern=json.dumps(pattern))["RuleArn"]
    transformer = {
        "InputPathsMap": {"status": "$.detail.status"},
        "InputTemplate": '"A run ended as <status>."',
    }
    events.put_targets(
        Rule="stopped", Targets=[{"Id": "t", "Arn": topic, "InputTransformer": transformer}]
    )
    wait_until_told = last_target(events, sqs, "stopped")

    def stop_one() -> list[dict[str, Any]]:
        states.stop_execution(executionArn=states.start_execution(stateMachineArn=arn)["executionArn"])
        wait_until_told()
        return list(sqs.receive_message(QueueUrl=queue).get("Messages", []))

    assert stop_one() == [], "the topic does not trust the rule yet"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic,
        "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    assert [message["Body"] for message in stop_one()] == ['"A run ended as ABORTED."']


@pytest.mark.parametrize("subject", ["x" * 101, "two\nlines", "größer", " begins with a blank"])
def test_sns_refuses_a_bad_subject(client: Callable[..., Any], subject: str) -> None:
    sns = client("sns")
    topic = sns.create_topic(Name="subjects")["TopicArn"]
    with pytest.raises(ClientError) as caught:
        sns.publish(TopicArn=topic, Subject=subject, Message="m")
    assert caught.value.response["Error"]["Code"] == "InvalidParameter"


def test_sns_takes_a_subject_of_a_hundred_characters(client: Callable[..., Any]) -> None:
    sns = client("sns")
    topic = sns.create_topic(Name="subjects")["TopicArn"]
    assert sns.publish(TopicArn=topic, Subject="x" * 100, Message="m")["MessageId"]


def test_a_stopped_execution_reaches_a_function_through_a_rule_and_again_where_it_fails(
    states: Any, client: Callable[..., Any], machine: Callable[..., str], function: Callable[..., Any]
) -> None:
    arn = machine("told-again", one_state({"Type": "Wait", "Seconds": 5000, "End": True}))
    name, lambda_ = function()
    target = lambda_.get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    events = client("events")
    pattern = {"source": ["aws.states"], "detail": {"status": ["ABORTED"], "stateMachineArn": [arn]}}
    rule = events.put_rule(Name="told", EventPattern=json.dumps(pattern))["RuleArn"]
    targets = [{"Id": "t", "Arn": target, "Input": json.dumps({"do": "fail"})}]
    events.put_targets(Rule="told", Targets=targets)
    wait_until_told = last_target(events, client("sqs"), "told")
    log = paths.LOG_FOLDER / f"{name}.log"

    def stop_one() -> int:
        states.stop_execution(executionArn=states.start_execution(stateMachineArn=arn)["executionArn"])
        wait_until_told()
        return log.read_text().count(" failed: ") if log.exists() else 0

    assert stop_one() == 0, "the function does not let the rule in yet"
    lambda_.add_permission(
        FunctionName=name,
        StatementId="rule",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=rule,
    )
    assert stop_one() == 3


def test_a_rule_with_a_schedule_hears_of_no_event(client: Callable[..., Any]) -> None:
    sqs, events = client("sqs"), client("events")
    heard = []
    for name, when in (
        ("scheduled", {"ScheduleExpression": "cron(0 6 * * ? *)"}),
        ("heard", {"EventPattern": json.dumps({"source": ["a.test"]})}),
    ):
        queue = sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        events.put_rule(Name=name, **when)
        events.put_targets(Rule=name, Targets=[{"Id": "t", "Arn": arn}])
        heard.append(queue)
    events.put_events(Entries=[{"Source": "a.test", "DetailType": "Any", "Detail": "{}"}])
    assert [len(sqs.receive_message(QueueUrl=queue).get("Messages", [])) for queue in heard] == [0, 1]


def test_a_write_to_the_parameter_store_is_told_with_its_caller_and_without_its_value(client: Callable[..., Any]) -> None:
    sns, sqs, events, ssm = client("sns"), client("sqs"), client("events"), client("ssm")
    topic = sns.create_topic(Name="told")["TopicArn"]
    queue = sqs.create_queue(QueueName="told")["QueueUrl"]
    queue_arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn, Attributes={"RawMessageDelivery": "true"})
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    events.put_rule(Name="told", EventPattern=json.dumps({"detail-type": ["AWS API Call via CloudTrail"]}))
    transformer = {
        "InputPathsMap": {
            "who": "$.detail.userIdentity.arn",
            "name": "$.detail.requestParameters.name",
            "names": "$.detail.requestParameters.names",
            "value": "$.detail.requestParameters.value",
            "error": "$.detail.errorCode",
        },
        "InputTemplate": '"<who>|<name>|<names>|<value>|<error>"',
    }
    events.put_targets(Rule="told", Targets=[{"Id": "t", "Arn": topic, "InputTransformer": transformer}])

    ssm.put_parameter(Name="/told", Value="not to be told", Type="String")
    ssm.get_parameter(Name="/told")
    with pytest.raises(ClientError):
        ssm.delete_parameter(Name="/never")
    ssm.delete_parameters(Names=["/told"])

    found: list[dict[str, Any]] = []

    def are_told() -> bool:
        found.extend(sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []))
        return len(found) >= 3

    eventually(are_told)
    who, *_ = json.loads(found[0]["Body"]).split("|")
    assert who.startswith("arn:aws:iam::")
    assert sorted(json.loads(message["Body"]) for message in found) == [
        f"{who}|/never|||ParameterNotFound",
        f"{who}|/told|||",
        f"{who}||[/told]||",
    ]
