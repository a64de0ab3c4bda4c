"""Accounts among the tagged resources of the management account, in the region of AWS Organizations' endpoint.

moto lists no accounts. Accounts that never had a tag are not listed on AWS either (API reference, GetResources).
"""

from collections.abc import Iterator
from typing import Any

from moto.core.resource_tagging import TaggedResource, make_tag_matcher, match_resource_type
from moto.resourcegroupstaggingapi.models import ResourceGroupsTaggingAPIBackend

from local_aws.patches import patch
from local_aws.services.organizations.models import organizations

REGION = "us-east-1"
RESOURCE_TYPE = "organizations:account"
_settings = {"accounts": True}


def change(document: Any) -> None:
    """Whether accounts are listed: AWS may leave them out, and callers must ask for each then."""
    if set(document) - set(_settings) or not all(isinstance(value, bool) for value in document.values()):
        raise ValueError('the setting is {"accounts": true or false}')
    _settings.update(document)


def show() -> dict[str, bool]:
    return dict(_settings)


def _accounts(management_id: str) -> list[Any]:
    with organizations.lock:
        backend = organizations.organization_of(management_id)
        return list(backend.accounts) if backend.org and backend.account_id == management_id else []


@patch(ResourceGroupsTaggingAPIBackend, "_get_resources_generator")
def _resources(
    original: Any,
    self: ResourceGroupsTaggingAPIBackend,
    tag_filters: list[dict[str, Any]] | None = None,
    resource_type_filters: list[str] | None = None,
    resource_arn_list: list[str] | None = None,
) -> Iterator[TaggedResource]:
    yield from original(self, tag_filters, resource_type_filters, resource_arn_list)
    if self.region_name != REGION or not _settings["accounts"]:
        return
    matches = make_tag_matcher(tag_filters)
    for account in _accounts(self.account_id):
        listed = not resource_arn_list or account.arn in resource_arn_list
        wanted = match_resource_type(RESOURCE_TYPE, resource_type_filters) and matches(account.tags)
        if account.tags and listed and wanted:
            yield TaggedResource(arn=account.arn, tags=dict(account.tags), resource_type=RESOURCE_TYPE)


@patch(ResourceGroupsTaggingAPIBackend, "get_resources")
def _get_resources(original: Any, self: ResourceGroupsTaggingAPIBackend, *arguments: Any, **named: Any) -> Any:
    """The token of the last page is empty, not missing (API reference, GetResources)."""
    token, found = original(self, *arguments, **named)
    return token or "", found
