"""IAM is eventually consistent: a new role, trust or policy counts some seconds later. A mode; AWS is so always.

With AVM_LOCAL_IAM_DELAY=15 each change takes 0 to 15 seconds of AWS until policies and trusts are judged by it, from the
end of the deployment on. What is read (GetRole and so on) is as it was written. Sources: IAM User Guide, "Troubleshooting
general IAM issues" (changes are not always visible at once); hashicorp/terraform#7733 tells of about 30 seconds,
DataDog/stratus-red-team#358 of a few, rarely of a minute.
"""

import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from moto.iam.models import ManagedPolicy, Role

from local_aws import clock
from local_aws.patches import patch

DELAY_VARIABLE = "AVM_LOCAL_IAM_DELAY"
MOST_SECONDS = 300


@dataclass(frozen=True)
class Rights:
    """What a role's trust and policies say: documents of inline policies by name, managed policies by ARN."""

    assume_role_policy_document: Any
    policies: dict[str, str]
    managed_policies: dict[str, ManagedPolicy]

    @classmethod
    def of(cls, role: Role) -> "Rights":
        """As they were written last."""
        # Copies: other threads change a role's policies while this one reads them.
        return cls(role.assume_role_policy_document, dict(role.policies), dict(role.managed_policies))


@dataclass(frozen=True)
class _Version:
    due: float
    rights: Rights | None


_maximum = 0.0
_versions: dict[str, list[_Version]] = {}
_lock = threading.Lock()


def wanted_delay() -> float:
    """The longest delay that the environment asks for, in seconds of AWS; 0 is none."""
    text = os.environ.get(DELAY_VARIABLE, "").strip() or "0"
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= MOST_SECONDS:
        raise ValueError(f"{DELAY_VARIABLE} must be a number from 0 to {MOST_SECONDS}, not {text!r}")
    return seconds


def begin(seconds: float) -> None:
    """From now on changes take up to so many seconds of AWS; 0 makes all of them count at once."""
    global _maximum
    with _lock:
        _maximum = seconds
        _versions.clear()


def rights(role: Role) -> Rights | None:
    """What counts now; nothing for a role that is not known yet."""
    with _lock:
        versions = _versions.get(role.id)
        if not versions:
            return Rights.of(role)
        now = time.monotonic()
        return [version for version in versions if version.due <= now or version is versions[0]][-1].rights


def created(role: Role) -> None:
    """A role is new: nobody knows it yet."""
    _changed(role, None)


@contextmanager
def changing(role: Role) -> Iterator[None]:
    """What happens to the role meanwhile counts later."""
    before = Rights.of(role)
    yield
    _changed(role, before)


def _changed(role: Role, before: Rights | None) -> None:
    with _lock:
        if not _maximum:
            return
        now = time.monotonic()
        versions = _versions.setdefault(role.id, [_Version(now, before)])
        due = now + clock.scaled(random.uniform(0, _maximum))
        versions.append(_Version(max(due, versions[-1].due), Rights.of(role)))


@patch(Role, "put_policy")
def _put_policy(original: Any, self: Role, *arguments: Any, **named: Any) -> None:
    with changing(self):
        original(self, *arguments, **named)


@patch(Role, "delete_policy")
def _delete_policy(original: Any, self: Role, *arguments: Any, **named: Any) -> None:
    with changing(self):
        original(self, *arguments, **named)


def _on_role(original: Any, policy: ManagedPolicy, holder: Any) -> None:
    if not isinstance(holder, Role):
        original(policy, holder)
        return
    with changing(holder):
        original(policy, holder)


@patch(ManagedPolicy, "attach_to")
def _attach_to(original: Any, self: ManagedPolicy, holder: Any) -> None:
    _on_role(original, self, holder)


@patch(ManagedPolicy, "detach_from")
def _detach_from(original: Any, self: ManagedPolicy, holder: Any) -> None:
    _on_role(original, self, holder)
