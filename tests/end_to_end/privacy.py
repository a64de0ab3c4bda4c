"""Finds e-mail addresses, credentials and other secrets in texts, in whatever encoding they got there.

What is found is told with its place and kind and never shown: the output of tests is a log, too.
"""

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

ADDRESS = re.compile(r"[\w.%+/=~!#$&*?^`{|}'-]@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
ACCESS_KEY_ID = re.compile(r"(?<![A-Z0-9])A(?:KI|SI)A[A-Z0-9]{12,124}(?![A-Z0-9])")
PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
# How session tokens of STS begin, those of AWS and those of moto.
SESSION_TOKEN = re.compile(r"\b(?:FQoGZXIvYXdz|IQoJb3JpZ2lu|FwoGZXIvYXdz)[A-Za-z0-9+/=]{40,}")
_PATTERNS = {
    "an address": ADDRESS,
    "an access key id": ACCESS_KEY_ID,
    "a private key": PRIVATE_KEY,
    "a session token": SESSION_TOKEN,
}
_UNICODE_ESCAPE = re.compile(r"\\+u00([2-7][0-9A-Fa-f])|\\+x([2-7][0-9A-Fa-f])")
_PERCENT_ESCAPE = re.compile(r"%([2-7][0-9A-Fa-f])")
# How much of a secret is compared at once, and at most so many places apart.
_PIECE = 12
_LONGEST_STRIDE = 8


class Finding(NamedTuple):
    """Something that must not be there: where, and what it is."""

    where: str
    kind: str


def decoded(text: str) -> str:
    """The text without JSON, percent and HTML escapes of printable ASCII, however often they were applied."""
    for _ in range(4):
        plain = _UNICODE_ESCAPE.sub(lambda match: chr(int(match[1] or match[2], 16)), text)
        plain = _PERCENT_ESCAPE.sub(lambda match: chr(int(match[1], 16)), plain)
        plain = html.unescape(plain) if "&" in plain else plain
        if plain == text:
            break
        text = plain
    return text


def _forms(secret: str) -> Iterator[str]:
    """The secret as texts show it: plain, in hexadecimal digits, and in the middle of something in Base64."""
    yield secret
    yield quote(secret, safe="")
    octets = secret.encode()
    yield octets.hex()
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + octets + b"\0\0").decode()
        # The first and the last characters depend on the neighbours as well.
        yield encoded[-(-shift * 8 // 6) : (shift + len(octets)) * 8 // 6]


class Search:
    """Looks for patterns and for secrets that are known."""

    def __init__(self, secrets: dict[str, Iterable[str]]) -> None:
        """The known secrets by their kind, each of twelve characters at least."""
        self._seen: dict[str, frozenset[str]] = {}
        known = [(kind, secret) for kind, ones in secrets.items() for secret in ones]
        for kind, secret in known:
            if len(secret) < _PIECE:
                raise ValueError(f"{kind} is too short to be told from other words")
        forms = {(form, kind) for kind, secret in known for form in _forms(secret)}
        # So that a piece of every form begins at one of the places that are looked at, wherever the form begins.
        self._stride = min([_LONGEST_STRIDE, *(len(form) - _PIECE + 1 for form, _ in forms)])
        self._pieces: dict[str, list[tuple[int, str, str]]] = {}
        for form, kind in forms:
            for offset in range(self._stride):
                self._pieces.setdefault(form[offset : offset + _PIECE], []).append((offset, form, kind))

    def kinds_in(self, text: str) -> frozenset[str]:
        """What kinds of things are in the text; histories hold the same texts again and again."""
        known = self._seen.get(text)
        if known is None:
            known = self._seen[text] = frozenset(self._look(text))
        return known

    def _look(self, text: str) -> set[str]:
        kinds = self._secrets_in(text)
        plain = decoded(text)
        if plain != text:
            kinds |= self._secrets_in(plain)
        return kinds | {kind for kind, pattern in _PATTERNS.items() if pattern.search(plain)}

    def _secrets_in(self, text: str) -> set[str]:
        kinds = set()
        for place in range(0, len(text) - _PIECE + 1, self._stride):
            for offset, form, kind in self._pieces.get(text[place : place + _PIECE], ()):
                if place >= offset and text.startswith(form, place - offset):
                    kinds.add(kind)
        return kinds

    def in_text(self, where: str, text: str) -> list[Finding]:
        """What is in a text in which nothing may be."""
        return [Finding(where, kind) for kind in sorted(self.kinds_in(text))]

    def in_document(self, where: str, document: Any, addresses_at: re.Pattern[str]) -> list[Finding]:
        """What is in a document, but for addresses at the paths that match; JSON in texts is part of the document."""
        found = []
        for path, text in leaves(document):
            for kind in sorted(self.kinds_in(text)):
                if kind != "an address" or not addresses_at.search(path):
                    found.append(Finding(f"{where}: {path}", kind))
        return found


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """All texts of a document with their paths, e.g. `.Order.Request.AccountEmail`; keys are texts as well."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield f"{path}.(key)", key
            yield from leaves(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, f"{path}.*")
    elif isinstance(value, str):
        inner = _json_in(value)
        if inner is None:
            yield path, value
        else:
            yield from leaves(inner, path)


def _json_in(text: str) -> Any:
    """The object or list that a text holds, or None."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None
