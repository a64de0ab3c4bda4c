"""What meshIdB needs in an account: aliases, SAML providers and the roles that trust them."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config
from organization import allow, error_of, new_account, new_role, session, trust, unique

from local_aws.admin import saml_descriptor
from local_aws.credentials import root_credentials
from local_aws.services.iam.models import saml_providers
from local_aws.services.iam.models.saml_providers import is_metadata

METADATA = saml_descriptor.document()


@pytest.fixture
def iam(client: Callable[..., Any], member: str) -> Any:
    return client("iam", member)


@pytest.fixture
def unchecked(server: Any) -> Callable[..., Any]:
    """unchecked(account_id): IAM as root, without botocore's own look at the parameters."""

    def make(account_id: str) -> Any:
        keys = root_credentials(account_id)
        return boto3.client(
            "iam",
            region_name="us-east-1",
            endpoint_url=server.url,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
        )

    return make


@pytest.fixture
def descriptor_url(server: Any) -> Iterator[str]:
    yield f"{server.url}/local-aws/saml/descriptor"
    saml_descriptor.replace(None)


def limited_iam(client: Callable[..., Any], account_id: str, policy: dict[str, Any]) -> Any:
    """IAM as a role that has only this policy."""
    role = new_role(client, account_id, trust(f"arn:aws:iam::{account_id}:root"), policy)
    return client("iam", credentials=session(client, role))


