"""Groups, members and assignments of IAM Identity Center: what a request and its landing zone want, and nobody else's.

Each test has a project of its own, whose groups are `mst-space.<project>.<suffix>`.
"""

import pytest
from single_sign_on import ADA, ADMIN, ALAN, GRACE, INSTANCE, READER, STEP, Center, SingleSignOnTenant, mapping
from vending import faults_met, logged, writes

from meshstack_client import FunctionError


@pytest.fixture
def make_tenant(environment, landing_zones, make_account, project):
    """Makes accounts of one project, each with a landing zone of its own."""

    def make(landing_zone=None):
        return SingleSignOnTenant(environment, landing_zones, make_account(), project, landing_zone)

    return make


@pytest.fixture
def tenant(make_tenant):
    """The account of most tests."""
    return make_tenant()


@pytest.fixture(scope="module")
def center(environment):
    """The other hand on IAM Identity Center."""
    return Center(environment)


def test_who_is_not_named_any_more_goes_and_who_is_new_comes(tenant, center):
    tenant.map(admin=ADMIN, reader=READER)
    done = tenant.vend(RoleBindings={"admin": [ADA], "reader": [GRACE]})
    assert (done["Added"], done["Removed"]) == (2, 0)
    center.join(tenant.group("reader"), ALAN)

    done = tenant.vend(RoleBindings={"admin": [GRACE], "reader": [GRACE, ADA]})

    assert (done["Added"], done["Removed"]) == (2, 2)
    assert tenant.members("admin") == {GRACE}
    assert tenant.members("reader") == {GRACE, ADA}


def test_a_role_without_people_has_none_and_a_request_without_bindings_leaves_members_alone(tenant):
    tenant.map(admin=ADMIN, reader=READER)
    tenant.vend(RoleBindings={"admin": [ADA], "reader": [GRACE]})

    tenant.vend(tagEnvironment="other")
    assert (tenant.members("admin"), tenant.members("reader")) == ({ADA}, {GRACE})

    tenant.vend(RoleBindings={"admin": []})
    assert (tenant.members("admin"), tenant.members("reader")) == (set(), set())
    assert len(tenant.found.assignments()) == 2


def test_a_removed_mapping_takes_assignment_members_and_group_along(tenant):
    tenant.map(admin=ADMIN, reader=READER)
    tenant.vend(RoleBindings={"admin": [ADA], "reader": [GRACE]})

    tenant.map(admin=ADMIN)
    done = tenant.vend(RoleBindings={"admin": [ADA]})

    assert done["Deleted"] == [tenant.group("reader")]
    assert tenant.found.assignments() == {(tenant.group("admin"), "PowerUserAccess")}
    assert tenant.members("reader") is None
    assert tenant.members("admin") == {ADA}


def test_a_landing_zone_without_mappings_lets_nobody_in_any_more(tenant):
    tenant.map(admin=ADMIN, reader=READER)
    tenant.vend(RoleBindings={"admin": [ADA], "reader": [GRACE]})

    # The callers go on naming the roles: what a mapping has let in goes all the same.
    tenant.map()
    done = tenant.vend(RoleBindings={"admin": [ADA], "reader": [GRACE]})

    assert sorted(done["Deleted"]) == [tenant.group("admin"), tenant.group("reader")]
    assert tenant.found.assignments() == set()
    assert (tenant.members("admin"), tenant.members("reader")) == (None, None)
    assert "2 project roles of RoleBindings ignored" in done["Drift"]


def test_people_of_a_role_without_a_mapping_get_nowhere_and_the_output_says_so(tenant):
    tenant.map(admin=ADMIN)

    done = tenant.vend(RoleBindings={"admin": [ADA], "reader": [f"eve-{tenant.project}"]})

    assert "1 project role of RoleBindings ignored" in done["Drift"]
    assert "eve" not in tenant.execution["output"] + tenant.execution["input"]
    assert (tenant.members("admin"), tenant.members("reader")) == ({ADA}, None)


def test_an_object_from_users_to_their_roles_is_refused_at_the_call(tenant):
    tenant.map(admin=ADMIN)

    with pytest.raises(FunctionError) as refused:
        tenant.start(RoleBindings={"admin": [ADA], f"eve-{tenant.project}": ["admin"]})

    assert refused.value.name == "InvalidRequest"
    assert "RoleBindings: must go from project roles to the users in them" in refused.value.message
    assert "eve" not in refused.value.message
    assert tenant.members("admin") is None


