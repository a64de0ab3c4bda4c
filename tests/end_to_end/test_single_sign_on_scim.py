"""Groups and members through the SCIM endpoint of IAM Identity Center; assignments go the usual way.

The platform document names the endpoint for as long as a test lasts: all landing zones share the document.
"""

import pytest
from planning import Planner, steps_to_do
from single_sign_on import ADA, ADMIN, ALAN, GRACE, READER, STEP, Center, SingleSignOnTenant
from vending import faults_met, logged, writes

SECRET = "avm/scim-token"
WRONG_TOKEN = "a-token-that-nobody-has-given"


class Scim:
    """The platform's SCIM endpoint and its token in Secrets Manager."""

    def __init__(self, environment, landing_zones):
        self._landing_zones = landing_zones
        self._secrets = environment.root_client("secretsmanager", environment.automation_account_id)
        self._url = environment.endpoint_url
        self.platform = landing_zones.platform()
        self.token = self._secrets.get_secret_value(SecretId=SECRET)["SecretString"]

    def deploy(self, tenant="avm-local"):
        """Deploys the platform document with the endpoint of a tenant."""
        scim = {
            "endpoint": f"{self._url}/scim/{tenant}/scim/v2/",
            "tokenSecretArn": self._secrets.describe_secret(SecretId=SECRET)["ARN"],
        }
        instance = {**self.platform["singleSignOn"], "scim": scim}
        self._landing_zones.deploy_platform({**self.platform, "singleSignOn": instance})

    def put_token(self, token):
        """Changes the secret."""
        self._secrets.put_secret_value(SecretId=SECRET, SecretString=token)

    def restore(self):
        """Everything as it was."""
        self.put_token(self.token)
        self._landing_zones.deploy_platform(self.platform)


@pytest.fixture
def scim(environment, landing_zones):
    """Groups and members are written through SCIM until the test has ended."""
    scim = Scim(environment, landing_zones)
    try:
        scim.deploy()
        yield scim
    finally:
        scim.restore()


@pytest.fixture
def tenant(environment, landing_zones, make_account, project, scim):
    """An account whose landing zone has nothing on but single sign-on."""
    return SingleSignOnTenant(environment, landing_zones, make_account(), project)


def of_scim(calls):
    """What was written through SCIM; the API of the identity store must not have been written to."""
    written = writes(calls)
    assert not [action for action in written if action.startswith("identitystore:")]
    return [action for action in written if action.startswith("scim:")]


def test_groups_and_members_are_made_and_brought_up_to_date(tenant, environment, local_aws):
    tenant.map(admin=ADMIN, reader=READER)
    mark = local_aws.mark()

    tenant.vend(RoleBindings={"admin": [ADA], "reader": [GRACE]})

    assert sorted(of_scim(local_aws.calls(mark))) == ["scim:CreateGroup"] * 2 + ["scim:PatchGroup"] * 2
    assert tenant.found.assignments() == {
        (tenant.group("admin"), "PowerUserAccess"),
        (tenant.group("reader"), "ViewOnlyAccess"),
    }
    Center(environment).join(tenant.group("reader"), ALAN)
    mark = local_aws.mark()

    done = tenant.vend(RoleBindings={"admin": [GRACE, ADA], "reader": [ADA]})

    assert (done["Added"], done["Removed"]) == (2, 2)
    assert tenant.members("admin") == {ADA, GRACE}
    assert tenant.members("reader") == {ADA}
    assert set(of_scim(local_aws.calls(mark))) == {"scim:PatchGroup"}


def test_a_plan_reads_through_scim_too(tenant, environment, local_aws):
    tenant.map(admin=ADMIN, reader=READER)
    tenant.vend(RoleBindings={"admin": [ADA], "reader": [GRACE]})

    assert steps_to_do(Planner(environment, local_aws).ask(tenant.execution["input"])) == {}


def test_a_removed_mapping_takes_the_group_along(tenant, local_aws):
    tenant.map(admin=ADMIN, reader=READER)
    tenant.vend(RoleBindings={"reader": [GRACE]})
    mark = local_aws.mark()

    tenant.map(admin=ADMIN)
    done = tenant.vend()

    assert done["Deleted"] == [tenant.group("reader")]
    assert tenant.members("reader") is None
    assert of_scim(local_aws.calls(mark)) == ["scim:DeleteGroup"]
    assert tenant.found.assignments() == {(tenant.group("admin"), "PowerUserAccess")}


def test_the_same_again_writes_nothing_and_tells_of_unknown_users(tenant, local_aws, project, log_folder):
    tenant.map(admin=ADMIN)
    bindings = {"admin": [ADA, f"trudy-{project}"]}
    tenant.vend(RoleBindings=bindings)
    mark = local_aws.mark()

    done = tenant.again(RoleBindings=bindings)

    assert writes(local_aws.calls(mark)) == ["organizations:TagResource"]
    assert "does not know 1 user of project role admin" in done["Drift"]
    assert "trudy" not in logged(log_folder)


def test_people_whom_scim_does_not_take_out_are_taken_out_through_the_store(tenant, local_aws):
    """As one edition of AWS's guide says of a request that would empty a group."""
    tenant.map(admin=ADMIN, reader=READER)
    tenant.vend(RoleBindings={"admin": [ADA, GRACE], "reader": [GRACE]})
    local_aws.inject(code="ValidationException", status=400, service="scim", action="PatchGroup")
    mark = local_aws.mark()

    done = tenant.vend(RoleBindings={"admin": [], "reader": [ALAN]})

    assert (done["Added"], done["Removed"]) == (1, 3)
    assert tenant.members("admin") == set()
    assert tenant.members("reader") == {ALAN}
    written = [action for action in writes(local_aws.calls(mark)) if action.startswith("identitystore:")]
    assert written == ["identitystore:DeleteGroupMembership"] * 2


def test_lost_answers_and_refusals_for_now_cost_nothing(tenant, local_aws):
    lost = {"code": "HTTP503", "status": 503, "service": "scim", "when": "after"}
    local_aws.inject(**lost, action="CreateGroup")
    local_aws.inject(**lost, action="PatchGroup")
    local_aws.inject(code="HTTP429", status=429, service="scim", action="ListUsers")
    mark = local_aws.mark()
    tenant.map(admin=ADMIN)

    tenant.vend(RoleBindings={"admin": [ADA, GRACE]})

    met = {"scim:CreateGroup", "scim:PatchGroup", "scim:ListUsers"}
    assert set(faults_met(local_aws.calls(mark))) == met
    assert tenant.members("admin") == {ADA, GRACE}


def test_a_wrong_token_is_told_and_a_new_one_is_taken_without_a_deployment(tenant, scim, log_folder):
    """A sandbox keeps the token that worked: first the address is wrong as well, so that it reads the secret again."""
    tenant.map(admin=ADMIN)
    scim.put_token(WRONG_TOKEN)
    scim.deploy("nobody")
    causes = [tenant.refused(STEP, "AccessDenied")]
    scim.deploy()
    causes.append(tenant.refused(STEP, "AccessDenied"))

    for cause in causes:
        for words in ("answered with 401", "make another access token", "singleSignOn.scim.tokenSecretArn"):
            assert words in cause
    scim.put_token(scim.token)
    tenant.vend(RoleBindings={"admin": [ADA]})
    assert tenant.members("admin") == {ADA}
    text = logged(log_folder) + "".join(causes)
    assert "AccessDenied" in text
    assert scim.token not in text
    assert WRONG_TOKEN not in text
