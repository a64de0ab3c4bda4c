"""How tasks of a state machine call AWS: as the machine's role, with AWS's error names and scaled waits.

moto calls every service as the default account and knows no caller.
"""

import json
import sys
import threading
import time
from collections import OrderedDict
from typing import Any

from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError
from moto.stepfunctions.parser import models as parser_models
from moto.stepfunctions.parser.asl.component.common.error_name.error_equals_decl import (
    ErrorEqualsDecl,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import (
    StatesErrorName,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.component.state.exec.state_task.credentials import (
    StateCredentials,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_lambda,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task import StateTask
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import (
    WaitFunction,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment

from local_aws import clients, clock
from local_aws.service_roles import service_session_credentials

SERVICE = "states.amazonaws.com"
CLIENT_SECONDS = 3000
MAXIMUM_CLIENTS = 256
MODELLED_LAMBDA_ERRORS = {
    "InvalidParameterValueException",
    "InvalidRequestContentException",
    "RequestTooLargeException",
    "ResourceConflictException",
    "ResourceNotFoundException",
    "ResourceNotReadyException",
    "ServiceException",
    "TooManyRequestsException",
    "UnsupportedMediaTypeException",
}

_clients: "OrderedDict[tuple[str, ...], tuple[float, BaseClient]]" = OrderedDict()
_clients_lock = threading.Lock()


class ExecutionCredentials(StateCredentials):
    """The role of a task, and the execution it runs for."""

    def __init__(
        self, role_arn: str, machine_role_arn: str, machine_arn: str, session_name: str
    ) -> None:
        super().__init__(role_arn=role_arn)
        self.machine_role_arn = machine_role_arn
        self.machine_arn = machine_arn
        self.session_name = session_name[:64]


def _eval_state_credentials(self: StateTask, env: Environment) -> ExecutionCredentials:
    machine_role_arn = env.aws_execution_details.role_arn
    role_arn = machine_role_arn
    if self.credentials:
        self.credentials.eval(env=env)
        role_arn = env.stack.pop().role_arn
    context = env.states.context_object.context_object_data
    return ExecutionCredentials(
        role_arn, machine_role_arn, context["StateMachine"]["Id"], context["Execution"]["Name"]
    )


def _client(service: str, region: str, credentials: dict[str, Any]) -> BaseClient:
    config = Config(
        parameter_validation=False,
        connect_timeout=10,
        read_timeout=900,
        max_pool_connections=50,
    )
    return clients.client(service, region, credentials, config)


def _new_client(region: str, service: str, task: ExecutionCredentials) -> BaseClient:
    credentials = service_session_credentials(
        task.machine_role_arn, SERVICE, task.machine_arn, task.session_name
    )
    if task.role_arn != task.machine_role_arn:
        # A state's Credentials: the machine's role assumes another, which the other must allow.
        credentials = _client("sts", region, credentials).assume_role(
            RoleArn=task.role_arn, RoleSessionName=task.session_name
        )["Credentials"]
    return _client(service, region, credentials)


def boto_client_for(
    region: str, service: str, state_credentials: ExecutionCredentials
) -> BaseClient:
    """A client of the task's role in that role's account."""
    task = state_credentials
    key = (service, region, task.role_arn, task.machine_arn, task.session_name)
    with _clients_lock:
        made, client = _clients.get(key, (0.0, None))
        if client is not None and time.monotonic() - made < CLIENT_SECONDS:
            _clients.move_to_end(key)
            return client
    client = _new_client(region, service, task)
    with _clients_lock:
        _clients[key] = (time.monotonic(), client)
        while len(_clients) > MAXIMUM_CLIENTS:
            _clients.popitem(last=False)
    return client


def _invoke_lambda_function(
    parameters: dict[str, Any], region: str, state_credentials: ExecutionCredentials
) -> dict[str, Any]:
    """The cause of a function error is the function's own text; moto formats it anew."""
    client = boto_client_for(region, "lambda", state_credentials)
    response = client.invoke(**parameters)
    payload = response["Payload"].read().decode("utf-8")
    if response.get("FunctionError"):
        raise lambda_eval_utils.LambdaFunctionErrorException(response["FunctionError"], payload)
    try:
        response["Payload"] = json.loads(payload)
    except ValueError:
        response["Payload"] = payload
    return response


_moto_lambda_from_error = state_task_service_lambda.StateTaskServiceLambda._from_error
_moto_error_cause = (
    state_task_service_lambda.StateTaskServiceLambda._error_cause_from_client_error
)


def _lambda_from_error(self: Any, env: Environment, ex: Exception) -> Any:
    """Errors that AWS names otherwise than moto: no errorType, and a client that reaches no Lambda."""
    if isinstance(ex, lambda_eval_utils.LambdaFunctionErrorException):
        try:
            typed = isinstance(json.loads(ex.payload)["errorType"], str)
        except (ValueError, KeyError, TypeError):
            typed = False
        if not typed:
            ex = _named_client_error("Unknown", ex.payload)
    elif isinstance(ex, HTTPClientError):
        ex = _named_client_error("SdkClientException", str(ex))
    return _moto_lambda_from_error(self, env, ex)


def _named_client_error(code: str, message: str) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"HTTPStatusCode": 200, "RequestId": ""},
        },
        "Invoke",
    )


def _error_cause_from_client_error(client_error: ClientError) -> tuple[str, str]:
    """Errors that are not in Lambda's model (a denial, say) are Lambda.AWSLambdaException on AWS."""
    error, cause = _moto_error_cause(client_error)
    code = error.removeprefix("Lambda.")
    if code in MODELLED_LAMBDA_ERRORS or code in ("Unknown", "SdkClientException"):
        return error, cause
    return "Lambda.AWSLambdaException", cause


def _wait_interval(self: WaitFunction, env: Environment, wait_seconds: float) -> None:
    """Wait states take scaled time and end with the execution; moto waits whole real seconds."""
    end = time.monotonic() + clock.scaled(wait_seconds)
    while env.is_running() and (left := end - time.monotonic()) > 0:
        env.program_state_event.wait(left)


class _ScaledTime:
    """What the retrier knows as the module `time`: it sleeps scaled seconds."""

    sleep = staticmethod(clock.sleep)


_moto_error_equals = ErrorEqualsDecl._eval_body
_STATES_ALL = StatesErrorName(typ=StatesErrorNameType.StatesALL)
_NEVER_CAUGHT = (
    StatesErrorName(typ=StatesErrorNameType.StatesRuntime),
    StatesErrorName(typ=StatesErrorNameType.StatesStatesDataLimitExceeded),
)


def _error_equals(self: ErrorEqualsDecl, env: Environment) -> None:
    """States.ALL catches neither States.Runtime nor States.DataLimitExceeded; moto's catches everything."""
    if _STATES_ALL in self.error_names and env.stack[-1] in _NEVER_CAUGHT:
        env.stack.pop()
        env.stack.append(False)
        return
    _moto_error_equals(self, env)


def install() -> None:
    StateTask._eval_state_credentials = _eval_state_credentials
    assert parser_models.StepFunctionsParserBackend  # its import has loaded every task
    for name, module in list(sys.modules.items()):
        if name.startswith("moto.stepfunctions.parser") and hasattr(module, "boto_client_for"):
            module.boto_client_for = boto_client_for
    lambda_eval_utils._invoke_lambda_function = _invoke_lambda_function
    lambda_task = state_task_service_lambda.StateTaskServiceLambda
    lambda_task._from_error = _lambda_from_error
    lambda_task._error_cause_from_client_error = staticmethod(_error_cause_from_client_error)
    WaitFunction._wait_interval = _wait_interval
    retrier_decl.time = _ScaledTime
    ErrorEqualsDecl._eval_body = _error_equals
