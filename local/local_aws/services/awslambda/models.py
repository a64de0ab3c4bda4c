"""Published versions: code and configuration of a function as they were, and none where nothing has changed since.

moto shares the code of $LATEST with its versions, publishes whatever was written, and counts what is there. The rules are those
of Lambda's developer guide ("Manage Lambda function versions") and of the reference of PublishVersion.
"""

import copy
from typing import Any

from moto.awslambda.models import LambdaFunction, LambdaStorage

from local_aws.patches import patch

# What belongs to one version alone, or is not configuration.
_OWN = ("Description", "FunctionArn", "LastModified", "Version")


def content_of(function: LambdaFunction) -> dict[str, Any]:
    """What a version holds of a function, and what of it has to differ for another version."""
    configuration = {key: value for key, value in function.get_configuration().items() if key not in _OWN}
    return copy.deepcopy({**configuration, "Logging": getattr(function, "logging_config", {})})


def newest_version(storage: LambdaStorage, name: str) -> LambdaFunction | None:
    """The version that was published last, of those that are there."""
    versions = storage._functions[name]["versions"]
    return versions[-1] if versions else None


@patch(LambdaStorage, "publish_version")
def _publish_version(_: Any, self: LambdaStorage, name_or_arn: str, description: str = "") -> LambdaFunction:
    """Answers the last version where code and configuration are as they were; numbers are never used twice."""
    function = self.get_function_by_name_or_arn_forbid_qualifier(name_or_arn)
    content = content_of(function)
    newest = newest_version(self, function.function_name)
    if newest is not None and newest.published_content == content:  # type: ignore[attr-defined]
        return newest
    version = copy.copy(function)
    version.code = dict(function.code)
    version.published_content = content  # type: ignore[attr-defined]
    function.last_number = getattr(function, "last_number", 0) + 1  # type: ignore[attr-defined]
    version.set_version(function.last_number)  # type: ignore[attr-defined]
    version.description = description or function.description
    self._functions[function.function_name]["versions"].append(version)
    self._arns[version.function_arn] = version
    return version
