"""The grants that stay although no test needs them, each with the reason; the proof fails for one that is not needed here.

Patterns are those of the shell, over holder, policy, statement, action and resource.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any


@dataclass(frozen=True)
class GrantException:
    """Grants that stay, and why."""

    reason: str
    holder: str
    action: str = "*"
    statement: str = "*"
    policy: str = "*"
    resource: str = "*"

    def covers(self, key: Any) -> bool:
        """Whether a grant is one of them."""
        return all(
            fnmatchcase(getattr(key, name), getattr(self, name).replace("[", "[[]"))
            for name in ("holder", "policy", "statement", "action", "resource")
        )


EXCEPTIONS: tuple[GrantException, ...] = ()
