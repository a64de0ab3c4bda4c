"""IAM needs of Account Management: one's own account, or a member account by its ARN in the organization.

Both ARNs are those of the service `account`.
"""

from local_aws.enforcement import organizations_needs
from local_aws.enforcement.needs import Need, Parameters, Scope


def needs(scope: Scope, action: str, parameters: Parameters) -> list[Need]:
    """The needs of a call of Account Management."""
    context: dict[str, str | list[str]] = {}
    if parameters.get("RegionName"):
        context["account:TargetRegion"] = str(parameters["RegionName"])
    if parameters.get("AlternateContactType"):
        context["account:AlternateContactTypes"] = [str(parameters["AlternateContactType"])]
    account_id = parameters.get("AccountId")
    if not account_id:
        return [Need(f"account:{action}", scope.arn("account", "account"), context)]
    member = organizations_needs.needs(scope, action, {"AccountId": str(account_id)})[0]
    arn = member.resource.replace(":organizations:", ":account:")
    return [Need(f"account:{action}", arn, {**member.context, **context})]
