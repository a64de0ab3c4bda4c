"""The values of quotas: of an account that has been raised where a test would meet the default. A test may change them.

Sources: the pages of quotas of AWS Lambda, AWS Organizations and AWS CloudFormation, and that of IAM Identity Center's user guide
("Quotas and limits in IAM Identity Center", as of November 2026).
"""

from typing import Any

VALUES: dict[str, dict[str, float]] = {
    "cloudformation": {"Stack instances per stack set": 100000.0, "Stack sets per administrator account": 1000.0},
    # What its guide says of concurrent account operations has no document that names the quota.
    "controltower": {},
    "lambda": {"Concurrent executions": 1000.0},
    "organizations": {"Default maximum number of accounts": 10000.0},
    "sso": {
        "Number of permission sets allowed in IAM Identity Center": 3500.0,
        "Number of provisioned permission sets allowed per AWS account": 500.0,
    },
}

# What is requested with; that of stack instances is in no document.
CODES = {
    "Concurrent executions": "L-B99A9384",
    "Default maximum number of accounts": "L-E619E033",
    "Stack sets per administrator account": "L-31709F13",
}
# Requests that AWS has not decided about, which here is all of them: account, region and code.
OPEN: set[tuple[str, str, str]] = set()


def change(document: Any) -> None:
    """Gives a quota another value: `{"service", "name", "value"}`."""
    service, name = document["service"], document["name"]
    if name not in VALUES.get(service, {}):
        raise ValueError(f"{service} has no quota {name}")
    VALUES[service][name] = float(document["value"])


def show() -> dict[str, dict[str, float]]:
    """All of them."""
    return VALUES
