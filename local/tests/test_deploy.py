"""Deploying templates: packaging, expansion, the resources that moto lacks, and useful refusals.

A small SAM application stands for the real one, which the end-to-end tests deploy.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cloudformation_support import settled, write

from local_aws.deploy import artifacts, sam, stacks
from local_aws.deploy.problems import DeploymentError

TRUST = """
          Version: "2012-10-17"
          Statement: [{Effect: Allow, Principal: {Service: %s}, Action: sts:AssumeRole}]"""
APPLICATION = f"""
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  ExternalId: {{Type: String, NoEcho: true}}
  Colour: {{Type: String, Default: red}}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: application-role
      AssumeRolePolicyDocument:{TRUST % "lambda.amazonaws.com"}
      ManagedPolicyArns: [!Sub "arn:${{AWS::Partition}}:iam::aws:policy/AWSXrayWriteOnlyAccess"]
      Tags: [{{Key: Part, Value: application}}]
      Policies:
        - PolicyName: logs
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{{Effect: Allow, Action: logs:PutLogEvents, Resource: !GetAtt Logs.Arn}}]
  Logs:
    Type: AWS::Logs::LogGroup
    Properties: {{LogGroupName: /aws/lambda/application, RetentionInDays: 30}}
  Function:
    Type: AWS::Serverless::Function
    Metadata: {{BuildMethod: rust-cargolambda, BuildProperties: {{Binary: behave}}}}
    Properties:
      FunctionName: application
      CodeUri: functions/application
      Runtime: provided.al2023
      Handler: bootstrap
      Architectures: [arm64]
      Tracing: Active
      Timeout: 9
      LoggingConfig: {{LogFormat: JSON, ApplicationLogLevel: DEBUG}}
      Role: !GetAtt Role.Arn
      Environment: {{Variables: {{COLOUR: !Ref Colour, SECRET: !Ref ExternalId, PATH: "{{path}}"}}}}
  MachineRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:{TRUST % "states.amazonaws.com"}
      Policies:
        - PolicyName: call
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{{Effect: Allow, Action: lambda:InvokeFunction, Resource: !GetAtt Function.Arn}}]
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: application
      Role: !GetAtt MachineRole.Arn
      DefinitionUri: statemachine/machine.asl.json
      DefinitionSubstitutions: {{FunctionArn: !GetAtt Function.Arn, Partition: !Ref AWS::Partition}}
      Tracing: {{Enabled: true}}
      Logging:
        Level: ERROR
        IncludeExecutionData: false
        Destinations: [{{CloudWatchLogsLogGroup: {{LogGroupArn: !GetAtt Logs.Arn}}}}]
  Topic: {{Type: AWS::SNS::Topic, Properties: {{TopicName: application}}}}
  TopicPolicy:
    Type: AWS::SNS::TopicPolicy
    Properties:
      Topics: [!Ref Topic]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {{Service: cloudwatch.amazonaws.com}}
            Action: sns:Publish
            Resource: !Ref Topic
  Subscription:
    Type: AWS::SNS::Subscription
    Properties: {{TopicArn: !Ref Topic, Protocol: email, Endpoint: operators@accounts.example}}
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmName: application
      Namespace: AWS/States
      MetricName: ExecutionsFailed
      Statistic: Sum
      Period: 300
      EvaluationPeriods: 1
      Threshold: 1
      ComparisonOperator: GreaterThanOrEqualToThreshold
      AlarmActions: [!Ref Topic]
  User:
    Type: AWS::IAM::User
    Properties:
      UserName: application-user
      Policies:
        - PolicyName: own
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{{Effect: Allow, Action: sts:GetCallerIdentity, Resource: "*"}}]
  UserPolicy:
    Type: AWS::IAM::UserPolicy
    Properties:
      UserName: !Ref User
      PolicyName: more
      PolicyDocument:
        Version: "2012-10-17"
        Statement: [{{Effect: Allow, Action: iam:GetUser, Resource: !GetAtt User.Arn}}]
  StackSet:
    Type: AWS::CloudFormation::StackSet
    Properties:
      StackSetName: application-stackset
      PermissionModel: SELF_MANAGED
      TemplateBody: {{Fn::Transform: {{Name: AWS::Include, Parameters: {{Location: templates/inner.yaml}}}}}}
Outputs:
  MachineArn: {{Value: !Ref Machine}}
  LogsArn: {{Value: !GetAtt Logs.Arn}}
"""
MACHINE = {
    "QueryLanguage": "JSONata",
    "StartAt": "Call",
    "States": {
        "Call": {
            "Type": "Task",
            "Resource": "arn:${Partition}:states:::lambda:invoke",
            "Arguments": {"FunctionName": "${FunctionArn}", "Payload": {"do": "describe"}},
            "Output": "{% $states.result.Payload.environment %}",
            "End": True,
        }
    },
}
# Included as text: the outer template puts its own account in, the inner one where it is deployed.
INNER = """
Fn::Sub:
  - |
    Resources: {Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: !Sub "${Outer}-${!AWS::AccountId}"}}}
  - Outer: {Ref: AWS::AccountId}
