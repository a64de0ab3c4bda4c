"""The SAM macro: expands a serverless template with aws-sam-translator, as CloudFormation does on AWS.

moto knows no macros. The translator's only question to AWS, the ARNs of managed policies, is answered from moto's list.
"""

from typing import Any

from moto.iam.models import iam_backends
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.translator.managed_policy_translator import ManagedPolicyLoader
from samtranslator.translator.transform import transform

from local_aws.address import MANAGEMENT_ACCOUNT_ID
from local_aws.credentials import PARTITION
from local_aws.services.cloudformation.exceptions import validation_error

SAM_TRANSFORM = "AWS::Serverless-2016-10-31"


class _ManagedPolicies:
    """As much of an IAM client as the translator uses."""

    def get_paginator(self, _operation: str) -> "_ManagedPolicies":
        return self

    def paginate(self, **_parameters: Any) -> list[dict[str, Any]]:
        policies = [{"PolicyName": name, "Arn": arn} for name, arn in managed_policy_arns().items()]
        return [{"Policies": policies}]


def managed_policy_arns() -> dict[str, str]:
    """The name and ARN of every policy that AWS manages."""
    backend = iam_backends[MANAGEMENT_ACCOUNT_ID][PARTITION]
    return {policy.name: policy.arn for policy in backend.aws_managed_policies}


def is_serverless(template: dict[str, Any]) -> bool:
    """Whether the template needs the macro."""
    transforms = template.get("Transform") or []
    return SAM_TRANSFORM in ([transforms] if isinstance(transforms, str) else transforms)


def expand(template: dict[str, Any], parameters: dict[str, str]) -> dict[str, Any]:
    """The template without serverless resources; a validation error of CloudFormation for what the macro refuses."""
    hidden = {
        name
        for name, definition in (template.get("Parameters") or {}).items()
        if str(definition.get("NoEcho", "")).lower() == "true"
    }
    # Secrets stay references: the macro writes values of parameters into what it makes.
    visible = {name: value for name, value in parameters.items() if name not in hidden}
    try:
        expanded = transform(template, visible, ManagedPolicyLoader(_ManagedPolicies()))
    except InvalidDocumentException as error:
        causes = "; ".join(cause.message for cause in error.causes)
        raise validation_error(f"the SAM template is not valid: {causes}") from error
    expanded.pop("Transform", None)
    return dict(expanded)
