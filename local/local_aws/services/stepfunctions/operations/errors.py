"""Names of errors: what leaves a branch or an iteration keeps its name, and what States.ALL catches.

moto breaks on names of AWS's own that leave a branch (they become States.Runtime); its States.ALL catches everything. Sources: LocalStack,
stepfunctions/v2/error_handling/test_states_errors, stepfunctions/v2/states_variables/test_error_output and
stepfunctions/v2/timeouts/test_timeouts, recorded on AWS; Step Functions Developer Guide, "Handling errors in Step Functions workflows".
"""

from typing import Any

from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import (
    ILLEGAL_CUSTOM_ERROR_PREFIX,
    CustomErrorName,
)
from moto.stepfunctions.parser.asl.component.common.error_name.error_equals_decl import (
    ErrorEqualsDecl,
)
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import (
    StatesErrorName,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration import iteration_worker
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel import branches_decl
from moto.stepfunctions.parser.asl.eval.environment import Environment

from local_aws.patches import patch, replace

_STATES_ALL = StatesErrorName(typ=StatesErrorNameType.StatesALL)
_TOO_LARGE = StatesErrorNameType.StatesStatesDataLimitExceeded.to_name()
_RUNTIME = StatesErrorNameType.StatesRuntime.to_name()


class NameOfBranch(StatesErrorName):
    """A name of AWS's own that has left a branch or an iteration."""


def name_outside(error_name: str | None) -> ErrorName:
    """The name of a branch's or an iteration's error, as the state around it sees it."""
    if error_name is not None and error_name.startswith(ILLEGAL_CUSTOM_ERROR_PREFIX):
        return NameOfBranch.from_name(error_name)
    return CustomErrorName(error_name=error_name)


replace(branches_decl, "CustomErrorName", name_outside)
replace(iteration_worker, "CustomErrorName", name_outside)


def _is_out_of_reach(name: ErrorName) -> bool:
    """AWS documents that States.ALL catches neither name; what a task answers too largely it does catch (recorded)."""
    if name.error_name == _TOO_LARGE:
        return isinstance(name, NameOfBranch)
    return name.error_name == _RUNTIME


@patch(ErrorEqualsDecl, "_eval_body")
def _error_equals(original: Any, self: ErrorEqualsDecl, env: Environment) -> None:
    if _STATES_ALL in self.error_names and _is_out_of_reach(env.stack[-1]):
        env.stack.pop()
        env.stack.append(False)
        return
    original(self, env)
