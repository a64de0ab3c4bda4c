"""Reads templates, and expands a SAM template before it is deployed, as `sam deploy` has CloudFormation do it.

A template that is nested in another is expanded by CloudFormation itself, which knows its parameters only then.
"""

import json
from typing import Any

from moto.core.exceptions import ServiceException
from samtranslator.yaml_helper import yaml_parse

from local_aws.deploy.problems import DeploymentError
from local_aws.services.cloudformation.models import serverless


def parse(text: str) -> dict[str, Any]:
    """The template with the long forms of its functions, and with what an alias stands for in each of its places."""
    return dict(json.loads(json.dumps(yaml_parse(text), default=str)))


def expand(template: dict[str, Any], parameters: dict[str, str]) -> dict[str, Any]:
    """The template without serverless resources; raises DeploymentError for what the macro refuses."""
    if not serverless.is_serverless(template):
        return template
    try:
        return serverless.expand(template, parameters)
    except ServiceException as error:
        raise DeploymentError(error.message) from error
