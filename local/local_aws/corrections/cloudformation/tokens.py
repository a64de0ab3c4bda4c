"""Client request tokens: a repeated request is the same request, a token on another one is refused.

Corrects moto, which ignores tokens.
"""

from typing import Any

from .errors import error


def fingerprint(*parts: Any) -> str:
    """What two requests must have in common to be the same."""
    return repr(parts)


def earlier(backend: Any, token: str | None, mark: str) -> str | None:
    """The result of an earlier request with the token; raises when that was a different request."""
    known = _tokens(backend).get(token or "")
    if known is None:
        return None
    if known[0] != mark:
        raise error(
            "TokenAlreadyExistsException", f"A client request token {token} already exists for another request"
        )
    return str(known[1])


def remember(backend: Any, token: str | None, mark: str, result: str) -> None:
    if token:
        _tokens(backend)[token] = (mark, result)


def _tokens(backend: Any) -> dict[str, tuple[str, str]]:
    tokens: dict[str, tuple[str, str]] = backend.__dict__.setdefault("request_tokens", {})
    return tokens
