"""Requests to the endpoints of the local AWS itself."""

import json
import urllib.error
import urllib.request
from typing import Any


def admin(server: Any, method: str, path: str, document: Any = None) -> tuple[int, Any]:
    """Status and document of an answer from below /local-aws/."""
    body = None if document is None else json.dumps(document).encode()
    asked = urllib.request.Request(f"{server.url}/local-aws/{path}", data=body, method=method)
    try:
        with urllib.request.urlopen(asked) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
