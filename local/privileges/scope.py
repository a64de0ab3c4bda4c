"""Whose rights are proved: every role and user that a template of ours makes, and the access role of the accounts.

The access role comes from CreateAccount, its minimum policies from the downgrade.
"""

import re
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from local_aws.deploy.included import rendered
from local_aws.paths import REPOSITORY

_NAMES = {"AWS::IAM::Role": "RoleName", "AWS::IAM::User": "UserName"}
_PARAMETER = re.compile(r"\$\{(\w+)\}")
ACCESS_ROLE = "MeshstackAccountAccessRole"


def _named_in(template: dict[str, Any]) -> set[str]:
    parameters = template.get("Parameters", {})
    found = set()
    for resource in template["Resources"].values():
        if resource["Type"] in _NAMES:
            name = resource["Properties"][_NAMES[resource["Type"]]]
            if isinstance(name, dict):
                name = name.get("Fn::Sub") or f"${{{name['Ref']}}}"
            found.add(_PARAMETER.sub(lambda part: str(parameters[part[1]]["Default"]), name))
    return found


def holders() -> frozenset[str]:
    """The names, as the templates give them when nobody chooses others."""
    paths = [REPOSITORY / "template.yaml", *sorted((REPOSITORY / "templates").glob("*.yaml"))]
    templates = [yaml_parse(rendered(path, {})) for path in paths]
    return frozenset({ACCESS_ROLE}.union(*map(_named_in, templates)))


HOLDERS = holders()
