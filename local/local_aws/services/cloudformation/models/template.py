"""Templates: reading them, the order of their resources, and the capabilities that they need.

Corrects moto's reader, which turns `Version: 2012-10-17` into a date and breaks short tags on mappings.
"""

import copy
import functools
import json
import re
from collections.abc import Iterator
from typing import Any

import yaml

from local_aws.services.cloudformation.exceptions import error, validation_error

MAXIMUM_BODY_BYTES = 51_200
MAXIMUM_URL_BYTES = 1_048_576

NAMED_IAM_PROPERTIES = {
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
}
UNNAMED_IAM_TYPES = {"AWS::IAM::Policy", "AWS::IAM::AccessKey", "AWS::IAM::UserToGroupAddition"}
PSEUDO_PARAMETERS = {
    f"AWS::{name}"
    for name in (
        "AccountId", "NotificationARNs", "NoValue", "Partition", "Region", "StackId", "StackName", "URLSuffix",
    )
}  # fmt: skip


class TemplateLoader(yaml.SafeLoader):
    """YAML with CloudFormation's short tags; dates stay text, as CloudFormation keeps them."""


TemplateLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _short_tag(loader: TemplateLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    key = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.SequenceNode):
        return {key: loader.construct_sequence(node, deep=True)}
    if isinstance(node, yaml.MappingNode):
        return {key: loader.construct_mapping(node, deep=True)}
    value: Any = loader.construct_scalar(node)
    return {key: value.split(".", 1) if suffix == "GetAtt" else value}


TemplateLoader.add_multi_constructor("!", _short_tag)


def parse(text: str | dict[str, Any]) -> dict[str, Any]:
    """The template as a dictionary of the caller's own, with the long forms of all functions."""
    return copy.deepcopy(text if isinstance(text, dict) else _parsed(text))


def _with_long_attributes(part: Any) -> Any:
    """`Fn::GetAtt` may be written as one text; moto reads lists only."""
    if isinstance(part, list):
        return [_with_long_attributes(item) for item in part]
    if not isinstance(part, dict):
        return part
    attribute = part.get("Fn::GetAtt")
    if isinstance(attribute, str) and len(part) == 1:
        return {"Fn::GetAtt": attribute.split(".", 1)}
    return {key: _with_long_attributes(value) for key, value in part.items()}


def parse_snippet(text: str) -> dict[str, Any]:
    """A part of a template that another includes."""
    try:
        part = json.loads(text) if text.lstrip().startswith("{") else yaml.load(text, TemplateLoader)
    except json.JSONDecodeError as failure:
        place = f"(line {failure.lineno}, column {failure.colno})"
        raise validation_error(f"Template format error: JSON not well-formed. {place}") from failure
    except (yaml.YAMLError, ValueError) as failure:
        raise validation_error("Template format error: YAML not well-formed.") from failure
    part = _with_long_attributes(part)
    if not isinstance(part, dict):
        raise validation_error("Template format error: unsupported structure.")
    return part


@functools.lru_cache(maxsize=64)
def _parsed(text: str) -> dict[str, Any]:
    template = parse_snippet(text)
    if not isinstance(template.get("Resources"), dict) or not template["Resources"]:
        raise validation_error("Template format error: At least one Resources member must be defined.")
    for logical_id, resource in template["Resources"].items():
        if not isinstance(resource, dict):
            raise validation_error("Template format error: Any Resources member must be an object.")
        if "Type" not in resource:
            raise validation_error(
                f"Template format error: [/Resources/{logical_id}] Every Resources member must contain a Type."
            )
    return template


def references(value: Any) -> Iterator[str]:
    """The names that Ref, GetAtt and Sub mention anywhere below a value."""
    if isinstance(value, list):
        for item in value:
            yield from references(item)
        return
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        if key == "Ref" and isinstance(item, str):
            yield item
        elif key == "Fn::GetAtt":
            yield item[0] if isinstance(item, list) else str(item).split(".", 1)[0]
        elif key == "Fn::Sub":
            yield from _substituted(item)
        else:
            yield from references(item)


def _substituted(argument: Any) -> Iterator[str]:
    text, given = (argument[0], argument[1]) if isinstance(argument, list) else (argument, {})
    yield from references(given)
    for name in re.findall(r"\$\{([^!}][^}]*)\}", text):
        if name not in given:
            yield name.strip().split(".", 1)[0]


def creation_order(template: dict[str, Any]) -> list[str]:
    """Logical ids so that each comes after those it refers to or depends on."""
    resources: dict[str, Any] = template["Resources"]
    known = set(template.get("Parameters") or {}) | PSEUDO_PARAMETERS
    needs: dict[str, set[str]] = {}
    for logical_id, resource in resources.items():
        wanted = set(references(resource.get("Properties")))
        depends_on = resource.get("DependsOn", [])
        wanted |= {depends_on} if isinstance(depends_on, str) else set(depends_on)
        unknown = sorted(wanted - known - set(resources))
        if unknown:
            raise validation_error(
                f"Template format error: Unresolved resource dependencies [{', '.join(unknown)}]"
                " in the Resources block of the template"
            )
        needs[logical_id] = wanted & set(resources)
    order: list[str] = []
    while needs:
        ready = [logical_id for logical_id, wanted in needs.items() if wanted <= set(order)]
        if not ready:
            raise validation_error(f"Circular dependency between resources: [{', '.join(needs)}]")
        for logical_id in ready:
            order.append(logical_id)
            del needs[logical_id]
    return order


def used_parameters(template: dict[str, Any]) -> set[str]:
    """Parameters that resources, outputs or conditions mention: a change of any other changes nothing."""
    mentioned = set(references([template.get(part) for part in ("Resources", "Outputs", "Conditions")]))
    return mentioned & set(template.get("Parameters") or {})


def check_capabilities(template: dict[str, Any], capabilities: list[str]) -> None:
    """Refuses IAM resources and transforms that the caller has not acknowledged."""
    named = unnamed = False
    for resource in template["Resources"].values():
        resource_type = resource["Type"]
        if resource_type in NAMED_IAM_PROPERTIES:
            has_name = NAMED_IAM_PROPERTIES[resource_type] in (resource.get("Properties") or {})
            named, unnamed = named or has_name, unnamed or not has_name
        unnamed = unnamed or resource_type in UNNAMED_IAM_TYPES
    given = set(capabilities)
    if named and "CAPABILITY_NAMED_IAM" not in given:
        raise error("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_NAMED_IAM]")
    if unnamed and not given & {"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"}:
        raise error("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_IAM]")
    if template.get("Transform") and "CAPABILITY_AUTO_EXPAND" not in given:
        raise error("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_AUTO_EXPAND]")
