//! Operations that end badly: what is only a matter of time is tried again, everything else ends the execution.
//! The failure is the same at every replay, and the next execution repairs what it has left.

use std::fmt::Write;

use avm_core::config::Enrollment;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_factory::{Problem, ProductStatus};
use avm_world::InMemory;
use avm_world::organizations::ROOT;
use avm_world::service_catalog::{Shows, product};
use insta::assert_snapshot;
use serde_json::json;

use super::{
    Change, RoleOutcome, SANDBOX, WORKLOADS, call, count, enrolled, fails, id, later, next, parent,
    placed, removing, request, role, run, said, waiting_for, with_product,
};

#[tokio::test]
async fn a_reason_that_is_known_comes_with_its_remedy() {
    let mut all = String::new();
    for problem in [
        Problem::ConfigRecorder,
        Problem::StackExists,
        Problem::RoleExists,
        Problem::DefaultVpc,
        Problem::StackInstances,
        Problem::NotActivated,
        Problem::Unknown,
    ] {
        let world = placed(ROOT);
        fails(
            &world,
            problem,
            "words of AWS for a@example.com",
            ProductStatus::Error,
        );
        let failure = run(&world, &request(SANDBOX)).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::EnrolmentFailed);
        assert_eq!(
            failure.cause(),
            "the Account Factory could not enroll the account: words of AWS for <e-mail>"
        );
        writeln!(all, "{problem:?}: {}", failure.remedy()).unwrap();
        // Nothing powerful stays behind an enrollment that was given up.
        assert_eq!(role(&world), None);
    }
    assert_snapshot!(all, @r"
    ConfigRecorder: delete the configuration recorders and delivery channels of AWS Config in all regions of the account, then send the request again
    StackExists: delete the named stack, or terminate the old provisioned product of the account, then send the request again
    RoleExists: delete the named aws-controltower role, a leftover of an earlier enrollment, from the account, then send the request again
    DefaultVpc: delete the default VPC of the named region in the account, then send the request again
    StackInstances: repair the named stack set's instance of the account in the management account (its status reason says why), then send the request again
    NotActivated: wait an hour until AWS has activated the account, then send the request again
    Unknown: look at the provisioned product in Service Catalog, repair the cause, and send the request again
    ");
}

#[tokio::test]
async fn a_failure_is_the_same_at_every_replay_and_the_next_execution_repairs_it() {
    let world = placed(ROOT);
    fails(
        &world,
        Problem::DefaultVpc,
        "could not baseline VPC",
        ProductStatus::Tainted,
    );
    let answer = call(&world, &request(SANDBOX)).await.unwrap();
    let failure = call(&world, &next(&request(SANDBOX), &answer))
        .await
        .unwrap_err();
    for replay in [next(&request(SANDBOX), &answer), request(SANDBOX)] {
        assert_eq!(call(&world, &replay).await, Err(failure.clone()));
    }
    let done = run(&world, &later(&request(SANDBOX))).await.unwrap();
    assert_eq!(done.change, Change::Repaired);
}

#[tokio::test]
async fn a_second_failure_in_one_execution_is_its_end() {
    let world = with_product(ROOT, Some(product(ProductStatus::Error, false)));
    // The termination succeeds, the new enrollment does not.
    let answer = call(&world, &request(SANDBOX)).await.unwrap();
    world.state_mut().tick();
    fails(&world, Problem::Unknown, "again", ProductStatus::Error);
    let failure = run(&world, &next(&request(SANDBOX), &answer))
        .await
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::EnrolmentFailed);
    assert_eq!(count(&world, "servicecatalog:ProvisionProduct"), 1);
}

#[tokio::test]
async fn updates_and_terminations_that_fail_say_so() {
    for (found, place, words) in [
        (
            product(ProductStatus::Available, true),
            WORKLOADS,
            "move the account",
        ),
        (
            product(ProductStatus::Tainted, true),
            SANDBOX,
            "apply the account's provisioned product again",
        ),
        (
            product(ProductStatus::Error, false),
            ROOT,
            "terminate the account's provisioned product",
        ),
    ] {
        let world = with_product(place, Some(found));
        fails(&world, Problem::Unknown, "why", ProductStatus::Tainted);
        let failure = run(&world, &request(SANDBOX)).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::EnrolmentFailed);
        assert_eq!(
            failure.cause(),
            format!("the Account Factory could not {words}: why")
        );
    }
}

