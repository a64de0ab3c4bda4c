"""Who may become which role: every role that is deployed, every principal, with and without the ExternalId of its boundary.

The table is the specification. A role that is deployed and not in it fails the tests.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import principals
import pytest
from botocore.exceptions import ClientError
from vending import FUNCTIONS, Vending

from meshstack_client import LocalEnvironment

MANAGEMENT, AUTOMATION, MESHCLOUD, MEMBER = "management", "automation", "meshcloud", "member"


@dataclass(frozen=True)
class Trust:
    """Who may assume a role: `who` by name, and what the trust policy names instead where it is another thing."""

    who: frozenset[str]
    external_id: bool
    named: frozenset[str]


def trust(*who: str, external_id: bool = True, named: tuple[str, ...] = ()) -> Trust:
    """A trust in principals; what the policy names are the same, unless said otherwise."""
    return Trust(frozenset(who), external_id, frozenset(named or who))


# The account's root stands for whoever the account itself lets in: its administrators, and roles with a policy for it.
BY_MANAGEMENT = f"root of {MANAGEMENT}"
TRUSTS: dict[tuple[str, str], Trust] = {
    (MANAGEMENT, "MeshfedServiceRole"): trust("meshfed-service-user"),
    (MANAGEMENT, "AVMAccountsRole"): trust("AVMCreateAccountFunctionRole"),
    (MANAGEMENT, "AVMPlacementRole"): trust("AVMPlaceAccountFunctionRole", "AVMEnrollFunctionRole"),
    (MANAGEMENT, "AVMEnrollmentRole"): trust("AVMEnrollFunctionRole"),
    (MANAGEMENT, "AVMMemberAccessRole"): trust(
        "AVMCreateAccountFunctionRole",
        "AVMEnrollFunctionRole",
        "AVMAccessStackFunctionRole",
        "AVMAccountAliasFunctionRole",
        "AVMDefaultVpcsFunctionRole",
        "AVMIdentityProviderFunctionRole",
    ),
    (MANAGEMENT, "AVMAccountSettingsRole"): trust("AVMAccountSettingsFunctionRole"),
    (MANAGEMENT, "AVMIdentityRole"): trust("AVMSingleSignOnFunctionRole"),
    (MANAGEMENT, "AVMCompletionRole"): trust("AVMCompletionFunctionRole"),
    (MANAGEMENT, "AVMFailureRole"): trust("AVMRecordFailureFunctionRole", "AVMStoppedVendFunctionRole"),
    (MANAGEMENT, "AVMPlanRole"): trust("AVMElevationFunctionRole", "AVMPlanFunctionRole"),
    (MANAGEMENT, "AVMReconcileRole"): trust("AVMReconcileFunctionRole"),
    (MANAGEMENT, "AVMMeteringRole"): trust("AVMMeteringFunctionRole"),
    (AUTOMATION, "MeshfedAutomationRole"): trust("meshfed-service-user"),
    # AWS Organizations and AWS Control Tower make these two trusts so, without an ExternalId.
    (MEMBER, "MeshstackAccountAccessRole"): trust(
        "management administrator",
        "MeshfedServiceRole",
        external_id=False,
        named=(BY_MANAGEMENT,),
    ),
    (MEMBER, "AWSControlTowerExecution"): trust(
        "management administrator", external_id=False, named=(BY_MANAGEMENT,)
    ),
    **{
        (kind, "OrganizationAccountAccessRole"): trust(
            "management administrator", external_id=False, named=(BY_MANAGEMENT,)
        )
        for kind in (AUTOMATION, MESHCLOUD, MEMBER)
    },
    (MEMBER, "AWSCloudFormationStackSetExecutionRole"): trust(
        external_id=False, named=("AWSCloudFormationStackSetAdministrationRole",)
    ),
    (MEMBER, "PermissionDowngradeLambdaExecutionRole"): trust(
        "AVMElevationFunctionRole",
        "AVMPermissionDowngradeFunctionRole",
        "AVMStoppedVendFunctionRole",
        "PermissionDowngradeLambdaAdministrationRole",
        external_id=False,
    ),
    (MEMBER, "AVMIdentityProviderRole"): trust("AVMIdentityProviderFunctionRole", external_id=False),
    (MEMBER, "AVMVerificationRole"): trust(
        "AVMCompletionFunctionRole",
        "AVMDefaultVpcsFunctionRole",
        "AVMElevationFunctionRole",
        "AVMPlanFunctionRole",
        "AVMReconcileFunctionRole",
        external_id=False,
    ),
}


class Scene:
    """A vended account with everything on, everybody who could try, and the roles of all accounts."""

    def __init__(self, environment: LocalEnvironment, accounts: dict[str, str], people: dict[str, Any]) -> None:
        self.environment = environment
        self.accounts = accounts
        self.people = people
        self.external_ids = {name: environment.external_id_of(name) for name in ("meshstack", "cost-explorer", "machine")}
        self.roles = {
            (kind, role["RoleName"]): role
            for kind, account_id in accounts.items()
            for role in principals.roles_of(environment, account_id)
        }

    def trusted_by_name(self) -> Iterator[tuple[tuple[str, str], dict[str, Any], Trust]]:
        """The roles that somebody, and not only a service or an identity provider, may assume."""
        for key, role in self.roles.items():
            if any("AWS" in statement["Principal"] for statement in principals.statements(role)):
                yield key, role, TRUSTS[key]

    def right(self, key: tuple[str, str]) -> str:
        """The ExternalId of the boundary that a role belongs to."""
        return self.external_ids["meshstack" if key[1].startswith("Meshfed") else "machine"]

    def assume(self, who: str, role: dict[str, Any], external_id: str | None) -> str | None:
        """Tries; the code of the refusal, or None."""
        arguments = {"ExternalId": external_id} if external_id else {}
        try:
            self.environment.client("sts", self.people[who]).assume_role(
                RoleArn=role["Arn"], RoleSessionName="whoever", **arguments
            )
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return None


@pytest.fixture(scope="module")
def scene(environment, meshstack, operator, process):
    """One vend for all tests of this module."""
    account = meshstack.create_account("trusts", "aws+trusts@example.com")
    payload = meshstack.payload(account, "space", "trusts", LandingZone="production")
    Vending(meshstack, operator).succeed(payload)
    functions = process.environment_file.parent / "functions"
    people = principals.everybody(environment, meshstack, functions, account["Id"])
    accounts = {
        MANAGEMENT: environment.management_account_id,
        AUTOMATION: environment.automation_account_id,
        MESHCLOUD: environment.meshcloud_account_id,
        MEMBER: account["Id"],
    }
    return Scene(environment, accounts, people)


def test_the_table_has_every_role_that_somebody_may_assume(scene):
    found = {
        key
        for key, role in scene.roles.items()
        if any("AWS" in statement["Principal"] for statement in principals.statements(role))
    }
    assert found == TRUSTS.keys()


def test_every_trust_names_exactly_whom_the_table_names(scene):
    for key, role, expected in scene.trusted_by_name():
        (statement,) = principals.statements(role)
        condition = statement.get("Condition", {})
        named = _list(condition.get("ArnEquals", {}).get("aws:PrincipalArn") or statement["Principal"]["AWS"])
        root = f"arn:aws:iam::{scene.accounts[MANAGEMENT]}:root"
        assert {BY_MANAGEMENT if arn == root else arn.rsplit("/", 1)[-1] for arn in named} == expected.named, key
        asked = _list(condition.get("StringEquals", {}).get("sts:ExternalId", []))
        assert asked == ([scene.right(key)] if expected.external_id else []), key


def test_nobody_but_the_trusted_becomes_a_role_even_with_the_external_id(scene, local_aws):
    mark = local_aws.mark()
    wrong = []
    for (key, role), who in itertools.product(scene.roles.items(), scene.people):
        expected = TRUSTS.get(key)
        is_trusted = expected is not None and who in expected.who
        refusal = scene.assume(who, role, scene.right(key))
        if refusal != (None if is_trusted else "AccessDenied"):
            wrong.append((who, key, refusal))
    local_aws.expect_refusals(mark)
    assert wrong == []


def test_the_trusted_need_the_external_id_where_the_table_says_so(scene, local_aws):
    mark = local_aws.mark()
    tried = 0
    for key, role, expected in scene.trusted_by_name():
        right = scene.right(key)
        of_others = [one for one in scene.external_ids.values() if one != right]
        for who in expected.who:
            for external_id in (None, "another", right.swapcase(), right[:-1], f"{right}x", *of_others):
                refusal = scene.assume(who, role, external_id)
                assert refusal == ("AccessDenied" if expected.external_id else None), (who, key)
                tried += 1
    local_aws.expect_refusals(mark)
    assert tried >= 7 * len(TRUSTS)


def test_every_function_has_a_role_of_its_own_that_only_lambda_may_assume(scene):
    functions = [role for (kind, name), role in scene.roles.items() if kind == AUTOMATION and name in scene.people]
    assert len(functions) >= len(FUNCTIONS)
    for role in functions:
        if role["RoleName"] == "MeshfedAutomationRole":
            continue
        (statement,) = principals.statements(role)
        assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}


def _list(value: Any) -> list[str]:
    return list(value) if isinstance(value, list) else [value]
