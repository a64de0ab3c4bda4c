"""The SAML metadata of an identity provider for demo and tests: what meshIdB would serve at such an address.

PUT takes other metadata, or the answer of a provider that is out of order, until DELETE.
"""

import base64
import hashlib
import re
import threading
from pathlib import Path
from typing import Any

PATH = "saml/descriptor"
_FILE = Path(__file__).with_name("saml_descriptor.xml")
_lock = threading.Lock()
_changed: str | None = None


def original() -> str:
    """The metadata that are served unless a PUT has brought others."""
    return _FILE.read_text(encoding="utf-8")


def certificate() -> str:
    """The certificate in them, in base64."""
    return _first(r"X509Certificate>([^<]+)<")


def following_certificate() -> str:
    """The one that is to replace it: no real one, but another one."""
    old = certificate()
    return old.replace(old[200:204], "AbCd")


def entity_id() -> str:
    """Who the provider says it is."""
    return _first(r'entityID="([^"]+)"')


def fingerprint(text: str) -> str:
    """The SHA-256 fingerprint of a certificate in base64."""
    return hashlib.sha256(base64.b64decode(text)).hexdigest()


def _first(pattern: str) -> str:
    found = re.search(pattern, original())
    assert found is not None, "the file has it"
    return found[1]


def document() -> str:
    """The metadata that are served now."""
    with _lock:
        return _changed if _changed is not None else original()


def replace(text: str | None) -> None:
    """Serves this text from now on; without one, the first metadata again."""
    global _changed
    with _lock:
        _changed = text


def answer(environ: dict[str, Any]) -> tuple[int, dict[str, str], str] | None:
    """Status, headers and body; None for methods that it does not have."""
    method = environ["REQUEST_METHOD"]
    if method == "PUT":
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        try:
            replace(body.decode("utf-8"))
        except UnicodeDecodeError:
            return 400, {"Content-Type": "text/plain"}, "metadata are UTF-8"
    elif method == "DELETE":
        replace(None)
    elif method != "GET":
        return None
    return 200, {"Content-Type": "application/samlmetadata+xml"}, document()
