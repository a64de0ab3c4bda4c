"""What AssumeRole refuses because of its parameters; an ExternalId is never repeated in an error.

moto checks no parameter.
"""

import re

from moto.iam.models import Role

from local_aws.enforcement.principals import Principal
from local_aws.services.sts.exceptions import InvalidParameterValue, ValidationError

CHAINED_SESSION_SECONDS = 3600
_PATTERNS = {
    "RoleSessionName": ("roleSessionName", r"[\w+=,.@-]*", 2, 64),
    "ExternalId": ("externalId", r"[\w+=,.@:\/-]*", 2, 1224),
    "SourceIdentity": ("sourceIdentity", r"[\w+=,.@-]*", 2, 64),
    "RoleArn": ("roleArn", r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD]+", 20, 2048),
}


def check_patterns(parameters: dict[str, str | None]) -> None:
    """The parameters of AssumeRole, one by one."""
    for name, (member, pattern, least, most) in _PATTERNS.items():
        value = parameters.get(name)
        if value is None:
            continue
        if not re.fullmatch(pattern, value):
            constraint = f"Member must satisfy regular expression pattern: {pattern}"
        elif len(value) < least:
            constraint = f"Member must have length greater than or equal to {least}"
        elif len(value) > most:
            constraint = f"Member must have length less than or equal to {most}"
        else:
            continue
        shown = "***" if name == "ExternalId" else value
        raise ValidationError(
            f"1 validation error detected: Value '{shown}' at '{member}'"
            f" failed to satisfy constraint: {constraint}"
        )
    if not parameters.get("RoleSessionName"):
        raise ValidationError(
            "1 validation error detected: Value null at 'roleSessionName' failed to satisfy constraint:"
            " Member must not be null"
        )
    role_arn = parameters.get("RoleArn") or ""
    if not re.fullmatch(r"arn:[\w-]+:iam::\d{12}:role/.+", role_arn):
        raise ValidationError(f"{role_arn} is invalid")


def check_tags(tags: list[dict[str, str]], transitive: list[str]) -> None:
    """Session tags, whose keys are compared without letter case."""
    keys = [tag["Key"].lower() for tag in tags]
    if len(set(keys)) < len(keys):
        raise InvalidParameterValue(
            "Duplicate tag keys found. Please note that Tag keys are case insensitive."
        )
    if not {key.lower() for key in transitive} <= set(keys):
        raise InvalidParameterValue(
            "The specified transitive tag key must be included in the requested tags."
        )


def check_duration(principal: Principal, role: Role | None, seconds: int) -> None:
    """How long the session may last; an hour where a role assumes another."""
    if not 900 <= seconds <= 43200:
        bound = "greater than or equal to 900" if seconds < 900 else "less than or equal to 43200"
        raise ValidationError(
            f"1 validation error detected: Value '{seconds}' at 'durationSeconds'"
            f" failed to satisfy constraint: Member must have value {bound}"
        )
    if principal.kind == "role" and seconds > CHAINED_SESSION_SECONDS:
        raise ValidationError(
            "The requested DurationSeconds exceeds the 1 hour session limit"
            " for roles assumed by role chaining"
        )
    if role is not None and seconds > int(role.max_session_duration or CHAINED_SESSION_SECONDS):
        raise ValidationError(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        )
