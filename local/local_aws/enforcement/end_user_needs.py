"""What Service Catalog needs of whoever provisions a product: AWS's own policy for its end users says it.

The policy is AWS's, as moto's copy has it; the lock file pins that.
"""

import json
from typing import Any

from local_aws.credentials import PARTITION
from local_aws.enforcement.conditions import as_list
from local_aws.enforcement.needs import ANY, Need
from local_aws.enforcement.policies import statements_of
from local_aws.enforcement.principals import default_document, iam_of
from local_aws.enforcement.reference import resource_kinds

POLICY = f"arn:{PARTITION}:iam::aws:policy/AWSServiceCatalogEndUserFullAccess"
_OF_STACKS = "stack/SC-*"


def statements(account_id: str) -> tuple[dict[str, Any], ...]:
    """The statements of the policy, those with conditions left out: these are for the end user's own calls."""
    found = statements_of(json.loads(default_document(iam_of(account_id).managed_policies[POLICY])))
    return tuple(statement for statement in found if "Condition" not in statement)


def stacks_needs(account_id: str, stack: str) -> list[Need]:
    """Each of its actions: those on stacks on that one, the others on everything."""
    return [
        Need(action, stack if _is_of_stacks(statement) else ANY)
        for statement in statements(account_id)
        for action in as_list(statement["Action"])
        # What a statement on stacks has of StackSets is for products that are StackSets.
        if not _is_of_stacks(statement) or "stack" in resource_kinds(action)
    ]


def _is_of_stacks(statement: dict[str, Any]) -> bool:
    return any(resource.endswith(_OF_STACKS) for resource in as_list(statement["Resource"]))
