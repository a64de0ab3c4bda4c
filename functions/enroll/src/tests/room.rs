//! Room among Control Tower's account operations: looked at before anything is started, and cheaply while it lacks.
//! What needs no operation does not ask for it.

use avm_core::contract::call::{Looks, Progress};
use avm_core::error::ErrorName;
use avm_core::ports::account_factory::ProductStatus;
use avm_core::step::Step;
use avm_world::State;
use avm_world::organizations::ROOT;
use avm_world::service_catalog::product;
use serde_json::json;

use super::{
    AT_ONCE, Change, SANDBOX, WORKLOADS, call, doors, enrolled, next, placed, request, run,
    waiting_for, with_product,
};
use crate::{Attempts, Enroll, Notes};

type Fill = fn(&mut State, usize);

const WAYS_TO_BE_FULL: [Fill; 2] = [
    |state, number| state.service_catalog.under_change_elsewhere = number,
    |state, number| state.control_tower.under_change_elsewhere = number,
];

#[tokio::test]
async fn nothing_is_started_while_there_is_no_room() {
    for fill in WAYS_TO_BE_FULL {
        for (place, found, change) in [
            (ROOT, None, Change::Enrolled),
            // From there it would be moved to the root first.
            (WORKLOADS, None, Change::Enrolled),
            (
                WORKLOADS,
                Some(product(ProductStatus::Available, true)),
                Change::Moved,
            ),
            (
                SANDBOX,
                Some(product(ProductStatus::Tainted, true)),
                Change::Repaired,
            ),
        ] {
            let world = with_product(place, found);
            fill(&mut world.state_mut(), AT_ONCE);
            let mut answer = call(&world, &request(SANDBOX)).await.unwrap();
            for turn in 1..3 {
                assert_eq!(
                    waiting_for(&answer),
                    "room among the account operations of Control Tower (5 are at work)"
                );
                assert_eq!(
                    answer["Progress"],
                    json!({
                        "Looks": {"Work": 0, "Turn": turn},
                        "Notes": {"Doing": "Look", "Queued": true},
                    })
                );
                assert_eq!(answer["WaitSeconds"], 180);
                let again = next(&request(SANDBOX), &answer);
                world.forget_journal();
                answer = call(&world, &again).await.unwrap();
                assert_eq!(world.reads().len(), 2, "a look in the queue is cheap");
                assert!(world.writes().is_empty(), "{:?}", world.writes());
                assert!(doors(&world).is_empty());
            }

            fill(&mut world.state_mut(), AT_ONCE - 1);
            let done = run(&world, &next(&request(SANDBOX), &answer))
                .await
                .unwrap();
            assert_eq!(done.change, change);
        }
    }
}

#[tokio::test]
async fn what_needs_no_operation_does_not_wait_for_room() {
    let world = enrolled(SANDBOX);
    for fill in WAYS_TO_BE_FULL {
        fill(&mut world.state_mut(), AT_ONCE);
    }
    let done = run(&world, &request(SANDBOX)).await.unwrap();
    assert_eq!(done.change, Change::None);
}

#[tokio::test]
async fn an_account_that_another_has_enrolled_meanwhile_is_found_so() {
    let world = placed(ROOT);
    world.state_mut().service_catalog.under_change_elsewhere = AT_ONCE;
    let answer = call(&world, &request(SANDBOX)).await.unwrap();
    let enrolled = enrolled(SANDBOX);
    let done = run(&enrolled, &next(&request(SANDBOX), &answer))
        .await
        .unwrap();
    assert_eq!(done.change, Change::None);
}

#[tokio::test]
async fn the_queue_and_the_work_are_given_up_each_in_its_time() {
    let patience = Enroll::PATIENCE.unwrap();
    let turns = patience.turn.unwrap();
    assert_eq!(turns.total_seconds(), 239 * 180);
    assert_eq!(patience.work.seconds(1), 45);
    assert_eq!(patience.work.seconds(99), 120);

    let world = placed(ROOT);
    world.state_mut().service_catalog.under_change_elsewhere = AT_ONCE;
    let mut last = request(SANDBOX);
    last.progress = Some(Progress {
        looks: Looks {
            work: patience.work.looks - 1,
            turn: turns.looks - 1,
        },
        notes: Notes::Look {
            attempts: Attempts::default(),
            queued: true,
        },
    });
    let failure = call(&world, &last).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::EnrolmentTimedOut);
    world.state_mut().service_catalog.under_change_elsewhere = 0;
    let failure = call(&world, &last).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::EnrolmentTimedOut);
}

#[tokio::test]
async fn an_organization_whose_quota_was_raised_has_more_room() {
    let mut raised = request(SANDBOX);
    let settings = raised.order.platform.control_tower.as_mut().unwrap();
    settings.account_operations_at_once = 10.try_into().unwrap();
    for (at_work, is_queued) in [(9, false), (10, true)] {
        let world = placed(ROOT);
        world.state_mut().service_catalog.under_change_elsewhere = at_work;
        let answer = call(&world, &raised).await.unwrap();
        let words = waiting_for(&answer).to_owned();
        assert_eq!(words.contains("10 are at work"), is_queued, "{words}");
    }
}
