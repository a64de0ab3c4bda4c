//! The execution role: made or repaired before it is needed, and taken away again if it is the machine's own.
//! Where the access role may not (any more), the answer or the failure says so.

use insta::assert_snapshot;
use shared::config::ExecutionRole as Setting;
use shared::domain::PolicyDocument;
use shared::error::ErrorName;
use shared::ports::account_factory::{Problem, ProductStatus};
use shared::ports::execution_role::FoundRole;

use super::world::{ROOT, SANDBOX, WORKLOADS, World, error, role_of_control_tower, trust_of};
use super::{Change, RoleOutcome, request, run};

fn enrols_with(role: FoundRole) -> World {
    let world = World::with_account_in(ROOT);
    world.state().role = Some(role);
    world
}

#[tokio::test]
async fn a_role_that_is_right_is_not_written_and_not_removed() {
    let mut by_id = role_of_control_tower();
    by_id.trust = trust_of("333333333333");
    let mut among_others = role_of_control_tower();
    among_others.trust = PolicyDocument::new(serde_json::json!({"Statement": [
        {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:TagSession"},
        {"Effect": "Allow", "Principal": {"AWS": ["444444444444", "arn:aws:iam::333333333333:root"]},
         "Action": ["sts:TagSession", "sts:AssumeRole"]},
    ]}));
    for role in [role_of_control_tower(), by_id, among_others] {
        let world = enrols_with(role.clone());
        let done = run(&world, &request(SANDBOX)).await.unwrap();
        assert_eq!(done.execution_role, Some(RoleOutcome::Kept));
        assert_eq!(world.state().role, Some(role));
        assert_eq!(world.writes().len(), 1);
    }
}

#[tokio::test]
async fn a_role_without_the_trust_or_the_policy_is_repaired() {
    let with_condition = PolicyDocument::new(serde_json::json!({"Statement": {
        "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::333333333333:root"}, "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "x"}},
    }}));
    let denying = PolicyDocument::new(serde_json::json!({"Statement": {
        "Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::333333333333:root"}, "Action": "sts:AssumeRole",
    }}));
    for trust in [
        trust_of("arn:aws:iam::444444444444:root"),
        with_condition,
        denying,
        PolicyDocument::of_text("no JSON"),
    ] {
        let world = enrols_with(FoundRole {
            trust,
            ..role_of_control_tower()
        });
        run(&world, &request(SANDBOX)).await.unwrap();
        assert_eq!(world.writes()[0], "put the trust");
        assert_eq!(world.state().role, Some(role_of_control_tower()));
    }
    let world = enrols_with(FoundRole {
        is_administrator: false,
        ..role_of_control_tower()
    });
    run(&world, &request(SANDBOX)).await.unwrap();
    assert_eq!(world.writes()[0], "attach the policy");
}

#[tokio::test]
async fn the_platform_may_want_to_keep_it() {
    let world = World::with_account_in(ROOT);
    let mut request = request(SANDBOX);
    let settings = request.order.platform.control_tower.as_mut().unwrap();
    settings.execution_role = Setting::Keep;
    let done = run(&world, &request).await.unwrap();
    assert_eq!(done.execution_role, Some(RoleOutcome::Kept));
    assert!(world.state().role.is_some());
}

#[tokio::test]
async fn a_role_that_a_control_guards_or_that_is_in_use_stays_and_the_answer_says_so() {
    let world = World::with_account_in(ROOT);
    world.state().guards_roles = true;
    let done = run(&world, &request(SANDBOX)).await.unwrap();
    assert_eq!(done.execution_role, Some(RoleOutcome::Guarded));
    let world = World::with_account_in(ROOT);
    world.state().is_role_in_use = true;
    let done = run(&world, &request(SANDBOX)).await.unwrap();
    assert_eq!(done.execution_role, Some(RoleOutcome::Kept));
    assert!(world.state().role.is_some());
}

#[tokio::test]
async fn a_role_that_is_gone_already_is_absent() {
    let world = World::with_account_in(ROOT);
    let answer = super::call(&world, &request(SANDBOX)).await.unwrap();
    world.end();
    world.state().role = None;
    let done = run(&world, &super::next(&request(SANDBOX), &answer))
        .await
        .unwrap();
    assert_eq!(done.execution_role, Some(RoleOutcome::Absent));
}

#[tokio::test]
async fn a_downgraded_access_role_that_would_have_to_make_it_says_what_to_do_by_hand() {
    for found in [
        None,
        Some(FoundRole {
            is_administrator: false,
            ..role_of_control_tower()
        }),
        Some(FoundRole {
            trust: trust_of("444444444444"),
            ..role_of_control_tower()
        }),
    ] {
        let world = World::with_account_in(ROOT);
        world.state().role = found;
        world.state().is_downgraded = true;
        let failure = run(&world, &request(SANDBOX)).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::AccessDenied);
        insta::allow_duplicates! {
            assert_snapshot!(failure, @"could not prepare the role AWSControlTowerExecution: not authorized (account 111111111111). Remedy: the access role may not prepare the role (it has been downgraded, or a service control policy forbids it): make the role AWSControlTowerExecution in the account through OrganizationAccountAccessRole, with the trust policy that lets arn:aws:iam::333333333333:root call sts:AssumeRole and with the policy AdministratorAccess attached, then send the request again.");
        }
        assert!(
            !world
                .writes()
                .iter()
                .any(|write| write.starts_with("enrol"))
        );
    }
}

#[tokio::test]
async fn a_downgraded_access_role_is_enough_for_an_account_that_is_enrolled() {
    let world = World::with_enrolled(WORKLOADS);
    world.state().is_downgraded = true;
    let done = run(&world, &request(SANDBOX)).await.unwrap();
    assert_eq!(
        (done.change, done.execution_role),
        (Change::Moved, Some(RoleOutcome::Absent))
    );
}

#[tokio::test]
async fn an_enrolment_that_is_given_up_tells_of_a_role_that_had_to_stay() {
    let world = World::with_account_in(ROOT);
    let answer = super::call(&world, &request(SANDBOX)).await.unwrap();
    let why = (error(Problem::Unknown, "why"), ProductStatus::Error);
    world.state().ends.push_back(Some(why));
    world.end();
    world.state().is_downgraded = true;
    let failure = run(&world, &super::next(&request(SANDBOX), &answer))
        .await
        .unwrap_err();
    assert_eq!(
        failure.cause(),
        "the Account Factory could not enrol the account: why; the role AWSControlTowerExecution is still in the account"
    );
    assert!(world.state().role.is_some());
}
