"""The identity stores by their ids: one is made with its instance of IAM Identity Center, see ../single_sign_on.

moto makes a store for any id.
"""

import inspect
import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .directory import Directory

_directories: "dict[str, Directory]" = {}
_lock = threading.Lock()


def _name_import_frames() -> None:
    """Tells `inspect` which modules the frames of an import belong to.

    pydantic looks for each model's docstrings in all frames above it, and those frames have no file: for each of them
    `inspect` would walk through all modules of the process, which doubles the time that the models of SCIM take.
    """
    for name in ("importlib._bootstrap", "importlib._bootstrap_external"):
        path = os.path.normcase(os.path.abspath(f"<frozen {name}>"))
        inspect.modulesbyfile.setdefault(path, name)  # type: ignore[attr-defined]


def create_directory(identity_store_id: str, account_id: str, region: str) -> "Directory":
    """Makes the store of an instance, or answers the one of that id."""
    # Here, since the models of SCIM take half a second to read, and most processes have no store.
    _name_import_frames()
    from .directory import Directory

    with _lock:
        return _directories.setdefault(identity_store_id, Directory(identity_store_id, account_id, region))


def find_directory(identity_store_id: str) -> "Directory | None":
    """The store of that id, which may be given as an ARN."""
    with _lock:
        return _directories.get(str(identity_store_id).rsplit("/", 1)[-1])
