"""Cost allocation tags: listed and switched by the management account only.

A key that nothing has yet cannot be switched; it is told in the answer, not as an error of the call (API reference).
"""

from typing import Any

from local_aws.api.own_services import Operation, Pages, Refusal, invalid
from local_aws.enforcement.calls import Call
from local_aws.services.ce.models import allocation_tags
from local_aws.services.ce.responses import access

_PAGES = Pages(error="InvalidNextTokenException")


def _payer(call: Call) -> str:
    payer = access.payer_of(call)
    if call.principal.account_id != payer:
        raise Refusal("AccessDeniedException", "Linked account doesn't have access to cost allocation tags.")
    return payer


def _update(call: Call) -> dict[str, Any]:
    payer = _payer(call)
    entries = call.parameters["CostAllocationTagsStatus"]
    if len({entry["TagKey"] for entry in entries}) < len(entries):
        raise invalid("Duplicate tag keys in the request")
    known, errors = allocation_tags.known(payer), []
    for entry in entries:
        key = entry["TagKey"]
        if key in known:
            allocation_tags.switch(payer, key, entry["Status"] == "Active")
        else:
            errors.append({"TagKey": key, "Code": "NotFound", "Message": "Tag key not found"})
    return {"Errors": errors}


def _list(call: Call) -> dict[str, Any]:
    payer, request = _payer(call), call.parameters
    found = [
        {
            "TagKey": key,
            "Type": "UserDefined",
            "Status": "Active" if allocation_tags.is_active(payer, key) else "Inactive",
        }
        for key in allocation_tags.known(payer)
    ]
    for wanted, member in (("Status", "Status"), ("Type", "Type")):
        if request.get(wanted):
            found = [tag for tag in found if tag[member] == request[wanted]]
    if request.get("TagKeys"):
        found = [tag for tag in found if tag["TagKey"] in request["TagKeys"]]
    return _PAGES.of("CostAllocationTags", found, request)


OPERATIONS: dict[str, Operation] = {"UpdateCostAllocationTagsStatus": _update, "ListCostAllocationTags": _list}
