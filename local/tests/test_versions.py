"""Versions of functions: code and configuration that stay, for whoever names them; and what CloudFormation makes of them.

Facts of Lambda's developer guide ("Manage Lambda function versions"), of the reference of PublishVersion and DeleteFunction,
and of CloudFormation's AWS::Lambda::Version.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloudformation_support import write

from local_aws.deploy import stacks
from local_aws.deploy.problems import DeploymentError

ACCOUNT = "210000000077"
APPLICATION = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Colour: {Type: String, Default: red}
  Tag: {Type: String, Default: one}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: [lambda.amazonaws.com, states.amazonaws.com]}, Action: sts:AssumeRole}]
  Settings:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      DefinitionString: '{"StartAt": "S", "States": {"S": {"Type": "Succeed", "Comment": "${Settings}"}}}'
      DefinitionSubstitutions: {Settings: !Ref Colour}
  Function:
    Type: AWS::Serverless::Function
    UpdateReplacePolicy: Retain
    Metadata: {BuildMethod: rust-cargolambda, BuildProperties: {Binary: behave}}
    Properties:
      FunctionName: NAME
      CodeUri: functions
      Runtime: provided.al2023
      Handler: bootstrap
      Role: !GetAtt Role.Arn
      AutoPublishAlias: deployed
      AutoPublishAliasAllProperties: true
      VersionDescription: !GetAtt Settings.StateMachineRevisionId
      Environment: {Variables: {COLOUR: !Ref Colour, MEMORY: "MIB", PATH: "SEARCH"}}
      Tags: {tag: !Ref Tag}
Outputs:
  Version: {Value: !Ref Function.Version}
  Number: {Value: !GetAtt Function.Version.Version}
  Alias: {Value: !Ref Function.Alias}
"""


def seen(client: Any, name: str) -> tuple[str, str, str]:
    """What a function sees of itself: a variable, its version, the ARN by which it was called."""
    answer = json.loads(client.invoke(FunctionName=name, Payload=b'{"do": "describe"}')["Payload"].read())
    return answer["environment"]["COLOUR"], answer["environment"]["AWS_LAMBDA_FUNCTION_VERSION"], answer["arn"]


def numbers_of(client: Any, name: str) -> list[str]:
    """All versions that there are."""
    pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=name)
    return [one["Version"] for page in pages for one in page["Versions"]]


@pytest.fixture
def versioned(function: Callable[..., Any], search_path: str) -> tuple[str, Any, Callable[[str], None]]:
    """A function, a client, and what paints it."""
    name, client = function(environment={"COLOUR": "red"})

    def paint(colour: str) -> None:
        client.update_function_configuration(
            FunctionName=name, Environment={"Variables": {"COLOUR": colour, "PATH": search_path}}
        )

    return name, client, paint


def test_a_version_keeps_its_configuration_while_latest_moves_on(versioned: Any) -> None:
    name, client, paint = versioned
    first = client.publish_version(FunctionName=name)
    assert (first["Version"], first["FunctionArn"].rsplit(":", 2)[1:]) == ("1", [name, "1"])
    paint("blue")
    assert seen(client, first["FunctionArn"])[:2] == ("red", "1")
    assert seen(client, name)[:2] == ("blue", "$LATEST")
    assert seen(client, f"{name}:1")[2] == first["FunctionArn"]
    second = client.publish_version(FunctionName=name)
    assert seen(client, second["FunctionArn"])[:2] == ("blue", "2")
    assert seen(client, first["FunctionArn"])[:2] == ("red", "1")


def test_nothing_is_published_where_nothing_has_changed_since_the_last_version(versioned: Any) -> None:
    name, client, paint = versioned
    numbers = [client.publish_version(FunctionName=name)["Version"] for _ in range(2)]
    paint("red")
    numbers.append(client.publish_version(FunctionName=name)["Version"])
    paint("blue")
    numbers.append(client.publish_version(FunctionName=name)["Version"])
    # Back to what the first version was is a change, too.
    paint("red")
    numbers.append(client.publish_version(FunctionName=name)["Version"])
    assert numbers == ["1", "1", "1", "2", "3"]


def test_a_number_is_never_used_twice_and_a_deleted_version_is_not_found(versioned: Any) -> None:
    name, client, paint = versioned
    arn = client.publish_version(FunctionName=name)["FunctionArn"]
    client.delete_function(FunctionName=arn)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        client.invoke(FunctionName=arn)
    paint("blue")
    assert client.publish_version(FunctionName=name)["Version"] == "2"
    client.delete_function(FunctionName=name)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        client.invoke(FunctionName=f"{name}:2")


