"""What IAM and STS keep of roles, and what they refuse."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.address import REGION
from local_aws.enforcement import propagation
from local_aws.services.account.models import regions
from organization import allow, error_of, new_account, new_role, new_user, session, trust, unique

IAM = "LocalStack, iam/test_iam.py, recorded on AWS 2025-03-06 and 2025-06-19"
STS = "LocalStack, sts/test_sts.py, recorded on AWS 2025-04-10 and 2025-07-21"
TAGS = "IAM User Guide, rules for tagging in IAM and STS; serverless/serverless issue 7885 has AWS's words"
PRINCIPALS = "IAM User Guide, AWS JSON policy elements: Principal, role principals"
REGIONS = "awsdocs/iam-user-guide pull request 283, merged by its authors 2023-02-17"
CONSISTENCY = "IAM User Guide, troubleshooting: changes that I make are not always immediately visible"

NO_JSON = "This policy contains invalid Json"
DUPLICATE = "Duplicate tag keys found. Please note that Tag keys are case insensitive."
EVERYBODY = trust("*")


@pytest.fixture
def iam(client: Callable[..., Any], member: str) -> Any:
    """IAM in an account of its own."""
    return client("iam", member)


@pytest.mark.source(IAM)
def test_a_trust_that_is_no_json_is_refused(iam: Any) -> None:
    for document in ("{", "none", "[]"):
        error = error_of(iam.create_role, RoleName="trusting", AssumeRolePolicyDocument=document)
        assert (error["Code"], error["Message"]) == ("MalformedPolicyDocument", NO_JSON)


@pytest.mark.source(IAM)
def test_only_arns_of_policies_that_exist_can_be_attached(iam: Any) -> None:
    iam.create_role(RoleName="holder", AssumeRolePolicyDocument=EVERYBODY)
    error = error_of(iam.attach_role_policy, RoleName="holder", PolicyArn="AdministratorAccess-of-nobody")
    assert (error["Code"], error["Message"]) == ("ValidationError", "Invalid ARN:  Could not be parsed!")
    missing = "arn:aws:iam::111111111111:policy/nobody-has-it"
    error = error_of(iam.attach_role_policy, RoleName="holder", PolicyArn=missing)
    text = f"Policy {missing} does not exist or is not attachable."
    assert (error["Code"], error["Message"]) == ("NoSuchEntity", text)


@pytest.mark.source(TAGS)
def test_tag_keys_of_a_role_that_differ_in_case_only_are_one_key(iam: Any) -> None:
    twice = [{"Key": "Stage", "Value": "a"}, {"Key": "stage", "Value": "b"}]
    create = {"RoleName": "tagged", "AssumeRolePolicyDocument": EVERYBODY}
    error = error_of(iam.create_role, Tags=twice, **create)
    assert (error["Code"], error["Message"]) == ("InvalidInput", DUPLICATE)
    iam.create_role(Tags=twice[:1], **create)
    assert error_of(iam.tag_role, RoleName="tagged", Tags=twice)["Code"] == "InvalidInput"
    iam.tag_role(RoleName="tagged", Tags=twice[1:])
    assert iam.list_role_tags(RoleName="tagged")["Tags"] == twice[1:]
    iam.untag_role(RoleName="tagged", TagKeys=["STAGE"])
    assert iam.list_role_tags(RoleName="tagged")["Tags"] == []


@pytest.mark.source(TAGS)
def test_tag_keys_of_a_user_that_differ_in_case_only_are_one_key(iam: Any) -> None:
    twice = [{"Key": "Stage", "Value": "a"}, {"Key": "stage", "Value": "b"}]
    assert error_of(iam.create_user, UserName="tagged", Tags=twice)["Code"] == "InvalidInput"
    iam.create_user(UserName="tagged", Tags=twice[:1])
    iam.tag_user(UserName="tagged", Tags=twice[1:])
    assert iam.list_user_tags(UserName="tagged")["Tags"] == twice[1:]


@pytest.fixture
def caller(client: Callable[..., Any], member: str) -> Callable[[str], Any]:
    """A user of the account who may call STS, in a region."""
    _, keys = new_user(client, member, allow("sts:*"))
    return lambda region: client("sts", credentials=keys, region=region)


@pytest.fixture
def assume(caller: Callable[[str], Any]) -> Callable[..., Any]:
    """AssumeRole by that user."""
    return lambda arn, **more: caller(REGION).assume_role(RoleArn=arn, RoleSessionName="test", **more)


@pytest.mark.source(STS)
def test_session_tags_that_differ_in_case_only_are_refused(
    client: Callable[..., Any], member: str, assume: Callable[..., Any]
) -> None:
    document = trust(f"arn:aws:iam::{member}:root").replace('"sts:AssumeRole"', '["sts:AssumeRole", "sts:TagSession"]')
    arn = new_role(client, member, document)
    twice = [{"Key": "Stage", "Value": "a"}, {"Key": "stage", "Value": "b"}]
    error = error_of(assume, arn=arn, Tags=twice)
    assert (error["Code"], error["Message"], error["status"]) == ("InvalidParameterValue", DUPLICATE, 400)
    error = error_of(assume, arn=arn, Tags=twice[:1], TransitiveTagKeys=["Owner"])
    assert error["Message"] == "The specified transitive tag key must be included in the requested tags."


@pytest.mark.source(STS)
def test_a_role_that_is_no_arn_is_invalid(assume: Callable[..., Any]) -> None:
    for text in ("nothing-valid-in-here", "arn::b:::something/test-role", "arn:a::::something/test-role"):
        error = error_of(assume, arn=text)
        assert (error["Code"], error["Message"]) == ("ValidationError", f"{text} is invalid")


@pytest.mark.source(PRINCIPALS)
@pytest.mark.parametrize("kind", ["role", "user"])
def test_a_principal_that_is_made_anew_is_another(iam: Any, client: Callable[..., Any], member: str, kind: str) -> None:
    name, make = unique("named"), {"role": iam.create_role, "user": iam.create_user}[kind]
    parameters = {"RoleName": name, "AssumeRolePolicyDocument": trust(f"arn:aws:iam::{member}:root")}
    parameters = parameters if kind == "role" else {"UserName": name}
    first = make(**parameters)[kind.title()]
    arn = new_role(client, member, trust(first["Arn"]))

    def statement() -> Any:
        role = iam.get_role(RoleName=arn.rpartition("/")[2])["Role"]
        return role["AssumeRolePolicyDocument"]["Statement"][0]

    assert statement()["Principal"] == {"AWS": first["Arn"]}
    if kind == "role":
        iam.delete_role(RoleName=name)
    else:
        iam.delete_user(UserName=name)
    second = make(**parameters)[kind.title()]
    assert second["Arn"] == first["Arn"]
    assert statement()["Principal"] == {"AWS": first[f"{kind.title()}Id"]}


@pytest.mark.source(PRINCIPALS)
def test_a_broken_trust_lets_nobody_in_and_an_account_root_stays(
    iam: Any, client: Callable[..., Any], member: str
) -> None:
    root = trust(f"arn:aws:iam::{member}:root")
    caller_arn = new_role(client, member, root, allow("sts:AssumeRole"))
    name = caller_arn.rpartition("/")[2]
    by_name = new_role(client, member, trust(caller_arn))
    condition = {"ArnEquals": {"aws:PrincipalArn": caller_arn}}
    by_condition = new_role(client, member, trust(f"arn:aws:iam::{member}:root", condition))

    def enter(arn: str) -> str | None:
        sts = client("sts", credentials=session(client, caller_arn))
        try:
            sts.assume_role(RoleArn=arn, RoleSessionName="test")
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return None

    assert (enter(by_name), enter(by_condition)) == (None, None)
    iam.delete_role_policy(RoleName=name, PolicyName="rights")
    iam.delete_role(RoleName=name)
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=root)
    iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=json.dumps(allow("sts:AssumeRole")))
    assert (enter(by_name), enter(by_condition)) == ("AccessDenied", None)


@pytest.mark.source(REGIONS)
def test_the_callers_account_has_to_have_enabled_the_region_of_sts(
    client: Callable[..., Any], member: str, caller: Callable[[str], Any], organizations: Any
) -> None:
    other = new_account(organizations)
    arn = new_role(client, other, trust(f"arn:aws:iam::{member}:root"))
    assume = {"RoleArn": arn, "RoleSessionName": "test"}
    error = error_of(caller("eu-south-1").assume_role, **assume)
    assert (error["Code"], error["status"]) == ("InvalidClientTokenId", 403)
    assert error["Message"] == "The security token included in the request is invalid."

    regions.enable(member, "eu-south-1")
    regions.changes_of(member)["eu-south-1"].due = 0
    keys = caller("eu-south-1").assume_role(**assume)["Credentials"]
    # The role's account counts where its session is used.
    used = client("sts", credentials=keys, region="eu-south-1").get_caller_identity
    assert error_of(used)["Code"] == "InvalidClientTokenId"
    assert client("sts", credentials=keys).get_caller_identity()["Account"] == other


@pytest.fixture
def slow_iam(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Changes take half a second, and none less."""
    monkeypatch.setattr(propagation.random, "uniform", lambda _, most: most)
    monkeypatch.setenv("AVM_LOCAL_TIME_SCALE", "0.05")
    propagation.begin(10)
    yield
    propagation.begin(0)


