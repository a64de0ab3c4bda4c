"""Types of CloudFormation resources that moto lacks or makes by halves, as far as the templates use them.

A type that is neither in moto nor here is an error: a template never loses a resource silently.
"""

from typing import Any

from botocore.client import BaseClient
from moto.awslambda.models import LambdaFunction
from moto.awslambda.utils import get_backend as lambda_backend
from moto.cloudformation import parsing
from moto.core.common_models import CloudFormationModel
from moto.core.exceptions import ServiceException
from moto.logs.models import LogGroup

from local_aws import clients
from local_aws.corrections import iam_cloudformation
from local_aws.credentials import root_credentials
from local_aws.service_roles import ServiceSessionError, require_service_trust


class ApiResource(CloudFormationModel):
    """A resource that is made through the API of its service, as the root of the stack's account."""

    TYPE = ""
    NAME_PROPERTY = ""
    SERVICE = ""

    def __init__(self, physical_id: str, account_id: str, region: str) -> None:
        self.physical_resource_id = physical_id
        self.account_id = account_id
        self.region = region

    @classmethod
    def cloudformation_name_type(cls) -> str:
        return cls.NAME_PROPERTY

    @classmethod
    def cloudformation_type(cls) -> str:
        return cls.TYPE

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return False

    @classmethod
    def client(cls, account_id: str, region: str) -> BaseClient:
        return clients.client(cls.SERVICE, region, root_credentials(account_id))

    @classmethod
    def put(cls, client: BaseClient, name: str, properties: dict[str, Any]) -> str:
        """Makes the resource, or brings it to these properties; answers its physical id."""
        raise NotImplementedError

    @classmethod
    def remove(cls, client: BaseClient, physical_id: str, properties: dict[str, Any]) -> None:
        """Deletes the resource."""
        raise NotImplementedError

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **_: Any,
    ) -> "ApiResource":
        client = cls.client(account_id, region_name)
        physical_id = cls.put(client, resource_name, cloudformation_json["Properties"])
        return cls(physical_id, account_id, region_name)

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> "ApiResource":
        return cls.create_from_cloudformation_json(
            new_resource_name, cloudformation_json, account_id, region_name
        )

    @classmethod
    def delete_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> None:
        client = cls.client(account_id, region_name)
        cls.remove(client, resource_name, cloudformation_json["Properties"])

    def is_created(self) -> bool:
        return True


class StackSetResource(ApiResource):
    """AWS::CloudFormation::StackSet: unknown to moto."""

    TYPE = "AWS::CloudFormation::StackSet"
    NAME_PROPERTY = "StackSetName"
    SERVICE = "cloudformation"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr == "StackSetId"

    def get_cfn_attribute(self, attribute_name: str) -> str:
        return self.physical_resource_id

    @classmethod
    def put(cls, client: BaseClient, name: str, properties: dict[str, Any]) -> str:
        if properties.get("StackInstancesGroup"):
            raise ServiceException(
                "ValidationError", "StackInstancesGroup is not supported by the local AWS"
            )
        wanted = {
            key: value
            for key, value in properties.items()
            if key not in ("OperationPreferences", "CallAs") and value is not None
        }
        wanted["StackSetName"] = name
        if "ManagedExecution" in wanted:
            active = str(wanted["ManagedExecution"].get("Active")).lower() == "true"
            wanted["ManagedExecution"] = {"Active": active}
        wanted["Parameters"] = [
            {"ParameterKey": entry["ParameterKey"], "ParameterValue": str(entry["ParameterValue"])}
            for entry in wanted.get("Parameters") or []
        ]
        try:
            found = client.describe_stack_set(StackSetName=name)["StackSet"]
        except client.exceptions.StackSetNotFoundException:
            return str(client.create_stack_set(**wanted)["StackSetId"])
        client.update_stack_set(**wanted)
        return str(found["StackSetId"])

    @classmethod
    def remove(cls, client: BaseClient, physical_id: str, properties: dict[str, Any]) -> None:
        client.delete_stack_set(StackSetName=physical_id.split(":", 1)[0])


