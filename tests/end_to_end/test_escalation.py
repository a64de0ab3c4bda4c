"""The way back to administration, tried with the access role's own credentials after each downgrade.

`strict` leaves none: whole APIs are called, and the catalogue of known paths is closed. What is open else is listed.
"""

import json

import pytest
from botocore.exceptions import ClientError
from escalation import ADMINISTRATOR_ACCESS, CATALOGUE, ROLES, allowed_operations, is_denied, open_paths
from tenant import WITH_DOWNGRADE, Tenant

from privileges.proof import ATTACKER

ACCESS_ROLE = "MeshstackAccountAccessRole"
ADMIN_BY_SAML = {
    "identityProvider": {
        "roleMappingsManaged": {"admin": {"awsRoleName": "project-admin", "policies": ["AdministratorAccess"]}}
    }
}
# meshStack's own document gives these away: the role may attach what it likes, trust whom it likes, and make roles.
OPEN_UNDER_STANDARD = {
    "iam-009",
    "iam-012",
    "iam-019",
    "own-create-role",
    "own-create-saml-provider",
    "own-replace-saml-provider",
    "own-update-saml-provider",
}
# Besides, it may write and delete its own policies.
OPEN_UNDER_SELF_UPGRADABLE = OPEN_UNDER_STANDARD | {
    "iam-005",
    "iam-021",
    "own-create-role-inline",
    "own-drop-denying-inline-policy",
    "own-drop-denying-managed-policy",
}


class Attacker:
    """Somebody who holds the access role of an account that was downgraded."""

    def __init__(self, environment, meshstack, account_id):
        self.account_id = account_id
        self._environment = environment
        through = meshstack.assume(environment.management_account_id, "MeshfedServiceRole")
        self.credentials = self.assumed(ACCESS_ROLE, through)

    def client(self, service, credentials=None):
        """A client with these credentials, or with those of the access role."""
        return self._environment.client(service, credentials or self.credentials)

    def assumed(self, role, credentials=None):
        """Credentials of a role of the account."""
        return self.client("sts", credentials).assume_role(RoleArn=self.arn(role), RoleSessionName=ATTACKER)[
            "Credentials"
        ]

    def arn(self, role):
        """The ARN of a role of the account."""
        return f"arn:aws:iam::{self.account_id}:role/{role}"

    def is_administrator(self, credentials=None):
        """Whether a call succeeds that no minimum allows."""
        try:
            self.client("iam", credentials).create_user(UserName="created-by-the-attacker")
        except ClientError as error:
            assert is_denied(error), error
            return False
        return True


@pytest.fixture
def downgraded(environment, landing_zones, meshstack, make_account, project):
    """An account with everything that a role could be taken from, after a downgrade; and who attacks it."""

    def vended(policy):
        tenant = Tenant(environment, landing_zones, make_account(), project)
        tenant.deploy(**WITH_DOWNGRADE, **ADMIN_BY_SAML, downgrade=policy)
        tenant.vend()
        return Attacker(environment, meshstack, tenant.account_id)

    return vended


def minimum_of(operator, attacker):
    (document,) = operator.role_policies(attacker.account_id, ACCESS_ROLE)["inline"].values()
    return document


def values(attacker, environment):
    """What calls aim at: every role of the account, the SAML provider, the strongest policy, a template with a role."""
    account = attacker.account_id
    trust = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"AWS": attacker.arn(ACCESS_ROLE)}, "Action": "sts:AssumeRole"}
            ],
        }
    )
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": json.loads(trust), "ManagedPolicyArns": [ADMINISTRATOR_ACCESS]},
    }
    shared = {
        "PolicyArn": ADMINISTRATOR_ACCESS,
        "PolicyDocument": json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        ),
        "AssumeRolePolicyDocument": trust,
        "SAMLProviderArn": f"arn:aws:iam::{account}:saml-provider/meshstack-saml-idp",
        "UserName": "anybody",
        "GroupName": "anything",
        "TemplateBody": json.dumps({"Resources": {"Role": role}}),
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
        "StackSetName": "avm-landing-zone",
        "AccountAlias": f"attacked-{account}",
    }
    for name in ROLES:
        arn = attacker.arn(name)
        for service_role in (None, arn):
            passed = {"RoleARN": arn, "Role": arn} if service_role else {}
            for stack in ("meshstack-cf-access", "own"):
                yield {**shared, **passed, "RoleName": name, "RoleArn": arn, "StackName": stack}


def test_strict_allows_nothing_of_iam_cloudformation_and_lambda_but_what_it_names(environment, downgraded):
    attacker = downgraded("strict")
    choices = list(values(attacker, environment))

    assert allowed_operations(attacker.client("iam"), choices) == {
        "CreateAccountAlias",
        "DeleteAccountAlias",
        "GetRole",
        "GetSAMLProvider",
        "ListAccountAliases",
        "ListAttachedRolePolicies",
    }
    assert allowed_operations(attacker.client("cloudformation"), choices) == {"DescribeStacks"}
    for service in ("lambda", "organizations", "sso-admin", "identitystore", "secretsmanager", "ssm"):
        assert allowed_operations(attacker.client(service), choices[:1]) == set(), service
    assert not attacker.is_administrator()


def test_strict_lets_into_no_other_role(environment, downgraded):
    attacker = downgraded("strict")
    elsewhere = {
        environment.management_account_id: ("AVMMemberAccessRole", "AVMAccountsRole", "MeshfedServiceRole"),
        environment.automation_account_id: (
            "AVMStateMachineRole",
            "AVMPermissionDowngradeFunctionRole",
            "PermissionDowngradeLambdaAdministrationRole",
        ),
    }
    arns = [attacker.arn(role) for role in ROLES]
    arns += [f"arn:aws:iam::{account}:role/{role}" for account, roles in elsewhere.items() for role in roles]

    for arn in arns:
        with pytest.raises(ClientError) as refusal:
            attacker.client("sts").assume_role(
                RoleArn=arn, RoleSessionName=ATTACKER, ExternalId=environment.external_id_of("machine")
            )
        assert is_denied(refusal.value), arn


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("strict", set()),
        ("standard", OPEN_UNDER_STANDARD),
        ("self-upgradable", OPEN_UNDER_SELF_UPGRADABLE),
    ],
)
def test_the_paths_of_the_catalogue_that_a_minimum_leaves_open_are_known(downgraded, operator, policy, expected):
    attacker = downgraded(policy)

    assert open_paths(minimum_of(operator, attacker), attacker.account_id) == expected
    assert len(CATALOGUE) > 80


def test_what_is_listed_as_open_does_lead_back(downgraded):
    attacker = downgraded("standard")
    iam = attacker.client("iam")
    assert not attacker.is_administrator()

    trust = {"Effect": "Allow", "Principal": {"AWS": attacker.arn(ACCESS_ROLE)}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam.create_role(RoleName="not-there-yet", AssumeRolePolicyDocument=document)
    iam.attach_role_policy(RoleName="not-there-yet", PolicyArn=ADMINISTRATOR_ACCESS)
    assert attacker.is_administrator(attacker.assumed("not-there-yet"))

    iam.attach_role_policy(RoleName=ACCESS_ROLE, PolicyArn=ADMINISTRATOR_ACCESS)
    attacker.client("iam").delete_user(UserName="created-by-the-attacker")
    assert attacker.is_administrator()
