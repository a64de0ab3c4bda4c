"""The alias of an account: unique across all of AWS, made once, and replaced only where the platform says so."""

import pytest
from tenant import Tenant
from vending import faults_met, writes

STEP = "AccountAlias"


@pytest.fixture
def tenant(environment, landing_zones, make_account, project):
    """An account whose landing zone has nothing on but the alias."""
    tenant = Tenant(environment, landing_zones, make_account(), project)
    tenant.deploy(accountAlias=True)
    return tenant


@pytest.fixture
def iam(environment, tenant):
    """IAM of the account, as its root."""
    return environment.root_client("iam", tenant.account_id)


@pytest.fixture
def enforced(landing_zones):
    """The platform replaces aliases, until the test has ended."""
    document = landing_zones.platform()
    landing_zones.deploy_platform({**document, "enforceAccountAlias": True})
    yield
    landing_zones.deploy_platform(document)


@pytest.fixture
def taken(environment, make_account, project):
    """Another account has the alias that the platform's pattern makes."""
    other = environment.root_client("iam", make_account()["Id"])
    other.create_account_alias(AccountAlias=f"example-space-{project}")
    return other


def test_an_alias_that_another_account_has_fails_the_vend_until_it_is_free(tenant, taken, project):
    cause = tenant.refused(STEP, "AccountAliasTaken")

    for words in (f"example-space-{project} belongs to another account", tenant.account_id, "accountAliasPattern"):
        assert words in cause
    assert tenant.found.alias() is None

    taken.delete_account_alias(AccountAlias=f"example-space-{project}")
    assert tenant.vend()["AccountAlias"]["Change"] == "created"
    assert tenant.found.alias() == f"example-space-{project}"
    assert not [key for key in tenant.tags() if key.startswith("avm:failed")]


def test_an_alias_that_the_account_has_already_is_not_written(tenant, iam, local_aws, project):
    iam.create_account_alias(AccountAlias=f"example-space-{project}")
    mark = local_aws.mark()

    done = tenant.vend()["AccountAlias"]

    assert done == {"Alias": f"example-space-{project}", "Change": "none"}
    assert not [action for action in writes(local_aws.calls(mark)) if action.startswith("iam:")]


def test_another_alias_is_kept_where_aliases_are_not_enforced(tenant, iam, project):
    iam.create_account_alias(AccountAlias=f"chosen-{project}")

    assert tenant.vend()["AccountAlias"] == {"Alias": f"chosen-{project}", "Change": "kept"}

    assert tenant.found.alias() == f"chosen-{project}"


def test_another_alias_is_replaced_where_aliases_are_enforced(tenant, iam, enforced, project):
    iam.create_account_alias(AccountAlias=f"chosen-{project}")

    assert tenant.vend()["AccountAlias"] == {"Alias": f"example-space-{project}", "Change": "replaced"}

    assert tenant.found.alias() == f"example-space-{project}"
    assert tenant.again()["AccountAlias"]["Change"] == "none"


def test_an_account_does_not_lose_its_alias_to_one_that_is_taken(tenant, iam, taken, enforced, project):
    iam.create_account_alias(AccountAlias=f"chosen-{project}")

    tenant.refused(STEP, "AccountAliasTaken")

    assert tenant.found.alias() == f"chosen-{project}"


def test_who_gets_in_is_settled_before_an_alias_that_is_taken_ends_the_vend(tenant, taken):
    unknown = {"awsRoleName": "admin", "permissionSets": ["NoSuchAccess"]}
    tenant.deploy(accountAlias=True, singleSignOn={"roleMappings": {"admin": unknown}})

    assert "single-sign-on: /avm/landing-zones/" in tenant.refused("SingleSignOn", "InvalidConfiguration")


def test_a_lost_answer_to_the_creation_costs_nothing(tenant, local_aws, project):
    mark = local_aws.mark()
    local_aws.inject(
        code="ServiceFailure", status=500, service="iam", action="CreateAccountAlias", when="after"
    )

    assert tenant.vend()["AccountAlias"]["Alias"] == f"example-space-{project}"

    assert tenant.found.alias() == f"example-space-{project}"
    assert faults_met(local_aws.calls(mark)) == ["iam:CreateAccountAlias"]
