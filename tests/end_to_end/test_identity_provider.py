"""The SAML provider of an account and the roles that people take through it, also after the downgrade.

Most accounts keep a powerful access role here; those of the downgrade have the stacks that it needs.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import requests
from local_aws.admin import saml_descriptor
from tenant import WITH_DOWNGRADE, Tenant
from vending import writes

STEP = "IdentityProvider"
PROVIDER = "meshstack-saml-idp"
ADMIN = {"awsRoleName": "project-admin", "policies": ["AdministratorAccess"]}
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


class Descriptor:
    """The metadata that the local identity provider serves."""

    def __init__(self, url):
        self._url = f"{url}/local-aws/saml/descriptor"
        self.original = requests.get(self._url, timeout=10).text

    def put(self, text):
        """Serves another document."""
        requests.put(self._url, data=text.encode(), timeout=10).raise_for_status()

    def restore(self):
        """Serves the first document again."""
        requests.delete(self._url, timeout=10).raise_for_status()

    def rotated(self):
        """The document with the certificate that follows, which is pinned, too."""
        other = saml_descriptor.following_certificate()
        assert other != saml_descriptor.certificate()
        return self.original.replace(saml_descriptor.certificate(), other)

    def downloaded_again(self):
        """The same document as another download of it looks."""
        return self.original.replace('entityID="', 'ID="_4711" entityID="', 1).replace("\n", "\n ")


class AccountIam:
    """IAM of an account in somebody else's hands."""

    def __init__(self, environment, account_id):
        self.client = environment.root_client("iam", account_id)
        self.provider = f"arn:aws:iam::{account_id}:saml-provider/{PROVIDER}"

    def trust(self, principal, action="sts:AssumeRole"):
        """A trust policy."""
        statement = {"Effect": "Allow", "Principal": principal, "Action": action}
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    def role(self, name, trust, *policies):
        """Makes a role."""
        self.client.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        for policy in policies:
            self.client.attach_role_policy(RoleName=name, PolicyArn=policy)

    def trust_of(self, name):
        """The trust policy of a role."""
        return self.client.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]


@pytest.fixture
def descriptor(environment):
    """The metadata, which are restored in the end."""
    descriptor = Descriptor(environment.endpoint_url)
    yield descriptor
    descriptor.restore()


@pytest.fixture
def name_metadata(landing_zones):
    """Lets the platform document name another address, until the test has ended."""
    document = landing_zones.platform()

    def name(url):
        provider = {**document["identityProvider"], "metadataUrl": url}
        landing_zones.deploy_platform({**document, "identityProvider": provider})

    yield name
    landing_zones.deploy_platform(document)


@pytest.fixture
def tenant(environment, landing_zones, make_account, project):
    """An account whose landing zone has nothing on but the identity provider."""
    return Tenant(environment, landing_zones, make_account(), project)


@pytest.fixture
def iam(environment, tenant):
    """The other hand on the account's IAM."""
    return AccountIam(environment, tenant.account_id)


def managed(**mappings):
    """The settings of a landing zone whose roles the machine makes."""
    return {"identityProvider": {"roleMappingsManaged": mappings}}


def external(**mappings):
    """The settings of a landing zone whose roles something else makes."""
    mappings = {role: {"awsRoleName": name} for role, name in mappings.items()}
    return {"identityProvider": {"roleMappingsExternal": mappings}}


@pytest.mark.parametrize("downgrade", ["standard", "strict"])
def test_rotated_metadata_are_taken_after_the_downgrade(tenant, descriptor, local_aws, downgrade):
    tenant.deploy(**WITH_DOWNGRADE, **managed(admin=ADMIN), downgrade=downgrade)
    tenant.vend()
    descriptor.put(descriptor.rotated())

    done = tenant.again()["IdentityProvider"]

    assert (done["Provider"]["Change"], done["Roles"][0]["Change"]) == ("updated", "none")
    assert tenant.found.saml_providers() == {PROVIDER: descriptor.rotated()}
    mark = local_aws.mark()
    assert tenant.again()["IdentityProvider"]["Provider"]["Change"] == "none"
    assert writes(local_aws.calls(mark)) == ["organizations:TagResource"]


def test_another_download_of_the_same_metadata_changes_nothing(tenant, descriptor, local_aws):
    tenant.deploy(**managed(admin=ADMIN))
    tenant.vend()
    assert descriptor.downloaded_again() != descriptor.original
    descriptor.put(descriptor.downloaded_again())
    mark = local_aws.mark()

    done = tenant.again()["IdentityProvider"]

    assert (done["Provider"]["Change"], done["Roles"][0]["Change"]) == ("none", "none")
    assert writes(local_aws.calls(mark)) == ["organizations:TagResource"]


