"""Templates and waits for the tests of CloudFormation.

Every test works in an account of its own, so that names never meet.
"""

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from waiting import eventually

_numbers = itertools.count(1)
FINAL_OPERATIONS = ("SUCCEEDED", "FAILED", "STOPPED")
NAMED = ["CAPABILITY_NAMED_IAM"]


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def new_account() -> str:
    return f"7{next(_numbers):011d}"


def trust(**principal: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def policy(*actions: str, resource: str | list[str] = "*") -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement]}


def role(name: Any = "made", action: Any = "s3:GetObject", **properties: Any) -> dict[str, Any]:
    """A role with one inline policy, as a resource."""
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": name,
            "AssumeRolePolicyDocument": trust(Service="lambda.amazonaws.com"),
            "Policies": [{"PolicyName": "inline", "PolicyDocument": policy(action)}],
            **properties,
        },
    }


def template(parameters: dict[str, Any] | None = None, outputs: dict[str, Any] | None = None, **resources: Any) -> str:
    document = {"Parameters": parameters or {}, "Resources": resources, "Outputs": outputs or {}}
    return json.dumps(document)


def settled(cloudformation: Any, stack: str) -> dict[str, Any]:
    """The stack when its operation has ended."""

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
        return None if found["StackStatus"].endswith("_IN_PROGRESS") else found

    return eventually(look)  # type: ignore[no-any-return]


def ended(cloudformation: Any, stack_set: str, operation_id: str) -> dict[str, Any]:
    """The operation of a StackSet when it has ended."""

    def look() -> dict[str, Any] | None:
        answer = cloudformation.describe_stack_set_operation(StackSetName=stack_set, OperationId=operation_id)
        operation: dict[str, Any] = answer["StackSetOperation"]
        return operation if operation["Status"] in FINAL_OPERATIONS else None

    return eventually(look)  # type: ignore[no-any-return]


def parameters(**values: str) -> list[dict[str, str]]:
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]


def limited(client: Callable[..., Any], account_id: str, *actions: str, name: str = "limited") -> dict[str, str]:
    """A session of a role of the account that may do these actions only."""
    iam = client("iam", account_id)
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust(AWS=account_id)))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=json.dumps(policy(*actions)))
    assumed = client("sts", account_id).assume_role(RoleArn=arn, RoleSessionName="somebody")
    credentials: dict[str, str] = assumed["Credentials"]
    return credentials
