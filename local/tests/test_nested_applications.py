"""An application within a template, whose template lies beside the outer one's.

It is deployed with its own code and the outer one's values, or not at all where its condition does not hold.
"""

from pathlib import Path
from typing import Any

from cloudformation_support import write

from local_aws.deploy import stacks

OUTER = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Colour: {Type: String, Default: red}
  Names: {Type: CommaDelimitedList, Default: "one,two"}
  With: {Type: String, Default: "true"}
Conditions: {IsWanted: !Equals [!Ref With, "true"]}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: outer-role
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
  Inner:
    Type: AWS::Serverless::Application
    Condition: IsWanted
    Properties:
      Location: templates/inner.yaml
      Parameters: {Colour: !Ref Colour, Names: !Join [",", !Ref Names], Role: !GetAtt Role.Arn}
  Topic:
    Type: AWS::SNS::Topic
    Condition: IsWanted
    Properties: {TopicName: !GetAtt Inner.Outputs.Name}
Outputs:
  Arn: {Condition: IsWanted, Value: !GetAtt Inner.Outputs.Arn}
"""
NESTED = """
Transform: AWS::Serverless-2016-10-31
Parameters: {Colour: {Type: String, Default: green}, Names: {Type: CommaDelimitedList}, Role: {Type: String}}
Globals: {Function: {CodeUri: ../functions, Runtime: provided.al2023, Handler: bootstrap, Timeout: 7}}
Resources:
  Function:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: rust-cargolambda, BuildProperties: {Binary: behave}}
    Properties:
      FunctionName: !Sub nested-${Colour}
      Role: !Ref Role
      Environment: {Variables: {NAMES: !Join ["+", !Ref Names]}}
Outputs:
  Arn: {Value: !GetAtt Function.Arn}
  Name: {Value: !Ref Function}
"""


def write_nested(folder: Path) -> Path:
    (folder / "functions").mkdir()
    write(folder, "templates/inner.yaml", NESTED)
    return write(folder, "outer.yaml", OUTER)


def test_an_application_within_a_template_is_deployed_with_its_own_code_and_the_outer_ones_values(
    server: Any, client: Any, tmp_path: Path
) -> None:
    account_id = "210000000004"
    path = write_nested(tmp_path)
    outputs = stacks.create_stack(account_id, "outer", path, {"Colour": "blue"})
    found = client("lambda", account_id).get_function_configuration(FunctionName="nested-blue")
    assert found["FunctionArn"] == outputs["Arn"]
    assert (found["Timeout"], found["Environment"]["Variables"]["NAMES"]) == (7, "one+two")
    assert found["Role"].endswith(":role/outer-role")
    topics = client("sns", account_id).list_topics()["Topics"]
    assert [topic["TopicArn"].split(":")[-1] for topic in topics] == ["nested-blue"]
    cloudformation = client("cloudformation", account_id)
    nested_id = stacks.physical_id(account_id, "outer", "Inner")
    assert cloudformation.describe_stacks(StackName=nested_id)["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"
    assert [len(template["Resources"]) for template in stacks.with_nested(path)] == [3, 1]


def test_an_application_whose_condition_does_not_hold_is_not_deployed(
    server: Any, client: Any, tmp_path: Path
) -> None:
    account_id = "210000000005"
    assert stacks.create_stack(account_id, "outer", write_nested(tmp_path), {"With": "false"}) == {}
    assert client("lambda", account_id).list_functions()["Functions"] == []


def test_an_application_is_updated_in_its_place(server: Any, client: Any, tmp_path: Path) -> None:
    account_id = "210000000066"
    path = write_nested(tmp_path)
    stacks.create_stack(account_id, "outer", path, {})
    nested_id = stacks.physical_id(account_id, "outer", "Inner")
    functions = client("lambda", account_id)
    functions.publish_version(FunctionName="nested-red")
    stacks.update_stack(account_id, "outer", path, {"Names": "three"})
    found = functions.get_function_configuration(FunctionName="nested-red")
    assert found["Environment"]["Variables"]["NAMES"] == "three"
    # Another function of this name would have no version.
    assert len(functions.list_versions_by_function(FunctionName="nested-red")["Versions"]) == 2
    assert stacks.physical_id(account_id, "outer", "Inner") == nested_id
    cloudformation = client("cloudformation", account_id)
    assert cloudformation.describe_stacks(StackName=nested_id)["Stacks"][0]["StackStatus"] == "UPDATE_COMPLETE"
