"""Functions in templates, with their versions, aliases, permissions and settings of asynchronous invocations.

moto drops tracing, logging, architectures and tags, accepts roles that Lambda cannot assume, has permissions without an
id, which breaks their stack, and no aliases and settings of asynchronous invocations. Its versions have no ARN. Sources: CloudFormation
template reference, AWS::Lambda::Function, AWS::Lambda::Version, AWS::Lambda::Permission, AWS::Lambda::Alias and
AWS::Lambda::EventInvokeConfig; the words for a role: alexcasalboni/aws-lambda-power-tuning#69.
"""

from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import ClientError
from moto.awslambda.models import LambdaFunction, LambdaVersion, Permission
from moto.awslambda.utils import get_backend as lambda_backend
from moto.core.exceptions import ServiceException

from local_aws.patches import add, patch
from local_aws.service_roles import ServiceSessionError, require_service_trust
from local_aws.services.awslambda.models import newest_version
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
    original_resource.tags = {tag["Key"]: tag["Value"] for tag in properties.get("Tags") or []}
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


@patch(LambdaVersion, "create_from_cloudformation_json")
def _create_version(
    _original: Any,
    cls: type[LambdaVersion],
    resource_name: str,
    cloudformation_json: dict[str, Any],
    account_id: str,
    region_name: str,
    **_: Any,
) -> LambdaVersion:
    """The type's handler refuses a version of what was published already (aws/serverless-application-model#1640 and many more)."""
    properties = cloudformation_json["Properties"]
    storage = lambda_backend(account_id, region_name)._lambdas
    name = storage.get_function_by_name_or_arn_forbid_qualifier(properties["FunctionName"]).function_name
    before = newest_version(storage, name)
    version = storage.publish_version(name, properties.get("Description") or "")
    if version is None or version is before:
        number = before.version if before else ""
        raise ServiceException(
            "ResourceAlreadyExistsException",
            f"A version for this Lambda function exists ( {number} ). Modify the function to create a new version.",
        )
    made = cls({"Version": version.version})
    made.physical_resource_id = version.function_arn  # type: ignore[attr-defined]
    return made


@add(LambdaVersion, "get_cfn_attribute")
def _attribute_of_version(self: LambdaVersion, attribute_name: str) -> str:
    return str(self.version) if attribute_name == "Version" else str(self.physical_resource_id)  # type: ignore[attr-defined]


@patch(LambdaVersion, "delete_from_cloudformation_json")
def _delete_version(
    _original: Any, cls: type[LambdaVersion], resource_name: str, _json: dict[str, Any], account_id: str, region_name: str
) -> None:
    lambda_backend(account_id, region_name).delete_function(resource_name)


class Alias(ApiResource):
    """AWS::Lambda::Alias: unknown to moto."""

    TYPE = "AWS::Lambda::Alias"
    SERVICE = "lambda"

    @classmethod
    def put(cls, client: BaseClient, name: str, properties: dict[str, Any]) -> str:
        wanted = {key: str(properties[key]) for key in ("FunctionName", "Name", "FunctionVersion")}
        try:
            return str(client.create_alias(**wanted)["AliasArn"])
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("ConflictException", "ResourceConflictException"):
                raise
        return str(client.update_alias(**wanted)["AliasArn"])

    @classmethod
    def remove(cls, client: BaseClient, physical_id: str, properties: dict[str, Any]) -> None:
        client.delete_alias(FunctionName=properties["FunctionName"], Name=properties["Name"])


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
