//! The execution role: made or repaired before it is needed, and afterwards kept, or removed if it is the machine's own.
//! Where the access role may not (any more), the answer or the failure says so.

use avm_core::domain::PolicyDocument;
use avm_core::error::{ErrorName, Failure, Kind};
use avm_core::ports::account_factory::{Problem, ProductStatus};
use insta::assert_snapshot;

use super::iam::{WorldRole, policy, trust_of};
use super::world::{ROOT, SANDBOX, WORKLOADS, World, error};
use super::{Change, RoleOutcome, call, next, removing, request, run};
use crate::execution_role::OURS;

const OTHER_POLICY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

fn enrolls_with(role: WorldRole) -> World {
    let world = World::with_account_in(ROOT);
    world.state().role = Some(role);
    world
}

#[tokio::test]
async fn a_role_of_the_machine_stays_with_the_account_unless_the_platform_says_otherwise() {
    let world = World::with_account_in(ROOT);
    let done = run(&world, &request(SANDBOX)).await.unwrap();
    assert_eq!(done.execution_role, Some(RoleOutcome::Kept));
    let role = world.state().role.clone().unwrap();
    assert_eq!(role.trust, WorldRole::of_control_tower().trust);
    assert!(role.is_administrator());
}

#[tokio::test]
async fn a_platform_that_wants_it_removed_gets_it_removed() {
    let world = World::with_account_in(ROOT);
    let done = run(&world, &removing(SANDBOX)).await.unwrap();
    assert_eq!(done.execution_role, Some(RoleOutcome::Removed));
    assert_eq!(world.state().role, None);
    assert_snapshot!(world.writes().join("\n"), @r"
    make the role
    attach the policy
    enroll 111111111111 as avm-111111111111 into Unit 1 (ou-ab12-00000001) by pa-1
    detach the policy
    delete the role
    ");
}

#[tokio::test]
async fn a_role_that_an_earlier_vend_has_left_is_removed_by_the_next_one() {
    for is_wanted in [false, true] {
        let world = World::with_enrolled(SANDBOX);
        world.state().role = Some(WorldRole {
            description: Some(OURS.to_owned()),
            ..WorldRole::of_control_tower()
        });
        let (request, outcome) = if is_wanted {
            (request(SANDBOX), None)
        } else {
            (removing(SANDBOX), Some(RoleOutcome::Removed))
        };
        let done = run(&world, &request).await.unwrap();
        assert_eq!((done.change, done.execution_role), (Change::None, outcome));
        assert_eq!(world.state().role.is_some(), is_wanted);
    }
}

#[tokio::test]
async fn a_role_that_is_right_is_not_written_and_not_removed() {
    let by_id = WorldRole::trusting(trust_of("333333333333"));
    let among_others = WorldRole::trusting(PolicyDocument::new(serde_json::json!({"Statement": [
        {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:TagSession"},
        {"Effect": "Allow", "Principal": {"AWS": ["444444444444", "arn:aws:iam::333333333333:root"]},
         "Action": ["sts:TagSession", "sts:AssumeRole"]},
    ]})));
    for role in [WorldRole::of_control_tower(), by_id, among_others] {
        for request in [request(SANDBOX), removing(SANDBOX)] {
            let world = enrolls_with(role.clone());
            let done = run(&world, &request).await.unwrap();
            assert_eq!(done.execution_role, Some(RoleOutcome::Kept));
            assert_eq!(world.state().role, Some(role.clone()));
            assert_eq!(world.writes().len(), 1);
        }
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
        let world = enrolls_with(WorldRole::trusting(trust));
        run(&world, &request(SANDBOX)).await.unwrap();
        assert_eq!(world.writes()[0], "put the trust");
        assert_eq!(world.state().role, Some(WorldRole::of_control_tower()));
    }
    // Neither a policy of the account nor one of another partition is the administrator's.
    for attached in [
        OTHER_POLICY,
        "arn:aws:iam::111111111111:policy/AdministratorAccess",
        "arn:aws-cn:iam::aws:policy/AdministratorAccess",
    ] {
        let world = enrolls_with(WorldRole::with_policies(&[attached]));
        run(&world, &request(SANDBOX)).await.unwrap();
        assert_eq!(world.writes()[0], "attach the policy");
    }
}

#[tokio::test]
async fn a_role_that_a_control_guards_stays_and_the_answer_says_so() {
    let world = World::with_account_in(ROOT);
    world.state().guards_roles = true;
    let done = run(&world, &removing(SANDBOX)).await.unwrap();
    assert_eq!(done.execution_role, Some(RoleOutcome::Guarded));
    assert!(world.state().role.is_some());
}

#[tokio::test]
async fn a_role_to_which_somebody_has_attached_more_stays() {
    let world = World::with_account_in(ROOT);
    let answer = call(&world, &removing(SANDBOX)).await.unwrap();
    world.end();
    let more = policy(OTHER_POLICY);
    let attach = |role: &mut WorldRole| role.attached.insert(more.clone());
    assert_eq!(world.state().role.as_mut().map(attach), Some(true));
    let done = run(&world, &next(&removing(SANDBOX), &answer))
        .await
        .unwrap();
    assert_eq!(done.execution_role, Some(RoleOutcome::Kept));
    let role = world.state().role.clone().unwrap();
    assert_eq!(role.attached, [more].into());
}

#[tokio::test]
async fn a_role_that_is_gone_already_is_absent() {
    let world = World::with_account_in(ROOT);
    let answer = call(&world, &removing(SANDBOX)).await.unwrap();
    world.end();
    world.state().role = None;
    let done = run(&world, &next(&removing(SANDBOX), &answer))
        .await
        .unwrap();
    assert_eq!(done.execution_role, Some(RoleOutcome::Absent));
}

#[tokio::test]
async fn a_new_role_that_is_not_visible_yet_is_tried_again() {
    let world = World::with_account_in(ROOT);
    world.state().late_attachments = 1;
    let failure = call(&world, &request(SANDBOX)).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::ConcurrentModification);
    assert_eq!(failure.name().kind(), Kind::Busy);
    assert_eq!(
        failure.cause(),
        "could not prepare the role AWSControlTowerExecution: IAM does not show the role when AdministratorAccess is attached"
    );
    let done = run(&world, &request(SANDBOX)).await.unwrap();
    assert_eq!(done.change, Change::Enrolled);
}

#[tokio::test]
async fn what_iam_refuses_is_told_before_anything_is_enrolled() {
    let world = World::with_account_in(ROOT);
    let refusal = Failure::new(ErrorName::EnrolmentFailed, "too many roles");
    world.state().role_refusal = Some(refusal);
    let failure = run(&world, &request(SANDBOX)).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::EnrolmentNotPossible);
    assert_eq!(
        failure.cause(),
        "could not prepare the role AWSControlTowerExecution: too many roles"
    );
    assert_eq!(world.writes(), ["make the role"]);
}

