"""ProvisionProduct, UpdateProvisionedProduct and TerminateProvisionedProduct: checked, accepted, done later.

moto has none of them.
"""

import json
from typing import Any

from local_aws.corrections.own_services import Operation, Refusal
from local_aws.enforcement.calls import Call

from . import account_factory, lookup
from .model import ERROR, UNDER_CHANGE, Catalog, Product, ProvisionedProduct, Record, lock

PROVISION, UPDATE, TERMINATE = "PROVISION_PRODUCT", "UPDATE_PROVISIONED_PRODUCT", "TERMINATE_PROVISIONED_PRODUCT"


def _values(of: Product, given: list[dict[str, Any]], previous: dict[str, str] | None) -> dict[str, str]:
    """The provisioning parameters, all of them; an update may use the previous value of each."""
    values: dict[str, str] = {}
    for entry in given:
        key = str(entry.get("Key"))
        if key not in of.parameters:
            raise lookup.invalid(f"Parameters: [{key}] do not exist in the template")
        if key in values:
            raise lookup.invalid(f"Duplicate parameter key: {key}")
        if entry.get("UsePreviousValue"):
            if entry.get("Value") is not None or previous is None or key not in previous:
                raise lookup.invalid(f"Parameter {key} has no previous value, or has a new value, too.")
            values[key] = previous[key]
        else:
            values[key] = str(entry.get("Value") or "")
    missing = [key for key in of.parameters if not values.get(key)]
    if missing:
        raise lookup.invalid(f"Parameters: [{', '.join(missing)}] must have values")
    return values


def _known(catalog: Catalog, token: str, asked: Any) -> dict[str, Any] | None:
    """The record of an earlier request with the same token."""
    earlier = catalog.tokens.get(token)
    if earlier is None:
        return None
    if earlier[0] != asked:
        raise lookup.invalid(f"The idempotency token {token} was used with other parameters.")
    return {"RecordDetail": lookup.record_detail(catalog.records[earlier[1]])}


def _asked(call: Call) -> str:
    return json.dumps([call.action, call.parameters], sort_keys=True)


def _accept(catalog: Catalog, call: Call, token: str, record: Record) -> dict[str, Any]:
    of = record.provisioned
    of.status, of.last_record_id = UNDER_CHANGE, record.id
    catalog.records[record.id] = record
    catalog.tokens[token] = (_asked(call), record.id)
    answer = {"RecordDetail": lookup.record_detail(record)}
    account_factory.start(catalog, record, call)
    return answer


def _check_name(catalog: Catalog, name: str) -> None:
    other = catalog.find_provisioned(name, None)
    if other is None:
        return
    if other.status == ERROR:
        # What an enrollment leaves that failed: the name is taken inside Control Tower.
        raise lookup.invalid(f"A stack named {name} already exists.")
    raise Refusal("DuplicateResourceException", f"A provisioned product with name {name} already exists.")


def _path(catalog: Catalog, of: Product, call: Call) -> str:
    portfolio = lookup.launch_portfolio(catalog, of, call)
    wanted_id, wanted_name = call.parameters.get("PathId"), call.parameters.get("PathName")
    if wanted_id and wanted_name:
        raise lookup.invalid("Only one of path id and path name may be specified.")
    if wanted_id not in (None, portfolio.path_id) or wanted_name not in (None, portfolio.name):
        raise lookup.not_found(f"Launch path {wanted_id or wanted_name} not found.")
    return portfolio.path_id


def _provision(call: Call) -> dict[str, Any]:
    values = call.parameters
    token, name = values["ProvisionToken"], values["ProvisionedProductName"]
    with lock:
        catalog = lookup.catalog(call)
        known = _known(catalog, token, _asked(call))
        if known:
            return known
        product = lookup.product(catalog, values.get("ProductId"), values.get("ProductName"))
        path_id = _path(catalog, product, call)
        artifact_id, artifact_name = values.get("ProvisioningArtifactId"), values.get("ProvisioningArtifactName")
        artifact = lookup.artifact(product, artifact_id, artifact_name)
        if not artifact.active:
            raise lookup.invalid(f"The provisioning artifact {artifact.id} is not active.")
        parameters = _values(product, values.get("ProvisioningParameters") or [], None)
        _check_name(catalog, name)
        tags = [dict(tag) for tag in values.get("Tags") or []]
        of = ProvisionedProduct(name, product, artifact.id, path_id, call.principal, token, tags=tags)
        catalog.provisioned[of.id] = of
        return _accept(catalog, call, token, Record(PROVISION, of, artifact.id, parameters))


def _stable(catalog: Catalog, call: Call) -> ProvisionedProduct:
    of = lookup.provisioned(
        catalog, call.parameters.get("ProvisionedProductName"), call.parameters.get("ProvisionedProductId")
    )
    if of.status == UNDER_CHANGE:
        raise lookup.invalid(f"The provisioned product {of.id} is under change: wait until that has ended.")
    return of


def _update(call: Call) -> dict[str, Any]:
    values, token = call.parameters, call.parameters["UpdateToken"]
    with lock:
        catalog = lookup.catalog(call)
        known = _known(catalog, token, _asked(call))
        if known:
            return known
        of = _stable(catalog, call)
        if values.get("ProductId") or values.get("ProductName"):
            product = lookup.product(catalog, values.get("ProductId"), values.get("ProductName"))
            if product is not of.product:
                raise lookup.invalid("The product of a provisioned account cannot be changed.")
        of.path_id = _path(catalog, of.product, call)
        artifact_id, artifact_name = values.get("ProvisioningArtifactId"), values.get("ProvisioningArtifactName")
        if not artifact_name:
            artifact_id = artifact_id or of.artifact_id
        artifact = lookup.artifact(of.product, artifact_id, artifact_name)
        if not artifact.active:
            raise lookup.invalid(f"The provisioning artifact {artifact.id} is not active.")
        parameters = _values(of.product, values.get("ProvisioningParameters") or [], of.parameters)
        return _accept(catalog, call, token, Record(UPDATE, of, artifact.id, parameters))


def _terminate(call: Call) -> dict[str, Any]:
    token = call.parameters["TerminateToken"]
    with lock:
        catalog = lookup.catalog(call)
        of = lookup.provisioned(
            catalog, call.parameters.get("ProvisionedProductName"), call.parameters.get("ProvisionedProductId")
        )
        # Once the product is gone the token means nothing any more.
        known = _known(catalog, token, _asked(call))
        if known:
            return known
        _stable(catalog, call)
        return _accept(catalog, call, token, Record(TERMINATE, of, of.artifact_id))


OPERATIONS: dict[str, Operation] = {
    "ProvisionProduct": _provision,
    "UpdateProvisionedProduct": _update,
    "TerminateProvisionedProduct": _terminate,
}
