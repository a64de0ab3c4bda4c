"""Functions in templates: AWS::Lambda::Function, AWS::Lambda::Permission and AWS::Lambda::EventInvokeConfig.

moto drops tracing, logging, architectures and tags, accepts roles that Lambda cannot assume, has permissions without an
id, which breaks their stack, and no settings of asynchronous invocations.
"""

from typing import Any

from botocore.client import BaseClient
from moto.awslambda.models import LambdaFunction, Permission
from moto.awslambda.utils import get_backend as lambda_backend
from moto.core.exceptions import ServiceException

from local_aws.patches import patch
from local_aws.service_roles import ServiceSessionError, require_service_trust
from local_aws.services.cloudformation.resources import ApiResource


@patch(LambdaFunction, "create_from_cloudformation_json")
def _create_function(
    _original: Any,
    cls: type[LambdaFunction],
    resource_name: str,
    cloudformation_json: dict[str, Any],
    account_id: str,
    region_name: str,
    **_: Any,
) -> LambdaFunction:
    properties = cloudformation_json["Properties"]
    arn = f"arn:aws:lambda:{region_name}:{account_id}:function:{resource_name}"
    try:
        require_service_trust(properties["Role"], "lambda.amazonaws.com", arn)
    except ServiceSessionError as error:
        raise ServiceException(
            "InvalidParameterValueException",
            "The role defined for the function cannot be assumed by Lambda.",
        ) from error
    known = ("LoggingConfig", "Tags", "FunctionName", "RecursiveLoop", "RuntimeManagementConfig")
    spec = {key: value for key, value in properties.items() if key not in known}
    spec["FunctionName"] = resource_name
    spec["Tags"] = {tag["Key"]: tag["Value"] for tag in properties.get("Tags") or []}
    for key in ("MemorySize", "Timeout", "ReservedConcurrentExecutions"):
        if key in spec:
            spec[key] = int(spec[key])
    function = lambda_backend(account_id, region_name).create_function(spec)
    function.logging_config = properties.get("LoggingConfig") or {}
    return function


@patch(LambdaFunction, "update_from_cloudformation_json")
def _update_function(
    original: Any,
    cls: type[LambdaFunction],
    original_resource: LambdaFunction,
    new_resource_name: str,
    cloudformation_json: dict[str, Any],
    account_id: str,
    region_name: str,
) -> LambdaFunction:
    properties = cloudformation_json["Properties"]
    original_resource.logging_config = properties.get("LoggingConfig") or {}
    # moto keeps what the template no longer has.
    original_resource.environment_vars = {}
    return original(
        cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name
    )


@patch(Permission, "create_from_cloudformation_json")
def _create_permission(
    original: Any, cls: type[Permission], resource_name: str, *arguments: Any, **named: Any
) -> Permission:
    permission: Permission = original(cls, resource_name, *arguments, **named)
    permission.physical_resource_id = resource_name  # type: ignore[attr-defined]
    return permission


@patch(Permission, "delete_from_cloudformation_json")
def _delete_permission(_original: Any, cls: type[Permission], *_: Any) -> None:
    """It goes with its function."""


class EventInvokeConfig(ApiResource):
    """AWS::Lambda::EventInvokeConfig: unknown to moto."""

    TYPE = "AWS::Lambda::EventInvokeConfig"
    SERVICE = "lambda"

    @classmethod
    def put(cls, client: BaseClient, name: str, properties: dict[str, Any]) -> str:
        wanted: dict[str, Any] = {"FunctionName": properties["FunctionName"]}
        for key in ("MaximumRetryAttempts", "MaximumEventAgeInSeconds"):
            if key in properties:
                wanted[key] = int(properties[key])
        if "DestinationConfig" in properties:
            wanted["DestinationConfig"] = properties["DestinationConfig"]
        client.put_function_event_invoke_config(**wanted)
        return f"{properties['FunctionName']}|{properties.get('Qualifier', '$LATEST')}"

    @classmethod
    def remove(cls, client: BaseClient, physical_id: str, properties: dict[str, Any]) -> None:
        client.delete_function_event_invoke_config(FunctionName=properties["FunctionName"])