def test_a_group_that_another_account_of_the_project_uses_stays(make_tenant, project):
    one, other = make_tenant(), make_tenant(f"{project}-other")
    for tenant in (one, other):
        tenant.map(admin=ADMIN, reader=READER)
        tenant.vend(RoleBindings={"reader": [GRACE]})

    one.map(admin=ADMIN)
    done = one.vend()

    assert (done["Deleted"], done["Unassigned"]) == ([], [f"{one.group('reader')}: ViewOnlyAccess"])
    assert one.found.assignments() == {(one.group("admin"), "PowerUserAccess")}
    assert (one.group("reader"), "ViewOnlyAccess") in other.found.assignments()
    assert other.members("reader") == {GRACE}


def test_accounts_of_a_project_that_are_vended_at_once_share_their_groups(make_tenant, project):
    tenants = [make_tenant(f"{project}-{number}") for number in range(3)]
    for tenant in tenants:
        tenant.map(admin=ADMIN, reader=READER)

    bindings = {"admin": [ADA, GRACE], "reader": [ALAN]}
    executions = [tenant.start(RoleBindings=bindings) for tenant in tenants]

    for tenant, execution in zip(tenants, executions, strict=True):
        tenant.succeeded(execution)
        assert tenant.found.assignments() == {
            (tenant.group("admin"), "PowerUserAccess"),
            (tenant.group("reader"), "ViewOnlyAccess"),
        }
    assert (tenants[0].members("admin"), tenants[0].members("reader")) == ({ADA, GRACE}, {ALAN})


def test_a_group_that_somebody_has_deleted_comes_back(tenant, center):
    tenant.map(admin=ADMIN)
    tenant.vend(RoleBindings={"admin": [ADA]})
    (before,) = center.assigned(tenant.account_id, "PowerUserAccess")
    center.delete_group(tenant.group("admin"))

    done = tenant.again(RoleBindings={"admin": [ADA]})

    assert done["Created"] == [tenant.group("admin")]
    assert tenant.members("admin") == {ADA}
    assert len(center.assigned(tenant.account_id, "PowerUserAccess") - {before}) == 1


def test_a_removed_permission_set_goes_and_a_new_one_comes(tenant):
    tenant.map(admin=mapping("admin", "PowerUserAccess", "Billing"))
    tenant.vend()

    tenant.map(admin=mapping("admin", "PowerUserAccess", "ViewOnlyAccess"))
    tenant.vend()

    group = tenant.group("admin")
    assert tenant.found.assignments() == {(group, "PowerUserAccess"), (group, "ViewOnlyAccess")}


def test_what_is_somebody_elses_stays(tenant, center, project):
    """A person, a group without the prefix, and one with it and another description, as meshStack's own replication makes it."""
    person, theirs = center.id_of_user(GRACE), center.group(f"auditors-{project}")
    similar = center.group(f"mst-auditors-{project}", "Made by hand.")
    for group in (theirs, similar):
        center.assign(tenant.account_id, "Billing", group)
    center.assign(tenant.account_id, "Billing", person, "USER")
    center.join(f"mst-auditors-{project}", ALAN)

    tenant.map(admin=ADMIN)
    done = tenant.vend(RoleBindings={"admin": [ADA]})

    assert center.assigned(tenant.account_id, "Billing") == {person, theirs, similar}
    assert done["Deleted"] == []
    assert f"leaves them as they are: mst-auditors-{project}" in done["Drift"]
    assert tenant.found.members(f"mst-auditors-{project}") == {ALAN}


def test_an_unknown_user_is_told_without_the_name_and_fails_nothing(tenant, project, log_folder):
    unknown = f"mallory-{project}"
    tenant.map(admin=ADMIN)

    done = tenant.vend(RoleBindings={"admin": [ADA, unknown, f"{unknown}@example.org"]})

    assert "does not know 2 users of project role admin" in done["Drift"]
    assert "Remedy" in done["Drift"]
    assert tenant.members("admin") == {ADA}
    text = logged(log_folder)
    assert "single-sign-on" in text and "planned" in text
    assert "mallory" not in text
    assert "mallory" not in str(done)


