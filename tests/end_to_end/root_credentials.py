"""How a platform team turns on the management of root credentials, in an organization of a test."""

from collections.abc import Iterator
from contextlib import contextmanager

from meshstack_client import LocalEnvironment

SERVICE = "iam.amazonaws.com"


@contextmanager
def trusted(environment: LocalEnvironment) -> Iterator[None]:
    """The organization trusts IAM meanwhile."""
    organizations = environment.root_client("organizations", environment.management_account_id)
    organizations.enable_aws_service_access(ServicePrincipal=SERVICE)
    try:
        yield
    finally:
        organizations.disable_aws_service_access(ServicePrincipal=SERVICE)


@contextmanager
def managed(environment: LocalEnvironment) -> Iterator[None]:
    """The organization, which trusts IAM, manages the root credentials of its accounts meanwhile."""
    iam = environment.root_client("iam", environment.management_account_id)
    iam.enable_organizations_root_credentials_management()
    try:
        yield
    finally:
        iam.disable_organizations_root_credentials_management()
