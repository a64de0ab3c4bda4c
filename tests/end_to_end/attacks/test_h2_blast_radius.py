"""Whoever has the credentials of one of the machine's roles in the management account, and what the boundary keeps from them.

Each call here is one that the role's own policy allows: on an account of a tenant it works, on a protected one it does not.
"""

import json

import principals
import pytest
from botocore.exceptions import ClientError
from tenant import WITH_DOWNGRADE, Tenant

ACCESS_ROLE = "MeshstackAccountAccessRole"
OUTSIDE_ACCOUNT_ID = "666666666666"
ADMINISTRATORS = "organization-administrators"
DENIED = {"AccessDenied", "AccessDeniedException"}
IN_A_BOUNDARY = "with an explicit deny in a permissions boundary"


def refusal(call, **arguments):
    """Why a call is refused; None: it is not."""
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] in DENIED, error
        return error.response["Error"]["Message"]
    return None


class Thief:
    """Has a session of a role of the management account, as the function that the role trusts gets one."""

    def __init__(self, environment):
        self._environment = environment
        self.iam = environment.root_client("iam", environment.management_account_id)

    def keys(self, role):
        """Credentials of the role: whoever could run as its function would have the same."""
        automation = self._environment.automation_account_id
        trust = self.iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
        functions = trust["Statement"][0]["Condition"]["ArnEquals"]["aws:PrincipalArn"]
        function = (functions if isinstance(functions, str) else functions[0]).rsplit("/", 1)[-1]
        lambdas = self._environment.root_client("iam", automation)
        own = lambdas.get_role(RoleName=function)["Role"]["AssumeRolePolicyDocument"]
        opened = json.loads(json.dumps(own))
        opened["Statement"].append(
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{automation}:root"}, "Action": "sts:AssumeRole"}
        )
        lambdas.update_assume_role_policy(RoleName=function, PolicyDocument=json.dumps(opened))
        try:
            root = self._environment.root_client("sts", automation)
            arn = f"arn:aws:iam::{automation}:role/{function}"
            session = root.assume_role(RoleArn=arn, RoleSessionName="attacker")["Credentials"]
        finally:
            lambdas.update_assume_role_policy(RoleName=function, PolicyDocument=json.dumps(own))
        return self._environment.client("sts", session).assume_role(
            RoleArn=f"arn:aws:iam::{self._environment.management_account_id}:role/{role}",
            RoleSessionName="attacker",
            ExternalId=self._environment.external_id_of("machine"),
        )["Credentials"]

    def client(self, service, role):
        """A client with the credentials of a role."""
        return self._environment.client(service, self.keys(role))


@pytest.fixture(scope="module")
def thief(environment):
    """Somebody who runs as any function."""
    return Thief(environment)


@pytest.fixture(scope="module")
def audit(operator):
    """The account that the platform protects."""
    return operator.account_by_email("audit@accounts.example")["Id"]


@pytest.fixture
def tenant(environment, landing_zones, make_account, project):
    """An account of a tenant, in whose place a protected one must not stand."""
    tenant = Tenant(environment, landing_zones, make_account(), project)
    tenant.deploy(**WITH_DOWNGRADE, downgrade="strict")
    tenant.vend()
    return tenant


def standing(environment, audit):
    """Every account that the machine may not touch."""
    return [
        audit,
        environment.management_account_id,
        environment.automation_account_id,
        environment.meshcloud_account_id,
    ]


def test_every_role_of_the_machine_has_the_boundary(environment, thief):
    pages = thief.iam.get_paginator("list_roles").paginate()
    roles = [role["RoleName"] for page in pages for role in page["Roles"] if role["RoleName"].startswith("AVM")]
    assert len(roles) >= 9
    for role in roles:
        boundary = thief.iam.get_role(RoleName=role)["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"]
        assert boundary == f"arn:aws:iam::{environment.management_account_id}:policy/AVMBoundary", role


def test_a_protected_account_stays_in_its_unit(environment, operator, thief, audit, tenant):
    organizations = thief.client("organizations", "AVMPlacementRole")
    root = operator.organizations.list_roots()["Roots"][0]["Id"]
    unit = operator.organizations.create_organizational_unit(ParentId=root, Name=f"loose-{tenant.project}")
    unit_id = unit["OrganizationalUnit"]["Id"]

    for account_id in standing(environment, audit):
        source = organizations.list_parents(ChildId=account_id)["Parents"][0]["Id"]
        why = refusal(
            organizations.move_account,
            AccountId=account_id,
            SourceParentId=source,
            DestinationParentId=unit_id,
        )
        assert why and IN_A_BOUNDARY in why, account_id

    source = organizations.list_parents(ChildId=tenant.account_id)["Parents"][0]["Id"]
    move = {"AccountId": tenant.account_id, "SourceParentId": source, "DestinationParentId": unit_id}
    assert refusal(organizations.move_account, **move) is None
    operator.organizations.move_account(
        AccountId=tenant.account_id, SourceParentId=unit_id, DestinationParentId=source
    )


