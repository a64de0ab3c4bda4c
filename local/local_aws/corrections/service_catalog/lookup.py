"""Finds what a request names by id or by name, and tells what it says of itself.

The errors are those that AWS answers.
"""

from typing import Any

from local_aws.corrections.control_tower.model import tower_of
from local_aws.corrections.lists import given
from local_aws.corrections.own_services import Pages, Refusal
from local_aws.enforcement.calls import Call

from .model import Artifact, Catalog, Portfolio, Product, ProvisionedProduct, Record, catalog_of

PAGES = Pages("PageSize", "PageToken", "NextPageToken", 20, "InvalidParametersException")


def not_found(text: str) -> Refusal:
    return Refusal("ResourceNotFoundException", text)


def invalid(text: str) -> Refusal:
    return Refusal("InvalidParametersException", text)


def catalog(call: Call) -> Catalog:
    """The catalog of the caller's account in the region of the call."""
    return catalog_of(call.principal.account_id, call.region)


def product(found: Catalog, identifier: str | None, name: str | None) -> Product:
    """A product by exactly one of id and name."""
    if bool(identifier) == bool(name):
        raise invalid("Exactly one of product id and product name must be specified.")
    known = found.product
    if known is None or (identifier not in (known.id, known.view_id) if identifier else name != known.name):
        raise not_found(f"Product {identifier} not found." if identifier else f"Product with name {name} not found")
    return known


def launch_portfolio(found: Catalog, wanted: Product, call: Call) -> Portfolio:
    """The portfolio that gives the caller a path to the product; drift of the landing zone closes it, too."""
    tower = tower_of(found.account_id, found.region)
    path = found.portfolio
    in_sync = tower is not None and tower.drift == "IN_SYNC"
    if path is None or not path.admits(call.principal) or not in_sync:
        raise not_found(f"No launch paths found for resource: {wanted.id}")
    return path


def artifact(of: Product, identifier: str | None, name: str | None) -> Artifact:
    """A version by exactly one of id and name; the versions of the Account Factory share one name."""
    if bool(identifier) == bool(name):
        raise invalid("Exactly one of provisioning artifact id and provisioning artifact name must be specified.")
    matching = [one for one in of.artifacts if identifier == one.id or (name and name == one.name)]
    if not matching:
        raise not_found(f"ProvisioningArtifact {identifier or name} not found.")
    if len(matching) > 1:
        raise invalid(f"Multiple Provisioning Artifact with name {name} found.")
    return matching[0]


def portfolio(found: Catalog, identifier: str) -> Portfolio:
    """A portfolio by its id."""
    if found.portfolio is None or identifier != found.portfolio.id:
        raise not_found(f"Portfolio {identifier} not found.")
    return found.portfolio


def provisioned(found: Catalog, name: str | None, identifier: str | None) -> ProvisionedProduct:
    """A provisioned product by exactly one of id and name."""
    if bool(identifier) == bool(name):
        raise invalid("Exactly one of provisioned product id and provisioned product name must be specified.")
    known = found.find_provisioned(name, identifier)
    if known is None:
        raise not_found(f"Provisioned product {identifier or name} not found.")
    return known


def record_detail(record: Record) -> dict[str, Any]:
    """A record as every call shows it."""
    of = record.provisioned
    return {
        "RecordId": record.id,
        "ProvisionedProductName": of.name,
        "Status": record.status,
        "CreatedTime": record.created,
        "UpdatedTime": record.updated,
        "ProvisionedProductType": "CONTROL_TOWER_ACCOUNT",
        "RecordType": record.kind,
        "ProvisionedProductId": of.id,
        "ProductId": of.product.id,
        "ProvisioningArtifactId": record.artifact_id,
        "PathId": of.path_id,
        "RecordErrors": list(record.errors),
        "RecordTags": list(of.tags),
    }


def provisioned_detail(found: Catalog, of: ProvisionedProduct) -> dict[str, Any]:
    """A provisioned product as DescribeProvisionedProduct shows it."""
    return given(
        {
            "Name": of.name,
            "Arn": found.provisioned_arn(of),
            "Type": "CONTROL_TOWER_ACCOUNT",
            "Id": of.id,
            "Status": of.status,
            "StatusMessage": of.status_message,
            "CreatedTime": of.created,
            "IdempotencyToken": of.token,
            "LastRecordId": of.last_record_id,
            "LastProvisioningRecordId": of.last_record_id,
            "LastSuccessfulProvisioningRecordId": of.last_successful_record_id,
            "ProductId": of.product.id,
            "ProvisioningArtifactId": of.artifact_id,
        }
    )
