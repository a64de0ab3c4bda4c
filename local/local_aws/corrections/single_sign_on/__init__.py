"""IAM Identity Center's administration: one instance, permission sets, assignments that take time.

Corrects moto, where everybody has an instance, every assignment succeeds at once, and nothing is checked.
"""

import json
from collections.abc import Callable
from typing import Any

from moto.core.common_types import TYPE_RESPONSE
from moto.ssoadmin.responses import SSOAdminResponse

from local_aws.corrections.json_services import Refusal, Request, refused, request_of

from . import assignments, permission_sets
from .instance import Instance, find_instance, lock

Operation = Callable[[Instance, Request], dict[str, Any]]

_OPERATIONS: dict[str, Operation] = {
    "create_permission_set": permission_sets.create_permission_set,
    "describe_permission_set": permission_sets.describe_permission_set,
    "update_permission_set": permission_sets.update_permission_set,
    "delete_permission_set": permission_sets.delete_permission_set,
    "list_permission_sets": permission_sets.list_permission_sets,
    "list_permission_sets_provisioned_to_account": permission_sets.list_provisioned_to_account,
    "list_accounts_for_provisioned_permission_set": permission_sets.list_accounts_of,
    "create_account_assignment": assignments.create_account_assignment,
    "delete_account_assignment": assignments.delete_account_assignment,
    "describe_account_assignment_creation_status": assignments.describe_creation,
    "describe_account_assignment_deletion_status": assignments.describe_deletion,
    "list_account_assignment_creation_status": assignments.list_creations,
    "list_account_assignment_deletion_status": assignments.list_deletions,
    "list_account_assignments": assignments.list_account_assignments,
    "list_account_assignments_for_principal": assignments.list_account_assignments_for_principal,
}


def _described(instance: Instance) -> dict[str, Any]:
    return {
        "InstanceArn": instance.arn,
        "IdentityStoreId": instance.directory.identity_store_id,
        "OwnerAccountId": instance.account_id,
        "CreatedDate": instance.created,
        "Status": "ACTIVE",
        "PrimaryRegion": instance.region,
    }


def _list_instances(self: SSOAdminResponse) -> str:
    """Other accounts see instances of their own only, and have none."""
    instance = find_instance()
    mine = instance and (instance.account_id, instance.region) == (self.current_account, self.region)
    return json.dumps({"Instances": [_described(instance)] if instance and mine else []})


def _describe_instance(instance: Instance, _: Request) -> dict[str, Any]:
    return _described(instance)


def _provision_permission_set(_: Instance, __: Request) -> dict[str, Any]:
    raise Refusal("ValidationException", "The local AWS does not provision permission sets again.")


def _instance_of(request: Request, account_id: str, region: str) -> Instance:
    """The instance that a request names; only its own account administers it, in its region."""
    instance = find_instance()
    if instance is not None and account_id != instance.account_id:
        raise Refusal("AccessDeniedException", "You do not have sufficient access to perform this action.")
    if instance is None or instance.arn != request.get("InstanceArn") or instance.region != region:
        raise Refusal("ResourceNotFoundException", f"Instance {request.get('InstanceArn')} not found")
    return instance


def _method(operation: Operation) -> Callable[[SSOAdminResponse], str]:
    def respond(self: SSOAdminResponse) -> str:
        request = json.loads(self.body)
        return json.dumps(operation(_instance_of(request, self.current_account, self.region), request))

    return respond


def install() -> None:
    """moto keeps the policies of permission sets; all calls are checked before it sees them."""
    call_action = SSOAdminResponse.call_action

    def checked_call(self: SSOAdminResponse) -> TYPE_RESPONSE:
        try:
            with lock:
                request = request_of(self, "sso-admin")
                if self._get_action() != "ListInstances":
                    assignments.complete_due(_instance_of(request, self.current_account, self.region))
                return call_action(self)
        except Refusal as refusal:
            return refused("sso", refusal)

    operations = {
        **_OPERATIONS,
        "describe_instance": _describe_instance,
        "provision_permission_set": _provision_permission_set,
    }
    for name, operation in operations.items():
        setattr(SSOAdminResponse, name, _method(operation))
    SSOAdminResponse.list_instances = _list_instances
    SSOAdminResponse.call_action = checked_call
