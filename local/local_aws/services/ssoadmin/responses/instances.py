"""IAM Identity Center's administration: one instance, permission sets, assignments that take time.

Corrects moto, where everybody has an instance, every assignment succeeds at once, and nothing is checked.
"""

from typing import Any

from local_aws.api import own_services
from local_aws.api.own_services import Operation as ApiOperation
from local_aws.api.own_services import Refusal, Request
from local_aws.enforcement.calls import Call
from local_aws.services.ssoadmin.models import Instance, Operation, find_instance, lock
from local_aws.services.ssoadmin.responses import assignments, permission_sets, policies

_OPERATIONS: dict[str, Operation] = {
    **policies.OPERATIONS,
    "CreatePermissionSet": permission_sets.create_permission_set,
    "DescribePermissionSet": permission_sets.describe_permission_set,
    "UpdatePermissionSet": permission_sets.update_permission_set,
    "DeletePermissionSet": permission_sets.delete_permission_set,
    "ListPermissionSets": permission_sets.list_permission_sets,
    "ListPermissionSetsProvisionedToAccount": permission_sets.list_provisioned_to_account,
    "ListAccountsForProvisionedPermissionSet": permission_sets.list_accounts_of,
    "CreateAccountAssignment": assignments.create_account_assignment,
    "DeleteAccountAssignment": assignments.delete_account_assignment,
    "DescribeAccountAssignmentCreationStatus": assignments.describe_creation,
    "DescribeAccountAssignmentDeletionStatus": assignments.describe_deletion,
    "ListAccountAssignmentCreationStatus": assignments.list_creations,
    "ListAccountAssignmentDeletionStatus": assignments.list_deletions,
    "ListAccountAssignments": assignments.list_account_assignments,
    "ListAccountAssignmentsForPrincipal": assignments.list_account_assignments_for_principal,
}


def _encryption(instance: Instance) -> dict[str, Any]:
    if instance.key_arn is None:
        return {"KeyType": "AWS_OWNED_KMS_KEY", "EncryptionStatus": "ENABLED"}
    return {"KeyType": "CUSTOMER_MANAGED_KEY", "KmsKeyArn": instance.key_arn, "EncryptionStatus": "ENABLED"}


def _described(instance: Instance) -> dict[str, Any]:
    return {
        "InstanceArn": instance.arn,
        "IdentityStoreId": instance.directory.identity_store_id,
        "OwnerAccountId": instance.account_id,
        "CreatedDate": instance.created,
        "Status": "ACTIVE",
        "PrimaryRegion": instance.region,
    }


def _list_instances(call: Call) -> dict[str, Any]:
    """Other accounts see instances of their own only, and have none."""
    instance = find_instance()
    mine = instance and (instance.account_id, instance.region) == (call.principal.account_id, call.region)
    return {"Instances": [_described(instance)] if instance and mine else []}


def _describe_instance(instance: Instance, _: Request) -> dict[str, Any]:
    return {**_described(instance), "EncryptionConfigurationDetails": _encryption(instance)}


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


def _on_its_instance(operation: Operation) -> ApiOperation:
    def operate(call: Call) -> dict[str, Any]:
        with lock:
            instance = _instance_of(call.parameters, call.principal.account_id, call.region)
            assignments.complete_due(instance)
            return operation(instance, call.parameters)

    return operate


# Takes the whole service from moto; of moto's it uses permission sets with their policies.
on_instances = {
    **_OPERATIONS,
    "DescribeInstance": _describe_instance,
    "ProvisionPermissionSet": _provision_permission_set,
}
operations = {name: _on_its_instance(operation) for name, operation in on_instances.items()}
own_services.add("sso", lambda: {**operations, "ListInstances": _list_instances})
