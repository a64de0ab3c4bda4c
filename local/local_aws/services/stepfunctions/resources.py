"""State machines that CloudFormation makes: substitutions, logging, tracing, revisions and the role's trust.

moto keeps the definition's ${…} as they are, puts the machine into a backend that runs nothing, and knows no revisions. Sources:
CloudFormation template reference, AWS::StepFunctions::StateMachine; Step Functions API reference, UpdateStateMachine, for revisions.
"""

import json
import re
import uuid
from typing import Any

from moto.s3.models import s3_backends
from moto.stepfunctions import models
from moto.stepfunctions.parser.models import stepfunctions_parser_backends
from moto.stepfunctions.utils import cfn_to_api_tags

from local_aws.patches import patch, replace

SUBSTITUTION = re.compile(r"\$\{(\w+)\}")


def _camel(value: Any) -> Any:
    """CloudFormation's property names as those of the API."""
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: _camel(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_camel(entry) for entry in value]
    return value


def _truth(value: Any) -> bool:
    return value is True or str(value).lower() == "true"


def definition_of(properties: dict[str, Any], account_id: str) -> str:
    """The definition with its substitutions; one that has no value is left, as on AWS."""
    if "DefinitionS3Location" in properties:
        place = properties["DefinitionS3Location"]
        found = s3_backends[account_id]["aws"].get_object(place["Bucket"], place["Key"])
        text = found.value.decode()
    elif "DefinitionString" in properties:
        text = properties["DefinitionString"]
    else:
        text = json.dumps(properties["Definition"])
    values = properties.get("DefinitionSubstitutions") or {}
    return SUBSTITUTION.sub(lambda match: str(values.get(match[1], match[0])), text)


def _options(properties: dict[str, Any]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if "LoggingConfiguration" in properties:
        logging = _camel(properties["LoggingConfiguration"])
        logging["includeExecutionData"] = _truth(logging.get("includeExecutionData"))
        options["loggingConfiguration"] = logging
    if "TracingConfiguration" in properties:
        enabled = _truth(properties["TracingConfiguration"].get("Enabled"))
        options["tracingConfiguration"] = {"enabled": enabled}
    return options


@patch(models.StateMachine, "create_from_cloudformation_json")
def _create_from_cloudformation(
    _original: Any,
    cls: type[models.StateMachine],
    resource_name: str,
    cloudformation_json: dict[str, Any],
    account_id: str,
    region_name: str,
    **_: Any,
) -> models.StateMachine:
    properties = cloudformation_json["Properties"]
    return stepfunctions_parser_backends[account_id][region_name].create_state_machine(
        properties.get("StateMachineName", resource_name),
        definition_of(properties, account_id),
        properties["RoleArn"],
        tags=cfn_to_api_tags(properties.get("Tags", [])),
        sm_type=properties.get("StateMachineType", "STANDARD"),
        **_options(properties),
    )


@patch(models.StateMachine, "update_from_cloudformation_json")
def _update_from_cloudformation(
    _original: Any,
    cls: type[models.StateMachine],
    original_resource: models.StateMachine,
    new_resource_name: str,
    cloudformation_json: dict[str, Any],
    account_id: str,
    region_name: str,
) -> models.StateMachine:
    properties = cloudformation_json["Properties"]
    options = _options(properties)
    definition = definition_of(properties, account_id)
    if (definition, properties["RoleArn"]) != (original_resource.definition, original_resource.roleArn):
        original_resource.revision_id = str(uuid.uuid4())  # type: ignore[attr-defined]
    return stepfunctions_parser_backends[account_id][region_name].update_state_machine(
        original_resource.arn,
        definition=definition,
        role_arn=properties["RoleArn"],
        logging_configuration=options.get("loggingConfiguration"),
        tracing_configuration=options.get("tracingConfiguration"),
    )


@patch(models.StateMachine, "has_cfn_attr")
def _has_attribute(_: Any, cls: type[models.StateMachine], attribute: str) -> bool:
    return attribute in ("Arn", "Name", "StateMachineRevisionId")


@patch(models.StateMachine, "get_cfn_attribute")
def _attribute(original: Any, self: models.StateMachine, attribute_name: str) -> Any:
    """moto has no GetAtt Arn and no revisions: another one for another definition or role, INITIAL before (UpdateStateMachine)."""
    if attribute_name == "StateMachineRevisionId":
        return getattr(self, "revision_id", "INITIAL")
    return self.arn if attribute_name == "Arn" else original(self, attribute_name)


# CloudFormation's machines are made and deleted where executions run.
replace(models, "stepfunctions_backends", stepfunctions_parser_backends)
