//! Room among Control Tower's account operations: looked at before anything is started, and cheaply while it lacks.
//! What needs no operation does not ask for it.

use avm_core::ports::account_factory::ProductStatus;
use serde_json::json;

use super::world::{ROOT, SANDBOX, State, WORKLOADS, World, product};
use super::{call, next, request, run, waiting_for};
use crate::Change;
use crate::room::AT_ONCE;

type Fill = fn(&mut State, usize);

const WAYS_TO_BE_FULL: [Fill; 2] = [
    |state, number| state.other_products_under_change = number,
    |state, number| state.other_accounts_under_change = number,
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
            let world = World::with_account_in(place);
            world.state().product = found;
            fill(&mut world.state(), AT_ONCE);
            let mut answer = call(&world, &request(SANDBOX)).await.unwrap();
            for _ in 0..2 {
                assert_eq!(
                    waiting_for(&answer),
                    "room among the account operations of Control Tower (5 are at work)"
                );
                let again = next(&request(SANDBOX), &answer);
                assert_eq!(
                    serde_json::to_value(&again.progress).unwrap(),
                    json!({"Doing": "Look", "Queued": true})
                );
                world.state().reads = 0;
                answer = call(&world, &again).await.unwrap();
                assert_eq!(world.state().reads, 2, "a look in the queue is cheap");
            }
            assert!(world.writes().is_empty(), "{:?}", world.writes());
            assert!(world.state().doors.is_empty());

            fill(&mut world.state(), AT_ONCE - 1);
            let done = run(&world, &next(&request(SANDBOX), &answer))
                .await
                .unwrap();
            assert_eq!(done.change, change);
        }
    }
}

#[tokio::test]
async fn what_needs_no_operation_does_not_wait_for_room() {
    let world = World::with_enrolled(SANDBOX);
    for fill in WAYS_TO_BE_FULL {
        fill(&mut world.state(), AT_ONCE);
    }
    let done = run(&world, &request(SANDBOX)).await.unwrap();
    assert_eq!(done.change, Change::None);
}

#[tokio::test]
async fn an_account_that_another_has_enrolled_meanwhile_is_found_so() {
    let world = World::with_account_in(ROOT);
    world.state().other_products_under_change = AT_ONCE;
    let answer = call(&world, &request(SANDBOX)).await.unwrap();
    let enrolled = World::with_enrolled(SANDBOX);
    let done = run(&enrolled, &next(&request(SANDBOX), &answer))
        .await
        .unwrap();
    assert_eq!(done.change, Change::None);
}
