"""IAM needs of the Service Catalog API: products and portfolios have ARNs, provisioned products and records have none.

The latter are told apart by condition keys: whether the caller, its role or its account has made them.
"""

from collections.abc import Callable
from typing import Any

from local_aws.enforcement.needs import ANY, Need, Parameters, Scope, tag_context
from local_aws.enforcement.reference import condition_keys, resource_kinds

# What the lists tell as long as a request does not say it, which the reference does not have.
_LISTS = {"SearchProvisionedProducts": "Account", "ScanProvisionedProducts": "User", "ListRecordHistory": "User"}
_LEVELS = ("Account", "Role", "User")
_OF_LEVEL = {f"servicecatalog:{level.lower()}Level" for level in _LEVELS}


def _in_no_catalog(scope: Scope, asked: Any) -> None:
    """As long as there are no catalogs, nothing is found."""


# Set by the catalogs: the id of the product of a name, and who owns what a request names.
product_id: Callable[[Scope, str], str | None] = _in_no_catalog
owner: Callable[[Scope, Parameters], Any] = _in_no_catalog


def _product_arn(scope: Scope, action: str, parameters: Parameters) -> str:
    identifier = parameters.get("ProductId")
    name = parameters.get("ProductName")
    if action in ("DescribeProduct", "DescribeProductAsAdmin"):
        identifier, name = parameters.get("Id"), parameters.get("Name")
    found = identifier or (product_id(scope, str(name)) if name else None)
    return scope.arn("servicecatalog", "Product", str(found or "*"))


def _levels(scope: Scope, action: str, parameters: Parameters) -> dict[str, str | list[str]]:
    if action in _LISTS:
        level = parameters.get("AccessLevelFilter") or {}
        return {f"servicecatalog:{level.get('Key', _LISTS[action]).lower()}Level": "self"}
    found = owner(scope, parameters)
    if found is None:
        # Nothing that anybody could own: the service answers that it does not exist.
        return {f"servicecatalog:{level.lower()}Level": "self" for level in _LEVELS}
    if scope.principal is None:
        return {}
    same = {
        "Account": True,
        "Role": found.identity_arn == scope.principal.identity_arn,
        "User": found.arn == scope.principal.arn,
    }
    return {f"servicecatalog:{level.lower()}Level": "self" for level in _LEVELS if same[level]}


def needs(scope: Scope, action: str, parameters: Parameters) -> list[Need]:
    """The needs of a call of Service Catalog."""
    name, context = f"servicecatalog:{action}", tag_context(parameters)
    kinds = resource_kinds(name)
    if kinds == {"Product"}:
        return [Need(name, _product_arn(scope, action, parameters), context)]
    if kinds == {"Portfolio"}:
        portfolio = str(parameters.get("PortfolioId") or parameters.get("Id") or "*")
        return [Need(name, scope.arn("servicecatalog", "Portfolio", portfolio), context)]
    if _OF_LEVEL <= condition_keys(name):
        return [Need(name, ANY, {**context, **_levels(scope, action, parameters)})]
    return [Need(name, ANY, context)]
