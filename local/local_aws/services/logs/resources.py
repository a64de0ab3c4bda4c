"""Log groups in templates: the ARN that CloudFormation gives for one ends with `:*`.

moto's does not. Source: CloudFormation template reference, AWS::Logs::LogGroup, return values.
"""

from typing import Any

from moto.logs.models import LogGroup

from local_aws.patches import patch


@patch(LogGroup, "get_cfn_attribute")
def _attribute(original: Any, self: LogGroup, attribute_name: str) -> str:
    value = original(self, attribute_name)
    return f"{value}:*" if attribute_name == "Arn" and not value.endswith(":*") else value
