"""Products, their versions and paths, and the portfolio with its principals.

moto has products without versions and paths, and everybody may use everything.
"""

import re
from typing import Any

from local_aws.corrections.own_services import Operation, Refusal
from local_aws.enforcement.calls import Call
from local_aws.enforcement.principals import find_role, find_user

from . import lookup
from .model import Artifact, Catalog, Portfolio, Product, lock

_PATTERNS_AT_MOST = 10


def _summary(of: Product) -> dict[str, Any]:
    return {
        "Id": of.view_id,
        "ProductId": of.id,
        "Name": of.name,
        "Owner": "AWS Control Tower",
        "ShortDescription": "AWS Control Tower Account Factory",
        "Type": "CONTROL_TOWER_ACCOUNT",
        "Distributor": "",
        "HasDefaultPath": False,
        "SupportEmail": "",
        "SupportDescription": "",
        "SupportUrl": "",
    }


def _artifact_view(of: Artifact) -> dict[str, Any]:
    return {"Id": of.id, "Name": of.name, "CreatedTime": of.created}


def _artifact_detail(of: Artifact) -> dict[str, Any]:
    kind = {"Type": "CONTROL_TOWER_ACCOUNT", "Active": of.active, "Guidance": of.guidance}
    return {**_artifact_view(of), **kind}


def _portfolio_detail(catalog: Catalog, of: Portfolio) -> dict[str, Any]:
    return {
        "Id": of.id,
        "ARN": catalog.arn("portfolio", of.id),
        "DisplayName": of.name,
        "Description": "AWS Control Tower Account Factory Portfolio",
        "CreatedTime": of.created,
        "ProviderName": "AWS Control Tower",
    }


def _usable(call: Call) -> Product | None:
    catalog = lookup.catalog(call)
    admitted = catalog.portfolio is not None and catalog.portfolio.admits(call.principal)
    return catalog.product if admitted else None


def _search_products(call: Call) -> dict[str, Any]:
    found = _usable(call)
    filters = call.parameters.get("Filters") or {}
    values = {
        "FullTextSearch": lambda text: text.lower() in f"{found.name} {found.id} AWS Control Tower".lower(),
        "Owner": lambda text: text == "AWS Control Tower",
        "ProductType": lambda text: text == "CONTROL_TOWER_ACCOUNT",
        "SourceProductId": lambda text: False,
    }
    matches = found is not None and all(any(map(values[key], texts)) for key, texts in filters.items())
    return {"ProductViewSummaries": [_summary(found)] if matches and found else [], "ProductViewAggregations": {}}


def _describe_product(call: Call) -> dict[str, Any]:
    catalog = lookup.catalog(call)
    found = lookup.product(catalog, call.parameters.get("Id"), call.parameters.get("Name"))
    if _usable(call) is None:
        # An administrator's rights are not enough: the product is shown to end users only.
        raise lookup.not_found(f"Product {found.id} does not exist or access was denied.")
    path = catalog.portfolio
    # The end user's view has the active versions only, and does not say that they are.
    versions = [{**_artifact_view(one), "Guidance": one.guidance} for one in found.artifacts if one.active]
    return {
        "ProductViewSummary": _summary(found),
        "ProvisioningArtifacts": versions,
        "Budgets": [],
        "LaunchPaths": [{"Id": path.path_id, "Name": path.name}] if path else [],
    }


def _describe_product_as_admin(call: Call) -> dict[str, Any]:
    catalog = lookup.catalog(call)
    found = lookup.product(catalog, call.parameters.get("Id"), call.parameters.get("Name"))
    return {
        "ProductViewDetail": {
            "ProductViewSummary": _summary(found),
            "Status": "AVAILABLE",
            "ProductARN": catalog.arn("product", found.id),
            "CreatedTime": found.created,
        },
        "ProvisioningArtifactSummaries": [_artifact_view(one) for one in found.artifacts],
        "Tags": [],
        "TagOptions": [],
        "Budgets": [],
    }


def _list_artifacts(call: Call) -> dict[str, Any]:
    found = lookup.product(lookup.catalog(call), call.parameters["ProductId"], None)
    return {"ProvisioningArtifactDetails": [_artifact_detail(one) for one in found.artifacts]}


def _named_artifact(call: Call) -> Artifact:
    values = call.parameters
    found = lookup.product(lookup.catalog(call), values.get("ProductId"), values.get("ProductName"))
    return lookup.artifact(found, values.get("ProvisioningArtifactId"), values.get("ProvisioningArtifactName"))