"""


@pytest.fixture(scope="module")
def application(server: Any, search_path: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The application deployed into an account of its own: account id and outputs."""
    folder = tmp_path_factory.mktemp("application")
    (folder / "functions/application").mkdir(parents=True)
    write(folder, "statemachine/machine.asl.json", json.dumps(MACHINE))
    write(folder, "templates/inner.yaml", INNER)
    path = write(folder, "template.yaml", APPLICATION.replace("{path}", search_path))
    account_id = "210000000001"
    known = {"ExternalId": "not-to-be-shown", "Unrelated": "x"}
    return account_id, stacks.create_stack(account_id, "application", path, known)


def test_the_state_machine_runs_the_binary_with_the_deployed_environment(
    application: Any, client: Callable[..., Any], finish: Callable[..., Any]
) -> None:
    account_id, outputs = application
    states = client("stepfunctions", account_id)
    execution = states.start_execution(stateMachineArn=outputs["MachineArn"])["executionArn"]
    ended = finish(states, execution)
    assert ended["status"] == "SUCCEEDED", ended
    environment = json.loads(ended["output"])
    assert (environment["COLOUR"], environment["SECRET"]) == ("red", "not-to-be-shown")
    assert environment["AWS_LAMBDA_LOG_FORMAT"] == "JSON"
    assert environment["AWS_LAMBDA_LOG_LEVEL"] == "DEBUG"


def test_the_function_is_as_the_template_says(application: Any, client: Any) -> None:
    found = client("lambda", application[0]).get_function_configuration(FunctionName="application")
    assert (found["Timeout"], found["Architectures"]) == (9, ["arm64"])
    assert found["TracingConfig"]["Mode"] == "Active"


def test_the_machine_keeps_logging_and_tracing(application: Any, client: Any) -> None:
    account_id, outputs = application
    found = client("stepfunctions", account_id).describe_state_machine(
        stateMachineArn=outputs["MachineArn"]
    )
    assert found["tracingConfiguration"] == {"enabled": True}
    assert found["loggingConfiguration"]["level"] == "ERROR"
    assert outputs["LogsArn"].endswith(":log-group:/aws/lambda/application:*")


def test_roles_and_users_have_their_policies_and_tags(application: Any, client: Any) -> None:
    iam = client("iam", application[0])
    role = iam.get_role_policy(RoleName="application-role", PolicyName="logs")
    assert role["PolicyDocument"]["Statement"][0]["Action"] == "logs:PutLogEvents"
    managed = iam.list_attached_role_policies(RoleName="application-role")["AttachedPolicies"]
    assert [policy["PolicyName"] for policy in managed] == ["AWSXrayWriteOnlyAccess"]
    tags = iam.list_role_tags(RoleName="application-role")["Tags"]
    assert {"Key": "Part", "Value": "application"} in tags
    names = iam.list_user_policies(UserName="application-user")["PolicyNames"]
    assert sorted(names) == ["more", "own"]


