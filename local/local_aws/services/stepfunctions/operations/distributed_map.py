"""Distributed maps: what they need of the machine's role, and how many of their executions may fail.

moto runs them for every role, and tolerates every failure. Sources: Step Functions developer guide, "IAM policies for using
Distributed Map states" and "Setting failure thresholds for Distributed Map states".
"""

from typing import Any

from moto.stepfunctions.parser.api import ExecutionFailedEventDetails, HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import (
    StatesErrorName,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.distributed_iteration_component import (
    DistributedIterationComponent,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails

from local_aws.credentials import PARTITION
from local_aws.enforcement.authorization import bear_witness, identity_decision, refusal_message
from local_aws.enforcement.needs import Need
from local_aws.enforcement.policies import Decision
from local_aws.enforcement.principals import Principal
from local_aws.patches import patch


@patch(DistributedIterationComponent, "_map_run")
def _map_run(original: Any, self: Any, env: Environment, eval_input: Any) -> None:
    items = len(env.stack[-1])
    if items:
        _require_starts(env)
    original(self, env, eval_input)
    counter = eval_input.map_run_record.item_counter
    failed = counter.failed.get() + counter.timed_out.get()
    percentage = 100 * failed / items if items else 0
    # One threshold is enough to be exceeded; without any, the first failure is.
    limits = [
        (failed, eval_input.tolerated_failure_count),
        (percentage, eval_input.tolerated_failure_percentage),
    ]
    given = [(found, limit) for found, limit in limits if limit] or [(failed, 0)]
    if any(found > limit for found, limit in given):
        cause = "The specified tolerated failure threshold was exceeded"
        raise _failure(env, StatesErrorNameType.StatesExceedToleratedFailureThreshold, cause)


def _require_starts(env: Environment) -> None:
    """A map starts executions of its own machine."""
    context = env.states.context_object.context_object_data
    machine, role_arn = str(context["StateMachine"]["Id"]), env.aws_execution_details.role_arn
    region, account_id = machine.split(":")[3], role_arn.split(":")[4]
    session = str(context["Execution"]["Name"])[:64]
    arn = f"arn:{PARTITION}:sts::{account_id}:assumed-role/{role_arn.rsplit('/', 1)[-1]}/{session}"
    principal = Principal("role", account_id, arn, role_arn, session)
    need = Need("states:StartExecution", machine)
    decision = identity_decision(principal, need, region)
    bear_witness(principal, need, region, decision is Decision.ALLOWED)
    if decision is not Decision.ALLOWED:
        cause = refusal_message(principal, need, decision)
        raise _failure(env, StatesErrorNameType.StatesPermissions, cause)


def _failure(env: Environment, error: StatesErrorNameType, cause: str) -> FailureEventException:
    details = ExecutionFailedEventDetails(error=error.to_name(), cause=cause)
    return FailureEventException(
        FailureEvent(
            env=env,
            error_name=StatesErrorName(typ=error),
            event_type=HistoryEventType.ExecutionFailed,
            event_details=EventDetails(executionFailedEventDetails=details),
        )
    )
