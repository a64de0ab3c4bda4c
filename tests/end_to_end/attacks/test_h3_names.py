"""A project or workspace that is named so that its derived names are somebody else's: groups and organizational units.

What has such a name is used only if it says whose it is; otherwise nobody is put into it, taken out of it, or moved there.
"""

import json

import pytest
from planning import Planner, steps_to_do
from single_sign_on import ADA, ADMIN, GRACE, STEP, Center, SingleSignOnTenant
from vending import writes

from meshstack_client import FunctionError

FORMER = "Made by the account vending machine"


@pytest.fixture(scope="module")
def center(environment):
    """The other hand on IAM Identity Center."""
    return Center(environment)


@pytest.fixture
def tenant(environment, landing_zones, make_account, project):
    """The attacker's account."""
    return SingleSignOnTenant(environment, landing_zones, make_account(), project)


@pytest.fixture
def victim(environment, landing_zones, make_account):
    """Another account, into which a group leads."""
    return make_account()["Id"]


@pytest.fixture
def name_groups(landing_zones):
    """Lets the platform document name groups by another pattern, until the test has ended."""
    document = landing_zones.platform()

    def name(pattern):
        center = {**document["singleSignOn"], "groupNamePattern": pattern}
        landing_zones.deploy_platform({**document, "singleSignOn": center})

    yield name
    landing_zones.deploy_platform(document)


@pytest.mark.parametrize(
    ("pattern", "separator"), [("%s.%s.%4$s", "."), ("%s-%s-%4$s", "-")], ids=["dots", "dashes"]
)
def test_projects_that_a_pattern_could_mistake_for_each_other_are_refused_at_the_call(
    meshstack, landing_zones, make_account, project, name_groups, local_aws, pattern, separator
):
    name_groups(pattern)
    mapping = {"roleMappings": {"admin": ADMIN}}
    zone = landing_zones.deploy(project, like="sandbox", singleSignOn=mapping)
    account = make_account()
    mark = local_aws.mark()
    attempts = {
        ("acme", f"shop{separator}{project}"): "Stage: must not hold",
        (f"acme{separator}shop", project): "ProductName: must not hold",
        ("Acme", project): "ProductName: must hold no letters but a to z in lower case",
        ("acme", f"{project}\u212a"): "Stage: must hold no letters but a to z in lower case",
    }

    for (workspace, stage), words in attempts.items():
        with pytest.raises(FunctionError) as refused:
            meshstack.invoke(meshstack.payload(account, workspace, stage, LandingZone=zone))
        assert refused.value.name == "InvalidRequest"
        assert words in refused.value.message

    assert not [action for action in writes(local_aws.calls(mark)) if action.startswith("identitystore:")]


@pytest.mark.parametrize(
    "description", [None, f'{FORMER} for workspace "space-x", project "y"', FORMER], ids=["nobodys", "anothers", "former"]
)
def test_a_group_of_somebody_else_keeps_its_people_and_leads_nowhere_else(
    tenant, center, victim, local_aws, description
):
    group = center.group(tenant.group("admin"), description)
    center.join(tenant.group("admin"), GRACE)
    center.assign(victim, "PowerUserAccess", group)
    tenant.map(admin=ADMIN)
    mark = local_aws.mark()

    cause = tenant.refused(STEP, "NameTaken", RoleBindings={"admin": [ADA]})

    assert f"group {tenant.group('admin')} exists" in cause
    owner = f'workspace "space", project "{tenant.project}"'
    assert owner in json.loads(cause)["errorMessage"]
    assert not [action for action in writes(local_aws.calls(mark)) if action.startswith(("sso", "identitystore"))]
    assert tenant.members("admin") == {GRACE}
    assert center.assigned(tenant.account_id, "PowerUserAccess") == set()
    assert center.assigned(victim, "PowerUserAccess") == {group}


def test_a_group_that_an_operator_has_handed_over_is_used(tenant, center):
    mark = f'{FORMER} for workspace "space", project "{tenant.project}"'
    center.group(tenant.group("admin"), mark)
    center.join(tenant.group("admin"), GRACE)
    tenant.map(admin=ADMIN)

    done = tenant.vend(RoleBindings={"admin": [ADA]})

    assert (done["Created"], done["Removed"]) == ([], 1)
    assert tenant.members("admin") == {ADA}


