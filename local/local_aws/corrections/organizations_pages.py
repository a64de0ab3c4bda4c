"""Pages of Organizations' lists: at most 20 entries, and now and then an empty page with a NextToken.

moto gives pages of 100 and never an empty one, so a caller who stops at an empty page goes unnoticed.
"""

import base64
import itertools
import json
from typing import Any

from local_aws.corrections.organizations_validation import InvalidInput

PAGE_SIZE = 20
# Every list that needs several pages has an empty one after its first, every fourth list begins with one.
_LISTS_PER_EMPTY_START = 4

_lists = itertools.count()


def _token(offset: int, after_empty: bool) -> str:
    return base64.urlsafe_b64encode(json.dumps([offset, after_empty]).encode()).decode()


def _position(token: str) -> tuple[int, bool]:
    try:
        offset, after_empty = json.loads(base64.urlsafe_b64decode(token))
        return int(offset), bool(after_empty)
    except (ValueError, TypeError) as error:
        raise InvalidInput(
            "INVALID_NEXT_TOKEN", "Get the value for the NextToken parameter from the previous response."
        ) from error


def page(entries: list[Any], request: dict[str, Any], key: str) -> dict[str, Any]:
    """One page of a list, as the answer of the call."""
    limit = request.get("MaxResults") or PAGE_SIZE
    if not isinstance(limit, int) or not 1 <= limit <= PAGE_SIZE:
        reason = "MIN_VALUE_EXCEEDED" if isinstance(limit, int) and limit < 1 else "MAX_VALUE_EXCEEDED"
        raise InvalidInput(reason, f"MaxResults is from 1 to {PAGE_SIZE}.")
    token = request.get("NextToken")
    if not token:
        if next(_lists) % _LISTS_PER_EMPTY_START == _LISTS_PER_EMPTY_START - 1:
            return {key: [], "NextToken": _token(0, True)}
        offset, after_empty = 0, False
    else:
        offset, after_empty = _position(token)
        if not after_empty:
            return {key: [], "NextToken": _token(offset, True)}
    end = offset + limit
    answer: dict[str, Any] = {key: entries[offset:end]}
    if end < len(entries):
        answer["NextToken"] = _token(end, offset > 0 or after_empty)
    return answer
