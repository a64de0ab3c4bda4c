"""The audit's lines, and the endpoints of the local AWS itself: audit, faults, suspension."""

import functools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import administration
import pytest
from organization import allow, error_of, new_role, new_user, session, trust, unique

ACCOUNT = "266666666666"


@pytest.fixture
def admin(server: Any) -> Iterator[Callable[..., Any]]:
    """admin("GET", "audit?since=3"), admin("POST", "faults", {…}): status and document."""

    call = functools.partial(administration.admin, server)
    yield call
    call("DELETE", "faults")


def latest(admin: Callable[..., Any]) -> int:
    return int(admin("GET", "audit?since=0")[1]["next"])


def test_a_call_leaves_a_line(client: Callable[..., Any], admin: Callable[..., Any]) -> None:
    role_arn = new_role(client, ACCOUNT, trust(f"arn:aws:iam::{ACCOUNT}:root"), allow("iam:GetRole"))
    credentials = session(client, role_arn, RoleSessionName="one-vend")
    before = latest(admin)
    answer = client("iam", credentials=credentials).get_role(RoleName=role_arn.rsplit("/", 1)[-1])
    error_of(client("ssm", credentials=credentials).get_parameter, Name="/avm/platform")
    first, second = admin("GET", f"audit?since={before}")[1]["calls"]
    assert first["principal"] == role_arn
    assert first["session"] == "one-vend"
    assert (first["account"], first["service"], first["action"]) == (ACCOUNT, "iam", "iam:GetRole")
    assert (first["resources"], first["status"], first["error"]) == ([role_arn], 200, None)
    assert first["requestId"] == answer["ResponseMetadata"]["RequestId"]
    assert second["resources"] == [f"arn:aws:ssm:eu-central-1:{ACCOUNT}:parameter/avm/platform"]
    assert (second["status"], second["error"]) == (400, "AccessDeniedException")


