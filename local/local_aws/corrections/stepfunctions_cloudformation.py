"""State machines that CloudFormation makes: substitutions, logging, tracing and the role's trust.

moto keeps the definition's ${…} as they are and puts the machine into a backend that runs nothing.
"""

import json
import re
from typing import Any

from moto.core.exceptions import AWSError
from moto.s3.models import s3_backends
from moto.stepfunctions import models
from moto.stepfunctions.parser.models import (
    StepFunctionsParserBackend,
    stepfunctions_parser_backends,
)
from moto.stepfunctions.utils import cfn_to_api_tags

from local_aws.service_roles import ServiceSessionError, require_service_trust

SUBSTITUTION = re.compile(r"\$\{(\w+)\}")


class RoleNotAssumable(AWSError):
    """CreateStateMachine with a role that Step Functions may not assume."""

    TYPE = "AccessDeniedException"
    STATUS = 400


_moto_create = StepFunctionsParserBackend.create_state_machine


def _require_trust(role_arn: str, machine_arn: str) -> None:
    try:
        require_service_trust(role_arn, "states.amazonaws.com", machine_arn)
    except ServiceSessionError as error:
        raise RoleNotAssumable(
            "Neither the global service principal states.amazonaws.com, nor the regional one"
            " is authorized to assume the provided role."
        ) from error


def _create_state_machine(
    self: StepFunctionsParserBackend, name: str, definition: str, roleArn: str, **options: Any
) -> models.StateMachine:
    """AWS refuses a role that it cannot assume; moto does not look."""
    _require_trust(
        roleArn, f"arn:aws:states:{self.region_name}:{self.account_id}:stateMachine:{name}"
    )
    return _moto_create(self, name, definition, roleArn, **options)


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


def _create_from_cloudformation(
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


def _update_from_cloudformation(
    cls: type[models.StateMachine],
    original_resource: models.StateMachine,
    new_resource_name: str,
    cloudformation_json: dict[str, Any],
    account_id: str,
    region_name: str,
) -> models.StateMachine:
    properties = cloudformation_json["Properties"]
    options = _options(properties)
    return stepfunctions_parser_backends[account_id][region_name].update_state_machine(
        original_resource.arn,
        definition=definition_of(properties, account_id),
        role_arn=properties["RoleArn"],
        logging_configuration=options.get("loggingConfiguration"),
        tracing_configuration=options.get("tracingConfiguration"),
    )


def _has_attribute(cls: type[models.StateMachine], attribute: str) -> bool:
    return attribute in ("Arn", "Name", "StateMachineRevisionId")


_moto_attribute = models.StateMachine.get_cfn_attribute


def _attribute(self: models.StateMachine, attribute_name: str) -> Any:
    """moto has no GetAtt Arn."""
    return self.arn if attribute_name == "Arn" else _moto_attribute(self, attribute_name)


def install() -> None:
    # CloudFormation's machines are made and deleted where executions run.
    models.stepfunctions_backends = stepfunctions_parser_backends
    StepFunctionsParserBackend.create_state_machine = _create_state_machine
    machine = models.StateMachine
    machine.create_from_cloudformation_json = classmethod(_create_from_cloudformation)
    machine.update_from_cloudformation_json = classmethod(_update_from_cloudformation)
    machine.has_cfn_attr = classmethod(_has_attribute)
    machine.get_cfn_attribute = _attribute
