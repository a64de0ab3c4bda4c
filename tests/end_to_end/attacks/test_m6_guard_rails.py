"""The guard rails that ship: vends work under them, and an account's own administrators can change nothing of the machine's.

Each attack is tried on two accounts of one kind: in a guarded unit it is refused by the organization, elsewhere it is not.
"""

import contextlib
import json

import principals
import pytest
from botocore.exceptions import ClientError
from tenant import WITH_DOWNGRADE, Tenant
from vending import Vending

from local_aws.paths import REPOSITORY

TEMPLATE = REPOSITORY / "templates" / "guard-rails.yaml"
STACK = "avm-guard-rails"
TYPES = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")
BY_THE_ORGANIZATION = "with an explicit deny in a service control policy"
ADMINISTRATOR_ACCESS = "arn:aws:iam::aws:policy/AdministratorAccess"
ACCESS_ROLE = "MeshstackAccountAccessRole"
PROVIDER = "meshstack-saml-idp"
OF_THE_MACHINE = (
    ACCESS_ROLE,
    "AVMIdentityProviderRole",
    "AVMVerificationRole",
    "AWSCloudFormationStackSetExecutionRole",
    "OrganizationAccountAccessRole",
    "PermissionDowngradeLambdaExecutionRole",
)


def refusal(call, **arguments):
    """The words of a denial; None where the call is let in, whatever becomes of it."""
    try:
        call(**arguments)
    except ClientError as error:
        is_denied = error.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException")
        return error.response["Error"]["Message"] if is_denied else None
    return None


class GuardRails:
    """The stack of the template, and the types of policies that it needs."""

    def __init__(self, environment, operator):
        self._organizations = operator.organizations
        self._cloudformation = environment.root_client("cloudformation", environment.management_account_id)
        self._root = self._organizations.list_roots()["Roots"][0]["Id"]

    def unit(self, name):
        """The id of a unit below the root, which is made where it is missing."""
        pages = self._organizations.get_paginator("list_organizational_units_for_parent").paginate(ParentId=self._root)
        found = {one["Name"]: one["Id"] for page in pages for one in page["OrganizationalUnits"]}
        if name not in found:
            made = self._organizations.create_organizational_unit(ParentId=self._root, Name=name)
            found[name] = made["OrganizationalUnit"]["Id"]
        return found[name]

    def put_up(self, *units):
        """Deploys the template for these units."""
        for kind in TYPES:
            self._organizations.enable_policy_type(RootId=self._root, PolicyType=kind)
        organization = self._organizations.describe_organization()["Organization"]["Id"]
        values = {"VendedUnitIds": ",".join(units), "OrganizationId": organization}
        self._cloudformation.create_stack(
            StackName=STACK,
            TemplateBody=TEMPLATE.read_text(encoding="utf-8"),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()],
        )
        self._wait("create")

    def take_down(self):
        """Deletes the stack."""
        self._cloudformation.delete_stack(StackName=STACK)
        self._wait("delete")
        for kind in TYPES:
            self._organizations.disable_policy_type(RootId=self._root, PolicyType=kind)

    def _wait(self, verb):
        waiter = self._cloudformation.get_waiter(f"stack_{verb}_complete")
        waiter.wait(StackName=STACK, WaiterConfig={"Delay": 0.1})


@pytest.fixture(scope="module")
def guard_rails(environment, operator):
    """The guard rails, for the unit Guarded of this module and for Workloads, which is registered with Control Tower."""
    rails = GuardRails(environment, operator)
    rails.put_up(rails.unit("Guarded"), rails.unit("Workloads"))
    yield rails
    rails.take_down()


