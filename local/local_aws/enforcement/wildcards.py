"""Wildcards of IAM policies: * and ? in actions, resources and condition values.

In ARNs a wildcard stays within its segment; only the last segment may hold colons.
"""

import functools
import re

_ARN_SEGMENTS = 6


@functools.lru_cache(maxsize=4096)
def _expression(pattern: str) -> re.Pattern[str]:
    parts = (".*" if char == "*" else "." if char == "?" else re.escape(char) for char in pattern)
    return re.compile("".join(parts), re.DOTALL)


def text_matches(pattern: str, text: str) -> bool:
    """Case-sensitive match of a whole text."""
    return _expression(pattern).fullmatch(text) is not None


def arn_matches(pattern: str, arn: str) -> bool:
    """Match of an ARN segment by segment; "*" alone matches everything."""
    if pattern == "*":
        return True
    patterns = pattern.split(":", _ARN_SEGMENTS - 1)
    segments = arn.split(":", _ARN_SEGMENTS - 1)
    if len(segments) < _ARN_SEGMENTS:
        return text_matches(pattern, arn)
    if len(patterns) < _ARN_SEGMENTS:
        # "arn:aws:iam::*" stands for all that follows; any other short pattern is no ARN.
        if not pattern.endswith("*"):
            return False
        patterns += ["*"] * (_ARN_SEGMENTS - len(patterns))
    return all(text_matches(one, other) for one, other in zip(patterns, segments, strict=True))


def action_matches(pattern: str, action: str) -> bool:
    """Actions are matched without regard to letter case."""
    return text_matches(pattern.lower(), action.lower())