def test_what_is_no_metadata_fails_the_vend_with_the_field_and_other_branches_on(tenant, descriptor, project):
    tenant.deploy(**managed(admin=ADMIN), accountAlias=True)
    for text, words in (
        ("<html><body>" + "Log in first. " * 100 + "</body></html>", "has no EntityDescriptor"),
        ("Not today.", "has 10 characters"),
    ):
        descriptor.put(text)
        cause = tenant.refused(STEP, "InvalidConfiguration")
        assert "/avm/platform, field identityProvider.metadataUrl" in cause
        assert words in cause
    assert tenant.found.saml_providers() == {}
    assert tenant.found.roles_by_saml() == {}

    descriptor.restore()
    tenant.vend()
    assert tenant.found.alias() == f"example-space-{project}"


def test_a_server_that_is_out_of_order_for_a_while_is_asked_again(tenant, descriptor, name_metadata):
    answers = [503, 503, 200]

    class Server(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(answers.pop(0))
            self.end_headers()
            self.wfile.write(descriptor.original.encode())

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    name_metadata(f"http://127.0.0.1:{server.server_port}/descriptor")
    tenant.deploy(**managed(admin=ADMIN))

    assert tenant.vend()["IdentityProvider"]["Provider"]["Change"] == "created"

    server.shutdown()
    assert answers == []


def test_an_address_that_cannot_be_reached_is_named_in_a_failure_that_is_tried_again(
    tenant, environment
):
    """The plan of the step alone, which any caller may have: the tries of the state machine may last half an hour."""
    tenant.deploy(**managed(admin=ADMIN))
    tenant.vend()
    order = json.loads(tenant.execution["input"])
    order["Platform"]["identityProvider"]["metadataUrl"] = "http://127.0.0.1:1/descriptor?secret=4711"
    account = {
        "AccountId": tenant.account_id,
        "AccountName": tenant.account["Name"],
        "AccountEmail": tenant.account["Email"],
        "AccountArn": tenant.account["Arn"],
    }
    request = {"Execution": tenant.execution["executionArn"], "Order": order, "Account": account, "Mode": "Plan"}

    answer = environment.root_client("lambda", environment.automation_account_id).invoke(
        FunctionName="avm-identity-provider", Payload=json.dumps(request).encode()
    )

    failure = json.loads(answer["Payload"].read())
    assert failure["errorType"] == "ServiceUnavailable"
    for words in ("http://127.0.0.1:1/descriptor", "refused", "identityProvider.metadataUrl"):
        assert words in failure["errorMessage"]
    assert "4711" not in failure["errorMessage"]


def test_managed_roles_get_their_trust_and_exactly_their_policies(tenant, iam):
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.client.create_policy(PolicyName="OwnAccess", PolicyDocument=document)
    admin = {"awsRoleName": "project-admin", "policies": [READ_ONLY]}
    tenant.deploy(**managed(admin=admin))
    tenant.vend()
    iam.client.attach_role_policy(RoleName="project-admin", PolicyArn="arn:aws:iam::aws:policy/IAMFullAccess")
    tenant.deploy(
        **managed(
            admin={"awsRoleName": "project-admin", "policies": ["AdministratorAccess", READ_ONLY]},
            user={"awsRoleName": "project-user", "policies": ["OwnAccess"]},
        )
    )

    roles = {role["Role"]: role for role in tenant.vend()["IdentityProvider"]["Roles"]}

    assert tenant.found.roles_by_saml() == {
        "project-admin": ["AdministratorAccess", "ReadOnlyAccess"],
        "project-user": ["OwnAccess"],
    }
    assert (roles["project-admin"]["Change"], roles["project-user"]["Change"]) == ("updated", "created")
    assert "detach arn:aws:iam::aws:policy/IAMFullAccess" in roles["project-admin"]["Changes"]
    assert roles["project-user"]["Changes"] == ["create it", "attach OwnAccess"]
    for name in roles:
        (statement,) = iam.trust_of(name)["Statement"]
        assert statement["Principal"] == {"Federated": iam.provider}
        assert statement["Condition"]["StringEquals"]["SAML:aud"] == ["https://signin.aws.amazon.com/saml"]


def test_regional_sign_in_is_trusted_by_new_roles_and_older_ones_stay_as_they_are(tenant, iam, landing_zones):
    tenant.deploy(**managed(admin=ADMIN))
    tenant.vend()
    before = iam.trust_of("project-admin")
    platform = landing_zones.platform()
    provider = {**platform["identityProvider"], "signInRegions": ["eu-west-1"]}
    landing_zones.deploy_platform({**platform, "identityProvider": provider})
    try:
        tenant.deploy(**managed(admin=ADMIN, user={"awsRoleName": "project-user", "policies": [READ_ONLY]}))
        tenant.vend()
    finally:
        landing_zones.deploy_platform(platform)

    assert iam.trust_of("project-admin") == before
    (statement,) = iam.trust_of("project-user")["Statement"]
    assert statement["Condition"]["StringEquals"]["SAML:aud"] == [
        "https://eu-west-1.signin.aws.amazon.com/saml",
        "https://signin.aws.amazon.com/saml",
    ]


@pytest.mark.refuses("MeshstackAccountAccessRole", "iam:DetachRolePolicy")
def test_after_the_downgrade_a_changed_trust_and_an_extra_policy_are_told(tenant, iam):
    tenant.deploy(**WITH_DOWNGRADE, **managed(admin=ADMIN), downgrade="standard")
    tenant.vend()
    before = iam.trust_of("project-admin")
    iam.client.update_assume_role_policy(
        RoleName="project-admin", PolicyDocument=iam.trust({"AWS": f"arn:aws:iam::{tenant.account_id}:root"})
    )

    assert "it trusts others than the SAML provider" in tenant.refused(STEP, "NameTaken", Force="true")

    iam.client.update_assume_role_policy(RoleName="project-admin", PolicyDocument=json.dumps(before))
    iam.client.attach_role_policy(RoleName="project-admin", PolicyArn=READ_ONLY)

    cause = tenant.refused(STEP, "AccessDenied", Force="true")

    for words in (
        "lacks iam:DetachRolePolicy on role project-admin",
        "(after the downgrade its minimum is standard)",
        "have an operator give the power back",
    ):
        assert words in cause
    iam.client.attach_role_policy(
        RoleName="MeshstackAccountAccessRole", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )
    tenant.vend()
    assert tenant.found.roles_by_saml() == {"project-admin": ["AdministratorAccess"]}


@pytest.mark.refuses("MeshstackAccountAccessRole", "iam:CreateRole")
def test_a_changed_mapping_after_the_strict_downgrade_says_what_to_do(tenant):
    tenant.deploy(**WITH_DOWNGRADE, **managed(admin=ADMIN), downgrade="strict")
    tenant.vend()
    reader = {"awsRoleName": "project-reader", "policies": [READ_ONLY]}
    tenant.deploy(**WITH_DOWNGRADE, **managed(admin=ADMIN, reader=reader), downgrade="strict")

    cause = tenant.refused(STEP, "AccessDenied")

    for words in (
        "role MeshstackAccountAccessRole",
        tenant.account_id,
        "lacks iam:CreateRole on role project-reader",
        "(after the downgrade its minimum is strict)",
        "was taken down and may not do it any more: let the landing zone say",
        "roleMappingsExternal",
    ):
        assert words in cause
    assert tenant.found.roles_by_saml() == {"project-admin": ["AdministratorAccess"]}


def test_an_external_role_must_be_there_and_trust_the_provider_and_is_never_touched(tenant, iam, local_aws):
    tenant.deploy(**external(admin="made-elsewhere"))

    missing = tenant.refused(STEP, "IdentityProviderFailed")

    assert "role made-elsewhere of admin does not exist" in missing
    iam.role("made-elsewhere", iam.trust({"Service": "ec2.amazonaws.com"}), READ_ONLY)
    distrusting = tenant.refused(STEP, "IdentityProviderFailed")
    assert "role made-elsewhere of admin does not trust it" in distrusting
    for cause in (missing, distrusting):
        assert f"sts:AssumeRoleWithSAML to the federated principal {iam.provider}" in cause

    trust = iam.trust({"Federated": iam.provider}, "sts:AssumeRoleWithSAML")
    iam.client.update_assume_role_policy(RoleName="made-elsewhere", PolicyDocument=trust)
    mark = local_aws.mark()
    done = tenant.vend()["IdentityProvider"]

    assert done["Roles"] == [
        {"ProjectRole": "admin", "Role": "made-elsewhere", "Mapping": "external", "Change": "none"}
    ]
    assert not [action for action in writes(local_aws.calls(mark)) if action.startswith("iam:")]
    assert iam.trust_of("made-elsewhere") == json.loads(trust)
    assert tenant.found.roles_by_saml() == {"made-elsewhere": ["ReadOnlyAccess"]}
