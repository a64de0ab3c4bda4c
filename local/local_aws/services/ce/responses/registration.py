"""Which calls of Cost Explorer are answered.

None of them by moto.
"""

from collections.abc import Mapping

from local_aws.api import own_services
from local_aws.services.ce.responses import allocation_tags, anomalies, costs, reservations, savings_plans

_OPERATIONS: dict[str, own_services.Operation] = {
    "GetCostAndUsage": costs.cost_and_usage,
    "GetReservationUtilization": reservations.reservation_utilization,
    "GetSavingsPlansUtilizationDetails": savings_plans.utilization_details,
    **allocation_tags.OPERATIONS,
    **anomalies.OPERATIONS,
}


def _operations() -> Mapping[str, own_services.Operation]:
    return _OPERATIONS


own_services.add("ce", _operations)
