"""Where AWS's own answers break its models, and how that is known: such answers are right as they are.

Every other answer of the local AWS fits the model, or fails the test that sees it.
"""

import re

# What of an answer, and the source.
EXCEPTIONS = {
    r"servicecatalog:\w+ .*Type must satisfy enum value set: .*EXTERNAL\]": (
        "The Account Factory has types of its own, CONTROL_TOWER_ACCOUNT: AWS's Account Factory for Terraform searches for it"
        " (aft_common/service_catalog.py of aws-ia/terraform-aws-control_tower_account_factory)."
    ),
    r"sso:GetInlinePolicyForPermissionSet InlinePolicy must .*": (
        "Without a policy the text is empty: aws-samples/bulk-policy-migrator-scripts-for-account-cost-billing-consoles #18."
    ),
    r"ec2:DescribeInternetGateways InternetGateways\.Attachments\.State must satisfy enum value set: .*": (
        "'For an internet gateway, the state is available when attached to a VPC' (EC2 API, InternetGatewayAttachment)."
    ),
    r"organizations:\w+ .*Arn must satisfy regular expression pattern: .*policy.*": (
        "Ids of customers' policies have eight characters, and the pattern asks for ten: AWS's own refusals name such policies"
        " ('with an explicit deny in a service control policy: arn:aws:organizations::…/service_control_policy/p-1fp032g8')."
    ),
    r"cloudformation:DescribeStackEvents StackEvents\.ResourceStatus must satisfy enum value set: .*": (
        "The stack's own events also tell its states of cleaning up, as UPDATE_COMPLETE_CLEANUP_IN_PROGRESS (CloudFormation user"
        " guide, stack status codes)."
    ),
    r"s3:Head(Object|Bucket) error has no code": (
        "'A HEAD request has the same options as a GET [...] but the response body is empty: you cannot determine the exact"
        " exception' (S3 API, HeadObject)."
    ),
    r"ssm:(Delete|Get)Parameters InvalidParameters must have length greater than or equal to 1": (
        "Where all parameters are there the list of those that are not is empty (AWS CLI reference, delete-parameters and"
        " get-parameters)."
    ),
}
_PATTERNS = [re.compile(pattern) for pattern in EXCEPTIONS]


def is_as_on_aws(problem: str) -> bool:
    """Whether AWS breaks its model in the same way."""
    return any(pattern.fullmatch(problem) for pattern in _PATTERNS)