@pytest.fixture
def vended(environment, landing_zones, make_account, project, guard_rails):
    """Vends an account of a landing zone in a unit of that name, with all that the machine makes in an account."""

    def vend(unit, **settings):
        tenant = Tenant(environment, landing_zones, make_account(), f"{project}{unit.lower()}")
        everything = {
            **WITH_DOWNGRADE,
            "organizationalUnit": unit,
            "createOrganizationalUnits": True,
            "identityProvider": {"roleMappingsManaged": {"admin": {"awsRoleName": "admin", "policies": []}}},
            "downgrade": "strict",
        }
        tenant.deploy(**{**everything, **settings})
        tenant.vend()
        return tenant

    return vend


def test_the_policies_are_within_the_size_that_aws_allows(operator, guard_rails):
    for kind in TYPES:
        policies = operator.organizations.list_policies(Filter=kind)["Policies"]
        (ours,) = [policy for policy in policies if policy["Name"].startswith("avm-")]
        content = operator.organizations.describe_policy(PolicyId=ours["Id"])["Policy"]["Content"]
        assert 100 < len(content) <= 5120, (kind, len(content))


def test_an_account_with_everything_on_is_vended_twice_under_the_guard_rails(
    guard_rails, meshstack, operator, make_account, project
):
    account = make_account()
    payload = meshstack.payload(account, "space", project, LandingZone="production")
    vending = Vending(meshstack, operator)
    vending.succeed(payload)
    assert operator.role_policies(account["Id"], ACCESS_ROLE)["attached"] == []
    vending.succeed({**payload, "Force": "true"})


def attacks(environment, account_id, keys):
    """What an administrator of the account could do to the machine, by a name for it; the last ones take away what others need."""
    iam = environment.client("iam", keys)
    cloudformation = environment.client("cloudformation", keys)
    provider = f"arn:aws:iam::{account_id}:saml-provider/{PROVIDER}"
    metadata = iam.get_saml_provider(SAMLProviderArn=provider)["SAMLMetadataDocument"]
    names = [stack["StackName"] for stack in cloudformation.describe_stacks()["Stacks"]]
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account_id}:root"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    for role in OF_THE_MACHINE:
        yield f"attach to {role}", iam.attach_role_policy, {"RoleName": role, "PolicyArn": ADMINISTRATOR_ACCESS}
        yield f"trust of {role}", iam.update_assume_role_policy, {"RoleName": role, "PolicyDocument": document}
        yield f"policy of {role}", iam.put_role_policy, {
            "RoleName": role,
            "PolicyName": "attack",
            "PolicyDocument": document.replace("sts:AssumeRole", "iam:*"),
        }
        yield f"boundary of {role}", iam.put_role_permissions_boundary, {
            "RoleName": role,
            "PermissionsBoundary": ADMINISTRATOR_ACCESS,
        }
        yield f"delete {role}", iam.delete_role, {"RoleName": role}
    yield "plant a role", iam.create_role, {
        "RoleName": "AWSControlTowerExecution",
        "AssumeRolePolicyDocument": document,
    }
    yield "provider", iam.delete_saml_provider, {"SAMLProviderArn": provider}
    yield "another provider", iam.create_saml_provider, {
        "Name": "meshstack-of-the-attacker",
        "SAMLMetadataDocument": metadata,
    }
    ours = [name for name in names if name.startswith(("meshstack-cf-access", "StackSet-avm-"))]
    assert len(ours) == 2, names
    for name in ours:
        yield f"update {name.rstrip('0123456789abcdef-')}", cloudformation.update_stack, {
            "StackName": name,
            "UsePreviousTemplate": True,
        }
        yield f"delete {name.rstrip('0123456789abcdef-')}", cloudformation.delete_stack, {"StackName": name}
    yield "rename", environment.client("account", keys).put_account_name, {"AccountName": "attacked"}
    yield "leave", environment.client("organizations", keys).leave_organization, {}


