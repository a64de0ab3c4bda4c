"""GetTemplateSummary and ValidateTemplate: what a template declares and needs.

Corrects moto, which reads stacks and texts only, not StackSets, and checks a template with a linter. Sources: CloudFormation API reference,
GetTemplateSummary and ValidateTemplate; LocalStack, cloudformation/api/test_templates, recorded on AWS 2023-05-24 to 2025-11-13.
"""

from typing import Any

from moto.cloudformation.responses import CloudFormationResponse
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult

from local_aws.patches import patch
from local_aws.services.cloudformation.exceptions import validation_error
from local_aws.services.cloudformation.models import lookup, parameters, template
from local_aws.services.cloudformation.responses.stacks import caller


def summary_of(parsed: dict[str, Any]) -> dict[str, Any]:
    """What GetTemplateSummary says about a template."""
    return {
        "Parameters": [_parameter_entry(key, value) for key, value in parameters.declared(parsed).items()],
        "Description": parsed.get("Description"),
        "ResourceTypes": sorted({resource["Type"] for resource in parsed["Resources"].values()}),
        "Version": parsed.get("AWSTemplateFormatVersion"),
        **_capabilities(parsed),
    }


def _parameter_entry(key: str, declaration: dict[str, Any]) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "ParameterKey": key,
        "ParameterType": declaration.get("Type", "String"),
        "NoEcho": parameters.text_of(declaration.get("NoEcho", False)).lower() == "true",
        "ParameterConstraints": {},
    }
    if "Default" in declaration:
        entry["DefaultValue"] = parameters.text_of(declaration["Default"])
    if "Description" in declaration:
        entry["Description"] = declaration["Description"]
    if "AllowedValues" in declaration:
        allowed = [parameters.text_of(value) for value in declaration["AllowedValues"]]
        entry["ParameterConstraints"] = {"AllowedValues": allowed}
    return entry


def _capabilities(parsed: dict[str, Any]) -> dict[str, Any]:
    try:
        template.check_capabilities(parsed, ["CAPABILITY_AUTO_EXPAND"])
    except ServiceException as failure:
        capability = failure.message.rsplit("[", 1)[-1].rstrip("]")
        reason = f"The following resource(s) require capabilities: [{capability}]"
        return {"Capabilities": [capability], "CapabilitiesReason": reason}
    return {}


@patch(CloudFormationResponse, "get_template_summary")
def get_template_summary(_: Any, response: Any) -> ActionResult:
    """moto: no StackSets."""
    backend = response.cloudformation_backend
    stack_name, set_name = response._get_param("StackName"), response._get_param("StackSetName")
    if stack_name:
        stack = lookup.described(backend, stack_name)
        if stack.status == "REVIEW_IN_PROGRESS":
            raise validation_error("GetTemplateSummary cannot be called on REVIEW_IN_PROGRESS stacks.")
        text = stack.template
    elif set_name:
        text = backend.describe_stack_set(set_name).template
    else:
        text = lookup.given_template(response, caller(response))
    if not text:
        raise validation_error("Either Template URL or Template Body must be specified.")
    return ActionResult(summary_of(template.parse(text)))


@patch(CloudFormationResponse, "validate_template")
def validate_template(_: Any, response: Any) -> ActionResult:
    """moto: runs a linter, and says nothing about parameters and capabilities."""
    text = lookup.given_template(response, caller(response))
    if not text:
        raise validation_error("Either Template URL or Template Body must be specified.")
    parsed = template.parse(text)
    template.creation_order(parsed)
    summary = summary_of(parsed)
    keys = ("ParameterKey", "DefaultValue", "NoEcho", "Description")
    entries = [{key: entry[key] for key in keys if key in entry} for entry in summary["Parameters"]]
    shown = {key: summary[key] for key in ("Description", "Capabilities", "CapabilitiesReason") if summary.get(key)}
    return ActionResult({**shown, "Parameters": entries})
