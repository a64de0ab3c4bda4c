"""How tasks of a state machine call AWS: as the machine's role, with AWS's error names and scaled waits.

moto calls every service as the default account and knows no caller. Sources: Step Functions API reference, CreateStateMachine (roleArn)
and TaskCredentials (a role that the task assumes); Step Functions Developer Guide, "Handling errors in Step Functions workflows", and LocalStack,
stepfunctions/v2/services/test_lambda_task_service, recorded on AWS, for names and causes of errors. That waits are scaled has no source;
tests would take hours.
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
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.component.state.exec.state_task.credentials import (
    StateCredentials,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import (
    StateTaskService,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_lambda import (
    StateTaskServiceLambda,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task import StateTask
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import (
    WaitFunction,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.utils import boto_client

from local_aws import clients, clock
from local_aws.patches import patch, replace
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


@patch(StateTask, "_eval_state_credentials")
def _eval_state_credentials(_: Any, self: StateTask, env: Environment) -> ExecutionCredentials:
    machine_role_arn = env.aws_execution_details.role_arn
    role_arn = machine_role_arn
    if self.credentials:
        self.credentials.eval(env=env)
        role_arn = env.stack.pop().role_arn
    context = env.states.context_object.context_object_data
    return ExecutionCredentials(
        role_arn, machine_role_arn, context["StateMachine"]["Id"], context["Execution"]["Name"]
    )


@patch(StateTaskService, "_eval_parameters")
def _eval_parameters(original: Any, self: StateTaskService, env: Environment) -> dict[str, Any]:
    """What a task is given has the limit of what it answers (quotas of Step Functions, "maximum input or output size")."""
    parameters: dict[str, Any] = original(self, env)
    self._verify_size_quota(env=env, value=parameters)
    return parameters


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


def _compact(document: str) -> str:
    try:
        return json.dumps(json.loads(document), separators=(",", ":"), ensure_ascii=False)
    except ValueError:
        return document


@patch(lambda_eval_utils, "_invoke_lambda_function")
def _invoke_lambda_function(
    _: Any, parameters: dict[str, Any], region: str, state_credentials: ExecutionCredentials
) -> dict[str, Any]:
    """The cause of a function error is what the function answered, written compactly; moto writes it with blanks."""
    client = boto_client_for(region, "lambda", state_credentials)
    response = client.invoke(**parameters)
    payload = response["Payload"].read().decode("utf-8")
    if response.get("FunctionError"):
        raise lambda_eval_utils.LambdaFunctionErrorException(response["FunctionError"], _compact(payload))
    try:
        response["Payload"] = json.loads(payload)
    except ValueError:
        response["Payload"] = payload
    return response


@patch(StateTaskServiceLambda, "_from_error")
def _lambda_from_error(original: Any, self: Any, env: Environment, ex: Exception) -> Any:
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
    return original(self, env, ex)


def _named_client_error(code: str, message: str) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"HTTPStatusCode": 200, "RequestId": ""},
        },
        "Invoke",
    )


@patch(StateTaskServiceLambda, "_error_cause_from_client_error")
def _error_cause_from_client_error(original: Any, client_error: ClientError) -> tuple[str, str]:
    """Errors that are not in Lambda's model (a denial, say) are Lambda.AWSLambdaException on AWS."""
    error, cause = original(client_error)
    code = error.removeprefix("Lambda.")
    if code in MODELLED_LAMBDA_ERRORS or code in ("Unknown", "SdkClientException"):
        return error, cause
    return "Lambda.AWSLambdaException", cause


@patch(WaitFunction, "_wait_interval")
def _wait_interval(_: Any, self: WaitFunction, env: Environment, wait_seconds: float) -> None:
    """Wait states take scaled time and end with the execution; moto waits whole real seconds."""
    end = time.monotonic() + clock.scaled(wait_seconds)
    while env.is_running() and (left := end - time.monotonic()) > 0:
        env.program_state_event.wait(left)


class _ScaledTime:
    """What the retrier knows as the module `time`: it sleeps scaled seconds."""

    sleep = staticmethod(clock.sleep)


replace(retrier_decl, "time", _ScaledTime)

assert parser_models.StepFunctionsParserBackend  # its import has loaded every task, and with it every importer
for _name, _module in list(sys.modules.items()):
    if _name.startswith("moto.") and vars(_module).get("boto_client_for") is boto_client.boto_client_for:
        replace(_module, "boto_client_for", boto_client_for)
