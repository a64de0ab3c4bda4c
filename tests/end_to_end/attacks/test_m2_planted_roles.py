"""Roles that somebody has planted in an account before it is vended: they are refused, and get no power.

Who planted a role may be in it, or has let in whom they like; what the role is called and says of itself proves nothing.
"""

import json

import pytest
import requests
from enrollment_scene import EXECUTION_ROLE, shared_scene
from tenant import WITH_DOWNGRADE, Tenant

ATTACKER = "999999999999"
STEP = "IdentityProvider"
PROVIDER = "meshstack-saml-idp"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
ADMIN = {"awsRoleName": "project-admin", "policies": ["AdministratorAccess"]}
OURS = "Taken by people of the project through the SAML provider. Managed by the account vending machine: whatever"
EVERYTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
)


def trust(principal, action="sts:AssumeRole", **more):
    """A trust policy."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def power_of(iam, role):
    """Everything that a role carries."""
    attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    return {one["PolicyName"] for one in attached} | set(iam.list_role_policies(RoleName=role)["PolicyNames"])


@pytest.fixture(scope="module")
def scene(environment, local_aws):
    """Registered units and accounts."""
    return shared_scene(environment, local_aws)


@pytest.fixture
def account(scene):
    """An account that is to be enrolled."""
    return scene.account()


@pytest.fixture
def member_iam(environment, account):
    """IAM of that account in the attacker's hands."""
    return environment.root_client("iam", account["Id"])


def test_an_execution_role_that_trusts_the_attacker_too_does_not_become_an_administrator(
    scene, environment, account, member_iam
):
    management = f"arn:aws:iam::{environment.management_account_id}:root"
    both = trust({"AWS": [management, f"arn:aws:iam::{ATTACKER}:root"]})
    member_iam.create_role(RoleName=EXECUTION_ROLE, AssumeRolePolicyDocument=both)

    with scene.written() as written:
        cause = scene.fail(account, scene.zone(scene.first), "NameTaken")

    assert written == []
    assert f"role {EXECUTION_ROLE} is in the account, and trusts others than {management}" in cause
    assert power_of(member_iam, EXECUTION_ROLE) == set()
    # Deleted as the remedy says, it is made anew.
    member_iam.delete_role(RoleName=EXECUTION_ROLE)
    assert scene.vend(account, scene.zone(scene.first))[0] == "enrolled"
    assert power_of(member_iam, EXECUTION_ROLE) == {"AdministratorAccess"}


def test_a_session_from_before_gets_nothing_by_a_role_that_was_made_right_afterwards(
    scene, environment, account, member_iam
):
    management = f"arn:aws:iam::{environment.management_account_id}:root"
    planted = member_iam.create_role(
        RoleName=EXECUTION_ROLE, AssumeRolePolicyDocument=trust({"AWS": management})
    )["Role"]

    assert scene.vend(account, scene.zone(scene.first))[0] == "enrolled"

    found = member_iam.get_role(RoleName=EXECUTION_ROLE)["Role"]
    assert found["RoleId"] != planted["RoleId"]
    assert power_of(member_iam, EXECUTION_ROLE) == {"AdministratorAccess"}


@pytest.fixture
def tenant(environment, landing_zones, make_account, project):
    """An account whose landing zone has nothing on but the identity provider."""
    tenant = Tenant(environment, landing_zones, make_account(), project)
    tenant.deploy(identityProvider={"roleMappingsManaged": {"admin": ADMIN}})
    return tenant


@pytest.fixture
def iam(environment, tenant):
    """IAM of that account in the attacker's hands, who has made the SAML provider already, of the published document."""
    iam = environment.root_client("iam", tenant.account_id)
    document = requests.get(f"{environment.endpoint_url}/local-aws/saml/descriptor", timeout=10).text
    iam.create_saml_provider(Name=PROVIDER, SAMLMetadataDocument=document)
    return iam


def of_saml(account_id):
    """The trust that the machine gives to a managed role."""
    return trust(
        {"Federated": f"arn:aws:iam::{account_id}:saml-provider/{PROVIDER}"},
        "sts:AssumeRoleWithSAML",
        Condition={"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
    )


def test_a_saml_role_with_an_inline_policy_of_somebody_else_gets_no_power(tenant, iam):
    document = of_saml(tenant.account_id)
    iam.create_role(RoleName="project-admin", AssumeRolePolicyDocument=document, Description=OURS)
    iam.put_role_policy(RoleName="project-admin", PolicyName="planted", PolicyDocument=EVERYTHING)

    cause = tenant.refused(STEP, "NameTaken")

    assert "role project-admin is in the account, and it carries policies of its own" in cause
    assert power_of(iam, "project-admin") == {"planted"}


@pytest.mark.parametrize("description", [None, OURS], ids=["undescribed", "described"])
def test_a_saml_role_that_trusts_somebody_else_gets_no_power(tenant, iam, description):
    words = {"Description": description} if description else {}
    iam.create_role(
        RoleName="project-admin", AssumeRolePolicyDocument=trust({"AWS": f"arn:aws:iam::{ATTACKER}:root"}), **words
    )

    cause = tenant.refused(STEP, "NameTaken")

    assert ("it trusts others" if description else "its description does not say") in cause
    assert power_of(iam, "project-admin") == set()


def test_a_saml_role_under_a_boundary_of_somebody_else_is_refused(tenant, iam):
    iam.create_role(
        RoleName="project-admin",
        AssumeRolePolicyDocument=of_saml(tenant.account_id),
        Description=OURS,
        PermissionsBoundary=READ_ONLY,
    )

    assert "it has a permissions boundary" in tenant.refused(STEP, "NameTaken")
    assert power_of(iam, "project-admin") == set()


def test_a_saml_role_without_power_is_made_anew(tenant, iam):
    document = of_saml(tenant.account_id)
    planted = iam.create_role(RoleName="project-admin", AssumeRolePolicyDocument=document, Description=OURS)["Role"]

    done = tenant.vend()["IdentityProvider"]

    assert done["Roles"][0]["Changes"][0] == "delete it, because it may have sessions"
    assert iam.get_role(RoleName="project-admin")["Role"]["RoleId"] != planted["RoleId"]
    assert tenant.found.roles_by_saml() == {"project-admin": ["AdministratorAccess"]}


def plant(iam):
    """The administrator of the account gives a role that people take what no mapping says."""
    iam.put_role_policy(RoleName="project-admin", PolicyName="planted", PolicyDocument=EVERYTHING)


def test_an_inline_policy_beside_those_of_the_mapping_is_refused_where_the_access_role_keeps_its_power(tenant, iam):
    tenant.vend()
    plant(iam)

    cause = tenant.refused(STEP, "NameTaken", Force="true")

    assert "role project-admin is in the account, and it carries policies of its own" in cause
    iam.delete_role_policy(RoleName="project-admin", PolicyName="planted")
    tenant.again()


def test_an_inline_policy_beside_those_of_the_mapping_keeps_an_account_from_being_done(tenant, iam):
    tenant.deploy(**WITH_DOWNGRADE, downgrade="strict", identityProvider={"roleMappingsManaged": {"admin": ADMIN}})
    tenant.vend()
    plant(iam)

    cause = tenant.refused("Completion", "VerificationPending", Force="true")

    assert "role project-admin carries inline policies: planted" in cause
    iam.delete_role_policy(RoleName="project-admin", PolicyName="planted")
    tenant.again()