def test_the_audit_is_also_a_file_of_json_lines(
    client: Callable[..., Any], admin: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "audit.jsonl"
    monkeypatch.setenv("AVM_LOCAL_AUDIT_LOG", str(path))
    client("iam", ACCOUNT).list_users()
    assert admin("GET", "audit?since=0")[1]["log"] == path.name
    error_of(client("iam", ACCOUNT).get_role, RoleName="missing")
    first, second = [json.loads(line) for line in path.read_text().splitlines()]
    assert (first["action"], first["principal"]) == ("iam:ListUsers", f"arn:aws:iam::{ACCOUNT}:root")
    assert (second["status"], second["error"]) == (404, "NoSuchEntity")


def test_a_call_is_kept_with_the_grants_that_allow_it(client: Callable[..., Any], admin: Callable[..., Any]) -> None:
    statement = {"Sid": "Roles", "Effect": "Allow", "Action": ["iam:Get*", "iam:ListRoles"], "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    role_arn = new_role(client, ACCOUNT, trust(f"arn:aws:iam::{ACCOUNT}:root"), policy)
    name = role_arn.rsplit("/", 1)[-1]
    iam = client("iam", credentials=session(client, role_arn))
    before = latest(admin)
    iam.get_role(RoleName=name)
    error_of(iam.create_user, UserName="nobody")
    first, second = admin("GET", f"audit?since={before}")[1]["calls"]
    (need,) = first["needs"]
    ((policy_name, *grant),) = need["grants"]
    assert (need["action"], need["resource"], grant) == ("iam:GetRole", role_arn, ["Roles", "iam:Get*", "*"])
    holders = admin("GET", "policies")[1]["holders"]
    (holder,) = [one for one in holders if (one["account"], one["name"]) == (ACCOUNT, name)]
    assert list(holder["policies"]) == [policy_name]
    assert second["needs"][0]["grants"] == []


def test_what_a_service_does_with_a_callers_rights_is_in_the_file(
    client: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    actions = allow("cloudformation:*", "iam:CreateUser")
    role_arn = new_role(client, ACCOUNT, trust(f"arn:aws:iam::{ACCOUNT}:root"), actions)
    cloudformation = client("cloudformation", credentials=session(client, role_arn))
    path = tmp_path / "audit.jsonl"
    monkeypatch.setenv("AVM_LOCAL_AUDIT_LOG", str(path))
    template = {"Resources": {"User": {"Type": "AWS::IAM::User", "Properties": {"UserName": unique("made")}}}}
    stack, body = unique("stack"), json.dumps(template)
    cloudformation.create_stack(StackName=stack, TemplateBody=body, Capabilities=["CAPABILITY_NAMED_IAM"])
    cloudformation.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})
    lines = [json.loads(one) for one in path.read_text().splitlines()]
    (within,) = [one for one in lines if one.get("within")]
    assert (within["principal"], within["action"], within["error"]) == (role_arn, "iam:CreateUser", None)
    assert within["needs"][0]["grants"][0][2] == "iam:CreateUser"


def test_the_audit_has_no_addresses_and_no_secrets(
    client: Callable[..., Any], organizations: Any, admin: Callable[..., Any]
) -> None:
    before = latest(admin)
    role_arn = new_role(client, ACCOUNT, trust(f"arn:aws:iam::{ACCOUNT}:root"))
    session(client, role_arn, RoleSessionName="someone@example.com", ExternalId="external-id-of-the-platform")
    credentials = session(client, role_arn, RoleSessionName="someone@example.com")
    client("sts", credentials=credentials).get_caller_identity()
    error_of(organizations.create_account, AccountName=unique("a"), Email="not..valid@example.com@")
    text = json.dumps(admin("GET", f"audit?since={before}"))
    for secret in ("example.com", "external-id-of-the-platform", credentials["SecretAccessKey"]):
        assert secret not in text


def test_an_execution_is_named(client: Callable[..., Any], admin: Callable[..., Any]) -> None:
    before = latest(admin)
    machine = f"arn:aws:states:eu-central-1:{ACCOUNT}:stateMachine:vend"
    error_of(client("stepfunctions", ACCOUNT).start_execution, stateMachineArn=machine, name="one")
    line = admin("GET", f"audit?since={before}")[1]["calls"][0]
    assert line["execution"] == f"arn:aws:states:eu-central-1:{ACCOUNT}:execution:vend:one"


def test_a_fault_fails_as_many_calls_as_wanted(client: Callable[..., Any], admin: Callable[..., Any]) -> None:
    fault = {"service": "iam", "action": "CreateUser", "code": "ConcurrentModification", "status": 409, "count": 2}
    assert admin("POST", "faults", fault)[0] == 200
    iam, name = client("iam", ACCOUNT), unique("user")
    assert iam.list_roles()
    for _ in range(2):
        error = error_of(iam.create_user, UserName=name)
        assert (error["Code"], error["status"]) == ("ConcurrentModification", 409)
    iam.create_user(UserName=name)
    assert admin("GET", "faults")[1] == {"faults": []}


def test_a_fault_meets_only_its_principal(client: Callable[..., Any], admin: Callable[..., Any]) -> None:
    user, keys = new_user(client, ACCOUNT, allow("*"))
    admin("POST", "faults", {"principal": user, "service": "ssm", "code": "ThrottlingException", "count": 1})
    error = error_of(client("ssm", ACCOUNT).get_parameter, Name="missing")
    assert error["Code"] == "ParameterNotFound"
    error = error_of(client("ssm", credentials=keys).get_parameter, Name="missing")
    assert (error["Code"], error["status"]) == ("ThrottlingException", 400)


def test_a_fault_may_come_after_the_call_has_its_effect(
    client: Callable[..., Any], admin: Callable[..., Any]
) -> None:
    admin("POST", "faults", {"action": "CreateUser", "code": "ServiceFailure", "status": 500, "when": "after"})
    iam, name = client("iam", ACCOUNT), unique("user")
    assert error_of(iam.create_user, UserName=name)["Code"] == "ServiceFailure"
    assert iam.get_user(UserName=name)["User"]["UserName"] == name


@pytest.mark.parametrize(
    "document",
    [{}, {"code": "a", "when": "later"}, {"code": "a", "what": 1}, [], {"code": "a", "count": 0}],
)
def test_a_fault_that_is_none_is_refused(admin: Callable[..., Any], document: Any) -> None:
    assert admin("POST", "faults", document)[0] == 400


def test_an_account_is_suspended(organizations: Any, member: str, admin: Callable[..., Any]) -> None:
    assert admin("POST", f"accounts/{member}/suspend")[0] == 200
    account = organizations.describe_account(AccountId=member)["Account"]
    assert (account["State"], account["Status"]) == ("SUSPENDED", "SUSPENDED")
    assert admin("POST", "accounts/999999999999/suspend")[0] == 404


def test_an_account_was_invited(organizations: Any, member: str, admin: Callable[..., Any]) -> None:
    assert organizations.describe_account(AccountId=member)["Account"]["JoinedMethod"] == "CREATED"
    assert admin("POST", f"accounts/{member}/invite")[0] == 200
    assert organizations.describe_account(AccountId=member)["Account"]["JoinedMethod"] == "INVITED"
    assert admin("POST", "accounts/999999999999/invite")[0] == 404


def test_the_server_says_that_it_is_up(admin: Callable[..., Any]) -> None:
    assert admin("GET", "health") == (200, {"status": "up"})
    assert admin("GET", "nothing")[0] == 404


def test_every_secret_that_was_issued_is_told_to_tests(
    client: Callable[..., Any], admin: Callable[..., Any]
) -> None:
    role_arn = new_role(client, ACCOUNT, trust(f"arn:aws:iam::{ACCOUNT}:root"), allow("iam:GetRole"))
    credentials = session(client, role_arn)
    iam, secrets_manager = client("iam", ACCOUNT), client("secretsmanager", ACCOUNT)
    name = unique("user")
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    secrets_manager.create_secret(Name=name, SecretString=f"the secret of {name}")
    status, told = admin("GET", "disclosures")
    assert status == 200
    assert {
        credentials["SecretAccessKey"],
        credentials["SessionToken"],
        key["SecretAccessKey"],
        f"the secret of {name}",
    } <= set(told["secrets"])
