"""Files that a template includes with AWS::Include, put in their place as CloudFormation does; `sam package` uploads them.

And what becomes of one that is a template as text, for those who want to see that template itself.
"""

from pathlib import Path
from typing import Any

from local_aws.deploy import sam
from local_aws.deploy.problems import DeploymentError


def include(part: Any, folder: Path) -> Any:
    """The part of a template with every included file, by its path from the folder, in its place."""
    if isinstance(part, list):
        return [include(item, folder) for item in part]
    if not isinstance(part, dict):
        return part
    transform = part.get("Fn::Transform")
    if isinstance(transform, dict) and transform.get("Name") == "AWS::Include":
        path = folder / str(transform["Parameters"]["Location"])
        if not path.is_file():
            raise DeploymentError(f"the template includes {path.name}, which does not exist")
        return sam.parse(path.read_text(encoding="utf-8"))
    return {key: include(value, folder) for key, value in part.items()}


def rendered(path: Path, values: dict[str, str]) -> str:
    """The template in a file, also in one that is included as text, with these values in the latter.

    What a condition of the outer template decides is what it is where that does not hold.
    """
    text = path.read_text(encoding="utf-8")
    included = sam.parse(text).get("Fn::Sub")
    if not included:
        return text
    text = str(included[0])
    unless = {name: value["Fn::If"][2] for name, value in included[1].items() if "Fn::If" in value}
    for name, value in {**unless, **values}.items():
        text = text.replace(f"${{{name}}}", value)
    return text.replace("${!", "${")
