"""Many accounts at once that nobody looks into, as a large organization has them: they are listed, and have nothing in them.

A creation of each would take hours of AWS, and moto makes a role and a store for every account.
"""

from moto.core.utils import utcnow
from moto.organizations.models import FakeAccount, OrganizationsBackend, organizations_backends
from moto.organizations.utils import make_random_create_account_status_id

from local_aws.credentials import PARTITION
from local_aws.services.organizations.models.organizations import lock

MOST = 50_000
# Ids in a range of their own, which others come upon by chance only.
_FIRST_ID = 900_000_000_000


def seed(document: dict[str, object]) -> None:
    """`{"count": 10000}`: the organization has so many accounts more, in the root; raises ValueError."""
    count = document.get("count")
    if set(document) != {"count"} or type(count) is not int or not 1 <= count <= MOST:
        raise ValueError(f"count is a number from 1 to {MOST}")
    with lock:
        backend = next((one for one in _organizations() if one.org is not None), None)
        if backend is None:
            raise ValueError("there is no organization")
        taken = {account.id for account in backend.accounts}
        free = (f"{number}" for number in range(_FIRST_ID, _FIRST_ID + count + len(taken)))
        ids = [account_id for account_id in free if account_id not in taken][:count]
        backend.accounts.extend([_account(backend, account_id) for account_id in ids])
        for account_id in ids:
            organizations_backends.master_accounts[account_id] = (backend.account_id, PARTITION)


def _organizations() -> list[OrganizationsBackend]:
    return [backends[PARTITION] for backends in list(organizations_backends.values()) if PARTITION in backends]


def _account(backend: OrganizationsBackend, account_id: str) -> FakeAccount:
    organization = backend.org
    account = FakeAccount.__new__(FakeAccount)
    vars(account).update(
        type="ACCOUNT",
        region=organization.region,
        organization_id=organization.id,
        master_account_id=organization.master_account_id,
        create_account_status_id=make_random_create_account_status_id(),
        id=account_id,
        name=f"seeded-{account_id}",
        email=f"seeded+{account_id}@example.com",
        create_time=utcnow(),
        status="ACTIVE",
        state="ACTIVE",
        joined_method="CREATED",
        parent_id=organization.root_id,
        attached_policies=[],
        tags={},
    )
    return account
