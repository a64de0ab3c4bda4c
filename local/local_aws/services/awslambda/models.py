"""Published versions: code and configuration of a function as they were, and none where nothing has changed since.

moto shares the code of $LATEST with its versions, publishes whatever was written, counts what is there, and deletes versions under
an alias. Sources: Lambda Developer Guide, "Manage Lambda function versions"; Lambda API reference, PublishVersion and DeleteFunction.
"""

import copy
from typing import Any

from moto.awslambda.exceptions import LambdaClientError
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


class VersionInUse(LambdaClientError):
    """An alias names the version."""

    code = 409

    def __init__(self, aliases: list[str]) -> None:
        names = ", ".join(aliases)
        super().__init__("ResourceConflictException", f"Unable to delete version because the following aliases reference it: [{names}]")


@patch(LambdaStorage, "del_function")
def _delete_function(original: Any, self: LambdaStorage, name_or_arn: str, qualifier: str | None = None) -> None:
    """Keeps a version that an alias names; to delete one that is not there is no error.

    The words are recorded (karl-cardenas-coding/go-lambda-cleanup#45), and so is the 204 for a missing version (floci-io/floci#2824).
    """
    name, _, named = name_or_arn.rpartition(":function:")[2].partition(":")
    qualifier = named or qualifier
    if qualifier and name in self._functions:
        aliases = [alias for alias in self.list_aliases(name) if qualifier in (alias.name, alias.function_version)]
        if aliases:
            raise VersionInUse([alias.name for alias in aliases])
        if qualifier != "$LATEST" and self._get_version(name, qualifier) is None:
            return
    original(self, name_or_arn, qualifier)
