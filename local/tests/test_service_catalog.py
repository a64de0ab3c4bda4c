"""Service Catalog with the Account Factory: products, paths, provisioning, updates, termination."""

from collections.abc import Callable
from typing import Any

from control_tower_support import (
    PRODUCT,
    eligible_account,
    ended,
    landing_zone,
    parent_of,
    paused,
    provisioner,
    request,
    unit_of,
)
from organization import error_of, instant, organizations, root_id

from local_aws.deploy.control_tower import ControlTower

__all__ = ["instant", "landing_zone", "organizations", "paused", "provisioner", "root_id"]

Client = Callable[..., Any]


def test_an_account_is_enrolled(client: Client, organizations: Any, landing_zone: ControlTower, provisioner: Any) -> None:
    unit_id, unit = unit_of(landing_zone)
    account = eligible_account(client, organizations)
    answer = provisioner.provision_product(**request(client, account, unit))
    assert answer["RecordDetail"]["Status"] == "CREATED"
    record = ended(provisioner, answer)
    assert (record["Status"], record["RecordErrors"]) == ("SUCCEEDED", [])
    assert parent_of(organizations, account["Id"]) == unit_id