def _describe_artifact(call: Call) -> dict[str, Any]:
    found = _named_artifact(call)
    return {"ProvisioningArtifactDetail": _artifact_detail(found), "Info": {}, "Status": "AVAILABLE"}


def _update_artifact(call: Call) -> dict[str, Any]:
    found = _named_artifact(call)
    with lock:
        found.active = call.parameters.get("Active", found.active)
        found.guidance = call.parameters.get("Guidance", found.guidance)
    return {"ProvisioningArtifactDetail": _artifact_detail(found), "Info": {}, "Status": "AVAILABLE"}


def _list_launch_paths(call: Call) -> dict[str, Any]:
    catalog = lookup.catalog(call)
    found = lookup.product(catalog, call.parameters["ProductId"], None)
    path = lookup.launch_portfolio(catalog, found, call)
    summary = {"Id": path.path_id, "Name": path.name, "ConstraintSummaries": [], "Tags": []}
    return {"LaunchPathSummaries": [summary]}


def _list_portfolios(call: Call) -> dict[str, Any]:
    catalog = lookup.catalog(call)
    return {"PortfolioDetails": [_portfolio_detail(catalog, catalog.portfolio)] if catalog.portfolio else []}


def _portfolios_of_product(call: Call) -> dict[str, Any]:
    lookup.product(lookup.catalog(call), call.parameters["ProductId"], None)
    return _list_portfolios(call)


def _check_principal(arn: str, kind: str) -> None:
    if kind == "IAM_PATTERN":
        if not re.fullmatch(r"arn:[\w-]+:iam:::(role|user|group)/[\w+=,.@/*?-]+", arn):
            raise lookup.invalid(f"{arn} is not a valid principal ARN pattern.")
        return
    if not re.fullmatch(r"arn:[\w-]+:iam::\d{12}:(role|user|group)/.+", arn):
        raise lookup.invalid(f"{arn} is not a valid principal ARN.")
    if (":role/" in arn and find_role(arn) is None) or (":user/" in arn and find_user(arn) is None):
        raise lookup.invalid(f"Principal {arn} does not exist.")


def _associate_principal(call: Call) -> dict[str, Any]:
    values = call.parameters
    with lock:
        found = lookup.portfolio(lookup.catalog(call), values["PortfolioId"])
        entry = (values["PrincipalARN"], values["PrincipalType"])
        _check_principal(*entry)
        if entry not in found.principals:
            patterns = sum(kind == "IAM_PATTERN" for _, kind in found.principals)
            if entry[1] == "IAM_PATTERN" and patterns >= _PATTERNS_AT_MOST:
                raise Refusal("LimitExceededException", "Too many principals of type IAM_PATTERN.")
            found.principals.append(entry)
    return {}


def _disassociate_principal(call: Call) -> dict[str, Any]:
    values = call.parameters
    with lock:
        found = lookup.portfolio(lookup.catalog(call), values["PortfolioId"])
        entry = (values["PrincipalARN"], values.get("PrincipalType") or "IAM")
        if entry not in found.principals:
            raise lookup.not_found(f"Principal {entry[0]} is not associated with {found.id}.")
        found.principals.remove(entry)
    return {}


def _list_principals(call: Call) -> dict[str, Any]:
    values = call.parameters
    found = lookup.portfolio(lookup.catalog(call), values["PortfolioId"])
    principals = [{"PrincipalARN": arn, "PrincipalType": kind} for arn, kind in found.principals]
    return lookup.PAGES.of("Principals", principals, values)


OPERATIONS: dict[str, Operation] = {
    "SearchProducts": _search_products,
    "DescribeProduct": _describe_product,
    "DescribeProductAsAdmin": _describe_product_as_admin,
    "ListProvisioningArtifacts": _list_artifacts,
    "DescribeProvisioningArtifact": _describe_artifact,
    "UpdateProvisioningArtifact": _update_artifact,
    "ListLaunchPaths": _list_launch_paths,
    "ListPortfolios": _list_portfolios,
    "ListPortfoliosForProduct": _portfolios_of_product,
    "AssociatePrincipalWithPortfolio": _associate_principal,
    "DisassociatePrincipalFromPortfolio": _disassociate_principal,
    "ListPrincipalsForPortfolio": _list_principals,
}
