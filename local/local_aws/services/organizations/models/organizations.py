"""The organization of an account, and the lock that guards organizations.

moto's lists of accounts and units have no locks, and an account is never suspended.
"""

import threading
from collections.abc import Callable
from typing import Any

from moto.organizations.models import OrganizationsBackend, organizations_backends

from local_aws.credentials import PARTITION
from local_aws.services.organizations.models import account_creation

# Guards organizations, and what other corrections keep about their accounts.
lock = threading.RLock()

# Told of every MoveAccount, after it: the organization, the account, the parent that it left.
Listener = Callable[[OrganizationsBackend, Any, str], None]
move_listeners: list[Listener] = []


def organization_of(account_id: str) -> OrganizationsBackend:
    """The organization that an account belongs to, or of which it is the management account."""
    management_id, _ = organizations_backends.master_accounts.get(account_id, (account_id, PARTITION))
    return organizations_backends[management_id][PARTITION]


def suspend(account_id: str) -> bool:
    """Suspends an account, for tests; False when there is no such account."""
    return _change(account_id, status="SUSPENDED", state="SUSPENDED")


def invite(account_id: str) -> bool:
    """The account was there before and has come by an invitation, for tests; False when there is no such account."""
    return _change(account_id, joined_method="INVITED")


def _change(account_id: str, **attributes: str) -> bool:
    with lock:
        backend = organization_of(account_id)
        account_creation.complete_due(backend)
        for account in backend.accounts:
            if account.id == account_id:
                vars(account).update(attributes)
                return True
        return False
