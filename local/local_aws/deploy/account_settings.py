"""What an organization must have before the AVM sets contacts and regions of its accounts: trusted access.

On AWS an operator does this once, in the console or with `aws organizations enable-aws-service-access`.
"""

from local_aws.deploy.accounts import root_client

ACCOUNT_MANAGEMENT = "account.amazonaws.com"


def trust_account_management(management_account_id: str) -> None:
    """Lets the management account name its member accounts in calls of Account Management."""
    organizations = root_client("organizations", management_account_id)
    organizations.enable_aws_service_access(ServicePrincipal=ACCOUNT_MANAGEMENT)