def test_resources_that_moto_lacks_are_there(application: Any, client: Any) -> None:
    account_id, _ = application
    alarms = client("cloudwatch", account_id).describe_alarms()["MetricAlarms"]
    assert [alarm["AlarmName"] for alarm in alarms] == ["application"]
    sns = client("sns", account_id)
    topic = sns.list_topics()["Topics"][0]["TopicArn"]
    policy = json.loads(sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"])
    assert policy["Statement"][0]["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert len(sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]) == 1
    found = client("cloudformation", account_id).describe_stack_set(
        StackSetName="application-stackset"
    )
    topic = f'{{TopicName: !Sub "{account_id}-${{AWS::AccountId}}"}}'
    body = f"Resources: {{Topic: {{Type: AWS::SNS::Topic, Properties: {topic}}}}}\n"
    assert found["StackSet"]["TemplateBody"] == body


def test_the_stacks_of_an_account_share_its_bucket(server: Any, client: Any, tmp_path: Path) -> None:
    account_id = "210000000002"
    for name in ("first", "second"):
        text = f"Resources: {{Topic: {{Type: AWS::SNS::Topic, Properties: {{TopicName: {name}}}}}}}"
        path = write(tmp_path, f"{name}.yaml", text)
        stacks.create_stack(account_id, name, path, {})
    buckets = client("s3", account_id).list_buckets()["Buckets"]
    assert [bucket["Name"] for bucket in buckets] == [f"artifacts-{account_id}-eu-central-1"]


SCHEDULED = """
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {CodeUri: functions, Runtime: provided.al2023, Handler: bootstrap}}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
      Policies:
        - PolicyName: tell
          PolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: sns:Publish, Resource: !Ref Topic}]}
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: scheduled}}
  Function:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: rust-cargolambda, BuildProperties: {Binary: behave}}
    Properties:
      FunctionName: scheduled
      Role: !GetAtt Role.Arn
      Events: {Daily: {Type: Schedule, Properties: {Schedule: "cron(0 6 * * ? *)", Input: "{}"}}}
      EventInvokeConfig:
        MaximumRetryAttempts: 1
        DestinationConfig: {OnFailure: {Type: SNS, Destination: !Ref Topic}}
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmName: scheduled
      Metrics:
        - Id: errors
          ReturnData: false
          MetricStat: {Metric: {Namespace: AWS/Lambda, MetricName: Errors}, Period: "86400", Stat: Sum}
        - {Id: size, Expression: ABS(errors)}
      EvaluationPeriods: 1
      Threshold: 0
      ComparisonOperator: GreaterThanThreshold
"""


def test_a_function_has_its_schedule_and_what_becomes_of_its_failures(
    server: Any, client: Any, tmp_path: Path
) -> None:
    account_id = "210000000006"
    (tmp_path / "functions").mkdir()
    stacks.create_stack(account_id, "scheduled", write(tmp_path, "scheduled.yaml", SCHEDULED), {})
    events, functions = client("events", account_id), client("lambda", account_id)
    arn = functions.get_function_configuration(FunctionName="scheduled")["FunctionArn"]
    [rule] = events.list_rule_names_by_target(TargetArn=arn)["RuleNames"]
    [target] = events.list_targets_by_rule(Rule=rule)["Targets"]
    expression = events.describe_rule(Name=rule)["ScheduleExpression"]
    assert (expression, target["Input"]) == ("cron(0 6 * * ? *)", "{}")
    assert "events.amazonaws.com" in functions.get_policy(FunctionName="scheduled")["Policy"]
    found = functions.get_function_event_invoke_config(FunctionName="scheduled")
    assert found["MaximumRetryAttempts"] == 1
    assert found["DestinationConfig"]["OnFailure"]["Destination"].endswith(":scheduled")
    [alarm] = client("cloudwatch", account_id).describe_alarms()["MetricAlarms"]
    assert [metric["Id"] for metric in alarm["Metrics"]] == ["errors", "size"]
    assert alarm["Metrics"][0]["MetricStat"]["Period"] == 86400
    cloudformation = client("cloudformation", account_id)
    stack_id = cloudformation.describe_stacks(StackName="scheduled")["Stacks"][0]["StackId"]
    cloudformation.delete_stack(StackName="scheduled")
    assert settled(cloudformation, stack_id)["StackStatus"] == "DELETE_COMPLETE"


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("Resources: {A: {Type: AWS::Nothing::Known}}", "Unrecognized resource types"),
        ("Parameters: {Odd: {Type: String}}\nResources: {A: {Type: AWS::SNS::Topic}}", "Odd"),
        (
            "Resources: {A: {Type: AWS::CloudFormation::StackSet, Properties: {TemplateBody: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: no.yaml}}}}}}",
            "no.yaml, which does not exist",
        ),
        (
            "Transform: AWS::Serverless-2016-10-31\n"
            "Resources: {A: {Type: AWS::Serverless::Function, Properties: {CodeUri: x}}}",
            "Metadata.BuildProperties.Binary",
        ),
        (
            "Transform: AWS::Serverless-2016-10-31\n"
            "Resources: {A: {Type: AWS::Serverless::Application, Properties: {Location: no.yaml}}}",
            "no.yaml does not exist",
        ),
        (
            "Transform: AWS::Serverless-2016-10-31\n"
            "Resources: {A: {Type: AWS::Serverless::StateMachine, Properties: {}}}",
            "the SAM template is not valid",
        ),
    ],
)
def test_a_bad_template_says_what_is_wrong(
    server: Any, tmp_path: Path, template: str, words: str
) -> None:
    path = write(tmp_path, "template.yaml", template)
    account_id = str(abs(hash(template)))[:12].rjust(12, "3")
    with pytest.raises(DeploymentError, match=words):
        stacks.create_stack(account_id, "bad", path, {})


def test_binaries_that_nobody_built_are_named() -> None:
    template = sam.parse(APPLICATION.replace("Binary: behave", "Binary: unbuilt"))
    built = sam.parse(APPLICATION)
    assert artifacts.missing_binaries([built, template]) == ["unbuilt"]
    assert artifacts.missing_binaries([built]) == []


def test_secrets_are_not_written_into_the_expanded_template() -> None:
    template = sam.parse(APPLICATION)
    template["Resources"]["Function"]["Properties"]["CodeUri"] = "s3://bucket/code.zip"
    template["Resources"]["Machine"]["Properties"]["DefinitionUri"] = "s3://bucket/machine.json"
    expanded = sam.expand(template, {"ExternalId": "a-secret-value", "Colour": "blue"})
    assert "a-secret-value" not in json.dumps(expanded)
    assert expanded["Resources"]["Function"]["Type"] == "AWS::Lambda::Function"
