"""The role that a permission set becomes in an account where it is assigned.

moto makes none.
"""

import json
import secrets

from moto.core.exceptions import ServiceException
from moto.iam.models import Role
from moto.ssoadmin.models import PermissionSet

from local_aws import saml_descriptor
from local_aws.credentials import PARTITION
from local_aws.enforcement.principals import iam_of

from .instance import Instance

_NAME_PREFIX = "AWSReservedSSO_"
_INLINE_POLICY = "AwsSSOInlinePolicy"
_SECONDS_PER_HOUR = 3600


class ProvisioningFailure(Exception):
    """The role cannot be made; the text is the FailureReason."""


def _path(region: str) -> str:
    """Only roles of instances in us-east-1 have no region in their path."""
    path = "/aws-reserved/sso.amazonaws.com/"
    return path if region == "us-east-1" else f"{path}{region}/"


def _provider(account_id: str, instance: Instance) -> str:
    """The ARN of the SAML provider that Identity Center has in every account with an assignment; made where missing."""
    name = f"AWSSSO_{instance.arn.rsplit('-', 1)[-1]}_DO_NOT_DELETE"
    iam = iam_of(account_id)
    if name not in iam.saml_providers:
        iam.create_saml_provider(name, saml_descriptor.original())
    return str(iam.saml_providers[name].arn)


def _trust(provider: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"],
        "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _of(account_id: str, permission_set: PermissionSet) -> Role | None:
    prefix = f"{_NAME_PREFIX}{permission_set.name}_"
    for role in iam_of(account_id).get_roles():
        if role.name.startswith(prefix) and len(role.name) == len(prefix) + 16:
            return role
    return None


def provision(instance: Instance, account_id: str, permission_set: PermissionSet) -> None:
    """Makes the role with the permission set's policies, unless it is there."""
    if _of(account_id, permission_set):
        return
    iam = iam_of(account_id)
    managed = [policy.arn for policy in permission_set.managed_policies]
    for policy in permission_set.customer_managed_policies:
        managed.append(f"arn:{PARTITION}:iam::{account_id}:policy{policy.path}{policy.name}")
    for arn in managed:
        if arn not in iam.managed_policies:
            raise ProvisioningFailure(f"Received a 404 status error: Not supported policy {arn}.")
    name = f"{_NAME_PREFIX}{permission_set.name}_{secrets.token_hex(8)}"
    description = permission_set.description or ""
    trust, path = _trust(_provider(account_id, instance)), _path(instance.region)
    iam.create_role(name, trust, path, None, description, [], str(_SECONDS_PER_HOUR))
    try:
        for arn in managed:
            iam.attach_role_policy(arn, name)
        if permission_set.inline_policy:
            iam.put_role_policy(name, _INLINE_POLICY, permission_set.inline_policy)
    except ServiceException as error:
        remove(account_id, permission_set)
        raise ProvisioningFailure(f"Received a 400 status error: {error.message}") from error


def remove(account_id: str, permission_set: PermissionSet) -> None:
    """Removes the role with its policies."""
    role = _of(account_id, permission_set)
    if role is None:
        return
    iam = iam_of(account_id)
    for arn in list(role.managed_policies):
        iam.detach_role_policy(arn, role.name)
    for name in list(role.policies):
        iam.delete_role_policy(role.name, name)
    iam.delete_role(role.name)
