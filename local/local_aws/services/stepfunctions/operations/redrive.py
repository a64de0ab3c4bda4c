"""Whether an execution could be started anew where it failed, as descriptions and events tell it.

Nothing is redriven here; moto tells it neither there nor there.
"""

from moto.stepfunctions.parser.api import ExecutionStatus

_REDRIVABLE = (ExecutionStatus.FAILED, ExecutionStatus.ABORTED, ExecutionStatus.TIMED_OUT)


def status(of: ExecutionStatus) -> str:
    """REDRIVABLE for what has ended badly."""
    return "REDRIVABLE" if of in _REDRIVABLE else "NOT_REDRIVABLE"


def reason(of: ExecutionStatus) -> str | None:
    """Why not, in AWS's words; nothing where it can be."""
    return None if of in _REDRIVABLE else f"Execution is {of.value} and cannot be redriven"
