"""The API of Step Functions: starting, stopping, describing and listing executions as AWS does.

What happens inside an execution is in stepfunctions_jsonata and stepfunctions_tasks.
"""

import datetime
import json
import re
import threading
import uuid
from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.exceptions import InvalidName, InvalidToken
from moto.stepfunctions.parser.api import ExecutionStatus
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.evaluation_details import ExecutionDetails
from moto.stepfunctions.parser.asl.eval.program_state import (
    ProgramEnded,
    ProgramError,
    ProgramStopped,
)
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str
from moto.stepfunctions.parser.backend.execution import (
    BaseExecutionWorkerCommunication,
    Execution,
)
from moto.stepfunctions.parser.models import (
    StepFunctionsParserBackend,
    stepfunctions_parser_backends,
)
from moto.stepfunctions.responses import StepFunctionResponse

from local_aws import faults
from local_aws.corrections import (
    events,
    lists,
    stepfunctions_cloudformation,
    stepfunctions_jsonata,
    stepfunctions_tasks,
)

NAME_PATTERN = re.compile(r"[^\x00-\x20\x7f-\x9f<>{}\[\]?*\"#%\\^|~`$&,;:/]{1,80}")
DEFAULT_HISTORY_PAGE = 100
MAXIMUM_HISTORY_PAGE = 1000

_start_lock = threading.Lock()
_end_lock = threading.Lock()
_moto_eval_state_input = CommonStateField._eval_state_input
_moto_start_execution = StepFunctionsParserBackend.start_execution


def _start_execution(
    self: StepFunctionsParserBackend,
    state_machine_arn: str,
    name: str | None = None,
    execution_input: str | None = None,
    trace_header: str | None = None,
) -> Execution:
    """Unnamed executions share one ARN in moto, names are not checked, and two starts at once race."""
    if name is not None and not NAME_PATTERN.fullmatch(name):
        raise InvalidName(f"Invalid Name: '{name}'")
    with _start_lock:
        known = self.describe_state_machine(state_machine_arn).executions
        before = len(known)
        execution = _moto_start_execution(
            self, state_machine_arn, name or str(uuid.uuid4()), execution_input, trace_header
        )
        if len(known) > before:
            events.announce(execution)
        return execution


def _execution_details(self: Execution) -> ExecutionDetails:
    """`$states.context.Execution.StartTime` is text on AWS; moto keeps a datetime, which is no JSON."""
    return ExecutionDetails(
        arn=self.exec_arn,
        name=self.name,
        role_arn=self.role_arn,
        inpt=self.input_data,
        start_time=self.start_date.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    )


def _reflect_execution_status(self: BaseExecutionWorkerCommunication) -> None:
    """Output and error are there when the status says so; moto sets the status first."""
    execution = self.execution
    state = execution.exec_worker.env.program_state()
    with _end_lock:
        if execution.exec_status != ExecutionStatus.RUNNING:
            return
        execution.stop_date = datetime.datetime.now(tz=datetime.UTC)
        if isinstance(state, ProgramEnded):
            execution.output = execution.exec_worker.env.states.get_input()
            execution.exec_status = ExecutionStatus.SUCCEEDED
        elif isinstance(state, ProgramError):
            details = state.error or {}
            execution.error, execution.cause = details.get("error"), details.get("cause")
            execution.exec_status = ExecutionStatus.FAILED
        elif isinstance(state, ProgramStopped):
            execution.exec_status = ExecutionStatus.ABORTED
        else:
            execution.exec_status = ExecutionStatus.TIMED_OUT
        events.announce(execution)


def _stop_execution(self: StepFunctionResponse) -> ActionResult:
    """ABORTED at once, with the caller's error and cause; moto drops both and waits for the task."""
    execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
    _abort(execution, self._get_param("error"), self._get_param("cause"))
    return ActionResult({"stopDate": execution.stop_date})


def _abort(execution: Execution, error: str | None, cause: str | None) -> None:
    with _end_lock:
        if execution.exec_status == ExecutionStatus.RUNNING:
            execution.stop_date = datetime.datetime.now(tz=datetime.UTC)
            execution.error, execution.cause = error, cause
            execution.exec_status = ExecutionStatus.ABORTED
            if execution.exec_worker.env is not None:
                execution.stop(stop_date=execution.stop_date, error=error, cause=cause)
            events.announce(execution)


