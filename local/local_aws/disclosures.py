"""What a test of privacy compares with: every secret that this local AWS has issued, and what its functions answered.

Kept in memory only; served to tests by `admin`, never logged.
"""

import threading
from collections.abc import Iterator

from moto.iam.models import iam_backends
from moto.secretsmanager.models import FakeSecret, secretsmanager_backends
from moto.sts.models import sts_backends

_KEPT_ANSWERS = 20_000

_answers: dict[tuple[str, bool, bytes], None] = {}
_lock = threading.Lock()


def remember_answer(function_name: str, failed: bool, payload: bytes) -> None:
    """Keeps what a function has answered; the same answer once."""
    with _lock:
        if len(_answers) < _KEPT_ANSWERS:
            _answers.setdefault((function_name, failed, payload))


def answers() -> list[dict[str, str | bool]]:
    """Every different answer of a function, in the order of their first time."""
    with _lock:
        kept = list(_answers)
    return [
        {"function": name, "failed": failed, "payload": payload.decode("utf-8", "replace")}
        for name, failed, payload in kept
    ]


def issued_secrets() -> list[str]:
    """The secret parts of all keys and sessions, and the secrets in Secrets Manager; no access key ids."""
    return sorted({secret for secret in _issued() if secret})


def _issued() -> Iterator[str | None]:
    for account in list(iam_backends.values()):
        for backend in list(account.values()):
            yield from (key.secret_access_key for key in list(backend.access_keys.values()))
    for account in list(sts_backends.values()):
        for backend in list(account.values()):
            for session in list(backend.assumed_roles):
                yield session.secret_access_key
                yield session.session_token
    for account in list(secretsmanager_backends.values()):
        for backend in list(account.values()):
            for secret in list(backend.secrets.values()):
                if isinstance(secret, FakeSecret):
                    yield from (version.get("secret_string") for version in list(secret.versions.values()))
