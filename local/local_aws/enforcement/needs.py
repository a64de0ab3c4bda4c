"""What a call needs: IAM actions, each on a resource and with the condition keys of the request.

The builders of a service take a Scope and the call's parameters.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local_aws.credentials import PARTITION
from local_aws.enforcement.reference import arn_format

ANY = "*"


@dataclass(frozen=True)
class Need:
    """One IAM action on one resource."""

    action: str
    resource: str = ANY
    context: dict[str, str | list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Scope:
    """Where a call is made: the caller's account, the region of the call, and who calls, if that is known."""

    account_id: str
    region: str
    principal: Any = None

    def arn(self, service: str, kind: str, *parts: str, account_id: str | None = None) -> str:
        """The ARN of a resource of this region, and of this account unless another is given.

        `parts` are what else its format in the reference asks for, in that order.
        """
        owner = self.account_id if account_id is None else account_id
        values = {"Partition": PARTITION, "Region": self.region, "Account": owner}
        wanted = arn_format(service, kind)
        own = [name for name in wanted.get_identifiers() if name not in values]
        return wanted.substitute(values, **dict(zip(own, parts, strict=True)))


Parameters = Mapping[str, Any]
Builder = Callable[[Scope, str, Parameters], list[Need]]


def tag_pairs(tags: Any) -> dict[str, str]:
    """Tags in any of AWS's shapes (a list of Key/Value or key/value, or a map) as a dictionary."""
    if isinstance(tags, Mapping):
        return {str(key): str(value) for key, value in tags.items()}
    pairs: dict[str, str] = {}
    for tag in tags or []:
        if isinstance(tag, Mapping):
            key = tag.get("Key", tag.get("key"))
            pairs[str(key)] = str(tag.get("Value", tag.get("value", "")))
    return pairs


def tag_context(parameters: Parameters) -> dict[str, str | list[str]]:
    """aws:TagKeys and aws:RequestTag of a call that sets or removes tags."""
    pairs = tag_pairs(parameters.get("Tags") or parameters.get("tags"))
    keys = list(pairs) or list(parameters.get("TagKeys") or parameters.get("tagKeys") or [])
    context: dict[str, str | list[str]] = {f"aws:RequestTag/{key}": value for key, value in pairs.items()}
    if keys:
        context["aws:TagKeys"] = [str(key) for key in keys]
    return context


def resource_tag_context(tags: Any) -> dict[str, str | list[str]]:
    """aws:ResourceTag of the resource that a call acts on."""
    return {f"aws:ResourceTag/{key}": value for key, value in tag_pairs(tags).items()}


def pass_role(role_arn: Any, service: str) -> list[Need]:
    """Handing a role to a service needs iam:PassRole on it."""
    if not role_arn:
        return []
    return [Need("iam:PassRole", str(role_arn), {"iam:PassedToService": service})]
