"""A change set: what a stack is to become, and what that would change.

Corrects moto, whose change sets are complete at once and know nothing of rights and refusals.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.core.utils import utcnow

from local_aws.services.cloudformation.models import template
from local_aws.services.cloudformation.models.stack import ManagedStack

# What a stack has that was only made to be looked at: no template yet, and nothing in it.
PLACEHOLDER = '{"Resources": {"Placeholder": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}}'


@dataclass
class ChangeSet:
    """What was submitted, and what became of it."""

    name: str
    kind: str
    stack: ManagedStack
    text: str
    values: dict[str, str]
    tags: dict[str, str]
    capabilities: list[str]
    role_arn: str | None = None
    notification_arns: list[str] = field(default_factory=list)
    description: str | None = None
    change_set_id: str = ""
    status: str = "CREATE_PENDING"
    reason: str | None = None
    execution_status: str = "UNAVAILABLE"
    processed: str = ""
    changes: list[dict[str, Any]] = field(default_factory=list)
    created: datetime = field(default_factory=utcnow)

    def __post_init__(self) -> None:
        place = self.stack.stack_id.split(":stack/", 1)[0]
        self.change_set_id = f"{place}:changeSet/{self.name}/{uuid.uuid4()}"

    @property
    def parsed(self) -> dict[str, Any]:
        """The template as it was submitted."""
        return template.parse(self.text)

    def complete(self, processed: str, changes: list[dict[str, Any]]) -> None:
        """It can be executed now."""
        self.processed, self.changes = processed, changes
        self.status, self.execution_status = "CREATE_COMPLETE", "AVAILABLE"

    def fail(self, reason: str) -> None:
        """It never can be."""
        self.status, self.reason = "FAILED", reason


def outdate(backend: Any, stack: Any) -> None:
    """What could be executed cannot be any more: the stack was updated (CloudFormation API reference, DescribeChangeSet)."""
    for found in all_of(backend, stack):
        if found.execution_status == "AVAILABLE":
            found.execution_status = "OBSOLETE"


def all_of(backend: Any, stack: Any) -> list[ChangeSet]:
    """The change sets of a stack."""
    return [found for found in list(backend.change_sets.values()) if found.stack is stack]


def find(backend: Any, name_or_id: str, stack: Any) -> ChangeSet | None:
    """By its id, or by its name among those of a stack."""
    if name_or_id in backend.change_sets:
        found: ChangeSet = backend.change_sets[name_or_id]
        return found
    return next((one for one in all_of(backend, stack) if one.name == name_or_id), None)
