"""Service and resource control policies: allowed at every level, denied by any, and whom they do not hold."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from organization import allow, error_of, new_account, new_role, new_user, session, trust, unique
from waiting import eventually

MANAGEMENT = "123456789012"
OUTSIDE = "266666666666"
SERVICE, RESOURCE = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
FULL = {SERVICE: "p-FullAWSAccess", RESOURCE: "p-RCPFullAWSAccess"}


def document(effect: str, *actions: str, **elements: Any) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": effect, "Action": list(actions), "Resource": "*", **elements}],
    }


class Tree:
    """A unit below a unit below the root, with an account in it, and policies at any of them."""

    def __init__(self, client: Callable[..., Any], organizations: Any, root_id: str) -> None:
        self.client, self.organizations, self.root = client, organizations, root_id
        self.upper = self._unit(root_id)
        self.lower = self._unit(self.upper)
        self.account = new_account(organizations)
        self.move(self.root, self.lower)
        self._undo: list[Callable[[], Any]] = []
        self.enabled: list[str] = []

    def _unit(self, parent: str) -> str:
        made = self.organizations.create_organizational_unit(ParentId=parent, Name=unique("unit"))
        return str(made["OrganizationalUnit"]["Id"])

    def move(self, source: str, destination: str) -> None:
        self.organizations.move_account(
            AccountId=self.account, SourceParentId=source, DestinationParentId=destination
        )

    def enable(self, *kinds: str) -> None:
        for kind in kinds:
            self.organizations.enable_policy_type(RootId=self.root, PolicyType=kind)
            self._undo.append(
                lambda kind=kind: self.organizations.disable_policy_type(RootId=self.root, PolicyType=kind)
            )

    def attach(self, target: str, content: dict[str, Any], kind: str = SERVICE) -> None:
        made = self.organizations.create_policy(
            Name=unique("policy"), Description="of a test", Type=kind, Content=json.dumps(content)
        )
        policy_id = made["Policy"]["PolicySummary"]["Id"]
        self.organizations.attach_policy(PolicyId=policy_id, TargetId=target)
        self._undo.append(lambda: self.organizations.detach_policy(PolicyId=policy_id, TargetId=target))

    def drop_full_access(self, target: str, kind: str = SERVICE) -> None:
        self.organizations.detach_policy(PolicyId=FULL[kind], TargetId=target)
        self._undo.append(lambda: self.organizations.attach_policy(PolicyId=FULL[kind], TargetId=target))

    def administrator(self, account_id: str | None = None) -> Any:
        """IAM in the hands of somebody who may do everything in the account."""
        _, keys = new_user(self.client, account_id or self.account, allow("*"))
        return self.client("iam", credentials=keys)

    def restore(self) -> None:
        for undo in reversed(self._undo):
            undo()


@pytest.fixture
def tree(client: Callable[..., Any], organizations: Any, root_id: str, instant: None) -> Iterator[Tree]:
    tree = Tree(client, organizations, root_id)
    yield tree
    tree.restore()


@pytest.mark.parametrize("level", ["root", "upper", "lower", "account"])
def test_a_deny_at_any_level_holds_for_everybody_in_the_account(tree: Tree, level: str) -> None:
    iam = tree.administrator()
    tree.attach(getattr(tree, level), document("Deny", "iam:ListUsers"))
    assert "Users" in iam.list_users(), "the type of policy is not enabled"
    tree.enable(SERVICE)
    error = error_of(iam.list_users)
    assert error["Code"] == "AccessDenied"
    assert error["Message"].endswith("with an explicit deny in a service control policy")
    assert "Roles" in iam.list_roles()


@pytest.mark.parametrize("level", ["root", "upper", "lower", "account"])
def test_an_action_must_be_allowed_at_every_level(tree: Tree, level: str) -> None:
    tree.enable(SERVICE)
    iam = tree.administrator()
    assert "Users" in iam.list_users()
    tree.attach(getattr(tree, level), document("Allow", "iam:ListRoles"))
    tree.drop_full_access(getattr(tree, level))
    assert "Roles" in iam.list_roles()
    error = error_of(iam.list_users)
    assert error["Message"].endswith("because no service control policy allows the iam:ListUsers action")


def test_a_policy_allows_nothing_that_the_principal_is_not_allowed(tree: Tree) -> None:
    tree.enable(SERVICE)
    _, keys = new_user(tree.client, tree.account, allow("iam:ListRoles"))
    error = error_of(tree.client("iam", credentials=keys).list_users)
    assert error["Message"].endswith("because no identity-based policy allows the iam:ListUsers action")


def test_an_account_takes_what_holds_from_where_it_is_moved_to(tree: Tree) -> None:
    tree.enable(SERVICE)
    iam = tree.administrator()
    tree.attach(tree.upper, document("Deny", "iam:ListUsers"))
    assert error_of(iam.list_users)["Code"] == "AccessDenied"
    tree.move(tree.lower, tree.root)
    assert "Users" in iam.list_users()


def test_the_management_account_and_service_linked_roles_are_held_to_none(tree: Tree) -> None:
    tree.enable(SERVICE)
    tree.attach(tree.root, document("Deny", "iam:ListUsers"))
    assert "Users" in tree.administrator(MANAGEMENT).list_users()
    own = trust(f"arn:aws:iam::{tree.account}:root")
    linked = new_role(tree.client, tree.account, own, allow("*"), Path="/aws-service-role/example.amazonaws.com/")
    other = new_role(tree.client, tree.account, own, allow("*"))
    assert "Users" in tree.client("iam", credentials=session(tree.client, linked)).list_users()
    assert error_of(tree.client("iam", credentials=session(tree.client, other)).list_users)["Code"] == "AccessDenied"


def test_conditions_except_a_principal(tree: Tree) -> None:
    tree.enable(SERVICE)
    own = trust(f"arn:aws:iam::{tree.account}:root")
    excepted = new_role(tree.client, tree.account, own, allow("*"))
    condition = {"ArnNotLike": {"aws:PrincipalArn": excepted.replace(tree.account, "*")}}
    tree.attach(tree.upper, document("Deny", "iam:ListUsers", Condition=condition))
    assert "Users" in tree.client("iam", credentials=session(tree.client, excepted)).list_users()
    assert error_of(tree.administrator().list_users)["Code"] == "AccessDenied"


@pytest.fixture
def guarded(tree: Tree) -> str:
    """A role that trusts somebody outside, and a resource control policy for the organization only."""
    tree.enable(RESOURCE)
    principals = [f"arn:aws:iam::{account}:root" for account in (OUTSIDE, MANAGEMENT, tree.account)]
    return new_role(tree.client, tree.account, trust(principals))


def only_the_organization(tree: Tree) -> dict[str, Any]:
    organization_id = tree.organizations.describe_organization()["Organization"]["Id"]
    condition = {
        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": organization_id},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    }
    return document("Deny", "sts:AssumeRole", Principal="*", Condition=condition)


def entering(tree: Tree, account_id: str) -> Any:
    _, keys = new_user(tree.client, account_id, allow("*"))
    return tree.client("sts", credentials=keys)


def test_a_resource_control_policy_keeps_out_whoever_the_role_itself_would_let_in(tree: Tree, guarded: str) -> None:
    request = {"RoleArn": guarded, "RoleSessionName": "whoever"}
    outside = entering(tree, OUTSIDE)
    assert outside.assume_role(**request)
    tree.attach(tree.lower, only_the_organization(tree), RESOURCE)
    assert error_of(outside.assume_role, **request)["Code"] == "AccessDenied"
    assert entering(tree, MANAGEMENT).assume_role(**request)
    assert entering(tree, tree.account).assume_role(**request)


def test_a_service_of_aws_still_enters(tree: Tree, guarded: str) -> None:
    from local_aws.services.sts.models import role_trusts_service

    tree.attach(tree.lower, only_the_organization(tree), RESOURCE)
    role = new_role(tree.client, tree.account, trust("lambda.amazonaws.com", kind="Service"))
    assert role_trusts_service(role, "lambda.amazonaws.com")
    tree.attach(tree.lower, document("Deny", "sts:AssumeRole", Principal="*"), RESOURCE)
    assert not role_trusts_service(role, "lambda.amazonaws.com")


def test_a_resource_must_be_allowed_at_every_level(tree: Tree, guarded: str) -> None:
    tree.drop_full_access(tree.upper, RESOURCE)
    assert error_of(entering(tree, MANAGEMENT).assume_role, RoleArn=guarded, RoleSessionName="whoever")


def test_services_without_resource_control_are_not_held(tree: Tree) -> None:
    tree.enable(RESOURCE)
    iam = tree.administrator()
    tree.attach(tree.lower, document("Deny", "*", Principal="*"), RESOURCE)
    assert "Users" in iam.list_users()


def test_a_template_makes_changes_and_takes_away_a_policy(tree: Tree) -> None:
    tree.enable(SERVICE)
    iam, cloudformation = tree.administrator(), tree.client("cloudformation", MANAGEMENT)

    def template(action: str) -> str:
        policy = {
            "Type": "AWS::Organizations::Policy",
            "Properties": {
                "Name": "of-a-template",
                "Type": SERVICE,
                "Content": document("Deny", action),
                "TargetIds": [tree.lower],
            },
        }
        return json.dumps({"Resources": {"Policy": policy}})

    name = unique("stack")
    cloudformation.create_stack(StackName=name, TemplateBody=template("iam:ListUsers"))
    cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 0.05})
    assert error_of(iam.list_users)["Code"] == "AccessDenied"
    cloudformation.update_stack(StackName=name, TemplateBody=template("iam:ListRoles"))
    cloudformation.get_waiter("stack_update_complete").wait(StackName=name, WaiterConfig={"Delay": 0.05})
    assert "Users" in iam.list_users()
    assert error_of(iam.list_roles)["Code"] == "AccessDenied"
    cloudformation.delete_stack(StackName=name)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 0.05})
    assert "Roles" in iam.list_roles()


def test_a_boundary_is_worded_so(client: Callable[..., Any]) -> None:
    iam = client("iam", "255555555555")
    boundary = allow("iam:*")
    boundary["Statement"].append({"Effect": "Deny", "Action": "iam:ListUsers", "Resource": "*"})
    arn = iam.create_policy(PolicyName=unique("boundary"), PolicyDocument=json.dumps(boundary))["Policy"]["Arn"]
    own = trust("arn:aws:iam::255555555555:root")
    role = new_role(client, "255555555555", own, allow("*"), PermissionsBoundary=arn)
    keys = session(client, role)
    assert "Roles" in client("iam", credentials=keys).list_roles()
    message = error_of(client("iam", credentials=keys).list_users)["Message"]
    assert message.endswith("with an explicit deny in a permissions boundary")
    message = error_of(client("ssm", credentials=keys).describe_parameters)["Message"]
    assert message.endswith("because no permissions boundary allows the ssm:DescribeParameters action")


ACCOUNT = "255555555555"
# What companies demand of every role and user (IAM User Guide, "Delegating responsibility to others using permissions boundaries").
ONLY_BOUNDED = document(
    "Deny",
    "iam:CreateRole",
    "iam:CreateUser",
    "iam:PutRolePolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:DeleteRolePermissionsBoundary",
    Condition={"StringNotLike": {"iam:PermissionsBoundary": "arn:aws:iam::*:policy/company/Boundary"}},
)


def company_boundary(client: Callable[..., Any], account_id: str, name: str = "Boundary") -> str:
    iam = client("iam", account_id)
    made = iam.create_policy(Path="/company/", PolicyName=name, PolicyDocument=json.dumps(allow("iam:Get*")))
    return str(made["Policy"]["Arn"])


def test_a_role_needs_the_boundary_that_the_organization_asks_for(tree: Tree) -> None:
    tree.enable(SERVICE)
    boundary = company_boundary(tree.client, tree.account)
    other = company_boundary(tree.client, tree.account, "Other")
    iam = tree.administrator()
    tree.attach(tree.lower, ONLY_BOUNDED)
    request = {"RoleName": unique("role"), "AssumeRolePolicyDocument": trust(f"arn:aws:iam::{tree.account}:root")}
    for unwanted in ({}, {"PermissionsBoundary": other}):
        message = error_of(iam.create_role, **request, **unwanted)["Message"]
        assert message.endswith("with an explicit deny in a service control policy")
    iam.create_role(**request, PermissionsBoundary=boundary)
    name = request["RoleName"]
    # The key of a call about a role that is there is the boundary that it has.
    policy = {"RoleName": name, "PolicyName": "own", "PolicyDocument": json.dumps(allow("*"))}
    iam.put_role_policy(**policy)
    assert error_of(iam.put_role_permissions_boundary, RoleName=name, PermissionsBoundary=other)["Code"] == "AccessDenied"
    tree.client("iam", tree.account).put_role_permissions_boundary(RoleName=name, PermissionsBoundary=other)
    assert error_of(iam.put_role_policy, **policy)["Code"] == "AccessDenied"
    assert error_of(iam.delete_role_permissions_boundary, RoleName=name)["Code"] == "AccessDenied"


def test_a_template_needs_it_for_its_roles_and_users(tree: Tree) -> None:
    tree.enable(SERVICE)
    boundary = company_boundary(tree.client, tree.account)
    _, keys = new_user(tree.client, tree.account, allow("*"))
    cloudformation, iam = tree.client("cloudformation", credentials=keys), tree.client("iam", tree.account)

    def deployed(name: str, **bounded: str) -> str:
        own = trust(f"arn:aws:iam::{tree.account}:root")
        role = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": name, "AssumeRolePolicyDocument": own, **bounded}}
        user = {"Type": "AWS::IAM::User", "Properties": {"UserName": name, **bounded}}
        for kind, resource in (("role", role), ("user", user)):
            stack = unique("stack")
            template = json.dumps({"Resources": {"One": resource}})
            cloudformation.create_stack(StackName=stack, TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM"])
            status = eventually(lambda name=stack: ended(name))
            if status != "CREATE_COMPLETE":
                return f"{kind}: {reasons(stack)}"
        return "done"

    def ended(stack: str) -> str | None:
        status = str(cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])
        return None if status.endswith("_IN_PROGRESS") else status

    def reasons(stack: str) -> str:
        events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
        return " ".join(event.get("ResourceStatusReason", "") for event in events)

    missing = f"arn:aws:iam::{tree.account}:policy/company/Missing"
    told = deployed(unique("missing"), PermissionsBoundary=missing)
    assert f"Scope ARN: {missing} does not exist or is not attachable." in told
    tree.attach(tree.lower, ONLY_BOUNDED)
    assert "explicit deny in a service control policy" in deployed(unique("bare"))
    name = unique("bounded")
    assert deployed(name, PermissionsBoundary=boundary) == "done"
    assert iam.get_role(RoleName=name)["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
    assert iam.get_user(UserName=name)["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary


def test_a_boundary_that_is_not_there_is_refused(client: Callable[..., Any]) -> None:
    iam = client("iam", ACCOUNT)
    missing = f"arn:aws:iam::{ACCOUNT}:policy/company/Missing"
    own = trust(f"arn:aws:iam::{ACCOUNT}:root")
    error = error_of(iam.create_role, RoleName=unique("role"), AssumeRolePolicyDocument=own, PermissionsBoundary=missing)
    assert (error["Code"], error["Message"]) == (
        "NoSuchEntity",
        f"Scope ARN: {missing} does not exist or is not attachable.",
    )
    role = new_role(client, ACCOUNT, own)
    name = role.rsplit("/", 1)[-1]
    assert error_of(iam.put_role_permissions_boundary, RoleName=name, PermissionsBoundary=missing)["Code"] == "NoSuchEntity"


def test_a_boundary_holds_a_user_too(client: Callable[..., Any]) -> None:
    boundary = company_boundary(client, ACCOUNT, unique("Boundary"))
    cloudformation, name = client("cloudformation", ACCOUNT), unique("user")
    policies = [{"PolicyName": "own", "PolicyDocument": allow("iam:*")}]
    properties = {"UserName": name, "Policies": policies, "PermissionsBoundary": boundary}
    template = json.dumps({"Resources": {"User": {"Type": "AWS::IAM::User", "Properties": properties}}})
    cloudformation.create_stack(StackName=name, TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM"])
    cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 0.05})
    keys = client("iam", ACCOUNT).create_access_key(UserName=name)["AccessKey"]
    iam = client("iam", credentials=keys)
    assert "User" in iam.get_user(UserName=name)
    assert error_of(iam.list_users)["Message"].endswith("because no permissions boundary allows the iam:ListUsers action")