def test_an_unknown_permission_set_is_named_before_anything_is_written(tenant, local_aws):
    tenant.map(admin=ADMIN, reader=mapping("reader", "NoSuchAccess"))
    mark = local_aws.mark()

    cause = tenant.refused(STEP, "InvalidConfiguration")

    field = f"/avm/landing-zones/{tenant.landing_zone}, field singleSignOn.roleMappings.reader.permissionSets"
    assert field in cause
    assert "NoSuchAccess" in cause
    assert not [action for action in writes(local_aws.calls(mark)) if action.startswith(("sso", "identitystore"))]


def test_a_failed_assignment_fails_the_vend_with_the_reason_and_can_be_sent_again(tenant, center, project):
    """The account has no policy of the name that the permission set refers to; other branches are at work meanwhile."""
    center.sso.attach_customer_managed_policy_reference_to_permission_set(
        InstanceArn=INSTANCE,
        PermissionSetArn=center.permission_set(f"Own-{project}"),
        CustomerManagedPolicyReference={"Name": "NoSuchPolicy", "Path": "/"},
    )
    own = mapping("admin", f"Own-{project}")
    tenant.deploy(singleSignOn={"roleMappings": {"admin": own, "reader": READER}}, accountAlias=True)

    cause = tenant.refused(STEP, "SingleSignOnFailed")

    assert f"{tenant.group('admin')}: Own-{project} could not be assigned" in cause
    assert "Received a 404 status error" in cause
    tenant.map(admin=ADMIN, reader=READER)
    tenant.vend()
    assert (tenant.group("admin"), "PowerUserAccess") in tenant.found.assignments()


def test_more_assignments_than_are_at_work_at_a_time_all_come(tenant, center, project):
    names = [f"{project}-{number}" for number in range(12)]
    for name in names:
        center.permission_set(name)
    tenant.map(admin=mapping("admin", *names))

    done = tenant.vend()

    assert len(done["Assigned"]) == 12
    assert tenant.found.assignments() == {(tenant.group("admin"), name) for name in names}


def test_lost_answers_cost_nothing(tenant, local_aws):
    lost = [
        ("identitystore", "CreateGroup"),
        ("identitystore", "CreateGroupMembership"),
        ("sso", "CreateAccountAssignment"),
    ]
    for service, action in lost:
        local_aws.inject(code="InternalServerException", status=500, service=service, action=action, when="after")
    mark = local_aws.mark()
    tenant.map(admin=ADMIN)

    tenant.vend(RoleBindings={"admin": [ADA, GRACE]})

    assert set(faults_met(local_aws.calls(mark))) == {f"{service}:{action}" for service, action in lost}
    assert tenant.members("admin") == {ADA, GRACE}
    assert tenant.found.assignments() == {(tenant.group("admin"), "PowerUserAccess")}


def test_throttled_calls_are_made_again_until_they_pass(tenant, operator, local_aws):
    """The SDK gives up after three of them: the rest is the state machine's, after a failure or after a look."""
    throttled = {"sso": "CreateAccountAssignment", "identitystore": "CreateGroupMembership"}
    for service, action in throttled.items():
        local_aws.inject(code="ThrottlingException", service=service, action=action, count=3)
    mark = local_aws.mark()
    tenant.map(admin=ADMIN)

    tenant.vend(RoleBindings={"admin": [ADA]})

    assert len(faults_met(local_aws.calls(mark))) == 6
    events = operator.events(tenant.execution["executionArn"])
    failed = [event["taskFailedEventDetails"]["error"] for event in events if event["type"] == "TaskFailed"]
    assert failed == ["Throttled"]
    waited = [event for event in events if event["type"] == "WaitStateEntered"]
    assert "WaitForSingleSignOn" in {event["stateEnteredEventDetails"]["name"] for event in waited}
    assert tenant.members("admin") == {ADA}
    assert tenant.found.assignments() == {(tenant.group("admin"), "PowerUserAccess")}


def test_the_same_again_writes_nothing(tenant, local_aws):
    tenant.map(admin=ADMIN, reader=READER)
    bindings = {"admin": [ADA, "nobody-of-that-name"], "reader": []}
    tenant.vend(RoleBindings=bindings)
    mark = local_aws.mark()

    done = tenant.again(RoleBindings=bindings)

    # Which execution was the last one, and when.
    assert writes(local_aws.calls(mark)) == ["organizations:TagResource"]
    assert (done["Created"], done["Assigned"], done["Added"], done["Removed"]) == ([], [], 0, 0)
    assert "1 user of project role admin" in done["Drift"]
