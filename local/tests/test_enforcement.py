"""Every call is held to its caller's policies, and refusals are read by SDKs as AWS's are."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from organization import allow, error_of, new_role, new_user, session, trust, unique

ACCOUNT = "255555555555"
MANAGEMENT = "123456789012"


@pytest.fixture
def as_role(client: Callable[..., Any]) -> Callable[..., tuple[Callable[..., Any], str]]:
    """Clients of a session of a new role with this policy, and the role's ARN."""

    def make(
        policy: dict[str, Any] | None, account_id: str = ACCOUNT, **changes: Any
    ) -> tuple[Callable[..., Any], str]:
        role_arn = new_role(client, account_id, trust(f"arn:aws:iam::{account_id}:root"), policy)
        credentials = session(client, role_arn, **changes)
        return (lambda service: client(service, credentials=credentials)), role_arn

    return make


def test_a_role_may_only_do_what_its_policy_allows(as_role: Callable[..., Any]) -> None:
    clients, role_arn = as_role(allow("iam:ListRoles"))
    assert clients("iam").list_roles()["Roles"]
    error = error_of(clients("iam").list_users)
    name = role_arn.rsplit("/", 1)[-1]
    assert (error["Code"], error["status"]) == ("AccessDenied", 403)
    assert error["Message"] == (
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/{name}/test is not authorized to perform: iam:ListUsers"
        " on resource: * because no identity-based policy allows the iam:ListUsers action"
    )


def test_the_policy_names_resources(as_role: Callable[..., Any], client: Callable[..., Any]) -> None:
    client("ssm", ACCOUNT).put_parameter(Name="/avm/platform", Value="{}", Type="String", Overwrite=True)
    resource = f"arn:aws:ssm:*:{ACCOUNT}:parameter/avm/platform"
    clients, _ = as_role(allow("ssm:GetParameter", resource=resource))
    assert clients("ssm").get_parameter(Name="/avm/platform")["Parameter"]["Value"] == "{}"
    error = error_of(clients("ssm").get_parameter, Name="/avm/landing-zones/sandbox")
    assert (error["Code"], error["status"]) == ("AccessDeniedException", 400)


def test_an_explicit_deny_is_worded_so(as_role: Callable[..., Any]) -> None:
    policy = allow("*")
    policy["Statement"].append({"Effect": "Deny", "Action": "iam:ListUsers", "Resource": "*"})
    clients, _ = as_role(policy)
    assert clients("iam").list_roles()["Roles"]
    error = error_of(clients("iam").list_users)
    assert error["Message"].endswith("with an explicit deny in an identity-based policy")


@pytest.mark.parametrize(
    ("service", "operation", "request_", "code", "status"),
    [
        ("organizations", "list_roots", {}, "AccessDeniedException", 400),
        ("cloudformation", "describe_stacks", {}, "AccessDenied", 403),
        ("stepfunctions", "list_state_machines", {}, "AccessDeniedException", 400),
        ("lambda", "invoke", {"FunctionName": "a"}, "AccessDeniedException", 403),
        ("sns", "list_topics", {}, "AuthorizationError", 403),
        ("logs", "describe_log_groups", {}, "AccessDeniedException", 400),
        ("sso-admin", "list_instances", {}, "AccessDeniedException", 400),
        ("account", "get_contact_information", {}, "AccessDeniedException", 403),
        ("s3", "list_buckets", {}, "AccessDenied", 403),
    ],
)
def test_every_protocol_has_its_refusal(
    as_role: Callable[..., Any], service: str, operation: str, request_: dict, code: str, status: int
) -> None:
    clients, _ = as_role(None)
    error = error_of(getattr(clients(service), operation), **request_)
    assert (error["Code"], error["status"]) == (code, status)
    assert "is not authorized to perform" in error["Message"]


def test_managed_policies_count(as_role: Callable[..., Any], client: Callable[..., Any]) -> None:
    iam = client("iam", ACCOUNT)
    clients, role_arn = as_role(None)
    name = role_arn.rsplit("/", 1)[-1]
    document = json.dumps(allow("iam:ListUsers"))
    policy = iam.create_policy(PolicyName=unique("policy"), PolicyDocument=document)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=name, PolicyArn=policy)
    assert "Users" in clients("iam").list_users()
    iam.detach_role_policy(RoleName=name, PolicyArn=policy)
    assert error_of(clients("iam").list_users)["Code"] == "AccessDenied"
    iam.attach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    assert "Users" in clients("iam").list_users()


def test_a_user_has_the_policies_of_its_groups(client: Callable[..., Any]) -> None:
    iam = client("iam", ACCOUNT)
    user, keys = new_user(client, ACCOUNT)
    inside = client("iam", credentials=keys)
    assert error_of(inside.list_users)["Code"] == "AccessDenied"
    group = unique("group")
    iam.create_group(GroupName=group)
    iam.put_group_policy(GroupName=group, PolicyName="rights", PolicyDocument=json.dumps(allow("iam:ListUsers")))
    iam.add_user_to_group(GroupName=group, UserName=user.rsplit("/", 1)[-1])
    assert inside.list_users()["Users"]


def test_a_session_policy_narrows_the_session(as_role: Callable[..., Any]) -> None:
    clients, _ = as_role(allow("*"), Policy=json.dumps(allow("iam:ListRoles")))
    assert clients("iam").list_roles()["Roles"]
    assert error_of(clients("iam").list_users)["Code"] == "AccessDenied"