#[tokio::test]
async fn a_record_without_a_reason_is_a_failure_too() {
    let world = placed(ROOT);
    let answer = call(&world, &request(SANDBOX)).await.unwrap();
    fails(&world, Problem::Unknown, "", ProductStatus::Error);
    {
        let mut state = world.state_mut();
        state.tick();
        state.service_catalog.operations[0].record.errors.clear();
    }
    let failure = call(&world, &next(&request(SANDBOX), &answer))
        .await
        .unwrap_err();
    assert!(
        failure.cause().ends_with("no reason was given"),
        "{failure}"
    );
}

#[tokio::test]
async fn a_record_that_does_not_show_yet_is_waited_for() {
    let world = placed(ROOT);
    let answer = call(&world, &request(SANDBOX)).await.unwrap();
    let operations = std::mem::take(&mut world.state_mut().service_catalog.operations);
    let unseen = call(&world, &next(&request(SANDBOX), &answer))
        .await
        .unwrap();
    assert_eq!(said(&unseen), said(&answer));
    world.state_mut().service_catalog.operations = operations;
    let done = run(&world, &next(&request(SANDBOX), &unseen))
        .await
        .unwrap();
    assert_eq!(done.change, Change::Enrolled);
}

#[tokio::test]
async fn a_start_that_finds_no_room_is_tried_again_with_another_token() {
    for found in [
        None,
        Some(product(ProductStatus::Tainted, true)),
        Some(product(ProductStatus::Error, false)),
    ] {
        let world = with_product(ROOT, found);
        world.state_mut().service_catalog.refused_starts = 2;
        let answer = call(&world, &request(SANDBOX)).await.unwrap();
        assert_eq!(
            waiting_for(&answer),
            "room among the account operations of Control Tower (the allowed maximum of 5 is exceeded)"
        );
        assert_eq!(
            answer["Progress"],
            json!({
                "Looks": {"Work": 0, "Turn": 1},
                "Notes": {"Doing": "Look", "Attempts": {"WithoutRoom": 1}, "Queued": true},
            })
        );
        run(&world, &next(&request(SANDBOX), &answer))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn no_room_may_also_show_as_a_failed_record() {
    for (found, place) in [
        (None, ROOT),
        (Some(product(ProductStatus::Available, true)), WORKLOADS),
        (Some(product(ProductStatus::Error, false)), ROOT),
    ] {
        let left = if place == ROOT {
            ProductStatus::Error
        } else {
            ProductStatus::Tainted
        };
        let world = with_product(place, found);
        for _ in 0..3 {
            fails(&world, Problem::Busy, "maximum of 5", left.clone());
        }
        let done = run(&world, &request(SANDBOX)).await.unwrap();
        assert_ne!(done.change, Change::None);
        let state = &world.state().service_catalog;
        let operations = state.operations.iter();
        let mut tokens: Vec<&str> = operations.map(|one| one.token.as_str()).collect();
        let all = tokens.len();
        tokens.sort_unstable();
        tokens.dedup();
        assert_eq!(tokens.len(), all, "every operation has a token of its own");
        assert!(state.ends.is_empty());
    }
}

/// So many enrollments do not see the execution role; the terminations in between succeed.
fn is_unseen(world: &InMemory, times: usize) {
    for _ in 0..times {
        let (problem, left) = (Problem::ExecutionRole, ProductStatus::Error);
        fails(world, problem, "unable to assume", left);
        world.state_mut().service_catalog.ends.push_back(None);
    }
}

#[tokio::test]
async fn a_role_that_is_not_visible_yet_gets_two_more_tries() {
    let world = placed(ROOT);
    is_unseen(&world, 2);
    let answer = call(&world, &request(SANDBOX)).await.unwrap();
    let answer = call(&world, &next(&request(SANDBOX), &answer))
        .await
        .unwrap();
    assert_eq!(
        waiting_for(&answer),
        "the role AWSControlTowerExecution to be visible to Control Tower"
    );
    let done = run(&world, &next(&request(SANDBOX), &answer))
        .await
        .unwrap();
    assert_eq!(done.change, Change::Enrolled);
    assert_eq!(done.execution_role, Some(RoleOutcome::Kept));

    let world = placed(ROOT);
    is_unseen(&world, 3);
    let failure = run(&world, &request(SANDBOX)).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::EnrolmentFailed);
    assert!(
        failure
            .remedy()
            .contains("trusts the management account's root"),
        "{failure}"
    );
}

#[tokio::test]
async fn an_update_that_misses_the_role_makes_it_and_is_tried_again() {
    // Control Tower moves the account before it misses the role, or does not.
    for left_in in [WORKLOADS, SANDBOX] {
        let world = enrolled(WORKLOADS);
        fails(
            &world,
            Problem::ExecutionRole,
            "unable to assume",
            ProductStatus::Tainted,
        );
        let answer = call(&world, &removing(SANDBOX)).await.unwrap();
        {
            let mut state = world.state_mut();
            state.tick();
            state.organizations.put_into(&id(), &parent(left_in));
        }
        let done = run(&world, &next(&removing(SANDBOX), &answer))
            .await
            .unwrap();
        assert_eq!(
            (done.change, done.execution_role),
            (Change::Moved, Some(RoleOutcome::Removed))
        );
        let updates = count(&world, "servicecatalog:UpdateProvisionedProduct");
        assert_eq!(updates, 2);
    }
}

#[tokio::test]
async fn a_product_that_shows_late_and_one_that_has_gone_are_looked_at_again() {
    let world = with_product(ROOT, Some(product(ProductStatus::Error, false)));
    world.state_mut().service_catalog.shows = Shows::Nowhere;
    let answer = call(&world, &request(SANDBOX)).await.unwrap();
    assert_eq!(waiting_for(&answer), "the provisioned product to show");
    world.state_mut().service_catalog.shows = Shows::Everywhere;
    let done = run(&world, &next(&request(SANDBOX), &answer))
        .await
        .unwrap();
    assert_eq!(done.change, Change::Repaired);

    for found in [
        product(ProductStatus::Error, false),
        product(ProductStatus::Tainted, true),
    ] {
        let world = with_product(ROOT, Some(found));
        world.state_mut().service_catalog.shows = Shows::Still;
        let answer = call(&world, &request(SANDBOX)).await.unwrap();
        assert_eq!(waiting_for(&answer), "the provisioned product to be gone");
        world.state_mut().service_catalog.products.clear();
        world.state_mut().service_catalog.shows = Shows::Everywhere;
        let done = run(&world, &next(&request(SANDBOX), &answer))
            .await
            .unwrap();
        assert_eq!(done.change, Change::Enrolled);
    }
}

#[tokio::test]
async fn a_refused_start_ends_the_execution_and_takes_the_role_away() {
    let world = placed(ROOT);
    let refusal = Failure::new(ErrorName::EnrolmentFailed, "a stack named x already exists");
    world.refuse("servicecatalog:ProvisionProduct", refusal);
    let failure = run(&world, &request(SANDBOX)).await.unwrap_err();
    assert_eq!(failure.cause(), "a stack named x already exists");
    assert_eq!(role(&world), None);

    // What passes leaves the role for the next try.
    let world = placed(ROOT);
    let throttled = Failure::new(ErrorName::Throttled, "slow down");
    world.refuse("servicecatalog:ProvisionProduct", throttled);
    let failure = run(&world, &request(SANDBOX)).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::Throttled);
    assert!(role(&world).is_some());
}

#[tokio::test]
async fn a_product_about_which_somebody_has_to_decide_ends_the_execution() {
    let mut planned = product(ProductStatus::Other("PLAN_IN_PROGRESS".to_owned()), false);
    planned.message = Some("a plan is made".to_owned());
    let world = with_product(ROOT, Some(planned));
    let failure = run(&world, &request(SANDBOX)).await.unwrap_err();
    assert_snapshot!(failure, @"provisioned product avm-111111111111 (pp-1) is PLAN_IN_PROGRESS: a plan is made (account 111111111111). Remedy: bring the provisioned product to AVAILABLE in Service Catalog or terminate it, then send the request again.");
}

#[tokio::test]
async fn a_landing_zone_without_enrollment_is_refused() {
    let world = placed(ROOT);
    let mut without = request(SANDBOX);
    without.order.landing_zone.settings.enrollment = Enrollment::None;
    let failure = call(&world, &without).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::InvalidState);
    assert!(world.reads().is_empty());
}
