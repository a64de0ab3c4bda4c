"""The users, groups and memberships of an identity store, kept as the SCIM resources of scim2-server.

The identity store's API and the SCIM endpoint read and write the same directory: moto knows no SCIM.
"""

import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from scim2_models import (
    InvalidValueException,
    NotFoundException,
    Resource,
    ResourceType,
    ScimProvider,
    SearchRequest,
    ServiceProviderConfig,
    UniquenessException,
)
from scim2_server.memory import InMemoryStorage
from scim2_server.storage import SearchPage
from scim2_server.utils import load_default_resource_types, load_default_schemas

PAGE_SIZE = 100
RESERVED_NAMES = ("Administrator", "AWSAdministrators")
_MEMBERS_OF_GROUP = re.compile(r'groups\.value eq "([^"]+)"', re.IGNORECASE)


def _provider() -> ScimProvider:
    """What AWS's endpoint announces: patches and filters, no bulk, no sorting, no ETags."""
    config = ServiceProviderConfig.model_validate(
        {
            "patch": {"supported": True},
            "bulk": {"supported": False, "maxOperations": 1, "maxPayloadSize": 1048576},
            "filter": {"supported": True, "maxResults": PAGE_SIZE},
            "changePassword": {"supported": False},
            "sort": {"supported": False},
            "etag": {"supported": False},
            "authenticationSchemes": [
                {
                    "type": "oauthbearertoken",
                    "name": "OAuth Bearer Token",
                    "description": "Authentication scheme using the OAuth Bearer Token Standard",
                    "primary": True,
                }
            ],
            "pagination": {
                "cursor": True,
                "index": True,
                "defaultPaginationMethod": "index",
                "defaultPageSize": PAGE_SIZE,
                "maxPageSize": PAGE_SIZE,
            },
        }
    )
    schemas, types = load_default_schemas(), load_default_resource_types()
    return ScimProvider.from_discovery(schemas.values(), types.values(), config=config)


PROVIDER = _provider()
_TYPES = {resource_type.name: resource_type for resource_type in PROVIDER.resource_types}
USER, GROUP = _TYPES["User"], _TYPES["Group"]
UserModel = PROVIDER.model_for(USER)
GroupModel = PROVIDER.model_for(GROUP)


def member_ids(group: Any) -> list[str]:
    """The ids of a group's users, each once."""
    return list(dict.fromkeys(member.value for member in group.members or [] if member.value))


