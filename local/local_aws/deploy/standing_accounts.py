"""The three standing accounts, before the AVM itself: meshcloud, management, automation, in this order.

The order is that of docs/DEPLOY.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from local_aws import paths
from local_aws.address import REGION
from local_aws.credentials import PARTITION
from local_aws.deploy import stacks
from local_aws.deploy.accounts import Accounts


@dataclass(frozen=True)
class StandingStack:
    """The stack of one standing account."""

    account: str
    account_id: str
    name: str
    template: Path


def optional_parts(accounts: Accounts) -> dict[str, str]:
    """What a deployment may switch on besides; everything else has the defaults of the templates."""
    topic = f"arn:{PARTITION}:sns:{REGION}:{accounts.automation}:avm-failures"
    return {"Metering": "true", "ControlTowerEnrollment": "true", "CostAnomalyTopicArn": topic, "BudgetTopic": "true"}


def standing_stacks(accounts: Accounts, repository: Path = paths.REPOSITORY) -> list[StandingStack]:
    """The three stacks in the order in which they are deployed."""
    templates = repository / "templates"
    return [
        StandingStack("meshcloud", accounts.meshcloud, "avm-meshcloud", templates / "meshcloud.yaml"),
        StandingStack(
            "management", accounts.management, "avm-management", templates / "management.yaml"
        ),
        StandingStack(
            "automation", accounts.automation, "avm-automation", templates / "automation.yaml"
        ),
    ]


def deploy_standing_accounts(
    accounts: Accounts, known: dict[str, str], repository: Path = paths.REPOSITORY
) -> Iterator[tuple[StandingStack, dict[str, str]]]:
    """Deploys one stack after the other; yields each with its outputs."""
    for stack in standing_stacks(accounts, repository):
        yield stack, stacks.create_stack(stack.account_id, stack.name, stack.template, known)
