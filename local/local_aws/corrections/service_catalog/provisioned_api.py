"""Provisioned products and records: described, searched and listed by pages.

moto has none of them.
"""

from collections.abc import Callable
from typing import Any

from local_aws.corrections.lists import given
from local_aws.corrections.own_services import Operation
from local_aws.enforcement.calls import Call
from local_aws.enforcement.principals import Principal

from . import lookup
from .model import Catalog, ProvisionedProduct

_SORTABLE = ("arn", "id", "name", "lastRecordId")


def _describe_record(call: Call) -> dict[str, Any]:
    catalog = lookup.catalog(call)
    record = catalog.records.get(call.parameters["Id"])
    if record is None:
        raise lookup.not_found(f"Record {call.parameters['Id']} not found.")
    outputs = lookup.PAGES.of("RecordOutputs", record.outputs, call.parameters)
    return {"RecordDetail": lookup.record_detail(record), **outputs}


def _describe_provisioned(call: Call) -> dict[str, Any]:
    catalog = lookup.catalog(call)
    found = lookup.provisioned(catalog, call.parameters.get("Name"), call.parameters.get("Id"))
    return {"ProvisionedProductDetail": lookup.provisioned_detail(catalog, found), "CloudWatchDashboards": []}


def _outputs(call: Call) -> dict[str, Any]:
    catalog, values = lookup.catalog(call), call.parameters
    found = lookup.provisioned(catalog, values.get("ProvisionedProductName"), values.get("ProvisionedProductId"))
    record = catalog.records.get(found.last_successful_record_id or "")
    if record is None:
        raise lookup.invalid(f"Last Successful Provisioning Record doesn't exist for {found.id}.")
    wanted = values.get("OutputKeys")
    return {"Outputs": [one for one in record.outputs if not wanted or one["OutputKey"] in wanted]}


def made_by(owner: Principal, caller: Principal, level: str) -> bool:
    """Whether a caller sees, at a level, what an owner has provisioned."""
    if level == "User":
        return owner.arn == caller.arn
    return level == "Account" or owner.identity_arn == caller.identity_arn


def _seen(call: Call, default: str) -> list[ProvisionedProduct]:
    level = call.parameters.get("AccessLevelFilter") or {"Key": default, "Value": "self"}
    if level.get("Value", "self") != "self":
        raise lookup.invalid("The value of an access level filter is self.")
    everything = list(lookup.catalog(call).provisioned.values())
    return [one for one in everything if made_by(one.owner, call.principal, level.get("Key", default))]


def _attributes(catalog: Catalog, of: ProvisionedProduct) -> dict[str, Any]:
    detail = lookup.provisioned_detail(catalog, of)
    artifact = next(one for one in of.product.artifacts if one.id == of.artifact_id)
    more = {
        "PhysicalId": of.physical_id,
        "ProductName": of.product.name,
        "ProvisioningArtifactName": artifact.name,
        "UserArn": of.owner.identity_arn,
        "UserArnSession": of.owner.arn,
        "Tags": list(of.tags),
    }
    return given({**detail, **more})


def _matcher(query: str) -> Callable[[dict[str, Any]], bool]:
    field, separator, text = query.partition(":")
    name = field[:1].upper() + field[1:]
    if not separator:
        return lambda entry: query.lower() in str(entry.values()).lower()
    known = ("Arn", "Id", "LastRecordId", "IdempotencyToken", "Name", "PhysicalId", "ProductId", "Type", "Status")
    more = ("ProvisioningArtifactId", "UserArn", "UserArnSession", "LastProvisioningRecordId", "ProductName")
    last = ("LastSuccessfulProvisioningRecordId", "ProvisioningArtifactName")
    if name not in (*known, *more, *last):
        raise lookup.invalid(f"The field {field} cannot be searched.")
    value = text.strip('"').lower()
    if value.endswith("*"):
        return lambda entry: str(entry.get(name, "")).lower().startswith(value[:-1])
    return lambda entry: str(entry.get(name, "")).lower() == value


def _search(call: Call) -> dict[str, Any]:
    values, catalog = call.parameters, lookup.catalog(call)
    matchers = [_matcher(query) for query in (values.get("Filters") or {}).get("SearchQuery") or []]
    found = [_attributes(catalog, one) for one in _seen(call, "Account")]
    found = [entry for entry in found if all(matches(entry) for matches in matchers)]
    sort_by = values.get("SortBy")
    if sort_by:
        if sort_by not in _SORTABLE:
            raise lookup.invalid(f"SortBy is one of {', '.join(_SORTABLE)}.")
        key = sort_by[:1].upper() + sort_by[1:]
        found.sort(key=lambda entry: str(entry.get(key)), reverse=values.get("SortOrder") == "DESCENDING")
    return {**lookup.PAGES.of("ProvisionedProducts", found, values), "TotalResultsCount": len(found)}


def _scan(call: Call) -> dict[str, Any]:
    values, catalog = call.parameters, lookup.catalog(call)
    found = [lookup.provisioned_detail(catalog, one) for one in _seen(call, "User")]
    return lookup.PAGES.of("ProvisionedProducts", found, values)


OPERATIONS: dict[str, Operation] = {
    "DescribeRecord": _describe_record,
    "DescribeProvisionedProduct": _describe_provisioned,
    "GetProvisionedProductOutputs": _outputs,
    "SearchProvisionedProducts": _search,
    "ScanProvisionedProducts": _scan,
}
