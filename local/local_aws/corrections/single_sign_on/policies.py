"""The policies of permission sets, as moto keeps them: managed by AWS, of the accounts, and one inline.

moto's lists come with tokens of its own.
"""

from typing import Any

from botocore import xform_name
from moto.core.exceptions import JsonRESTError

from local_aws.corrections.own_services import Refusal, Request

from .instance import Instance, Operation
from .permission_sets import PAGES, find_permission_set

_WRITES = (
    "PutInlinePolicyToPermissionSet",
    "DeleteInlinePolicyFromPermissionSet",
    "AttachManagedPolicyToPermissionSet",
    "DetachManagedPolicyFromPermissionSet",
    "AttachCustomerManagedPolicyReferenceToPermissionSet",
    "DetachCustomerManagedPolicyReferenceFromPermissionSet",
)


def _written(name: str) -> Operation:
    """moto's method of that operation; its parameters are called like those of the request."""

    def operate(instance: Instance, request: Request) -> dict[str, Any]:
        arguments = {xform_name(key): value for key, value in request.items()}
        try:
            getattr(instance.backend, xform_name(name))(**arguments)
        except JsonRESTError as error:
            raise Refusal(error.error_type, error.message) from error
        return {}

    return operate


def _inline(instance: Instance, request: Request) -> dict[str, Any]:
    return {"InlinePolicy": find_permission_set(instance, request["PermissionSetArn"]).inline_policy}


def _managed(instance: Instance, request: Request) -> dict[str, Any]:
    policies = find_permission_set(instance, request["PermissionSetArn"]).managed_policies
    shown = [{"Arn": policy.arn, "Name": policy.name} for policy in policies]
    return PAGES.of("AttachedManagedPolicies", shown, request)


def _of_accounts(instance: Instance, request: Request) -> dict[str, Any]:
    policies = find_permission_set(instance, request["PermissionSetArn"]).customer_managed_policies
    shown = [{"Name": policy.name, "Path": policy.path} for policy in policies]
    return PAGES.of("CustomerManagedPolicyReferences", shown, request)


OPERATIONS: dict[str, Operation] = {
    **{name: _written(name) for name in _WRITES},
    "GetInlinePolicyForPermissionSet": _inline,
    "ListManagedPoliciesInPermissionSet": _managed,
    "ListCustomerManagedPolicyReferencesInPermissionSet": _of_accounts,
}
