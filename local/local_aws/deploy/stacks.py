"""Creates or updates one stack of a template file, as `sam deploy` or `aws cloudformation deploy` would.

A stack that fails shows the reasons of its resources.
"""

import copy
import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import ClientError

from local_aws.deploy import artifacts, included, sam
from local_aws.deploy.accounts import root_client, wait_for
from local_aws.deploy.artifacts import ArtifactBucket
from local_aws.deploy.problems import DeploymentError

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
MAXIMUM_BODY_BYTES = 51_200


def read_template(path: Path) -> dict[str, Any]:
    """The template of a file; raises DeploymentError when there is none."""
    if not path.is_file():
        raise DeploymentError(f"the template {path} does not exist")
    return copy.deepcopy(_parsed(path.read_text(encoding="utf-8")))


@functools.cache
def _parsed(text: str) -> dict[str, Any]:
    return sam.parse(text)


def with_nested(path: Path) -> Iterator[dict[str, Any]]:
    """The template of a file, then those of the applications in it, and in these."""
    template = included.include(read_template(path), path.parent)
    yield template
    for location in artifacts.applications(template).values():
        yield from with_nested(path.parent / location)


def parameter_values(template: dict[str, Any], known: dict[str, str], path: Path) -> dict[str, str]:
    """The values for those parameters that the template declares; defaults stay where nothing is known."""
    declared = template.get("Parameters") or {}
    missing = [
        name
        for name, definition in declared.items()
        if name not in known and "Default" not in definition
    ]
    if missing:
        raise DeploymentError(
            f"{path.name} wants parameters that the local deployment does not know: {', '.join(missing)}"
        )
    return {name: known[name] for name in declared if name in known}


def create_stack(account_id: str, name: str, path: Path, known: dict[str, str]) -> dict[str, str]:
    """Creates the stack, waits for it and answers its outputs."""
    return _deploy("create", account_id, name, path, parameter_values(read_template(path), known, path))


def update_stack(account_id: str, name: str, path: Path, changed: dict[str, str]) -> dict[str, str]:
    """Brings the stack to what the file says now; parameters that are not named keep their values.

    For templates without NoEcho: what nobody is shown cannot be sent again.
    """
    cloudformation = root_client("cloudformation", account_id)
    before = cloudformation.describe_stacks(StackName=name)["Stacks"][0].get("Parameters") or []
    values = {one["ParameterKey"]: one["ParameterValue"] for one in before}
    return _deploy("update", account_id, name, path, {**values, **changed})


def _deploy(verb: str, account_id: str, name: str, path: Path, values: dict[str, str]) -> dict[str, str]:
    bucket = ArtifactBucket(account_id)
    body = json.dumps(sam.expand(_packaged(path, bucket), values), default=str)
    source = {"TemplateBody": body}
    if len(body.encode()) > MAXIMUM_BODY_BYTES:
        bucket.upload(f"{name}.json", body.encode())
        source = {"TemplateURL": bucket.url(f"{name}.json")}
    cloudformation = root_client("cloudformation", account_id)
    parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]
    try:
        call = cloudformation.create_stack if verb == "create" else cloudformation.update_stack
        call(StackName=name, Capabilities=CAPABILITIES, Parameters=parameters, **source)
    except ClientError as error:
        raise DeploymentError(f"{path.name} was refused: {error}") from error
    stack = wait_for(f"the stack {name}", lambda: _finished(cloudformation, name))
    if stack["StackStatus"] != f"{verb.upper()}_COMPLETE":
        reasons = "; ".join(_reasons(cloudformation, stack["StackId"]))
        raise DeploymentError(f"the stack of {path.name} ended as {stack['StackStatus']}: {reasons}")
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs") or []}


def _packaged(path: Path, bucket: ArtifactBucket) -> dict[str, Any]:
    """The template with the addresses of what it refers to, applications within it packaged and uploaded, too."""
    template = included.include(read_template(path), path.parent)
    artifacts.package(template, path.parent, bucket)
    for logical_id, location in artifacts.applications(template).items():
        nested = _packaged(path.parent / location, bucket)
        key = f"{Path(location).stem}.json"
        bucket.upload(key, json.dumps(nested, default=str).encode())
        template["Resources"][logical_id]["Properties"]["Location"] = bucket.url(key)
    return template


def _finished(cloudformation: BaseClient, name: str) -> dict[str, Any] | None:
    stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    return None if stack["StackStatus"].endswith("_IN_PROGRESS") else dict(stack)


def _reasons(cloudformation: BaseClient, stack_id: str) -> list[str]:
    events = cloudformation.describe_stack_events(StackName=stack_id)["StackEvents"]
    return [
        f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
        for event in reversed(events)
        if event.get("ResourceStatusReason")
    ]


def physical_id(account_id: str, stack_name: str, logical_id: str) -> str:
    """The physical id of a stack's resource."""
    answer = root_client("cloudformation", account_id).describe_stack_resource(
        StackName=stack_name, LogicalResourceId=logical_id
    )
    return str(answer["StackResourceDetail"]["PhysicalResourceId"])