def federated(provider_arn: str, audience: str = "https://signin.aws.amazon.com/saml") -> str:
    """A trust policy for users of a SAML provider."""
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithSAML",
        "Principal": {"Federated": provider_arn},
        "Condition": {"StringEquals": {"SAML:aud": audience}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_an_account_has_one_alias(iam: Any) -> None:
    first, second = unique("alias"), unique("alias")
    assert iam.list_account_aliases()["AccountAliases"] == []
    iam.create_account_alias(AccountAlias=first)
    iam.create_account_alias(AccountAlias=second)
    assert iam.list_account_aliases()["AccountAliases"] == [second]
    error = error_of(iam.create_account_alias, AccountAlias=second)
    assert (error["Code"], error["status"]) == ("EntityAlreadyExists", 409)
    error = error_of(iam.delete_account_alias, AccountAlias=first)
    assert (error["Code"], error["status"]) == ("NoSuchEntity", 404)
    iam.delete_account_alias(AccountAlias=second)
    assert iam.list_account_aliases()["AccountAliases"] == []


def test_an_alias_is_of_one_account_only(client: Callable[..., Any], organizations: Any, iam: Any) -> None:
    other = client("iam", new_account(organizations))
    alias = unique("alias")
    other.create_account_alias(AccountAlias=alias)
    error = error_of(iam.create_account_alias, AccountAlias=alias)
    assert (error["Code"], error["status"]) == ("EntityAlreadyExists", 409)
    assert error["Message"] == f"The account alias {alias} already exists."
    assert iam.list_account_aliases()["AccountAliases"] == []
    other.create_account_alias(AccountAlias=unique("alias"))
    iam.create_account_alias(AccountAlias=alias)


@pytest.mark.parametrize(
    "alias", ["a.b", "ab-", "-ab", "a--b", "Upper", "ab", "a" * 64, "123456789012", "with space"]
)
def test_an_alias_has_a_form(unchecked: Callable[..., Any], member: str, alias: str) -> None:
    error = error_of(unchecked(member).create_account_alias, AccountAlias=alias)
    assert (error["Code"], error["status"]) == ("ValidationError", 400)
    error = error_of(unchecked(member).delete_account_alias, AccountAlias=alias)
    assert error["Code"] == "ValidationError"


def test_aliases_need_rights_on_everything(client: Callable[..., Any], member: str) -> None:
    policy = allow("iam:*Alias", resource=f"arn:aws:iam::{member}:role/*")
    limited = limited_iam(client, member, policy)
    assert error_of(limited.create_account_alias, AccountAlias=unique("alias"))["Code"] == "AccessDenied"
    policy = allow("iam:CreateAccountAlias")
    allowed = limited_iam(client, member, policy)
    allowed.create_account_alias(AccountAlias=unique("alias"))


def test_a_provider_is_made_read_changed_and_deleted(iam: Any, member: str) -> None:
    tags = [{"Key": "owner", "Value": "avm"}]
    request = {"Name": "meshIdB", "SAMLMetadataDocument": METADATA, "Tags": tags}
    arn = iam.create_saml_provider(**request)["SAMLProviderArn"]
    assert arn == f"arn:aws:iam::{member}:saml-provider/meshIdB"
    found = iam.get_saml_provider(SAMLProviderArn=arn)
    assert (found["SAMLMetadataDocument"], found["Tags"]) == (METADATA, tags)
    assert [one["Arn"] for one in iam.list_saml_providers()["SAMLProviderList"]] == [arn]
    error = error_of(iam.create_saml_provider, Name="meshIdB", SAMLMetadataDocument=METADATA)
    assert (error["Code"], error["status"]) == ("EntityAlreadyExists", 409)

    rotated = METADATA.replace("meshcloud-signing", "rotated-signing")
    updated = iam.update_saml_provider(SAMLProviderArn=arn, SAMLMetadataDocument=rotated)
    assert updated["SAMLProviderArn"] == arn
    assert iam.get_saml_provider(SAMLProviderArn=arn)["SAMLMetadataDocument"] == rotated

    iam.delete_saml_provider(SAMLProviderArn=arn)
    assert iam.list_saml_providers()["SAMLProviderList"] == []
    for call, more in (
        (iam.get_saml_provider, {}),
        (iam.delete_saml_provider, {}),
        (iam.update_saml_provider, {"SAMLMetadataDocument": METADATA}),
    ):
        error = error_of(call, SAMLProviderArn=arn, **more)
        assert (error["Code"], error["status"]) == ("NoSuchEntity", 404)
    error = error_of(iam.get_saml_provider, SAMLProviderArn=arn.replace("saml-provider", "provider"))
    assert (error["Code"], error["status"]) == ("InvalidInput", 400)


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        (METADATA[:999], "ValidationError"),
        (METADATA + " " * 5000, "ValidationError"),
        ("x" * 1000, "InvalidInput"),
        (METADATA.replace("</md:EntityDescriptor>", ""), "InvalidInput"),
        (METADATA.replace("IDPSSODescriptor", "SPSSODescriptor"), "InvalidInput"),
        (METADATA.replace("entityID", "entity"), "InvalidInput"),
        (METADATA.replace("ds:X509Certificate", "ds:X509SKI"), "InvalidInput"),
        (METADATA.replace("SAML:2.0:metadata", "SAML:1.0:metadata"), "InvalidInput"),
    ],
    ids=["short", "long", "text", "unclosed", "of a service", "nameless", "without certificate", "SAML 1"],
)
def test_metadata_are_read(
    unchecked: Callable[..., Any],
    member: str,
    metadata: str,
    code: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Ten million characters take seconds.
    monkeypatch.setattr(saml_providers, "MOST_METADATA", 5000)
    iam = unchecked(member)
    error = error_of(iam.create_saml_provider, Name="meshIdB", SAMLMetadataDocument=metadata)
    assert (error["Code"], error["status"]) == (code, 400)
    arn = iam.create_saml_provider(Name="meshIdB", SAMLMetadataDocument=METADATA)["SAMLProviderArn"]
    error = error_of(iam.update_saml_provider, SAMLProviderArn=arn, SAMLMetadataDocument=metadata)
    assert error["Code"] == code
    assert iam.get_saml_provider(SAMLProviderArn=arn)["SAMLMetadataDocument"] == METADATA


def test_the_name_of_a_provider_has_a_form(iam: Any) -> None:
    for name in ("mesh IdB", "mesh/IdB", "m" * 129):
        error = error_of(iam.create_saml_provider, Name=name, SAMLMetadataDocument=METADATA)
        assert (error["Code"], error["status"]) == ("ValidationError", 400)


def test_an_account_has_a_hundred_providers(iam: Any) -> None:
    for number in range(100):
        iam.create_saml_provider(Name=f"provider-{number}", SAMLMetadataDocument=METADATA)
    error = error_of(iam.create_saml_provider, Name="one-more", SAMLMetadataDocument=METADATA)
    assert (error["Code"], error["status"]) == ("LimitExceeded", 409)


def test_rights_are_on_the_provider(client: Callable[..., Any], member: str) -> None:
    policy = allow(
        "iam:CreateSAMLProvider",
        "iam:UpdateSAMLProvider",
        "iam:GetSAMLProvider",
        resource=f"arn:aws:iam::{member}:saml-provider/meshIdB",
    )
    limited = limited_iam(client, member, policy)
    arn = limited.create_saml_provider(Name="meshIdB", SAMLMetadataDocument=METADATA)["SAMLProviderArn"]
    limited.update_saml_provider(SAMLProviderArn=arn, SAMLMetadataDocument=METADATA)
    limited.get_saml_provider(SAMLProviderArn=arn)
    tags = [{"Key": "k", "Value": "v"}]
    for call, arguments in (
        (limited.create_saml_provider, {"Name": "other", "SAMLMetadataDocument": METADATA}),
        (limited.create_saml_provider, {"Name": "meshIdB", "SAMLMetadataDocument": METADATA, "Tags": tags}),
        (limited.delete_saml_provider, {"SAMLProviderArn": arn}),
        (limited.list_saml_providers, {}),
    ):
        error = error_of(call, **arguments)
        assert (error["Code"], error["status"]) == ("AccessDenied", 403)


def test_a_role_trusts_a_provider_that_exists(client: Callable[..., Any], iam: Any, member: str) -> None:
    arn = f"arn:aws:iam::{member}:saml-provider/meshIdB"
    error = error_of(iam.create_role, RoleName="owner", AssumeRolePolicyDocument=federated(arn))
    assert (error["Code"], error["status"]) == ("MalformedPolicyDocument", 400)
    assert error["Message"] == f'Invalid principal in policy: "Federated":"{arn}"'
    iam.create_saml_provider(Name="meshIdB", SAMLMetadataDocument=METADATA)
    iam.create_role(RoleName="owner", AssumeRolePolicyDocument=federated(arn))
    error = error_of(
        iam.update_assume_role_policy, RoleName="owner", PolicyDocument=federated(arn.replace("IdB", "ID"))
    )
    assert error["Code"] == "MalformedPolicyDocument"
    iam.delete_saml_provider(SAMLProviderArn=arn)
    kept = iam.get_role(RoleName="owner")["Role"]["AssumeRolePolicyDocument"]
    assert kept == json.loads(federated(arn))


@pytest.mark.parametrize("principal", ["arn:aws:iam::1:saml-provider/meshIdB", "meshIdB", "arn:aws:iam:::x"])
def test_other_federated_principals_have_a_form(iam: Any, principal: str) -> None:
    error = error_of(iam.create_role, RoleName="owner", AssumeRolePolicyDocument=federated(principal))
    assert (error["Code"], error["status"]) == ("MalformedPolicyDocument", 400)
    assert error["Message"] == "Federated principals must be valid domain names or SAML metadata ARNs"
    iam.create_role(RoleName="owner", AssumeRolePolicyDocument=federated("accounts.google.com"))


def test_a_trust_policy_is_replaced_and_read_as_it_was_written(iam: Any, member: str) -> None:
    iam.create_saml_provider(Name="meshIdB", SAMLMetadataDocument=METADATA)
    arn = f"arn:aws:iam::{member}:saml-provider/meshIdB"
    iam.create_role(RoleName="owner", AssumeRolePolicyDocument=trust(f"arn:aws:iam::{member}:root"))
    document = federated(arn, audience="https://example.com/a%2Fb?c+d")
    iam.update_assume_role_policy(RoleName="owner", PolicyDocument=document)
    # botocore decodes it: what was not encoded would come out different.
    assert iam.get_role(RoleName="owner")["Role"]["AssumeRolePolicyDocument"] == json.loads(document)
    roles = {role["RoleName"]: role for role in iam.list_roles()["Roles"]}
    assert roles["owner"]["AssumeRolePolicyDocument"] == json.loads(document)


def test_a_role_has_ten_managed_policies(iam: Any) -> None:
    iam.create_role(RoleName="owner", AssumeRolePolicyDocument=federated("accounts.google.com"))
    document = json.dumps(allow("s3:GetObject"))
    made = [iam.create_policy(PolicyName=f"p{number}", PolicyDocument=document) for number in range(11)]
    arns = [policy["Policy"]["Arn"] for policy in made]
    for arn in arns[:10]:
        iam.attach_role_policy(RoleName="owner", PolicyArn=arn)
    iam.attach_role_policy(RoleName="owner", PolicyArn=arns[0])
    assert iam.get_policy(PolicyArn=arns[0])["Policy"]["AttachmentCount"] == 1
    error = error_of(iam.attach_role_policy, RoleName="owner", PolicyArn=arns[10])
    assert (error["Code"], error["status"]) == ("LimitExceeded", 409)
    iam.detach_role_policy(RoleName="owner", PolicyArn=arns[0])
    error = error_of(iam.detach_role_policy, RoleName="owner", PolicyArn=arns[0])
    assert (error["Code"], error["status"]) == ("NoSuchEntity", 404)
    iam.attach_role_policy(RoleName="owner", PolicyArn=arns[10])


def test_only_policies_that_exist_are_attached(iam: Any, member: str) -> None:
    iam.create_role(RoleName="owner", AssumeRolePolicyDocument=federated("accounts.google.com"))
    for arn in (f"arn:aws:iam::{member}:policy/none", "arn:aws:iam::aws:policy/NoSuchAccess"):
        error = error_of(iam.attach_role_policy, RoleName="owner", PolicyArn=arn)
        assert (error["Code"], error["status"]) == ("NoSuchEntity", 404)
    error = error_of(
        iam.attach_role_policy, RoleName="nobody", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess"
    )
    assert error["Code"] == "NoSuchEntity"


def test_attaching_can_be_limited_to_a_policy(client: Callable[..., Any], member: str, iam: Any) -> None:
    iam.create_role(RoleName="owner", AssumeRolePolicyDocument=federated("accounts.google.com"))
    allowed = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    policy = allow(
        "iam:AttachRolePolicy",
        "iam:DetachRolePolicy",
        resource=f"arn:aws:iam::{member}:role/owner",
        condition={"ArnEquals": {"iam:PolicyARN": allowed}},
    )
    limited = limited_iam(client, member, policy)
    limited.attach_role_policy(RoleName="owner", PolicyArn=allowed)
    other = "arn:aws:iam::aws:policy/AdministratorAccess"
    error = error_of(limited.attach_role_policy, RoleName="owner", PolicyArn=other)
    assert (error["Code"], error["status"]) == ("AccessDenied", 403)
    limited.detach_role_policy(RoleName="owner", PolicyArn=allowed)


def test_policies_come_in_pages(iam: Any) -> None:
    first = iam.list_policies(Scope="AWS")
    assert first["IsTruncated"] and len(first["Policies"]) == 100
    second = iam.list_policies(Scope="AWS", Marker=first["Marker"])
    names = [{policy["PolicyName"] for policy in page["Policies"]} for page in (first, second)]
    assert not names[0] & names[1]
    pages = iam.get_paginator("list_policies").paginate(Scope="AWS", PaginationConfig={"PageSize": 1000})
    every = {policy["PolicyName"] for page in pages for policy in page["Policies"]}
    assert len(every) > 1000 and "ReadOnlyAccess" in every


def test_the_descriptor_is_metadata_that_iam_takes(descriptor_url: str, iam: Any) -> None:
    answer = requests.get(descriptor_url, timeout=5)
    assert answer.headers["Content-Type"] == "application/samlmetadata+xml"
    assert answer.text == METADATA and len(METADATA) > 1000 and is_metadata(METADATA)
    iam.create_saml_provider(Name="meshIdB", SAMLMetadataDocument=answer.text)


def test_the_descriptor_can_be_rotated_and_broken(descriptor_url: str) -> None:
    for other in (METADATA.replace("meshcloud-signing", "grüner-Schlüssel"), "<html>out of order</html>"):
        assert requests.put(descriptor_url, data=other.encode(), timeout=5).status_code == 200
        assert requests.get(descriptor_url, timeout=5).content.decode() == other
    assert requests.put(descriptor_url, data=b"\xff", timeout=5).status_code == 400
    assert requests.delete(descriptor_url, timeout=5).content.decode() == METADATA
    assert requests.post(descriptor_url, timeout=5).status_code == 404
