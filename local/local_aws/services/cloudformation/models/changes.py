"""What another template, other parameters or other tags would change in a stack.

moto lists what is added, and never finds that there is nothing to do.
"""

from typing import Any

from moto.cloudformation import parsing

from local_aws.services.cloudformation.models import template
from local_aws.services.cloudformation.models.stack import ManagedStack

NOTHING = "The submitted information didn't contain changes. Submit different information to create a change set."


def changes_something(stack: Any, text: Any, values: dict[str, str], tags: dict[str, str]) -> bool:
    """Whether an update has anything to do; parameters that nothing uses do not count, as on AWS."""
    new, old = template.parse(text), template.parse(stack.template)
    if new != old or tags != stack.tags:
        return True
    return any(values.get(key) != stack.parameters.get(key) for key in template.used_parameters(new))


def listed(stack: Any, text: str, values: dict[str, str]) -> list[dict[str, Any]]:
    """Each resource that would be made, changed or deleted, as DescribeChangeSet tells it."""
    # Never made: only to know which conditions hold.
    wanted = ManagedStack(stack.backend, stack.name, text, values)
    new = wanted.template_dict["Resources"]
    there = {logical_id: record for logical_id, record in stack.records.items() if record.exists}
    changes = []
    for logical_id in template.creation_order(wanted.template_dict):
        if not wanted.resources.wanted(logical_id):
            continue
        if logical_id not in there:
            changes.append(_change("Add", logical_id, new[logical_id]["Type"]))
        elif _differs(stack, wanted, logical_id):
            replaced = str(_is_replaced(stack, wanted, logical_id))
            physical_id = there[logical_id].physical_id
            changes.append(_change("Modify", logical_id, new[logical_id]["Type"], physical_id, Replacement=replaced))
    for logical_id, record in there.items():
        if logical_id not in new or not wanted.resources.wanted(logical_id):
            changes.append(_change("Remove", logical_id, record.resource_type, record.physical_id))
    return changes


def _change(action: str, logical_id: str, kind: str, physical_id: str | None = None, **more: str) -> dict[str, Any]:
    found = {"Action": action, "LogicalResourceId": logical_id, "ResourceType": kind, "Scope": [], "Details": []}
    if physical_id:
        found["PhysicalResourceId"] = physical_id
    return {"Type": "Resource", "ResourceChange": {**found, **more}}


def _differs(stack: Any, wanted: ManagedStack, logical_id: str) -> bool:
    new, old = (one.template_dict["Resources"].get(logical_id) for one in (wanted, stack))
    changed = {key for key, value in wanted.parameters.items() if stack.parameters.get(key) != value}
    return new != old or bool(set(template.references(new)) & changed)


def _is_replaced(stack: Any, wanted: ManagedStack, logical_id: str) -> bool:
    """Whether type or name differ: then CloudFormation makes another resource."""
    new, old = (one.template_dict["Resources"].get(logical_id) or {} for one in (wanted, stack))
    key = parsing.resource_name_property_from_type(new["Type"])
    names = [(one.get("Properties") or {}).get(key) for one in (new, old)]
    return bool(new.get("Type") != old.get("Type") or names[0] != names[1])
