"""AWS's managed policies, as its own accounts have them: what they ask for is what the local AWS asks for."""

from collections.abc import Callable
from typing import Any

import pytest

from local_aws.enforcement.end_user_needs import POLICY, stacks_needs

GUIDE = "Control Tower User Guide, roles-how and permissions; the policy in version 8 of 2026-08-04"


@pytest.fixture
def needed(client: Callable[..., Any]) -> dict[str, str]:
    """What Service Catalog needs of whoever provisions, by action."""
    account_id = client("sts").get_caller_identity()["Account"]
    return {need.action: need.resource for need in stacks_needs(account_id, "the stack")}


@pytest.mark.source(GUIDE)
def test_the_version_of_the_policy_is_the_one_that_was_looked_at(client: Callable[..., Any]) -> None:
    policy = client("iam").get_policy(PolicyArn=POLICY)["Policy"]
    assert (policy["DefaultVersionId"], policy["UpdateDate"].date().isoformat()) == ("v8", "2026-08-04")


@pytest.mark.source(GUIDE)
def test_whoever_provisions_needs_its_stacks_and_some_reads(needed: dict[str, str]) -> None:
    stacks = {"cloudformation:CreateStack", "cloudformation:UpdateStack", "cloudformation:DeleteStack"}
    assert {needed[action] for action in stacks} == {"the stack"}
    reads = {"cloudformation:GetTemplateSummary", "config:DescribeConfigurationRecorders", "ssm:DescribeDocument"}
    assert {needed[action] for action in reads} == {"*"}


@pytest.mark.source(GUIDE)
def test_products_that_are_stack_sets_are_not_accounts(needed: dict[str, str]) -> None:
    assert [action for action in needed if "StackSet" in action or "StackInstance" in action] == []