def test_nobody_is_assigned_to_a_protected_account(environment, landing_zones, thief, audit, tenant):
    sso = thief.client("sso-admin", "AVMIdentityRole")
    single_sign_on = landing_zones.platform()["singleSignOn"]
    instance = single_sign_on["instanceArn"]
    permission_set = sso.list_permission_sets(InstanceArn=instance)["PermissionSets"][0]
    store = environment.root_client("identitystore", environment.management_account_id)
    user = store.list_users(IdentityStoreId=single_sign_on["identityStoreId"])["Users"][0]["UserId"]

    def assign(account_id):
        return refusal(
            sso.create_account_assignment,
            InstanceArn=instance,
            TargetId=account_id,
            TargetType="AWS_ACCOUNT",
            PermissionSetArn=permission_set,
            PrincipalType="USER",
            PrincipalId=user,
        )

    for account_id in standing(environment, audit):
        why = assign(account_id)
        assert why and IN_A_BOUNDARY in why, account_id
    assert assign(tenant.account_id) is None


def test_the_administrators_of_the_organization_are_nobodys_group(environment, landing_zones, thief, project):
    store_id = landing_zones.platform()["singleSignOn"]["identityStoreId"]
    identity = thief.client("identitystore", "AVMIdentityRole")
    root = environment.root_client("identitystore", environment.management_account_id)
    by_name = {"UniqueAttribute": {"AttributePath": "displayName", "AttributeValue": ADMINISTRATORS}}
    administrators = identity.get_group_id(IdentityStoreId=store_id, AlternateIdentifier=by_name)["GroupId"]
    user = root.list_users(IdentityStoreId=store_id)["Users"][0]["UserId"]
    membership = root.create_group_membership(
        IdentityStoreId=store_id, GroupId=administrators, MemberId={"UserId": user}
    )["MembershipId"]
    own = identity.create_group(IdentityStoreId=store_id, DisplayName=f"mst-{project}")["GroupId"]

    def refused(call, **arguments):
        why = refusal(call, IdentityStoreId=store_id, **arguments)
        return why is not None and IN_A_BOUNDARY in why

    assert refused(identity.create_group_membership, GroupId=administrators, MemberId={"UserId": user})
    assert refused(identity.delete_group_membership, MembershipId=membership)
    assert refused(identity.delete_group, GroupId=administrators)
    assert not refused(identity.create_group_membership, GroupId=own, MemberId={"UserId": user})
    assert not refused(identity.delete_group, GroupId=own)
    root.delete_group_membership(IdentityStoreId=store_id, MembershipId=membership)


def test_protected_accounts_keep_their_contacts(environment, thief, audit, tenant):
    account = thief.client("account", "AVMAccountSettingsRole")
    contact = {
        "AlternateContactType": "SECURITY",
        "EmailAddress": "nobody@example.com",
        "Name": "Nobody",
        "PhoneNumber": "+1 555 0100",
        "Title": "None",
    }
    for account_id in standing(environment, audit):
        why = refusal(account.put_alternate_contact, AccountId=account_id, **contact)
        assert why and IN_A_BOUNDARY in why, account_id
    assert refusal(account.put_alternate_contact, AccountId=tenant.account_id, **contact) is None


def test_protected_accounts_get_no_tags_that_say_done_or_failed(environment, thief, audit, tenant):
    completion = thief.client("organizations", "AVMCompletionRole")
    failure = thief.client("organizations", "AVMFailureRole")
    for account_id in standing(environment, audit):
        for client, key in ((completion, "ProductName"), (failure, "avm:failed-step")):
            why = refusal(client.tag_resource, ResourceId=account_id, Tags=[{"Key": key, "Value": "forged"}])
            assert why and IN_A_BOUNDARY in why, (account_id, key)
    tags = [{"Key": "tagOfTheTest", "Value": "x"}]
    assert refusal(completion.tag_resource, ResourceId=tenant.account_id, Tags=tags) is None