class Directory(InMemoryStorage):
    """One identity store, which belongs to an account and a region."""

    def __init__(self, identity_store_id: str, account_id: str, region: str) -> None:
        super().__init__()
        self.identity_store_id = identity_store_id
        self.account_id = account_id
        self.region = region
        self.descriptions: dict[str, str] = {}
        self._memberships: dict[tuple[str, str], str] = {}
        self._revisions: dict[str, int] = {}
        self._made: dict[str, float] = {}

    def revision(self, resource: Any) -> int:
        """A number that is another after each change of a user or group."""
        return self._revisions.get(resource.id, 1)

    def new_id(self) -> str:
        """An id as AWS gives them: the store's own digits, then a UUID."""
        return f"{self.identity_store_id.removeprefix('d-')}-{uuid.uuid4()}"

    def generate_id(self, resource_type: ResourceType, resource: Resource[Any]) -> str:
        return self.new_id()

    @contextmanager
    def operation(self) -> Iterator[None]:
        """One call at a time, with the meaning that the SCIM service gives to values."""
        with PROVIDER, self.lock:
            yield

    def users(self) -> list[Any]:
        return self._of(USER)

    def groups(self) -> list[Any]:
        return self._of(GROUP)

    def _of(self, resource_type: ResourceType) -> list[Any]:
        return [one for one in self.resources if one.meta and one.meta.resource_type == resource_type.name]

    def has_user(self, user_id: str) -> bool:
        with self.lock:
            return any(user.id == user_id for user in self.users())

    def has_group(self, group_id: str) -> bool:
        with self.lock:
            return any(group.id == group_id for group in self.groups())

    def age_of_group(self, group_id: str) -> float:
        """For how many seconds of this machine a group has been there."""
        with self.lock:
            return time.monotonic() - self._made.get(group_id, 0.0)

    def memberships(self) -> list[tuple[str, str, str]]:
        """Id, group and user of every membership, oldest first."""
        with self.lock:
            return [(identifier, *pair) for pair, identifier in self._memberships.items()]

    def change_members(self, group_id: str, add: str | None = None, remove: str | None = None) -> None:
        """Adds a user to a group, or removes one."""
        group: Any = self.get(GROUP, group_id)
        wanted = [*(one for one in member_ids(group) if one != remove), *([add] if add else [])]
        group.members = [GroupModel.Members(value=user_id) for user_id in wanted]
        self.update(GROUP, group)

    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        with self.lock:
            resource = resource.model_copy(deep=True)
            self._check(resource_type, resource)
            created = super().create(resource_type, resource)
            self._record(resource_type, created)
            return created

    def update(
        self, resource_type: ResourceType, resource: Resource[Any], *, expected_version: str | None = None
    ) -> Resource[Any]:
        with self.lock:
            resource = resource.model_copy(deep=True)
            self._check(resource_type, resource)
            updated = super().update(resource_type, resource, expected_version=expected_version)
            self._revisions[resource.id] = self.revision(resource) + 1
            self._record(resource_type, updated)
            return updated

    def delete(
        self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None
    ) -> None:
        with self.lock:
            super().delete(resource_type, resource_id, expected_version=expected_version)
            self.descriptions.pop(resource_id, None)
            for _, group_id, user_id in self.memberships():
                if group_id == resource_id:
                    del self._memberships[group_id, user_id]
                elif user_id == resource_id:
                    self.change_members(group_id, remove=user_id)

    def search(
        self,
        resource_types: list[ResourceType],
        search_request: SearchRequest[Any],
        *,
        position: Any = None,
    ) -> SearchPage:
        """Pages by cursor do not count; the groups of a user are those that have it as a member."""
        with self.lock:
            wanted = _MEMBERS_OF_GROUP.fullmatch(str(search_request.filter or ""))
            if wanted and resource_types == [USER]:
                members = {user for _, group, user in self.memberships() if group == wanted[1]}
                found = InMemoryStorage()
                found.resources = [user for user in self.users() if user.id in members]
                unfiltered = search_request.model_copy(update={"filter": None})
                page = found.search(resource_types, unfiltered, position=position)
            else:
                page = super().search(resource_types, search_request, position=position)
            if search_request.cursor is not None:
                page.total = page.previous = None
            return page

    def _check(self, resource_type: ResourceType, resource: Any) -> None:
        """What both ways into the directory refuse."""
        if resource_type is USER:
            self._check_user(resource)
        else:
            self._check_group(resource)

    def _check_user(self, user: Any) -> None:
        taken = {
            str(email.value).casefold()
            for other in self.users()
            if other.id != user.id
            for email in other.emails or []
        }
        if any(str(email.value).casefold() in taken for email in user.emails or []):
            raise UniquenessException(detail="Duplicate Email")
        if user.user_name in RESERVED_NAMES:
            raise InvalidValueException(detail=f"{user.user_name} is a reserved name")

    def _check_group(self, group: Any) -> None:
        name = group.display_name or ""
        if not name:
            raise InvalidValueException(detail="displayName is required")
        if name in RESERVED_NAMES:
            raise InvalidValueException(detail=f"{name} is a reserved name")
        others = [other.display_name.casefold() for other in self.groups() if other.id != group.id]
        if name.casefold() in others:
            raise UniquenessException(detail="Duplicate GroupDisplayName")
        known = {user.id for user in self.users()}
        for user_id in member_ids(group):
            if user_id not in known:
                raise NotFoundException(detail=f"User {user_id!r} not found")
        # A member is its id and nothing else, so that one user is in a group once.
        group.members = [GroupModel.Members(value=user_id) for user_id in member_ids(group)] or None

    def _record(self, resource_type: ResourceType, resource: Any) -> None:
        """Gives new memberships an id, and forgets those that ended."""
        if resource_type is not GROUP:
            return
        self._made.setdefault(resource.id, time.monotonic())
        wanted = member_ids(resource)
        for group_id, user_id in list(self._memberships):
            if group_id == resource.id and user_id not in wanted:
                del self._memberships[group_id, user_id]
        for user_id in wanted:
            self._memberships.setdefault((resource.id, user_id), self.new_id())
