"""StackSets, their instances and operations as data; everything that happens to them is in the other modules.

Corrects moto's StackSets, whose operations, instances and parameters have no states of their own.
"""

import threading
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.core.utils import utcnow

from local_aws.corrections.cloudformation import parameters, template
from local_aws.credentials import PARTITION

FINAL = ("SUCCEEDED", "FAILED", "STOPPED")
# Guards every StackSet's instances and operations, and wakes operations that wait for others.
changed = threading.Condition(threading.RLock())


@dataclass
class Instance:
    """One account and region of a StackSet."""

    account_id: str
    region: str
    overrides: dict[str, str] = field(default_factory=dict)
    status: str = "OUTDATED"
    detailed_status: str = "PENDING"
    reason: str | None = None
    stack_id: str | None = None
    organizational_unit_id: str | None = None
    last_operation_id: str | None = None

    def set(self, status: str, detailed_status: str, reason: str | None = None) -> None:
        with changed:
            self.status, self.detailed_status, self.reason = status, detailed_status, reason


@dataclass
class Target:
    """What an operation does in one account and region, and how that went."""

    account_id: str
    region: str
    status: str = "PENDING"
    reason: str | None = None
    organizational_unit_id: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        return (self.account_id, self.region)


@dataclass
class Operation:
    """One operation of a StackSet on its targets."""

    operation_id: str
    action: str
    targets: list[Target]
    preferences: dict[str, Any] = field(default_factory=dict)
    overrides: list[dict[str, Any]] | None = None
    retain_stacks: bool = False
    whole_set: bool = False
    status: str = "RUNNING"
    reason: str | None = None
    created_at: datetime = field(default_factory=utcnow)
    ended_at: datetime | None = None

    @property
    def final(self) -> bool:
        return self.status in FINAL

    @property
    def failed_count(self) -> int:
        return sum(target.status == "FAILED" for target in self.targets)

    def conflicts_with(self, other: "Operation") -> bool:
        """Whether both touch the same instances; a change of the whole set touches all."""
        if self.whole_set or other.whole_set:
            return True
        return bool({target.key for target in self.targets} & {target.key for target in other.targets})

    def tolerated_failures(self, targets_per_region: int) -> int:
        """How many accounts per region may fail."""
        if "FailureTolerancePercentage" in self.preferences:
            return targets_per_region * int(self.preferences["FailureTolerancePercentage"]) // 100
        return int(self.preferences.get("FailureToleranceCount") or 0)


@dataclass
class StackSet:
    """A StackSet of an administrator account."""

    name: str
    account_id: str
    region: str
    template: str
    values: dict[str, str]
    capabilities: list[str]
    tags: dict[str, str]
    permission_model: str = "SELF_MANAGED"
    description: str | None = None
    administration_role_arn: str = ""
    execution_role_name: str = ""
    managed_execution: bool = False
    auto_deployment: dict[str, Any] | None = None
    status: str = "ACTIVE"
    unique: str = field(default_factory=lambda: str(uuid.uuid4()))
    instances: dict[tuple[str, str], Instance] = field(default_factory=dict)
    operations: list[Operation] = field(default_factory=list)

    @property
    def id(self) -> str:
        return f"{self.name}:{self.unique}"

    @property
    def arn(self) -> str:
        return f"arn:{PARTITION}:cloudformation:{self.region}:{self.account_id}:stackset/{self.id}"

    @property
    def parsed(self) -> dict[str, Any]:
        return template.parse(self.template)

    @property
    def shown_parameters(self) -> list[dict[str, str]]:
        """All parameters that the template declares, with the set's values or the defaults."""
        parsed = self.parsed
        return parameters.shown(parsed, parameters.with_defaults(parsed, self.values))
