//! Where an account differs from what its landing zone says: its unit, its instance, its access role.
//! Each difference is told and waited for, and nothing is written meanwhile.

use avm_core::ports::stack_sets::{DetailedStatus, InstanceStatus};
use avm_world::organizations::{ROOT, root};
use avm_world::{answer_event, event};

use super::*;

#[tokio::test]
async fn every_difference_is_told_at_once_and_nothing_is_written() {
    let world = InMemory::with(|state| {
        vended(state);
        state.organizations.put_into(&id(), &other());
        state.stack_sets.of(STACK_SET).instances.clear();
        let role = access_role(state);
        let administration = PolicyDocument::of_text("{}");
        role.inline
            .insert("AdministratorAccess".to_owned(), administration);
        role.attached
            .insert(attached("arn:aws:iam::aws:policy/IAMFullAccess"));
    });
    assert_snapshot!(difference(&world, order()).await.replace("; ", "\n"), @r#"
    waited for an account as its landing zone asks for it: the account sits in ou-ab12-00000003 instead of ou-ab12-00000001
    StackSet avm-landing-zone has no instance in eu-central-1
    role MeshstackAccountAccessRole: inline policy AdministratorAccess is there
    role MeshstackAccountAccessRole: managed policy IAMFullAccess is attached
    given up after 8 looks
    "#);
}

#[tokio::test]
async fn an_account_below_its_unit_is_in_place_only_with_hierarchical_assignment() {
    let world = InMemory::with(vended);
    world
        .state_mut()
        .organizations
        .put_into(&id(), &below_space());
    let mut order = order();
    assert!(
        difference(&world, order.clone())
            .await
            .contains("instead of ou-ab12-00000001")
    );
    order.landing_zone.settings.hierarchical_assignment = true;
    run_of(&world, order).await.unwrap();
}

#[tokio::test]
async fn a_unit_that_differs_in_letter_case_only_is_the_unit_that_aws_calls_taken() {
    let world = InMemory::with(vended);
    let mut order = order();
    order.request.product_name = "Space".parse().unwrap();
    run_of(&world, order).await.unwrap();
}

#[tokio::test]
async fn a_missing_unit_or_an_account_that_does_not_show_up_is_a_difference() {
    let world = InMemory::with(vended);
    let mut elsewhere = order();
    elsewhere.landing_zone.settings.organizational_unit =
        "space/absent".to_owned().try_into().unwrap();
    assert!(
        difference(&world, elsewhere)
            .await
            .contains("no organizational unit absent in ou-ab12-00000001")
    );
    world.state_mut().organizations.account(&id()).parent = None;
    assert!(
        difference(&world, order())
            .await
            .contains("does not show up")
    );
}

#[tokio::test]
async fn an_account_is_found_by_the_id_of_its_unit_in_the_root_and_along_a_path() {
    for (target, parent) in [
        (other().as_str(), other()),
        ("/", root()),
        (ROOT, root()),
        ("space/below", below_space()),
    ] {
        let world = InMemory::with(vended);
        world.state_mut().organizations.put_into(&id(), &parent);
        let mut order = order();
        order.landing_zone.settings.organizational_unit = target.to_owned().try_into().unwrap();
        run_of(&world, order).await.unwrap();
    }
}

#[tokio::test]
async fn an_instance_that_is_not_current_or_still_worked_on_is_a_difference() {
    for (status, detailed, words) in [
        (
            InstanceStatus::Outdated,
            DetailedStatus::Failed,
            "OUTDATED (FAILED)",
        ),
        (
            InstanceStatus::Inoperable,
            DetailedStatus::Inoperable,
            "INOPERABLE",
        ),
        (
            InstanceStatus::Current,
            DetailedStatus::Running,
            "CURRENT (RUNNING)",
        ),
    ] {
        let world = InMemory::with(|state| {
            vended(state);
            let instance = state.stack_sets.of(STACK_SET).instance(&id(), REGION);
            instance.status = status;
            instance.detailed_status = Some(detailed);
        });
        let difference = difference(&world, order()).await;
        assert!(
            difference.contains(&format!("avm-landing-zone in eu-central-1 is {words}")),
            "{difference}"
        );
    }
}

#[tokio::test]
async fn a_minimum_of_another_landing_zone_is_a_difference() {
    let world = InMemory::with(vended);
    let mut order = order();
    order.landing_zone.settings.downgrade = DowngradeSetting::Strict;
    assert!(
        difference(&world, order)
            .await
            .contains("differs from what it should be")
    );
}

/// What is read where it may be: all roles of the account in one answer.
const ALL_ROLES: &str = "iam:GetAccountAuthorizationDetails";

#[tokio::test]
async fn all_roles_are_read_in_one_answer_and_one_by_one_where_that_is_refused() {
    let iam = |world: &InMemory| {
        let mut reads = world.reads();
        reads.retain(|read| read.starts_with("iam:"));
        reads
    };
    let world = InMemory::with(vended);
    run(&world).await.unwrap();
    assert_eq!(iam(&world), [ALL_ROLES]);
    let world = InMemory::with(vended);
    let refused = || Failure::new(ErrorName::AccessDenied, "refused");
    world.refuse(ALL_ROLES, refused());
    run(&world).await.unwrap();
    assert!(iam(&world).len() > 10);
    let world = InMemory::with(vended);
    world.state_mut().iam.of(&id()).clear();
    world.refuse(ALL_ROLES, refused());
    assert!(difference(&world, order()).await.contains("does not exist"));
}

#[tokio::test]
async fn a_role_that_cannot_be_read_yet_is_a_difference_and_a_busy_service_is_not() {
    for name in [ErrorName::AccessDenied, ErrorName::DowngradeFailed] {
        let world = InMemory::with(vended);
        world.refuse(ALL_ROLES, Failure::new(name, "refused"));
        world.refuse("iam:ListRolePolicies", Failure::new(name, "refused"));
        assert!(difference(&world, order()).await.contains("cannot be read"));
    }
    let world = InMemory::with(vended);
    world.close(Door::Verification);
    assert!(difference(&world, order()).await.contains("cannot be read"));
    let world = InMemory::with(vended);
    let throttled = Failure::new(ErrorName::Throttled, "refused");
    world.refuse(ALL_ROLES, throttled);
    assert_eq!(run(&world).await.unwrap_err().name(), ErrorName::Throttled);
}

#[tokio::test]
async fn what_shows_late_is_waited_for() {
    let world = InMemory::with(vended);
    world.state_mut().organizations.put_into(&id(), &other());
    let mut waits = Vec::new();
    let mut event = event(&request(order()));
    for _ in 0..7 {
        let answer = answer_event::<Completion>(&world, &event).await;
        let mut answer = answer.unwrap();
        assert_eq!(answer["Status"], "PENDING");
        waits.push(answer["WaitSeconds"].as_u64().unwrap());
        event["Progress"] = answer["Progress"].take();
    }
    assert_eq!(waits, [3, 8, 13, 18, 23, 28, 30]);
    world.state_mut().organizations.put_into(&id(), &space());
    let answer = answer_event::<Completion>(&world, &event).await;
    assert_eq!(answer.unwrap()["Status"], "DONE");
}

#[tokio::test]
async fn without_downgrade_the_account_is_not_entered() {
    let world = InMemory::with(vended);
    let mut order = order();
    order.landing_zone.settings.downgrade = DowngradeSetting::None;
    order.landing_zone.settings.stack_sets.clear();
    run_of(&world, order).await.unwrap();
    assert!(!world.opened().contains(&Door::Verification));
    assert!(tags(&world).contains_key("ProductName"));
}