def _eval_state_input(self: CommonStateField, env: Environment) -> None:
    """A state has been entered: a fault may abort the execution now, while the state's work goes its way."""
    context = env.states.context_object.context_object_data["Execution"]
    fault = faults.take_abort(self.name, json.dumps(context["Input"]))
    if fault is not None:
        _, _, _, region, account_id, _ = context["Id"].split(":", 5)
        backend = stepfunctions_parser_backends[account_id][region]
        execution = backend.describe_execution(context["Id"])
        _abort(execution, None, fault.message)
    _moto_eval_state_input(self, env)


def _describe_execution(self: StepFunctionResponse) -> ActionResult:
    """Every field that AWS answers; moto leaves out some and formats the output by chance."""
    execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
    with _end_lock:
        answer: dict[str, Any] = {
            "executionArn": execution.exec_arn,
            "stateMachineArn": execution.state_machine_arn,
            "name": execution.name,
            "status": execution.exec_status.value,
            "startDate": execution.start_date,
            "input": execution.execution_input,
            "inputDetails": {"included": True},
            "redriveCount": 0,
            "redriveStatus": _redrive_status(execution.exec_status),
        }
        if execution.stop_date is not None:
            answer["stopDate"] = execution.stop_date
        if execution.exec_status == ExecutionStatus.SUCCEEDED:
            answer["output"] = to_json_str(execution.output, separators=(",", ":"))
            answer["outputDetails"] = {"included": True}
        for name in ("error", "cause"):
            if getattr(execution, name) is not None:
                answer[name] = getattr(execution, name)
    return ActionResult(answer)


def _redrive_status(status: ExecutionStatus) -> str:
    closed_badly = (ExecutionStatus.FAILED, ExecutionStatus.ABORTED, ExecutionStatus.TIMED_OUT)
    return "REDRIVABLE" if status in closed_badly else "NOT_REDRIVABLE"


def _list_executions(self: StepFunctionResponse) -> ActionResult:
    """moto leaves out the end of timed-out executions."""
    results, next_token = self.stepfunction_backend.list_executions(
        self._get_param("stateMachineArn"),
        status_filter=self._get_param("statusFilter"),
        max_results=self._get_int_param("maxResults"),
        next_token=self._get_param("nextToken"),
    )
    executions = []
    for execution in results:
        entry = {
            "executionArn": execution.exec_arn,
            "stateMachineArn": execution.state_machine_arn,
            "name": execution.name,
            "status": execution.exec_status.value,
            "startDate": execution.start_date,
            "redriveCount": 0,
        }
        if execution.stop_date is not None:
            entry["stopDate"] = execution.stop_date
        executions.append(entry)
    return ActionResult({"executions": executions, "nextToken": next_token})


def _get_execution_history(self: StepFunctionResponse) -> ActionResult:
    """Pages and reverse order, which moto ignores."""
    arn = self._get_param("executionArn")
    history = self.stepfunction_backend.get_execution_history(arn)
    events = sorted(history["events"], key=lambda event: event["id"])
    if self._get_param("reverseOrder"):
        events.reverse()
    size = int(self._get_param("maxResults") or DEFAULT_HISTORY_PAGE)
    size = min(size, MAXIMUM_HISTORY_PAGE)
    shown, following = lists.page(events, self._get_param("nextToken"), size, InvalidToken())
    return ActionResult(lists.given({"events": shown, "nextToken": following}))


def _send_task_failure(self: StepFunctionResponse) -> ActionResult:
    """moto drops the cause."""
    self.stepfunction_backend.send_task_failure(
        self._get_param("taskToken"),
        error=self._get_param("error"),
        cause=self._get_param("cause"),
    )
    return ActionResult({})


def install() -> None:
    stepfunctions_jsonata.install()
    stepfunctions_tasks.install()
    stepfunctions_cloudformation.install()
    CommonStateField._eval_state_input = _eval_state_input
    StepFunctionsParserBackend.start_execution = _start_execution
    Execution.get_start_execution_details = _execution_details
    BaseExecutionWorkerCommunication._reflect_execution_status = _reflect_execution_status
    StepFunctionResponse.stop_execution = _stop_execution
    StepFunctionResponse.describe_execution = _describe_execution
    StepFunctionResponse.list_executions = _list_executions
    StepFunctionResponse.get_execution_history = _get_execution_history
    StepFunctionResponse.send_task_failure = _send_task_failure
