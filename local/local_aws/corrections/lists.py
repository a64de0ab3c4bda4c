"""Pages of lists: a token is where the next page begins, and means nothing to callers.

moto's lists come in one page, in pages without end, or take any text as a token.
"""

import base64
from collections.abc import Mapping
from typing import Any

_PREFIX = "from"


def page(
    entries: list[Any], token: Any, size: int, refusal: Exception
) -> tuple[list[Any], str | None]:
    """The part of a list that a token stands for, and the token of the next part; raises the refusal for no token."""
    start = _position(token, refusal) if token else 0
    following = _token(start + size) if start + size < len(entries) else None
    return entries[start : start + size], following


def given(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Without the members that have no value."""
    return {key: value for key, value in entry.items() if value is not None}


def _token(position: int) -> str:
    return base64.urlsafe_b64encode(f"{_PREFIX}-{position}".encode()).decode()


def _position(token: Any, refusal: Exception) -> int:
    try:
        prefix, _, position = base64.urlsafe_b64decode(str(token)).decode().rpartition("-")
        if prefix == _PREFIX:
            return int(position)
    except ValueError:
        pass
    raise refusal
