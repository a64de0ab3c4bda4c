//! Moves: none where the account is in place, once where it is not, and what others do at the same time.
//! Every write is also lost, before and after its effect; the next run ends in the same place.

use avm_core::error::{ErrorName, Kind};

use super::{call, creating, hierarchical, request};
use crate::world::{Lost, ROOT, World, unit_id};

const UNITS: &[(usize, &str)] = &[(0, "Workloads"), (1, "Sandbox"), (2, "Deep"), (0, "Other")];

#[tokio::test]
async fn an_account_in_place_is_not_moved() {
    let world = World::with(UNITS, 2);
    for _ in 0..2 {
        let done = call(&world, &request("Workloads/Sandbox")).await.unwrap();
        assert_eq!(done.organizational_unit_id, unit_id(2));
        assert!(!done.moved);
    }
    assert!(world.state().writes.is_empty());
}

#[tokio::test]
async fn hierarchical_assignment_leaves_an_account_anywhere_below_the_target() {
    for (account_in, target, moved) in [
        (3, "Workloads", false),
        (2, "Workloads", false),
        (1, "Workloads", false),
        (3, "/", false),
        (0, "/", false),
        (3, "Other", true),
        (0, "Workloads", true),
        (1, "Workloads/Sandbox", true),
    ] {
        let world = World::with(UNITS, account_in);
        let before = world.state().account_in.clone().unwrap();
        let done = call(&world, &hierarchical(target)).await.unwrap();
        assert_eq!(done.moved, moved, "{account_in} {target}");
        assert_eq!(world.state().writes.is_empty(), !moved);
        assert_eq!(done.organizational_unit_id == before, !moved);
    }
}

#[tokio::test]
async fn without_it_an_account_below_the_target_is_moved_up() {
    let world = World::with(UNITS, 3);
    let done = call(&world, &request("Workloads")).await.unwrap();
    assert!(done.moved);
    assert_eq!(world.state().account_in, Some(unit_id(1)));
}

#[tokio::test]
async fn an_account_that_somebody_moves_meanwhile_is_moved_from_where_it_is() {
    let world = World::with(UNITS, 0);
    world.state().moved_by_others = vec![unit_id(4)];
    call(&world, &request("Workloads")).await.unwrap();
    assert_eq!(world.state().account_in, Some(unit_id(1)));
}

#[tokio::test]
async fn an_account_that_somebody_moves_to_the_target_has_arrived() {
    let world = World::with(UNITS, 0);
    world.state().moved_by_others = vec![unit_id(1)];
    call(&world, &request("Workloads")).await.unwrap();
    assert_eq!(world.state().account_in, Some(unit_id(1)));
}

#[tokio::test]
async fn an_account_that_is_moved_again_and_again_is_tried_later() {
    let world = World::with(UNITS, 0);
    world.state().moved_by_others = vec![unit_id(4), unit_id(3)];
    let failure = call(&world, &request("Workloads")).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::ConcurrentModification);
    assert_eq!(world.state().writes.len(), 2);
    call(&world, &request("Workloads")).await.unwrap();
    assert_eq!(world.state().account_in, Some(unit_id(1)));
}

#[tokio::test]
async fn an_account_that_the_tree_does_not_show_is_not_ready() {
    let world = World::with(UNITS, 0);
    world.state().account_in = None;
    let failure = call(&world, &creating("New")).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccountNotReady);
    assert!(world.state().writes.is_empty());
}

#[tokio::test]
async fn the_accounts_that_the_machine_stands_on_are_never_moved() {
    for id in ["333333333333", "222222222222"] {
        let world = World::with(UNITS, 0);
        let mut request = request("Workloads");
        request.rest.account.account_id = id.parse().unwrap();
        let failure = call(&world, &request).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::InvalidRequest);
        assert_eq!(world.state().calls, 0);
    }
}

#[tokio::test]
async fn whichever_answer_is_lost_the_next_run_ends_in_an_equal_world() {
    let request = creating("Workloads/New/Deeper");
    let undisturbed = World::with(UNITS, 0);
    call(&undisturbed, &request).await.unwrap();
    let writes = undisturbed.state().writes.len();
    assert_eq!(writes, 3);
    for at in 0..writes {
        for lost in [Lost::BeforeTheEffect, Lost::AfterTheEffect] {
            let world = World::with(UNITS, 0);
            world.state().lost = Some((at, lost));
            let failure = call(&world, &request).await.unwrap_err();
            assert_eq!(failure.name().kind(), Kind::Busy);
            call(&world, &request).await.unwrap();
            let expected = undisturbed.state();
            assert_eq!(world.state().units, expected.units, "{at} {lost:?}");
            assert_eq!(world.state().account_in, expected.account_in);
        }
    }
    assert_ne!(
        undisturbed.state().account_in.as_ref().unwrap().as_str(),
        ROOT
    );
}
