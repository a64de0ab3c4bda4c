"""No update of a stack replaces or deletes what holds state: each such resource is pinned with all that would do so.

What makes another resource of one is in the registry's schemas (`createOnlyProperties`), which cfn-lint ships. Who changes a line
of stateful_resources.yaml says there why nothing is lost.
"""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from local_aws import paths
from local_aws.deploy import sam

PINNED = Path(__file__).parent / "stateful_resources.yaml"
TEMPLATES = [paths.REPOSITORY / "template.yaml", *sorted(paths.REPOSITORY.glob("templates/*.yaml"))]
# The text of a StackSet: what is in it is in vended accounts, where the StackSet updates it.
INCLUDED = "landing-zone-stackset.yaml"

# What SAM makes of its types, and what it calls their properties.
SERVERLESS = {
    "AWS::Serverless::Function": ("AWS::Lambda::Function", {}),
    "AWS::Serverless::StateMachine": (
        "AWS::StepFunctions::StateMachine",
        {"StateMachineName": "Name", "StateMachineType": "Type"},
    ),
    "AWS::Serverless::Application": ("AWS::CloudFormation::Stack", {}),
}
# What is lost with one of them, or with its name.
STATEFUL = {
    "AWS::CE::AnomalyMonitor": "what it has learned",
    "AWS::CloudFormation::StackSet": "its instances in all accounts",
    "AWS::IAM::ManagedPolicy": "the boundary of roles that are not of its stack",
    "AWS::IAM::Role": "its unique id, by which trusts know it",
    "AWS::IAM::User": "its keys",
    "AWS::Logs::LogGroup": "the logs",
    "AWS::S3::Bucket": "the reports",
    "AWS::SNS::Topic": "its subscriptions",
    "AWS::SSM::Parameter": "its history",
    "AWS::SecretsManager::Secret": "the ExternalId that all trusts ask for",
    "AWS::Serverless::Application": "everything within it",
    "AWS::Serverless::Function": "the versions of vends that run; its name, which callers know",
    "AWS::Serverless::StateMachine": "its executions, which are the memory of vends",
}
# They are made again as they were.
STATELESS = {
    "AWS::CE::AnomalySubscription",
    "AWS::CloudWatch::Alarm",
    "AWS::Events::Rule",
    "AWS::IAM::Policy",
    "AWS::Organizations::Policy",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::Scheduler::Schedule",
    "AWS::ServiceCatalog::PortfolioPrincipalAssociation",
}
# What nobody can make again stays where its stack goes.
IRREPLACEABLE = {"AWS::CloudFormation::StackSet", "AWS::S3::Bucket", "AWS::SecretsManager::Secret"}
ATTRIBUTES = ("Type", "Condition", "DeletionPolicy", "UpdateReplacePolicy")


def create_only(resource_type: str) -> list[str]:
    """The properties whose change makes another resource, as a template of ours has them."""
    of_registry, names = SERVERLESS.get(resource_type, (resource_type, {}))
    # In the one region in which every type is known.
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", of_registry).schema
    pointers = schema.get("createOnlyProperties") or []
    found = [pointer.removeprefix("/properties/").split("/")[0] for pointer in pointers]
    return sorted({names.get(name, name) for name in found})


def pinned_form(resource: dict[str, Any]) -> dict[str, str]:
    """All of a resource whose change would replace or delete it."""
    properties = resource.get("Properties") or {}
    kept = {name: resource[name] for name in ATTRIBUTES if name in resource}
    kept |= {name: properties[name] for name in create_only(resource["Type"]) if name in properties}
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in kept.items()}


def templates() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in TEMPLATES:
        if path.name != INCLUDED:
            yield str(path.relative_to(paths.REPOSITORY)), sam.parse(path.read_text(encoding="utf-8"))


def stateful(resources: dict[str, Any]) -> dict[str, dict[str, str]]:
    return {name: pinned_form(one) for name, one in sorted(resources.items()) if one["Type"] in STATEFUL}


def found_and_pinned() -> tuple[dict[str, Any], dict[str, Any]]:
    found = {path: stateful(template["Resources"]) for path, template in templates()}
    pinned = yaml.safe_load(PINNED.read_text(encoding="utf-8"))
    return {path: resources for path, resources in found.items() if resources}, pinned


def test_what_holds_state_is_as_it_was() -> None:
    found, pinned = found_and_pinned()
    assert found == pinned, "an update would replace or delete what holds state: see the module's first lines"


def test_every_type_is_known_to_hold_state_or_to_hold_none() -> None:
    used = {resource["Type"] for _, template in templates() for resource in template["Resources"].values()}
    assert used == set(STATEFUL) | STATELESS


def test_what_nobody_can_make_again_is_retained() -> None:
    found, _ = found_and_pinned()
    for resources in found.values():
        for name, resource in resources.items():
            if resource["Type"] in IRREPLACEABLE:
                assert resource.get("DeletionPolicy") == "Retain", name


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("VendAccount", {"Properties": {"Name": "avm-vends"}}),
        ("VendAccount", {"Condition": "HasMetering"}),
        ("FailureTopic", {"Properties": {"TopicName": "avm-notices"}}),
        ("FunctionsLogGroup", {"Properties": {"LogGroupName": "/aws/lambda/machine"}}),
        ("AVMEnrollFunctionRole", {"Properties": {"Path": "/avm/"}}),
        ("CreateAccount", {"UpdateReplacePolicy": "Delete"}),
    ],
)
def test_what_would_replace_or_delete_one_is_seen(name: str, change: dict[str, Any]) -> None:
    _, template = next(templates())
    before = stateful(template["Resources"])
    changed = copy.deepcopy(template["Resources"])
    changed[name] |= {**change, "Properties": {**changed[name]["Properties"], **change.get("Properties", {})}}
    assert {one for one, form in stateful(changed).items() if form != before[one]} == {name}
    changed[f"Other{name}"] = changed.pop(name)
    assert set(stateful(changed)) != set(before)
