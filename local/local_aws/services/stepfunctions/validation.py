"""What Step Functions refuses before it makes a machine: logs that go nowhere, or to several places.

moto takes any log group, also one that does not exist.
"""

from typing import Any

from moto.logs.models import logs_backends

from local_aws.services.stepfunctions.exceptions import InvalidLoggingConfiguration

_BEGINNING = "Invalid Logging Configuration:"


def check_logging(configuration: dict[str, Any] | None) -> None:
    """A machine that writes a log has one log group for it, which exists."""
    if not configuration or (configuration.get("level") or "OFF") == "OFF":
        return
    destinations = configuration.get("destinations") or []
    groups = [(one or {}).get("cloudWatchLogsLogGroup", {}).get("logGroupArn") for one in destinations]
    if len(groups) != 1 or not groups[0]:
        raise InvalidLoggingConfiguration(f"{_BEGINNING} Must specify exactly one Log Destination.")
    if not _exists(str(groups[0])):
        raise InvalidLoggingConfiguration(f"{_BEGINNING} Log Destination not found.")


def _exists(arn: str) -> bool:
    parts = arn.split(":")
    if len(parts) != 8 or parts[5] != "log-group" or parts[7] != "*":
        return False
    return parts[6] in logs_backends[parts[4]][parts[3]].groups
