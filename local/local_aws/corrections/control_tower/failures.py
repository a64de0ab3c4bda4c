"""Failures of account operations that a test asks for: the next ones on an account fail with a message.

They stand for what goes wrong inside Control Tower, where no call's error could be injected.
"""

import threading
from dataclasses import asdict, dataclass
from typing import Any


@dataclass
class Failure:
    """One wanted failure; `leaves` is the status of the provisioned product afterwards."""

    account: str
    message: str
    code: str = "AWSControlTowerException"
    leaves: str | None = None
    count: int = 1

    @classmethod
    def of(cls, document: dict[str, Any]) -> "Failure":
        """The failure of a JSON document; raises ValueError for what is not one."""
        known = set(cls.__dataclass_fields__)
        unknown = sorted(set(document) - known)
        texts = (document.get("account"), document.get("message"))
        if unknown or not all(isinstance(text, str) and text for text in texts):
            raise ValueError(f"a failure has account and message, and may have code, leaves and count, not {unknown}")
        failure = cls(**document)
        if failure.leaves not in (None, "TAINTED", "ERROR") or failure.count < 1:
            raise ValueError("leaves is TAINTED or ERROR, count at least 1")
        return failure


_failures: list[Failure] = []
_lock = threading.Lock()


def add(failure: Failure) -> None:
    """The next operations on that account will fail."""
    with _lock:
        _failures.append(failure)


def clear() -> None:
    """No more failures."""
    with _lock:
        _failures.clear()


def pending() -> list[dict[str, Any]]:
    """What is still to happen."""
    with _lock:
        return [asdict(failure) for failure in _failures]


def meet(account_id: str, error: type[Exception]) -> None:
    """Raises the failure that is wanted for the account, if any; it counts as used."""
    with _lock:
        failure = next((one for one in _failures if one.account == account_id), None)
        if failure is None:
            return
        failure.count -= 1
        if failure.count == 0:
            _failures.remove(failure)
    raise error(failure.message, failure.code, failure.leaves)
