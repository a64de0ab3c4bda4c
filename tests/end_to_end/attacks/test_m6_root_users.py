"""Root users of vended accounts: where the platform asks for central root access, none that can sign in is called done.

No policy of an account holds its root user, and guard rails stop no root user from making credentials of its own.
"""

import pytest
from planning import Planner, steps_to_do
from root_credentials import managed, trusted
from tenant import COMPLETION_KEYS, WITH_DOWNGRADE, Tenant

ERROR = "RootAccessNotCentral"
NOT_MANAGED = "the organization does not manage the root credentials of its accounts"
CREDENTIALS = {
    "AccountPasswordPresent": "a password",
    "AccountAccessKeysPresent": "an access key",
    "AccountSigningCertificatesPresent": "a signing certificate",
    "AccountMFAEnabled": "an MFA device",
}


@pytest.fixture
def required(landing_zones):
    """The platform asks for central root access, until the test has ended."""
    document = landing_zones.platform()
    landing_zones.deploy_platform({**document, "centralRootAccess": "required"})
    yield
    landing_zones.deploy_platform(document)


@pytest.fixture
def tenant(environment, landing_zones, make_account, project, required):
    """Makes an account, which the test vends."""

    def make():
        tenant = Tenant(environment, landing_zones, make_account(), project)
        tenant.deploy(**WITH_DOWNGRADE, downgrade="strict")
        return tenant

    return make


def test_an_account_is_not_done_before_the_organization_manages_root_credentials_and_its_own_are_gone(
    environment, local_aws, tenant
):
    tenant = tenant()
    cause = tenant.refused("Completion", ERROR)
    assert NOT_MANAGED in cause
    assert "aws organizations enable-aws-service-access --service-principal iam.amazonaws.com" in cause
    with trusted(environment):
        cause = tenant.refused("Completion", ERROR)
        assert NOT_MANAGED in cause
        assert "aws iam enable-organizations-root-credentials-management" in cause
        with managed(environment):
            # It was made before: AWS takes nothing away by itself.
            cause = tenant.refused("Completion", ERROR)
            assert "the root user has a password" in cause
            assert "sts:AssumeRoot with the task policy IAMDeleteRootUserCredentials" in cause
            local_aws.root_user(tenant.account_id, AccountPasswordPresent=0)
            tenant.vend()
            assert COMPLETION_KEYS <= tenant.tags().keys()


def test_whatever_the_root_user_of_an_account_gets_the_account_is_not_done_with_it(
    environment, local_aws, tenant
):
    with trusted(environment), managed(environment):
        tenant = tenant()
        mark = local_aws.mark()
        tenant.vend()
        assert COMPLETION_KEYS <= tenant.tags().keys()
        read_by = {
            call["principal"].split("/")[1]
            for call in local_aws.calls(mark)
            if call["action"] in ("iam:GetAccountSummary", "iam:ListOrganizationsFeatures")
        }
        assert read_by == {"AVMCompletionRole", "AVMVerificationRole"}
        order, plan_of = tenant.execution["input"], Planner(environment, local_aws).ask
        assert steps_to_do(plan_of(order)) == {}
        for key, words in CREDENTIALS.items():
            local_aws.root_user(tenant.account_id, **{key: 1})
            told = f"fail with {ERROR}: the root user has {words}"
            assert steps_to_do(plan_of(order))["completion"].startswith(told)
            assert f"the root user has {words}" in tenant.refused("Completion", ERROR, Force="true")
            local_aws.root_user(tenant.account_id, **{key: 0})
        tenant.again()
        assert COMPLETION_KEYS <= tenant.tags().keys()


def test_a_platform_that_does_not_ask_leaves_root_users_alone(environment, landing_zones, make_account, project, local_aws):
    tenant = Tenant(environment, landing_zones, make_account(), project)
    tenant.deploy(**WITH_DOWNGRADE, downgrade="strict")
    local_aws.root_user(tenant.account_id, AccountAccessKeysPresent=1)
    mark = local_aws.mark()
    tenant.vend()
    actions = {call["action"] for call in local_aws.calls(mark)}
    assert not actions & {"iam:GetAccountSummary", "iam:ListOrganizationsFeatures"}