def test_the_policy_of_a_role_that_attaches_may_name_the_policy(
    as_role: Callable[..., Any], client: Callable[..., Any]
) -> None:
    read_only = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    condition = {"ArnEquals": {"iam:PolicyARN": read_only}}
    clients, role_arn = as_role(allow("iam:AttachRolePolicy", condition=condition))
    name = role_arn.rsplit("/", 1)[-1]
    clients("iam").attach_role_policy(RoleName=name, PolicyArn=read_only)
    administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
    error = error_of(clients("iam").attach_role_policy, RoleName=name, PolicyArn=administrator)
    assert error["Code"] == "AccessDenied"


def test_tag_keys_may_be_limited(organizations: Any, member: str, as_role: Callable[..., Any]) -> None:
    condition = {"ForAllValues:StringLike": {"aws:TagKeys": ["avm:*"]}}
    policy = allow("organizations:TagResource", "organizations:UntagResource", condition=condition)
    clients, _ = as_role(policy, MANAGEMENT)
    inside = clients("organizations")
    inside.tag_resource(ResourceId=member, Tags=[{"Key": "avm:failed-step", "Value": "x"}])
    inside.untag_resource(ResourceId=member, TagKeys=["avm:failed-step"])
    tags = [{"Key": "avm:failed-step", "Value": "x"}, {"Key": "Stage", "Value": "dev"}]
    assert error_of(inside.tag_resource, ResourceId=member, Tags=tags)["Code"] == "AccessDeniedException"
    assert error_of(inside.untag_resource, ResourceId=member, TagKeys=["Stage"])["Code"] == "AccessDeniedException"


def test_a_creation_with_tags_needs_the_right_to_tag(organizations: Any, as_role: Callable[..., Any]) -> None:
    request = {"AccountName": "a", "Email": "not-an-address", "Tags": [{"Key": "k", "Value": "v"}]}
    clients, _ = as_role(allow("organizations:CreateAccount"), MANAGEMENT)
    error = error_of(clients("organizations").create_account, **request)
    assert (error["Code"], "organizations:TagResource" in error["Message"]) == ("AccessDeniedException", True)
    clients, _ = as_role(allow("organizations:CreateAccount", "organizations:TagResource"), MANAGEMENT)
    assert error_of(clients("organizations").create_account, **request)["Code"] == "InvalidInputException"


def test_a_move_needs_both_parents(
    organizations: Any, root_id: str, member: str, as_role: Callable[..., Any]
) -> None:
    unit = organizations.create_organizational_unit(ParentId=root_id, Name=unique("unit"))["OrganizationalUnit"]
    request = {"AccountId": member, "SourceParentId": root_id, "DestinationParentId": unit["Id"]}
    accounts, roots, units = (f"arn:aws:organizations::*:{kind}/o-*/*" for kind in ("account", "root", "ou"))
    clients, _ = as_role(allow("organizations:MoveAccount", resource=[accounts, units]), MANAGEMENT)
    assert error_of(clients("organizations").move_account, **request)["Code"] == "AccessDeniedException"
    clients, _ = as_role(allow("organizations:MoveAccount", resource=[accounts, roots, units]), MANAGEMENT)
    clients("organizations").move_account(**request)


def test_unknown_credentials_are_refused(client: Callable[..., Any]) -> None:
    nobody = {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "x"}
    error = error_of(client("iam", credentials=nobody).list_roles)
    assert (error["Code"], error["status"]) == ("InvalidClientTokenId", 403)
    error = error_of(client("sts", credentials=nobody).get_caller_identity)
    assert error["Code"] == "InvalidClientTokenId"
    error = error_of(client("ssm", credentials=nobody).get_parameter, Name="a")
    assert (error["Code"], error["status"]) == ("UnrecognizedClientException", 400)


def test_a_session_needs_its_token(client: Callable[..., Any]) -> None:
    role_arn = new_role(client, ACCOUNT, trust(f"arn:aws:iam::{ACCOUNT}:root"), allow("*"))
    credentials = session(client, role_arn)
    del credentials["SessionToken"]
    assert error_of(client("iam", credentials=credentials).list_roles)["Code"] == "InvalidClientTokenId"


def test_a_deleted_key_is_unknown(client: Callable[..., Any]) -> None:
    user, keys = new_user(client, ACCOUNT, allow("*"))
    inside = client("iam", credentials=keys)
    assert inside.list_users()["Users"]
    name = user.rsplit("/", 1)[-1]
    client("iam", ACCOUNT).delete_access_key(UserName=name, AccessKeyId=keys["AccessKeyId"])
    assert error_of(inside.list_users)["Code"] == "InvalidClientTokenId"


def test_an_unsigned_call_is_refused(server: Any) -> None:
    import boto3

    unsigned = boto3.client(
        "sns", region_name="eu-central-1", endpoint_url=server.url, config=Config(signature_version=UNSIGNED)
    )
    assert error_of(unsigned.list_topics)["status"] == 403


def test_a_session_works_in_the_account_of_its_role(
    client: Callable[..., Any], organizations: Any, member: str
) -> None:
    from organization import ACCESS_ROLE

    role_arn = f"arn:aws:iam::{member}:role/{ACCESS_ROLE}"
    credentials = client("sts").assume_role(RoleArn=role_arn, RoleSessionName="test")["Credentials"]
    names = [role["RoleName"] for role in client("iam", credentials=credentials).list_roles()["Roles"]]
    assert names == [ACCESS_ROLE]
