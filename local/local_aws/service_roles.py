"""Sessions of roles for the AWS services in this process: Lambda and Step Functions.

A service gets one only where the role's trust policy lets it work for the resource that it works for.
"""

from typing import Any

from local_aws.credentials import role_session_credentials
from local_aws.services.sts.models import role_trusts_service


class ServiceSessionError(Exception):
    """The role does not exist or does not trust the service."""


def require_service_trust(role_arn: str, service: str, source_arn: str) -> None:
    """Raises ServiceSessionError when the service cannot assume the role on behalf of that resource."""
    if not role_trusts_service(role_arn, service, source_arn.split(":")[4], source_arn):
        raise ServiceSessionError(
            f"The role {role_arn} does not exist or cannot be assumed by {service}."
        )


def service_session_credentials(
    role_arn: str, service: str, source_arn: str, session_name: str, seconds: int = 3600
) -> dict[str, Any]:
    """A session of the role for a service that works for the resource `source_arn`."""
    require_service_trust(role_arn, service, source_arn)
    return role_session_credentials(role_arn, session_name, source_arn.split(":")[3], seconds)
