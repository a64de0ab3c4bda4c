"""Service Catalog with one product, Control Tower's Account Factory.

Corrects moto, which has portfolios and products, but neither versions, paths, principals nor anything provisioned.
"""

from typing import Any

from local_aws.corrections import own_services
from local_aws.enforcement import service_catalog_needs
from local_aws.enforcement.needs import Parameters, Scope

from . import products_api, provisioned_api, provisioning_api
from .model import catalog_of


def _product_id(scope: Scope, name: str) -> str | None:
    product = catalog_of(scope.account_id, scope.region).product
    return product.id if product is not None and product.name == name else None


def _owner(scope: Scope, parameters: Parameters) -> Any:
    catalog = catalog_of(scope.account_id, scope.region)
    identifier = parameters.get("Id") or parameters.get("ProvisionedProductId")
    record = catalog.records.get(str(identifier))
    name = parameters.get("Name") or parameters.get("ProvisionedProductName")
    found = record.provisioned if record is not None else catalog.find_provisioned(name, identifier)
    return found.owner if found is not None else None


def install() -> None:
    """Takes the whole service from moto, since its portfolios and products could not be used here."""
    operations = {**products_api.OPERATIONS, **provisioned_api.OPERATIONS, **provisioning_api.OPERATIONS}
    own_services.add("servicecatalog", lambda: operations)
    service_catalog_needs.product_id = _product_id
    service_catalog_needs.owner = _owner
