"""The errors of Step Functions that moto lacks.

moto does not look whether the service can assume a machine's role.
"""

from moto.core.exceptions import AWSError


class RoleNotAssumable(AWSError):
    """CreateStateMachine with a role that Step Functions may not assume."""

    TYPE = "AccessDeniedException"
    STATUS = 400
