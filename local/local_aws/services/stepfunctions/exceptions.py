"""The errors of Step Functions that moto lacks.

moto does not look whether the service can assume a machine's role, takes a name for another machine, and has no code for
what it cannot read.
"""

from moto.core.exceptions import AWSError


class RoleNotAssumable(AWSError):
    """CreateStateMachine with a role that Step Functions may not assume."""

    TYPE = "AccessDeniedException"
    STATUS = 400


class MachineExists(AWSError):
    """CreateStateMachine with the name of another machine."""

    TYPE = "StateMachineAlreadyExists"
    STATUS = 400


class UnreadableDefinition(AWSError):
    """A definition that is none."""

    TYPE = "InvalidDefinition"
    STATUS = 400


class InvalidLoggingConfiguration(AWSError):
    """A log that has no place to go to."""

    TYPE = "InvalidLoggingConfiguration"
    STATUS = 400