#[tokio::test]
async fn a_removal_that_iam_refuses_or_that_has_to_wait_fails_under_its_name() {
    for name in [ErrorName::EnrolmentFailed, ErrorName::Throttled] {
        let world = World::with_account_in(ROOT);
        let answer = call(&world, &removing(SANDBOX)).await.unwrap();
        world.end();
        world.state().role_refusal = Some(Failure::new(name, "not now"));
        let failure = run(&world, &next(&removing(SANDBOX), &answer))
            .await
            .unwrap_err();
        assert_eq!(failure.name(), name);
    }
}

#[tokio::test]
async fn a_downgraded_access_role_that_would_have_to_make_it_says_what_to_do_by_hand() {
    for found in [
        None,
        Some(WorldRole::with_policies(&[])),
        Some(WorldRole::trusting(trust_of("444444444444"))),
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
                .any(|write| write.starts_with("enroll"))
        );
    }
}

#[tokio::test]
async fn a_downgraded_access_role_is_enough_for_an_account_that_is_enrolled() {
    for (request, outcome) in [
        (request(SANDBOX), RoleOutcome::Kept),
        (removing(SANDBOX), RoleOutcome::Absent),
    ] {
        let world = World::with_enrolled(WORKLOADS);
        world.state().is_downgraded = true;
        let done = run(&world, &request).await.unwrap();
        assert_eq!(
            (done.change, done.execution_role),
            (Change::Moved, Some(outcome))
        );
    }
}

#[tokio::test]
async fn an_enrollment_that_is_given_up_tells_of_a_role_that_had_to_stay() {
    let world = World::with_account_in(ROOT);
    let answer = call(&world, &request(SANDBOX)).await.unwrap();
    let why = (error(Problem::Unknown, "why"), ProductStatus::Error);
    world.state().ends.push_back(Some(why));
    world.end();
    world.state().is_downgraded = true;
    let failure = run(&world, &next(&request(SANDBOX), &answer))
        .await
        .unwrap_err();
    assert_eq!(
        failure.cause(),
        "the Account Factory could not enroll the account: why; the role AWSControlTowerExecution is still in the account"
    );
    assert!(world.state().role.is_some());
}
