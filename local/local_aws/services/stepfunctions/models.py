"""Executions and their starts: names are checked, one of two starts at once wins, an end is told completely.

moto's unnamed executions share an ARN, its starts race, and its statuses come before what belongs to them. Sources: LocalStack,
stepfunctions/v2/test_sfn_api and stepfunctions/v2/test_sfn_api_logs, recorded on AWS 2023-06-22 to 2024-08-21; Step Functions API reference,
CreateStateMachine, StartExecution and StopExecution; lumigo-io/lumigo-CLI#83 for a role that cannot be assumed.
"""

import datetime
import json
import re
import threading
import uuid
from typing import Any

from moto.stepfunctions.exceptions import InvalidArn, InvalidExecutionInput, InvalidName
from moto.stepfunctions.models import StateMachine
from moto.stepfunctions.parser import api
from moto.stepfunctions.parser.api import ExecutionStatus
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.evaluation_details import ExecutionDetails
from moto.stepfunctions.parser.asl.eval.program_state import (
    ProgramEnded,
    ProgramError,
    ProgramStopped,
)
from moto.stepfunctions.parser.backend.execution import (
    BaseExecutionWorkerCommunication,
    Execution,
)
from moto.stepfunctions.parser.models import (
    StepFunctionsParserBackend,
    stepfunctions_parser_backends,
)

from local_aws import faults
from local_aws.patches import patch
from local_aws.service_roles import ServiceSessionError, require_service_trust
from local_aws.services.events import models as events
from local_aws.services.stepfunctions.exceptions import MachineExists, RoleNotAssumable, UnreadableDefinition
from local_aws.services.stepfunctions.operations import history
from local_aws.services.stepfunctions.validation import check_logging

NAME_PATTERN = re.compile(r"[^\x00-\x20\x7f-\x9f<>{}\[\]?*\"#%\\^|~`$&,;:/]{1,80}")

_start_lock = threading.Lock()
# Guards what an execution ends with, also while it is described.
end_lock = threading.Lock()


def _require_trust(role_arn: str, machine_arn: str) -> None:
    try:
        require_service_trust(role_arn, "states.amazonaws.com", machine_arn)
    except ServiceSessionError as error:
        raise RoleNotAssumable(
            "Neither the global service principal states.amazonaws.com, nor the regional one"
            " is authorized to assume the provided role."
        ) from error


@patch(StepFunctionsParserBackend, "create_state_machine")
def _create_state_machine(
    original: Any, self: StepFunctionsParserBackend, name: str, definition: str, roleArn: str, **options: Any
) -> StateMachine:
    """AWS refuses a role that it cannot assume, and a name that another machine has; moto looks at neither."""
    _require_trust(
        roleArn, f"arn:aws:states:{self.region_name}:{self.account_id}:stateMachine:{name}"
    )
    check_logging(options.get("loggingConfiguration"))
    try:
        machine: StateMachine = original(self, name, definition, roleArn, **options)
    except api.InvalidDefinition as problem:
        raise UnreadableDefinition(f"Invalid State Machine Definition: '{problem.message}'") from problem
    if machine.definition != definition or machine.roleArn != roleArn:
        raise MachineExists(f"State Machine Already Exists: '{machine.arn}'")
    return machine


@patch(StepFunctionsParserBackend, "_validate_arn")
def _validate_arn(original: Any, self: Any, arn: str, regex: re.Pattern[str], invalid_msg: str) -> None:
    if not arn.startswith("arn:"):
        raise InvalidArn(f"Invalid Arn: 'Invalid ARN prefix: {arn}'")
    original(self, arn, regex, invalid_msg)


def _require_json(text: str | None) -> None:
    try:
        json.loads(text or "")
    except ValueError as problem:
        raise InvalidExecutionInput(f"Invalid State Machine Execution Input: '{problem}'") from problem


@patch(StepFunctionsParserBackend, "start_execution")
def _start_execution(
    original: Any,
    self: StepFunctionsParserBackend,
    state_machine_arn: str,
    name: str | None = None,
    execution_input: str | None = None,
    trace_header: str | None = None,
) -> Execution:
    """Unnamed executions share one ARN in moto, names are not checked, and two starts at once race."""
    if name is not None and not NAME_PATTERN.fullmatch(name):
        raise InvalidName(f"Invalid Name: '{name}'")
    if execution_input is not None:
        _require_json(execution_input)
    with _start_lock:
        known = self.describe_state_machine(state_machine_arn).executions
        before = len(known)
        execution = original(
            self, state_machine_arn, name or str(uuid.uuid4()), execution_input, trace_header
        )
        if len(known) > before:
            events.announce(execution, ExecutionStatus.RUNNING)
        return execution


@patch(Execution, "get_start_execution_details")
def _execution_details(_: Any, self: Execution) -> ExecutionDetails:
    """`$states.context.Execution.StartTime` is text on AWS; moto keeps a datetime, which is no JSON."""
    return ExecutionDetails(
        arn=self.exec_arn,
        name=self.name,
        role_arn=self.role_arn,
        inpt=self.input_data,
        start_time=self.start_date.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    )


@patch(BaseExecutionWorkerCommunication, "_reflect_execution_status")
def _reflect_execution_status(_: Any, self: BaseExecutionWorkerCommunication) -> None:
    """Output and error are there when the status says so; moto sets the status first."""
    execution = self.execution
    state = execution.exec_worker.env.program_state()
    with end_lock:
        if execution.exec_status != ExecutionStatus.RUNNING:
            return
        execution.stop_date = datetime.datetime.now(tz=datetime.UTC)
        if isinstance(state, ProgramEnded):
            execution.output = execution.exec_worker.env.states.get_input()
            execution.exec_status = ExecutionStatus.SUCCEEDED
        elif isinstance(state, ProgramError):
            details = state.error or {}
            execution.error, execution.cause = details.get("error"), details.get("cause")
            if history.is_full(execution.exec_worker.env.event_manager):
                execution.error, execution.cause = history.ERROR, history.cause()
            execution.exec_status = ExecutionStatus.FAILED
        elif isinstance(state, ProgramStopped):
            execution.exec_status = ExecutionStatus.ABORTED
        else:
            execution.exec_status = ExecutionStatus.TIMED_OUT
        events.announce(execution, execution.exec_status)


def abort(execution: Execution, error: str | None, cause: str | None) -> None:
    """Ends an execution at once, if it runs."""
    with end_lock:
        if execution.exec_status == ExecutionStatus.RUNNING:
            execution.stop_date = datetime.datetime.now(tz=datetime.UTC)
            execution.error, execution.cause = error, cause
            execution.exec_status = ExecutionStatus.ABORTED
            if execution.exec_worker.env is not None:
                execution.stop(stop_date=execution.stop_date, error=error, cause=cause)
            events.announce(execution, execution.exec_status)


@patch(CommonStateField, "_eval_state_input")
def _eval_state_input(original: Any, self: CommonStateField, env: Environment) -> None:
    """A state has been entered: a fault may abort the execution now, while the state's work goes its way.

    No source; faults on demand are this double's own.
    """
    context = env.states.context_object.context_object_data["Execution"]
    fault = faults.take_abort(self.name, json.dumps(context["Input"]))
    if fault is not None:
        _, _, _, region, account_id, _ = context["Id"].split(":", 5)
        backend = stepfunctions_parser_backends[account_id][region]
        execution = backend.describe_execution(context["Id"])
        abort(execution, None, fault.message)
    original(self, env)
