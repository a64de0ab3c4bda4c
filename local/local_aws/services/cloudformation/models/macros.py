"""What CloudFormation makes of a template before it makes anything of its resources: files that it includes, the SAM macro.

moto knows neither.
"""

import json
from collections.abc import Callable
from typing import Any

from local_aws.services.cloudformation.exceptions import validation_error
from local_aws.services.cloudformation.models import serverless, template

INCLUDE = "AWS::Include"

# Reads what is at an address of S3.
Read = Callable[[str], str]


def processed(text: str, values: dict[str, str], read: Read) -> str:
    """The template without macros; the text itself where it has none."""
    parsed = template.parse(text)
    whole = _included(parsed, values, read)
    changed = whole != parsed
    if serverless.is_serverless(whole):
        whole, changed = serverless.expand(whole, values), True
    return json.dumps(whole) if changed else text


def _included(part: Any, values: dict[str, str], read: Read) -> Any:
    if isinstance(part, list):
        return [_included(item, values, read) for item in part]
    if not isinstance(part, dict):
        return part
    macro = part.get("Fn::Transform")
    if not isinstance(macro, dict):
        return {key: _included(value, values, read) for key, value in part.items()}
    if macro.get("Name") != INCLUDE:
        raise validation_error(f"No transform named {macro.get('Name')} found.")
    location = (macro.get("Parameters") or {}).get("Location")
    if isinstance(location, dict):
        location = values.get(str(location.get("Ref")))
    snippet = template.parse_snippet(read(str(location)))
    others = {key: _included(value, values, read) for key, value in part.items() if key != "Fn::Transform"}
    return {**snippet, **others} if others else snippet
