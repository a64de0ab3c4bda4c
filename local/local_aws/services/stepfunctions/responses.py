"""The API of Step Functions: stopping, describing and listing executions as AWS does.

What happens inside an execution is in `operations`. Sources: Step Functions API reference, StopExecution, DescribeExecution, ListExecutions,
GetExecutionHistory and SendTaskFailure; LocalStack, stepfunctions/v2/test_sfn_api, recorded on AWS 2023-06-22 to 2024-08-21.
"""

import base64
import json
from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.exceptions import InvalidToken
from moto.stepfunctions.parser.api import ExecutionStatus
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str
from moto.stepfunctions.responses import StepFunctionResponse

from local_aws.api import lists
from local_aws.patches import patch
from local_aws.services.stepfunctions.models import abort, end_lock
from local_aws.services.stepfunctions.operations import redrive

# For lists and histories alike (`maxResults` of both).
DEFAULT_PAGE = 100
MAXIMUM_PAGE = 1000


@patch(StepFunctionResponse, "stop_execution")
def _stop_execution(_: Any, self: StepFunctionResponse) -> ActionResult:
    """ABORTED at once, with the caller's error and cause; moto drops both and waits for the task."""
    execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
    abort(execution, self._get_param("error"), self._get_param("cause"))
    return ActionResult({"stopDate": execution.stop_date})


@patch(StepFunctionResponse, "describe_execution")
def _describe_execution(_: Any, self: StepFunctionResponse) -> ActionResult:
    """Every field that AWS answers; moto leaves out some and formats the output by chance."""
    execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
    with end_lock:
        answer: dict[str, Any] = {
            "executionArn": execution.exec_arn,
            "stateMachineArn": execution.state_machine_arn,
            "name": execution.name,
            "status": execution.exec_status.value,
            "startDate": execution.start_date,
            "input": execution.execution_input,
            "inputDetails": {"included": True},
            "redriveCount": 0,
            "redriveStatus": redrive.status(execution.exec_status),
        }
        reason = redrive.reason(execution.exec_status)
        if reason is not None:
            answer["redriveStatusReason"] = reason
        if execution.stop_date is not None:
            answer["stopDate"] = execution.stop_date
        if execution.exec_status == ExecutionStatus.SUCCEEDED:
            answer["output"] = to_json_str(execution.output, separators=(",", ":"))
            answer["outputDetails"] = {"included": True}
        for name in ("error", "cause"):
            if getattr(execution, name) is not None:
                answer[name] = getattr(execution, name)
    return ActionResult(answer)


def _place(execution: Any) -> tuple[str, str]:
    """Where it stands in a list: by its end, while it runs by its start (API reference of Step Functions, ListExecutions)."""
    return str(execution.stop_date or execution.start_date), str(execution.exec_arn)


def _token(execution: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(_place(execution)).encode()).decode()


def _of_token(token: str) -> tuple[str, str]:
    try:
        start, arn = json.loads(base64.urlsafe_b64decode(token).decode())
    except ValueError as error:
        raise InvalidToken() from error
    return str(start), str(arn)


@patch(StepFunctionResponse, "list_executions")
def _list_executions(_: Any, self: StepFunctionResponse) -> ActionResult:
    """moto leaves out the end of timed-out executions, and takes a token for invalid whose execution has left the list since."""
    machine = self.stepfunction_backend.describe_state_machine(self._get_param("stateMachineArn"))
    wanted = self._get_param("statusFilter")
    found = [one for one in machine.executions if wanted in (None, one.exec_status.value)]
    # The newest first: what starts between two pages is on none of them, and nothing is told twice.
    found.sort(key=_place, reverse=True)
    if token := self._get_param("nextToken"):
        last = _of_token(token)
        found = [one for one in found if _place(one) < last]
    size = min(self._get_int_param("maxResults") or DEFAULT_PAGE, MAXIMUM_PAGE)
    shown, next_token = found[:size], _token(found[size - 1]) if len(found) > size else None
    executions = []
    for execution in shown:
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


@patch(StepFunctionResponse, "get_execution_history")
def _get_execution_history(_: Any, self: StepFunctionResponse) -> ActionResult:
    """Pages and reverse order, which moto ignores."""
    arn = self._get_param("executionArn")
    history = self.stepfunction_backend.get_execution_history(arn)
    events = sorted(history["events"], key=lambda event: event["id"])
    if self._get_param("reverseOrder"):
        events.reverse()
    size = int(self._get_param("maxResults") or DEFAULT_PAGE)
    size = min(size, MAXIMUM_PAGE)
    shown, following = lists.page(events, self._get_param("nextToken"), size, InvalidToken())
    return ActionResult(lists.given({"events": shown, "nextToken": following}))


@patch(StepFunctionResponse, "send_task_failure")
def _send_task_failure(_: Any, self: StepFunctionResponse) -> ActionResult:
    """moto drops the cause."""
    self.stepfunction_backend.send_task_failure(
        self._get_param("taskToken"),
        error=self._get_param("error"),
        cause=self._get_param("cause"),
    )
    return ActionResult({})