def test_a_version_that_an_alias_names_stays(versioned: Any) -> None:
    name, client, paint = versioned
    for colour in ("red", "blue"):
        paint(colour)
        client.publish_version(FunctionName=name)
    client.create_alias(FunctionName=name, Name="deployed", FunctionVersion="1")
    for version in ({"FunctionName": name, "Qualifier": "1"}, {"FunctionName": f"{name}:1"}):
        with pytest.raises(ClientError) as refused:
            client.delete_function(**version)
        assert refused.value.response["Error"] == {
            "Code": "ResourceConflictException",
            "Message": "Unable to delete version because the following aliases reference it: [deployed]",
        }
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409
    client.delete_function(FunctionName=name, Qualifier="2")
    # It is not there any more, which is what was asked for.
    client.delete_function(FunctionName=name, Qualifier="2")
    assert numbers_of(client, name) == ["$LATEST", "1"]
    client.delete_alias(FunctionName=name, Name="deployed")
    client.delete_function(FunctionName=name, Qualifier="1")
    assert numbers_of(client, name) == ["$LATEST"]


def test_lists_come_in_pages_of_fifty(versioned: Any) -> None:
    name, client, paint = versioned
    for number in range(51):
        paint(str(number))
        client.publish_version(FunctionName=name)
    first = client.list_versions_by_function(FunctionName=name, MaxItems=1000)
    assert len(first["Versions"]) == 50
    second = client.list_versions_by_function(FunctionName=name, Marker=first["NextMarker"])
    assert [one["Version"] for one in second["Versions"]] == ["50", "51"] and "NextMarker" not in second
    assert len(client.list_functions(MaxItems=1)["Functions"]) == 1
    assert numbers_of(client, name) == ["$LATEST", *map(str, range(1, 52))]
    with pytest.raises(ClientError, match="InvalidParameterValueException"):
        client.list_versions_by_function(FunctionName=name, Marker="elsewhere")


def test_the_right_to_invoke_a_function_is_none_to_invoke_its_versions(
    client: Any, server: Any, versioned: Any, service_role: Any
) -> None:
    name, own, _ = versioned
    arn = own.publish_version(FunctionName=name)["FunctionArn"]
    function = arn.rsplit(":", 1)[0]
    statements = [{"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": function}]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    trust = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": function.split(":")[4]}, "Action": "sts:AssumeRole"}]})  # fmt: skip
    role = service_role(f"{name}-caller", policy=policy, trust=trust)
    keys = client("sts").assume_role(RoleArn=role, RoleSessionName="caller")["Credentials"]
    caller = client("lambda", credentials=keys)
    caller.invoke(FunctionName=function)
    with pytest.raises(ClientError, match="not authorized to perform: lambda:InvokeFunction on resource: .*:1 "):
        caller.invoke(FunctionName=arn)


@pytest.fixture
def deploy(tmp_path: Path, search_path: str, request: pytest.FixtureRequest, server: Any) -> Callable[..., dict[str, str]]:
    """Deploys the application, with other parameters or another text; answers its outputs."""
    (tmp_path / "functions").mkdir()
    name = request.node.name.replace("_", "-")[-40:]
    made = []

    def run(memory: str = "128", **changed: str) -> dict[str, str]:
        text = APPLICATION.replace("NAME", name).replace("MIB", memory).replace("SEARCH", search_path)
        path = write(tmp_path, "template.yaml", text)
        if made:
            return stacks.update_stack(ACCOUNT, name, path, changed)
        made.append(name)
        return stacks.create_stack(ACCOUNT, name, path, changed)

    return run


def test_another_value_of_a_parameter_is_another_version_and_the_old_one_stays(client: Any, deploy: Any) -> None:
    functions = client("lambda", ACCOUNT)
    first = deploy()
    second = deploy(Colour="blue")
    assert [one["Number"] for one in (first, second)] == ["1", "2"]
    assert seen(functions, first["Version"])[:2] == ("red", "1")
    assert seen(functions, second["Version"])[:2] == ("blue", "2")
    assert seen(functions, second["Alias"])[:2] == ("blue", "2")


def test_another_template_is_another_version_and_back_to_the_first_is_a_third(client: Any, deploy: Any) -> None:
    functions = client("lambda", ACCOUNT)
    made = [deploy(), deploy(memory="256"), deploy()]
    assert [one["Number"] for one in made] == ["1", "2", "3"]
    assert [seen(functions, one["Version"])[1] for one in made] == ["1", "2", "3"]


def test_a_version_of_what_was_published_already_is_refused(client: Any, deploy: Any) -> None:
    first = deploy()
    # What a failed deployment leaves behind when it is rolled back: the newest version is what is about to be deployed.
    name = first["Version"].split(":")[6]
    functions = client("lambda", ACCOUNT)
    variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": {**variables, "MEMORY": "256"}})
    left = functions.publish_version(FunctionName=name)["FunctionArn"]
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
    with pytest.raises(DeploymentError, match=r"A version for this Lambda function exists \( 2 \)"):
        deploy(memory="256")
    functions.delete_function(FunctionName=left)
    assert deploy(memory="256")["Number"] == "3"
