"""The templates of a package: those of the repository, with each function's zip in the place of its sources.

One processor only, since the zips are for one. Nothing else is changed.
"""

import json
from pathlib import Path
from typing import Any

import yaml
from samtranslator.yaml_helper import yaml_parse

FUNCTION = "AWS::Serverless::Function"
FUNCTIONS = "functions"


def of_zips(path: Path, repository: Path, architecture: str) -> str | None:
    """The template with zips, by their path from its own place; None for one without functions, which stays as it is."""
    text = path.read_text(encoding="utf-8")
    if FUNCTION not in text:
        return None
    # Through JSON: no alias is left, which CloudFormation would not know.
    template: dict[str, Any] = json.loads(json.dumps(yaml_parse(text), default=str))
    up = "../" * (len(path.relative_to(repository).parts) - 1)
    template["Globals"]["Function"].pop("CodeUri", None)
    for resource in template["Resources"].values():
        if resource["Type"] == FUNCTION:
            program = resource.pop("Metadata")["BuildProperties"]["Binary"]
            resource["Properties"]["CodeUri"] = f"{up}{FUNCTIONS}/{program}.zip"
    of_processor = template["Parameters"]["Architecture"]
    of_processor["AllowedValues"] = [architecture]
    if "Default" in of_processor:
        of_processor["Default"] = architecture
    return yaml.safe_dump(template, sort_keys=False, allow_unicode=True, width=120)
