//! Moves: none where the account is in place, once where it is not, and what others do at the same time.
//! Every write is also lost, before and after its effect; the next run ends in the same place.

use avm_core::error::ErrorName;
use avm_core::testing::account;
use avm_world::organizations::{root, unit_id};
use avm_world::{drive, replay};
use insta::assert_json_snapshot;

use super::{account_in, call, creating, hierarchical, plan, request, state, world};
use crate::PlaceAccount;

const UNITS: &[&str] = &[
    "Workloads",
    "Workloads/Sandbox",
    "Workloads/Sandbox/Deep",
    "Other",
];

#[tokio::test]
async fn an_account_in_place_is_not_moved() {
    let world = world(UNITS, 2);
    for _ in 0..2 {
        let done = call(&world, &request("Workloads/Sandbox")).await.unwrap();
        assert_eq!(done.organizational_unit_id, unit_id(2));
        assert!(!done.moved);
    }
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn hierarchical_assignment_leaves_an_account_anywhere_below_the_target() {
    for (number, target, moved) in [
        (3, "Workloads", false),
        (2, "Workloads", false),
        (1, "Workloads", false),
        (3, "/", false),
        (0, "/", false),
        (3, "Other", true),
        (0, "Workloads", true),
        (1, "Workloads/Sandbox", true),
    ] {
        let world = world(UNITS, number);
        let before = account_in(&world).unwrap();
        let done = call(&world, &hierarchical(target)).await.unwrap();
        assert_eq!(done.moved, moved, "{number} {target}");
        assert_eq!(world.writes().is_empty(), !moved);
        assert_eq!(done.organizational_unit_id == before, !moved);
    }
}

#[tokio::test]
async fn without_it_an_account_below_the_target_is_moved_up() {
    let world = world(UNITS, 3);
    let done = call(&world, &request("Workloads")).await.unwrap();
    assert!(done.moved);
    assert_eq!(account_in(&world), Some(unit_id(1)));
}

#[tokio::test]
async fn an_account_that_somebody_moves_meanwhile_is_moved_from_where_it_is() {
    let world = world(UNITS, 0);
    world.state_mut().organizations.moved_by_others = vec![unit_id(4)];
    call(&world, &request("Workloads")).await.unwrap();
    assert_eq!(account_in(&world), Some(unit_id(1)));
}

#[tokio::test]
async fn an_account_that_somebody_moves_to_the_target_has_arrived() {
    let world = world(UNITS, 0);
    world.state_mut().organizations.moved_by_others = vec![unit_id(1)];
    call(&world, &request("Workloads")).await.unwrap();
    assert_eq!(account_in(&world), Some(unit_id(1)));
}

#[tokio::test]
async fn an_account_that_is_moved_again_and_again_is_tried_later() {
    let world = world(UNITS, 0);
    world.state_mut().organizations.moved_by_others = vec![unit_id(4), unit_id(3)];
    let failure = call(&world, &request("Workloads")).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::ConcurrentModification);
    assert_eq!(world.writes().len(), 2);
    call(&world, &request("Workloads")).await.unwrap();
    assert_eq!(account_in(&world), Some(unit_id(1)));
}

#[tokio::test]
async fn an_account_that_the_tree_does_not_show_is_not_ready() {
    let world = world(UNITS, 0);
    let account = account().account_id;
    world.state_mut().organizations.account(&account).parent = None;
    let failure = call(&world, &creating("New")).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccountNotReady);
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn whatever_is_lost_the_next_try_ends_in_an_equal_world() {
    let deep = creating("Workloads/New/Deeper");
    let undisturbed = world(UNITS, 0);
    drive::<PlaceAccount>(&undisturbed, &deep).await.unwrap();
    assert_eq!(undisturbed.writes().len(), 3);
    assert_ne!(account_in(&undisturbed), Some(root()));

    replay::<PlaceAccount>(state(UNITS, 0), &deep).await;
    replay::<PlaceAccount>(state(UNITS, 4), &request("Workloads/Sandbox")).await;
    replay::<PlaceAccount>(state(UNITS, 3), &hierarchical("Workloads")).await;
    replay::<PlaceAccount>(state(UNITS, 4), &request("/")).await;
    replay::<PlaceAccount>(state(&[], 0), &request("")).await;
}

#[tokio::test]
async fn the_plan_says_what_is_made_and_where_the_account_is_moved() {
    let world = world(UNITS, 4);
    assert_json_snapshot!(plan(&world, &request("Workloads/Sandbox")).await, @r#"
    {
      "DependsOn": null,
      "IsEmpty": false,
      "Steps": {
        "Move": {
          "From": "ou-ab12-00000004",
          "To": "ou-ab12-00000002"
        }
      },
      "Words": "move the account from ou-ab12-00000004 to ou-ab12-00000002"
    }
    "#);
    assert_json_snapshot!(plan(&world, &creating("Workloads/New/Deeper")).await, @r#"
    {
      "DependsOn": null,
      "IsEmpty": false,
      "Steps": {
        "MakeUnits": {
          "Below": "ou-ab12-00000001",
          "Found": [
            "Workloads"
          ],
          "From": "ou-ab12-00000004",
          "Missing": [
            "New",
            "Deeper"
          ]
        }
      },
      "Words": "make the organizational units Workloads/New, Workloads/New/Deeper, and move the account there from ou-ab12-00000004"
    }
    "#);
    let other = plan(&world, &request("Other")).await;
    assert_eq!(other["IsEmpty"], true);
    assert_eq!(
        other["Words"],
        "nothing to do: the account sits in ou-ab12-00000004"
    );
}
