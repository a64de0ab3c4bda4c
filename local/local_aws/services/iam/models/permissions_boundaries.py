"""Permissions boundaries, of roles and of users: a policy that the account has, or one of AWS.

moto takes any ARN, and knows none of users. For what is missing IAM answers "Scope ARN: … does not exist or is not attachable." with the
code NoSuchEntity (recorded in openshift/rosa's tests of --permissions-boundary; the code is in AWS's model of CreateRole,
CreateUser and PutRolePermissionsBoundary).
"""

from typing import Any

from moto.iam.exceptions import NoSuchEntity
from moto.iam.models import IAMBackend, User

from local_aws.patches import patch


def check_boundary(backend: IAMBackend, arn: str | None) -> None:
    """Raises NoSuchEntity for a policy that is not there."""
    if arn and arn not in backend.managed_policies:
        raise NoSuchEntity(f"Scope ARN: {arn} does not exist or is not attachable.")


@patch(IAMBackend, "put_role_permissions_boundary")
def _put_role_permissions_boundary(original: Any, self: IAMBackend, role_name: str, permissions_boundary: str) -> None:
    check_boundary(self, permissions_boundary)
    original(self, role_name, permissions_boundary)


def bind_user(backend: IAMBackend, user: User, arn: str | None) -> None:
    """Gives the user that boundary, or takes the one that it has away."""
    check_boundary(backend, arn)
    user.permissions_boundary_arn = arn
    shown = {"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": arn}
    user.permissions_boundary = shown if arn else None