@pytest.mark.parametrize("role", ["AVMAccountsRole", "AVMCompletionRole", "AVMFailureRole"])
def test_an_account_that_has_an_owner_keeps_it(thief, tenant, role):
    organizations = thief.client("organizations", role)
    for key in ("avm:workspace", "avm:project"):
        forged = [{"Key": key, "Value": "attacker"}]
        why = refusal(organizations.tag_resource, ResourceId=tenant.account_id, Tags=forged)
        assert why and IN_A_BOUNDARY in why, key
    own = [{"Key": key, "Value": tenant.tags()[key]} for key in ("avm:workspace", "avm:project")]
    assert refusal(organizations.tag_resource, ResourceId=tenant.account_id, Tags=own) is None


def test_who_creates_accounts_tags_neither_units_nor_the_root(operator, thief, project):
    organizations = thief.client("organizations", "AVMAccountsRole")
    root = operator.organizations.list_roots()["Roots"][0]["Id"]
    unit = operator.organizations.create_organizational_unit(ParentId=root, Name=f"untagged-{project}")
    for target in (root, unit["OrganizationalUnit"]["Id"]):
        assert refusal(organizations.tag_resource, ResourceId=target, Tags=[{"Key": "tagX", "Value": "x"}]), target


def test_the_way_into_accounts_ends_at_protected_ones_and_at_the_organization(environment, thief, audit, tenant):
    keys = thief.keys("AVMMemberAccessRole")
    sts = environment.client("sts", keys)

    def enter(account_id):
        """Into a role of the access role's name, which lets the management account in."""
        iam = environment.root_client("iam", account_id)
        trust = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{environment.management_account_id}:root"},
            "Action": "sts:AssumeRole",
        }
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        is_ours = account_id == tenant.account_id
        if not is_ours:
            iam.create_role(RoleName=ACCESS_ROLE, AssumeRolePolicyDocument=document)
        try:
            arn = f"arn:aws:iam::{account_id}:role/{ACCESS_ROLE}"
            return refusal(sts.assume_role, RoleArn=arn, RoleSessionName="attacker")
        finally:
            if not is_ours:
                iam.delete_role(RoleName=ACCESS_ROLE)

    for account_id in (*standing(environment, audit), OUTSIDE_ACCOUNT_ID):
        assert enter(account_id), account_id
    assert enter(tenant.account_id) is None


@pytest.mark.refuses("AVMAccountAliasFunctionRole", "iam:CreateUser", "lambda:InvokeFunction", "ssm:PutParameter")
def test_a_function_whose_policy_somebody_widens_reaches_no_other_service(environment, process):
    """As whoever may write policies of the functions' roles, and no other."""
    account = environment.automation_account_id
    iam = environment.root_client("iam", account)
    pages = iam.get_paginator("list_roles").paginate()
    roles = [role["RoleName"] for page in pages for role in page["Roles"] if role["RoleName"].endswith("FunctionRole")]
    for role in [*roles, "PermissionDowngradeLambdaAdministrationRole"]:
        boundary = iam.get_role(RoleName=role)["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"]
        assert boundary == f"arn:aws:iam::{account}:policy/AVMFunctionsBoundary", role
    assert len(roles) > 12
    widened = json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    )
    keys = principals.function_roles(environment, process.environment_file.parent / "functions")
    role = "AVMAccountAliasFunctionRole"
    iam.put_role_policy(RoleName=role, PolicyName="Widened", PolicyDocument=widened)
    try:
        functions = environment.client("lambda", keys[role])
        tries = [
            (environment.client("iam", keys[role]).create_user, {"UserName": "attacker"}),
            (functions.invoke, {"FunctionName": "avm-create-account", "Payload": b"{}"}),
            (environment.client("ssm", keys[role]).put_parameter, {"Name": "/avm/platform", "Value": "{}", "Overwrite": True}),
        ]
        for call, arguments in tries:
            why = refusal(call, **arguments)
            assert why and "because no permissions boundary allows" in why, (call, why)
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="Widened")


def test_a_policy_that_somebody_widens_reaches_no_other_service(environment, thief):
    widened = json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    )
    thief.iam.put_role_policy(RoleName="AVMPlanRole", PolicyName="Widened", PolicyDocument=widened)
    try:
        keys = thief.keys("AVMPlanRole")
        why = refusal(environment.client("iam", keys).create_user, UserName="attacker")
        assert why and "because no permissions boundary allows" in why
        why = refusal(
            environment.client("cloudformation", keys).delete_stack, StackName="avm-vending-roles"
        )
        assert why and "because no permissions boundary allows" in why
    finally:
        thief.iam.delete_role_policy(RoleName="AVMPlanRole", PolicyName="Widened")
