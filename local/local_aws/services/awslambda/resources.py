"""Functions in templates: AWS::Lambda::Function, and who may invoke them: AWS::Lambda::Permission.

moto drops tracing, logging, architectures and tags, accepts roles that Lambda cannot assume, and forgets a permission's id.
"""

from typing import Any

from moto.awslambda.models import LambdaFunction, Permission
from moto.awslambda.utils import get_backend as lambda_backend
from moto.core.exceptions import ServiceException

from local_aws.patches import patch
from local_aws.service_roles import ServiceSessionError, require_service_trust


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
    original: Any,
    cls: type[Permission],
    resource_name: str,
    cloudformation_json: dict[str, Any],
    account_id: str,
    region_name: str,
    **options: Any,
) -> Permission:
    made: Permission = original(
        cls, resource_name, cloudformation_json, account_id, region_name, **options
    )
    made.physical_resource_id = resource_name
    return made
