"""What only the local AWS can do, at endpoints of its own: read its audit, inject faults, let a schedule be due.

What a test wants refused is written down beside the audits, for the proof of privileges.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import requests
from privileges import record

# No call has that number yet.
_NEVER = 10**15


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class LocalAws:
    """The local AWS's own endpoints."""

    def __init__(self, url: str, audit_folder: Path) -> None:
        self._url = f"{url}/local-aws"
        self._audit_folder = audit_folder
        self._provoked: list[tuple[int, int]] = []
        self._marked_at: dict[int, str] = {}

    def mark(self) -> int:
        """A place in the audit: what comes later is found with `calls`."""
        number = self._audit()["next"]
        self._marked_at[number] = _now()
        return number

    def calls(self, since: int = 0) -> list[dict]:
        """The calls since a mark, in their order."""
        return self._audit(since)["calls"]

    def expect_refusals(self, since: int) -> None:
        """The calls from a mark until now may be refused: the test has taken away what they need."""
        self._provoked.append((since, self.mark()))
        self._provoke(self._marked_at[since])

    @contextmanager
    def refusing(self, holder: str, *actions: str) -> Iterator[None]:
        """Meanwhile a role or user may be refused these actions, because the test wants it so."""
        start = _now()
        yield
        for action in actions:
            self._provoke(start, holder, action)

    def _provoke(self, start: str, holder: str = "*", action: str = "*") -> None:
        window = record.Window(self._audit(_NEVER)["log"], start, _now(), holder, action)
        record.provoke(self._audit_folder, window)

    def _audit(self, since: int = 0) -> dict:
        answer = requests.get(f"{self._url}/audit", params={"since": since}, timeout=30)
        return answer.json()

    def holders(self) -> list[dict]:
        """Every role and user of every account, with its policies."""
        return requests.get(f"{self._url}/policies", timeout=60).json()["holders"]

    def is_unexpected(self, call: dict) -> bool:
        """Whether no test has asked for the refusal of that call."""
        within = any(first < call["number"] <= last for first, last in self._provoked)
        return not call["injected"] and not within

    def inject(self, **fault: object) -> None:
        """Makes the next matching calls fail."""
        answer = requests.post(f"{self._url}/faults", data=json.dumps(fault), timeout=10)
        answer.raise_for_status()

    def clear(self, label: str) -> None:
        """Takes the faults of that label back that were not met."""
        requests.delete(f"{self._url}/faults", params={"label": label}, timeout=10).raise_for_status()

    def fire(self, account_id: str, schedule: str) -> str:
        """A schedule is due: the ARN of the execution that it starts."""
        answer = requests.post(f"{self._url}/schedules/{account_id}/{schedule}/fire", timeout=60)
        answer.raise_for_status()
        return str(answer.json()["execution"])

    def root_user(self, account_id: str, **credentials: int) -> None:
        """Gives a root user what only it can make, or takes it away: keys of GetAccountSummary with 1 or 0."""
        url = f"{self._url}/accounts/{account_id}/root-user"
        requests.post(url, data=json.dumps(credentials), timeout=10).raise_for_status()

    def suspend(self, account_id: str) -> None:
        """Suspends an account, as AWS or an owner may do."""
        requests.post(f"{self._url}/accounts/{account_id}/suspend", timeout=10).raise_for_status()

    def invite(self, account_id: str) -> None:
        """The account is one that was there before and came by an invitation."""
        requests.post(f"{self._url}/accounts/{account_id}/invite", timeout=10).raise_for_status()
