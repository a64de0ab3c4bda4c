"""AssumeRole: the role, its trust policy with conditions, and the caller's own policies."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from cloudformation_support import settled
from organization import allow, error_of, new_role, new_user, session, trust, unique

from local_aws.service_roles import ServiceSessionError, service_session_credentials
from local_aws.services.sts.models import role_trusts_service

HOME, AWAY = "211111111111", "222222222222"
ASSUME_ANYTHING = allow("sts:AssumeRole")


def root_arn(account_id: str) -> str:
    return f"arn:aws:iam::{account_id}:root"


def refused(sts: Any, role_arn: str, **more: Any) -> str:
    error = error_of(sts.assume_role, RoleArn=role_arn, RoleSessionName="test", **more)
    assert (error["Code"], error["status"]) == ("AccessDenied", 403)
    return str(error["Message"])


def assumed(sts: Any, role_arn: str, **more: Any) -> str:
    answer = sts.assume_role(RoleArn=role_arn, RoleSessionName="test", **more)
    return str(answer["AssumedRoleUser"]["Arn"])


def test_a_role_that_does_not_exist_is_refused(client: Callable[..., Any]) -> None:
    role_arn = f"arn:aws:iam::{HOME}:role/nobody"
    message = refused(client("sts", HOME), role_arn)
    assert message == (
        f"User: {root_arn(HOME)} is not authorized to perform: sts:AssumeRole on resource: {role_arn}"
    )


def test_a_role_is_refused_to_those_it_does_not_trust(client: Callable[..., Any]) -> None:
    _, keys = new_user(client, HOME, ASSUME_ANYTHING)
    trusted, _ = new_user(client, HOME)
    refused(client("sts", credentials=keys), new_role(client, AWAY, trust(trusted)))


def test_a_trusted_user_of_another_account_also_needs_a_policy(client: Callable[..., Any]) -> None:
    user, keys = new_user(client, HOME)
    role_arn = new_role(client, AWAY, trust(user))
    refused(client("sts", credentials=keys), role_arn)
    user, keys = new_user(client, HOME, allow("sts:AssumeRole", resource="arn:aws:iam::*:role/other"))
    role_arn = new_role(client, AWAY, trust(user))
    refused(client("sts", credentials=keys), role_arn)
    user, keys = new_user(client, HOME, allow("sts:AssumeRole", resource="arn:aws:iam::*:role/role-*"))
    role_arn = new_role(client, AWAY, trust(user))
    name = role_arn.rsplit("/", 1)[-1]
    assert assumed(client("sts", credentials=keys), role_arn) == f"arn:aws:sts::{AWAY}:assumed-role/{name}/test"


def test_trust_in_an_account_is_passed_on_by_its_policies(client: Callable[..., Any]) -> None:
    role_arn = new_role(client, AWAY, trust(root_arn(HOME)))
    _, without = new_user(client, HOME)
    refused(client("sts", credentials=without), role_arn)
    _, allowed = new_user(client, HOME, ASSUME_ANYTHING)
    assumed(client("sts", credentials=allowed), role_arn)
    refused(client("sts", "233333333333"), role_arn)


def test_a_principal_named_in_its_own_account_needs_no_policy(client: Callable[..., Any]) -> None:
    user, keys = new_user(client, HOME)
    assumed(client("sts", credentials=keys), new_role(client, HOME, trust(user)))
    refused(client("sts", credentials=keys), new_role(client, HOME, trust(root_arn(HOME))))


def test_a_deny_wins_over_the_trust(client: Callable[..., Any]) -> None:
    deny = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "sts:*", "Resource": "*"}]}
    user, keys = new_user(client, HOME, deny)
    refused(client("sts", credentials=keys), new_role(client, HOME, trust(user)))


def test_the_session_of_a_trusted_role_is_trusted(client: Callable[..., Any]) -> None:
    first = new_role(client, HOME, trust(root_arn(HOME)), ASSUME_ANYTHING)
    second = new_role(client, AWAY, trust(first))
    credentials = session(client, first)
    assumed(client("sts", credentials=credentials), second)


def test_an_external_id_must_be_equal(client: Callable[..., Any]) -> None:
    condition = {"StringEquals": {"sts:ExternalId": "secret-of-the-platform"}}
    role_arn = new_role(client, AWAY, trust(root_arn(HOME), condition))
    sts = client("sts", HOME)
    refused(sts, role_arn)
    refused(sts, role_arn, ExternalId="another")
    assumed(sts, role_arn, ExternalId="secret-of-the-platform")


def test_a_trust_may_be_narrowed_to_one_role(client: Callable[..., Any]) -> None:
    wanted = new_role(client, HOME, trust(root_arn(HOME)), ASSUME_ANYTHING)
    other = new_role(client, HOME, trust(root_arn(HOME)), ASSUME_ANYTHING)
    condition = {"ArnEquals": {"aws:PrincipalArn": wanted}}
    role_arn = new_role(client, AWAY, trust(root_arn(HOME), condition))
    assumed(client("sts", credentials=session(client, wanted)), role_arn)
    refused(client("sts", credentials=session(client, other)), role_arn)


def test_a_role_of_a_service_is_not_for_people(client: Callable[..., Any]) -> None:
    role_arn = new_role(client, HOME, trust("lambda.amazonaws.com", kind="Service"))
    refused(client("sts", HOME), role_arn)
    assert role_trusts_service(role_arn, "lambda.amazonaws.com")
    assert not role_trusts_service(role_arn, "states.amazonaws.com")


def test_a_service_may_be_bound_to_an_account_and_a_resource(client: Callable[..., Any]) -> None:
    condition = {
        "StringEquals": {"aws:SourceAccount": HOME},
        "ArnLike": {"aws:SourceArn": f"arn:aws:cloudformation:*:{HOME}:stackset/*"},
    }
    service = "cloudformation.amazonaws.com"
    role_arn = new_role(client, HOME, trust(service, condition, kind="Service"))
    source = f"arn:aws:cloudformation:eu-central-1:{HOME}:stackset/one:1"
    assert role_trusts_service(role_arn, service, HOME, source)
    assert not role_trusts_service(role_arn, service, AWAY, source)
    assert not role_trusts_service(role_arn, service)


@pytest.mark.parametrize(
    ("service", "resource"),
    [("lambda.amazonaws.com", "lambda:eu-central-1:{}:function:one"), ("states.amazonaws.com", "states:eu-central-1:{}:stateMachine:one")],
)
def test_a_service_says_for_which_account_it_acts(client: Callable[..., Any], service: str, resource: str) -> None:
    condition = {"StringEquals": {"aws:SourceAccount": HOME}}
    role_arn = new_role(client, HOME, trust(service, condition, kind="Service"))
    service_session_credentials(role_arn, service, f"arn:aws:{resource.format(HOME)}", "one")
    with pytest.raises(ServiceSessionError):
        service_session_credentials(role_arn, service, f"arn:aws:{resource.format(AWAY)}", "one")


def test_a_chained_session_lasts_an_hour_at_most(client: Callable[..., Any]) -> None:
    first = new_role(client, HOME, trust(root_arn(HOME)), ASSUME_ANYTHING)
    second = new_role(client, HOME, trust(first), MaxSessionDuration=7200)
    sts = client("sts", credentials=session(client, first))
    request = {"RoleArn": second, "RoleSessionName": "test"}
    error = error_of(sts.assume_role, **request, DurationSeconds=3601)
    assert (error["Code"], "role chaining" in error["Message"]) == ("ValidationError", True)
    sts.assume_role(**request, DurationSeconds=3600)


def test_a_session_is_no_longer_than_its_role_allows(client: Callable[..., Any]) -> None:
    role_arn = new_role(client, HOME, trust(root_arn(HOME)))
    request = {"RoleArn": role_arn, "RoleSessionName": "test", "DurationSeconds": 3601}
    assert error_of(client("sts", HOME).assume_role, **request)["Code"] == "ValidationError"


def test_a_session_name_has_its_alphabet(client: Callable[..., Any]) -> None:
    role_arn = new_role(client, HOME, trust(root_arn(HOME)))
    error = error_of(client("sts", HOME).assume_role, RoleArn=role_arn, RoleSessionName="a b")
    assert (error["Code"], error["status"]) == ("ValidationError", 400)


def test_a_suspended_account_is_closed_to_its_roles(
    client: Callable[..., Any], organizations: Any, member: str, server: Any
) -> None:
    from local_aws.services.organizations.models.organizations import suspend

    role_arn = f"arn:aws:iam::{member}:role/MeshstackAccountAccessRole"
    assumed(client("sts"), role_arn)
    assert suspend(member)
    refused(client("sts"), role_arn)


def test_everybody_learns_who_they_are(client: Callable[..., Any]) -> None:
    user, keys = new_user(client, HOME)
    assert client("sts", credentials=keys).get_caller_identity()["Arn"] == user
    role_arn = new_role(client, HOME, trust(root_arn(HOME)))
    name = role_arn.rsplit("/", 1)[-1]
    identity = client("sts", credentials=session(client, role_arn)).get_caller_identity()
    assert identity["Arn"] == f"arn:aws:sts::{HOME}:assumed-role/{name}/test"
    assert client("sts", HOME).get_caller_identity()["Arn"] == root_arn(HOME)


def test_a_trust_policy_names_only_what_exists(client: Callable[..., Any]) -> None:
    iam = client("iam", HOME)
    for missing in (f"arn:aws:iam::{HOME}:role/missing", f"arn:aws:iam::{AWAY}:user/missing"):
        request = {"RoleName": unique("role"), "AssumeRolePolicyDocument": trust(missing)}
        error = error_of(iam.create_role, **request)
        assert error["Code"] == "MalformedPolicyDocument"
        assert error["Message"] == f'Invalid principal in policy: "AWS":"{missing}"'
    role_arn = new_role(client, HOME, trust(root_arn(HOME)))
    update = {"RoleName": role_arn.rsplit("/", 1)[-1], "PolicyDocument": trust(missing)}
    assert error_of(iam.update_assume_role_policy, **update)["Code"] == "MalformedPolicyDocument"


def test_a_role_of_a_template_names_only_what_exists(client: Callable[..., Any], instant: None) -> None:
    cloudformation = client("cloudformation", HOME)
    document = json.loads(trust(f"arn:aws:iam::{HOME}:role/missing"))
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    name = unique("stack")
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=json.dumps({"Resources": {"Role": role}}),
        Capabilities=["CAPABILITY_IAM"],
    )
    status = settled(cloudformation, name)["StackStatus"]
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    reasons = " ".join(event.get("ResourceStatusReason", "") for event in events)
    assert (status, "Invalid principal in policy" in reasons) == ("ROLLBACK_COMPLETE", True)