class TopicPolicy(ApiResource):
    """AWS::SNS::TopicPolicy: unknown to moto."""

    TYPE = "AWS::SNS::TopicPolicy"
    SERVICE = "sns"

    @classmethod
    def put(cls, client: BaseClient, name: str, properties: dict[str, Any]) -> str:
        for topic in properties["Topics"]:
            client.set_topic_attributes(
                TopicArn=topic,
                AttributeName="Policy",
                AttributeValue=iam_cloudformation.policy_text(properties["PolicyDocument"]),
            )
        return name

    @classmethod
    def remove(cls, client: BaseClient, physical_id: str, properties: dict[str, Any]) -> None:
        """AWS puts the topic's default policy back; the topic goes with it in our templates."""


class Subscription(ApiResource):
    """AWS::SNS::Subscription: unknown to moto."""

    TYPE = "AWS::SNS::Subscription"
    SERVICE = "sns"

    @classmethod
    def put(cls, client: BaseClient, name: str, properties: dict[str, Any]) -> str:
        answer = client.subscribe(
            TopicArn=properties["TopicArn"],
            Protocol=properties["Protocol"],
            Endpoint=properties.get("Endpoint", ""),
            ReturnSubscriptionArn=True,
        )
        return str(answer["SubscriptionArn"])

    @classmethod
    def remove(cls, client: BaseClient, physical_id: str, properties: dict[str, Any]) -> None:
        client.unsubscribe(SubscriptionArn=physical_id)


class Alarm(ApiResource):
    """AWS::CloudWatch::Alarm: moto has alarms, but not for CloudFormation."""

    TYPE = "AWS::CloudWatch::Alarm"
    NAME_PROPERTY = "AlarmName"
    SERVICE = "cloudwatch"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr == "Arn"

    def get_cfn_attribute(self, attribute_name: str) -> str:
        return f"arn:aws:cloudwatch:{self.region}:{self.account_id}:alarm:{self.physical_resource_id}"

    @classmethod
    def put(cls, client: BaseClient, name: str, properties: dict[str, Any]) -> str:
        wanted = {key: value for key, value in properties.items() if key != "Tags"}
        for key in ("EvaluationPeriods", "Period", "DatapointsToAlarm"):
            if key in wanted:
                wanted[key] = int(wanted[key])
        if "Threshold" in wanted:
            wanted["Threshold"] = float(wanted["Threshold"])
        client.put_metric_alarm(**{**wanted, "AlarmName": name})
        return name

    @classmethod
    def remove(cls, client: BaseClient, physical_id: str, properties: dict[str, Any]) -> None:
        client.delete_alarms(AlarmNames=[physical_id])


class UserPolicy(ApiResource):
    """AWS::IAM::UserPolicy: unknown to moto."""

    TYPE = "AWS::IAM::UserPolicy"
    SERVICE = "iam"
    ENTITY = "User"

    @classmethod
    def put(cls, client: BaseClient, name: str, properties: dict[str, Any]) -> str:
        entity = properties[f"{cls.ENTITY}Name"]
        getattr(client, f"put_{cls.ENTITY.lower()}_policy")(
            **{f"{cls.ENTITY}Name": entity},
            PolicyName=properties["PolicyName"],
            PolicyDocument=iam_cloudformation.policy_text(properties["PolicyDocument"]),
        )
        return f"{properties['PolicyName']}|{entity}"

    @classmethod
    def remove(cls, client: BaseClient, physical_id: str, properties: dict[str, Any]) -> None:
        getattr(client, f"delete_{cls.ENTITY.lower()}_policy")(
            **{f"{cls.ENTITY}Name": properties[f"{cls.ENTITY}Name"]},
            PolicyName=properties["PolicyName"],
        )


