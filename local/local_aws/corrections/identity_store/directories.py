"""The identity stores by their ids: one is made with its instance of IAM Identity Center, see ../single_sign_on.

moto makes a store for any id.
"""

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .directory import Directory

_directories: "dict[str, Directory]" = {}
_lock = threading.Lock()


def create_directory(identity_store_id: str, account_id: str, region: str) -> "Directory":
    """Makes the store of an instance, or answers the one of that id."""
    # Here, since the models of SCIM take a second to read, and most processes have no store.
    from .directory import Directory

    with _lock:
        return _directories.setdefault(identity_store_id, Directory(identity_store_id, account_id, region))


def find_directory(identity_store_id: str) -> "Directory | None":
    """The store of that id, which may be given as an ARN."""
    with _lock:
        return _directories.get(str(identity_store_id).rsplit("/", 1)[-1])