def take_back(environment, account_id):
    """Takes away what the attacks have given: nobody is to need the rights that an attacker gave a role of the machine."""
    iam = environment.root_client("iam", account_id)
    for role in {one["RoleName"] for one in iam.list_roles()["Roles"]}.intersection(OF_THE_MACHINE):
        # One of the attacks deletes the stack of the StackSet, and its roles go while this runs.
        with contextlib.suppress(iam.exceptions.NoSuchEntityException):
            if "attack" in iam.list_role_policies(RoleName=role)["PolicyNames"]:
                iam.delete_role_policy(RoleName=role, PolicyName="attack")
            if role != "OrganizationAccountAccessRole":
                iam.detach_role_policy(RoleName=role, PolicyArn=ADMINISTRATOR_ACCESS)


def test_administrators_of_an_account_change_nothing_of_the_machines(environment, vended):
    refused = {}
    for unit in ("Guarded", "Loose"):
        account_id = vended(unit).account_id
        keys = principals.administrator(environment, account_id, name="attacker")
        refused[unit] = {
            name: refusal(call, **arguments) for name, call, arguments in attacks(environment, account_id, keys)
        }
    take_back(environment, account_id)
    guarded, loose = refused["Guarded"], refused["Loose"]

    assert guarded.keys() == loose.keys()
    assert len(guarded) > 35
    let_in = [name for name, why in guarded.items() if why is None or BY_THE_ORGANIZATION not in why]
    assert let_in == []
    # Organizations answers members nothing but its own denial.
    assert [name for name, why in loose.items() if why is not None and name != "leave"] == []


def test_reads_and_all_else_stay_with_the_account(environment, vended):
    account_id = vended("Guarded").account_id
    iam = environment.client("iam", principals.administrator(environment, account_id, name="attacker"))
    document = iam.get_role(RoleName="AVMVerificationRole")["Role"]["AssumeRolePolicyDocument"]
    assert iam.list_attached_role_policies(RoleName=ACCESS_ROLE)["AttachedPolicies"] == []
    iam.create_role(RoleName="own", AssumeRolePolicyDocument=json.dumps(document))
    iam.attach_role_policy(RoleName="own", PolicyArn=ADMINISTRATOR_ACCESS)


def test_the_access_role_does_not_take_its_power_back_where_its_minimum_would_let_it(environment, meshstack, vended):
    for unit, is_refused in (("Guarded", True), ("Loose", False)):
        account_id = vended(unit, downgrade="standard").account_id
        service = principals.meshstack_roles(environment, meshstack)["MeshfedServiceRole"]
        keys = environment.client("sts", service).assume_role(
            RoleArn=f"arn:aws:iam::{account_id}:role/{ACCESS_ROLE}", RoleSessionName="attacker"
        )["Credentials"]
        why = refusal(
            environment.client("iam", keys).attach_role_policy, RoleName=ACCESS_ROLE, PolicyArn=ADMINISTRATOR_ACCESS
        )
        assert (why is not None) is is_refused, (unit, why)
        assert not is_refused or BY_THE_ORGANIZATION in why


def test_a_role_that_trusts_somebody_outside_lets_nobody_outside_in(environment, vended):
    outside = principals.administrator(environment, principals.OUTSIDE_ACCOUNT_ID, name="attacker")
    inside = principals.administrator(environment, environment.management_account_id)
    trust = {
        "Effect": "Allow",
        "Principal": {
            "AWS": [
                f"arn:aws:iam::{account}:root"
                for account in (principals.OUTSIDE_ACCOUNT_ID, environment.management_account_id)
            ]
        },
        "Action": "sts:AssumeRole",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    for unit, is_refused in (("Guarded", True), ("Loose", False)):
        account_id = vended(unit).account_id
        own = environment.client("iam", principals.administrator(environment, account_id, name="attacker"))
        role = own.create_role(RoleName="open", AssumeRolePolicyDocument=document)["Role"]["Arn"]
        request = {"RoleArn": role, "RoleSessionName": "attacker"}
        why = refusal(environment.client("sts", outside).assume_role, **request)
        assert (why is not None) is is_refused, unit
        assert refusal(environment.client("sts", inside).assume_role, **request) is None