class RolePolicy(UserPolicy):
    """AWS::IAM::RolePolicy: unknown to moto."""

    TYPE = "AWS::IAM::RolePolicy"
    ENTITY = "Role"


class PortfolioPrincipalAssociation(ApiResource):
    """AWS::ServiceCatalog::PortfolioPrincipalAssociation: unknown to moto."""

    TYPE = "AWS::ServiceCatalog::PortfolioPrincipalAssociation"
    SERVICE = "servicecatalog"

    @classmethod
    def put(cls, client: BaseClient, name: str, properties: dict[str, Any]) -> str:
        wanted = {key: properties[key] for key in ("PortfolioId", "PrincipalARN", "PrincipalType")}
        client.associate_principal_with_portfolio(**wanted)
        return f"{wanted['PrincipalARN']}|{wanted['PortfolioId']}"

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> "ApiResource":
        # Every property is the identity of the association: another one takes its place.
        principal, portfolio = original_resource.physical_resource_id.split("|")
        made = super().update_from_cloudformation_json(
            original_resource, new_resource_name, cloudformation_json, account_id, region_name
        )
        if made.physical_resource_id != original_resource.physical_resource_id:
            kind = "IAM_PATTERN" if ":iam:::" in principal else "IAM"
            cls.client(account_id, region_name).disassociate_principal_from_portfolio(
                PortfolioId=portfolio, PrincipalARN=principal, PrincipalType=kind
            )
        return made

    @classmethod
    def remove(cls, client: BaseClient, physical_id: str, properties: dict[str, Any]) -> None:
        client.disassociate_principal_from_portfolio(
            PortfolioId=properties["PortfolioId"],
            PrincipalARN=properties["PrincipalARN"],
            PrincipalType=properties["PrincipalType"],
        )


ADDED = (StackSetResource, TopicPolicy, Subscription, Alarm, UserPolicy, RolePolicy, PortfolioPrincipalAssociation)

_moto_class_from_type = parsing.resource_class_from_type


def _class_from_type(resource_type: str) -> Any:
    """moto skips types that it does not know."""
    known = resource_type in parsing.NULL_MODELS or resource_type.startswith("Custom::")
    if not known and resource_type not in parsing.get_model_map():
        raise ServiceException(
            "ValidationError",
            f"Template format error: Unrecognized resource types: [{resource_type}]",
        )
    return _moto_class_from_type(resource_type)


def _create_function(
    cls: type[LambdaFunction],
    resource_name: str,
    cloudformation_json: dict[str, Any],
    account_id: str,
    region_name: str,
    **_: Any,
) -> LambdaFunction:
    """moto drops tracing, logging, architectures and tags, and accepts roles that Lambda cannot assume."""
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


_moto_update_function = LambdaFunction.update_from_cloudformation_json.__func__


def _update_function(
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
    return _moto_update_function(
        cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name
    )


_moto_log_group_attribute = LogGroup.get_cfn_attribute


def _log_group_attribute(self: LogGroup, attribute_name: str) -> str:
    """The ARN that CloudFormation gives for a log group ends with `:*`."""
    value = _moto_log_group_attribute(self, attribute_name)
    return f"{value}:*" if attribute_name == "Arn" and not value.endswith(":*") else value


def install() -> None:
    iam_cloudformation.install()
    # moto lists the direct subclasses of its model once.
    models = parsing.get_model_list()
    models[:] = [model for model in models if model is not ApiResource]
    models.extend(added for added in ADDED if added not in models)
    parsing.get_model_map.cache_clear()
    parsing.get_name_type_map.cache_clear()
    parsing.resource_class_from_type = _class_from_type
    LambdaFunction.create_from_cloudformation_json = classmethod(_create_function)
    LambdaFunction.update_from_cloudformation_json = classmethod(_update_function)
    LogGroup.get_cfn_attribute = _log_group_attribute