def test_a_group_of_an_earlier_version_is_used_if_it_leads_into_this_account_only(
    tenant, center, environment, local_aws
):
    group = center.group(tenant.group("admin"), FORMER)
    center.assign(tenant.account_id, "PowerUserAccess", group)
    tenant.map(admin=ADMIN)

    done = tenant.vend(RoleBindings={"admin": [ADA]})

    assert (done["Created"], done["Assigned"]) == ([], [])
    assert tenant.members("admin") == {ADA}
    assert steps_to_do(Planner(environment, local_aws).ask(tenant.execution["input"])) == {}


class Units:
    """The units below the root, and who may choose their names."""

    def __init__(self, environment, meshstack, operator):
        self.organizations = environment.root_client("organizations", environment.management_account_id)
        (root,) = self._all("list_roots", "Roots")
        self.root_id = root["Id"]
        self._meshstack, self._operator = meshstack, operator

    def make(self, name):
        """A unit of the operator, below the root."""
        made = self.organizations.create_organizational_unit(ParentId=self.root_id, Name=name)
        return made["OrganizationalUnit"]["Id"]

    def parent(self, account_id):
        """What the account sits in."""
        (parent,) = self._all("list_parents", "Parents", ChildId=account_id)
        return parent["Id"]

    def tags(self, unit):
        """What a unit says of itself."""
        return {tag["Key"]: tag["Value"] for tag in self._all("list_tags_for_resource", "Tags", ResourceId=unit)}

    def _all(self, call, found, **keys):
        """All pages: the first one may be empty."""
        pages = self.organizations.get_paginator(call).paginate(**keys)
        return [one for page in pages for one in page[found]]

    def vend(self, account, workspace, zone):
        """A vend of a workspace of that name: how it ended."""
        payload = self._meshstack.payload(account, workspace, "shop", LandingZone=zone)
        return self._operator.wait_for_end(self._meshstack.invoke(payload)["executionArn"])


@pytest.fixture
def units(environment, meshstack, operator):
    """The units below the root."""
    return Units(environment, meshstack, operator)


@pytest.fixture
def zone(landing_zones, project):
    """A landing zone with a unit for each workspace, and nothing else."""
    nothing_else = {"accessStack": None, "stackSets": [], "downgrade": "none"}
    return landing_zones.deploy(project, like="sandbox", organizationalUnit="", **nothing_else)


def test_a_workspace_that_is_called_like_a_unit_of_the_operator_does_not_get_there(
    units, zone, make_account, project, environment, local_aws
):
    name = f"security-{project}"
    unit, account = units.make(name), make_account()
    units.organizations.tag_resource(ResourceId=unit, Tags=[{"Key": "avm:workspace", "Value": name.upper()}])

    ended = units.vend(account, name, zone)

    assert (ended["status"], ended["error"]) == ("FAILED", "NameTaken"), ended
    assert unit in ended["cause"] and "avm:workspace" in ended["cause"]
    assert units.parent(account["Id"]) == units.root_id

    # The operator says that it is the workspace's.
    units.organizations.tag_resource(ResourceId=unit, Tags=[{"Key": "avm:workspace", "Value": name}])
    plan = steps_to_do(Planner(environment, local_aws).ask(ended["input"]))
    assert plan["place-account"] == f"move the account from {units.root_id} to {unit}"
    assert units.vend(account, name, zone)["status"] == "SUCCEEDED"
    assert units.parent(account["Id"]) == unit


def test_a_workspace_that_differs_in_letter_case_from_a_unit_does_not_get_there(
    units, zone, make_account, project
):
    unit, account = units.make(f"Security-{project}"), make_account()

    ended = units.vend(account, f"security-{project}", zone)

    assert units.parent(account["Id"]) != unit
    if ended["status"] == "SUCCEEDED":
        made = units.parent(account["Id"])
        assert units.tags(made) == {"avm:workspace": f"security-{project}"}
    else:
        assert ended["error"] == "NameTaken"
