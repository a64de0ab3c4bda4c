"""The grants that stay although no test needs them, each with the reason; one that is not needed here fails the proof.

Patterns are those of the shell, over holder, policy, statement, action and resource.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any


@dataclass(frozen=True)
class GrantException:
    """Grants that stay, and why."""

    reason: str
    holder: str
    action: str = "*"
    statement: str = "*"
    policy: str = "*"
    resource: str = "*"

    def covers(self, key: Any) -> bool:
        """Whether a grant is one of them."""
        return all(
            fnmatchcase(getattr(key, name), getattr(self, name).replace("[", "[[]"))
            for name in ("holder", "policy", "statement", "action", "resource")
        )


_OF_MESHSTACK = (
    "meshStack's own document, held action by action by tests/tests/seeds.rs; the AVM does not act under it."
)
_OF_CLOUDFORMATION = "CloudFormation's handler of AWS::IAM::Role asks for it; the one of the local AWS does without."

EXCEPTIONS: tuple[GrantException, ...] = (
    GrantException(
        "Lambda writes the log with the function's role, outside of the local AWS.", "*", "logs:*", "WriteLogs"
    ),
    GrantException(
        "Lambda and Step Functions write traces with the role, outside of the local AWS.", "*", "xray:*", "WriteTraces"
    ),
    GrantException(
        "Step Functions delivers its log with the role; AWS asks for these, on *.",
        "AVM*MachineRole",
        "logs:*",
        "DeliverLogs",
    ),
    GrantException(
        "Step Functions follows the executions of a distributed map with the role, as AWS asks; here they are no executions.",
        "AVMReconcileMachineRole",
        "states:*",
        "FollowLooks",
    ),
    GrantException(_OF_MESHSTACK, "MeshfedServiceRole"),
    GrantException(_OF_MESHSTACK, "MeshfedAutomationRole"),
    GrantException(
        "meshStack's own documents, held by shared/core/src/rules/minimum_policy.rs; the AVM itself needs a part of them.",
        "MeshstackAccountAccessRole",
        policy="MeshstackAccountAccessPolicy",
        statement="statement ?",
    ),
    GrantException(
        "AWS's CreateAccount makes it; the downgrade takes it away.",
        "MeshstackAccountAccessRole",
        "*",
        policy="*AdministratorAccess",
    ),
    GrantException(
        "For an alias that IAM does not replace by the new one; the local IAM always does.",
        "MeshstackAccountAccessRole",
        "iam:DeleteAccountAlias",
        statement="AliasAndReadsOfTheAccount",
    ),
    GrantException("For people of the platform team; the AVM never assumes it.", "OrganizationAccountAccessRole"),
    GrantException(
        "What AWS's Account Factory does in its caller's name, after the list of Control Tower's user guide.",
        "AVMEnrollmentRole",
        policy="AccountFactory",
    ),
    GrantException(
        "Reads why an enrollment by a move failed; the local Control Tower gives such baselines no operation.",
        "AVM*Role",
        "controltower:GetBaselineOperation",
    ),
    GrantException(
        "For a plan that is asked while somebody's operation is at work on the StackSet; here one ends too soon to ask in time.",
        "AVMPlanFunctionRole",
        "cloudformation:DescribeStackSetOperation",
    ),
    GrantException(
        "AWS does not say which actions StackSets take; its documented minimum is all of CloudFormation, S3 and SNS, on *.",
        "AWSCloudFormationStackSetExecutionRole",
        policy="StackSetInstances",
    ),
    GrantException(
        "Lambda's own call when a scheduled run has failed for good; here nothing is scheduled, and nothing is sent on.",
        "AVMMeteringFunctionRole",
        "sns:Publish",
        "TellOfFailures",
    ),
    GrantException(_OF_CLOUDFORMATION, "AWSCloudFormationStackSetExecutionRole", "iam:GetRolePolicy"),
    GrantException(_OF_CLOUDFORMATION, "AWSCloudFormationStackSetExecutionRole", "iam:UpdateRoleDescription"),
)

# Holders of templates that the full run does not deploy.
NOT_DEPLOYED = {
    "CostExplorerUser": "only with Metering=true: meshStack's own document, held by tests/tests/seeds.rs",
    "MeshCostExplorerServiceRole": "only with Metering=true: meshStack's own document, held by tests/tests/seeds.rs",
}
