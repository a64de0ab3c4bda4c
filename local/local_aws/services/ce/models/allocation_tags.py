"""Which keys of tags are cost allocation tags of an organization.

A key is known once something has it; tags of accounts are keys that begin with "accountTag/".
"""

from local_aws.services.organizations.models.organizations import organization_of

ACCOUNT_TAG = "accountTag/"
_active: dict[str, set[str]] = {}


def known(payer: str) -> list[str]:
    """The keys of the tags of all accounts."""
    return sorted({f"{ACCOUNT_TAG}{key}" for account in organization_of(payer).accounts for key in account.tags})


def is_active(payer: str, key: str) -> bool:
    return key in _active.get(payer, set())


def switch(payer: str, key: str, active: bool) -> None:
    """Activates or deactivates a key; it may be so already."""
    keys = _active.setdefault(payer, set())
    if active:
        keys.add(key)
    else:
        keys.discard(key)