@pytest.mark.source(CONSISTENCY)
def test_a_new_role_its_policies_and_its_trust_count_later(
    iam: Any, client: Callable[..., Any], member: str, assume: Callable[..., Any], slow_iam: None
) -> None:
    root = f"arn:aws:iam::{member}:root"
    arn = new_role(client, member, trust(root))
    name = arn.rpartition("/")[2]
    assert error_of(assume, arn=arn)["Code"] == "AccessDenied"
    keys = eventually(lambda: assume(arn)["Credentials"])

    as_role = client("iam", credentials=keys)
    iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=json.dumps(allow("iam:ListRoles")))
    assert iam.get_role_policy(RoleName=name, PolicyName="rights")["PolicyName"] == "rights"
    assert error_of(as_role.list_roles)["Code"] == "AccessDenied"
    assert eventually(as_role.list_roles)["Roles"]

    iam.delete_role_policy(RoleName=name, PolicyName="rights")
    assert as_role.list_roles()["Roles"]
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=trust(arn))
    assert assume(arn)["Credentials"]
    time.sleep(0.6)
    assert error_of(as_role.list_roles)["Code"] == "AccessDenied"
    assert error_of(assume, arn=arn)["Code"] == "AccessDenied"


def eventually(call: Callable[[], Any]) -> Any:
    end = time.monotonic() + 5
    while True:
        try:
            return call()
        except ClientError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


@pytest.mark.source(CONSISTENCY)
def test_nothing_is_late_unless_it_is_asked_for(
    client: Callable[..., Any], member: str, assume: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert assume(new_role(client, member, trust(f"arn:aws:iam::{member}:root")))["Credentials"]
    for text, seconds in (("", 0), ("15", 15), ("0.5", 0.5)):
        monkeypatch.setenv(propagation.DELAY_VARIABLE, text)
        assert propagation.wanted_delay() == seconds
    for text in ("-1", "301", "soon"):
        monkeypatch.setenv(propagation.DELAY_VARIABLE, text)
        with pytest.raises(ValueError, match="must be a number from 0 to 300"):
            propagation.wanted_delay()
