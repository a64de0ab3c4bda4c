//! Whose the accounts of a month are, over months in which accounts move, close and go. Examples k and t.

use avm_metering::documents::{AccountState, Owner, OwnerSource};
use avm_metering::testing::{EC2, M, P, U, group};
use serde_json::json;

use super::world::World;
use super::{ask, find, run};

fn owner(workspace: &str, source: OwnerSource) -> Owner {
    Owner {
        workspace: workspace.to_owned(),
        project: "p".to_owned(),
        source,
    }
}

fn world() -> World {
    let world = World::new();
    for month in ["2025-12", "2026-01", "2026-02"] {
        let groups = [P, U].map(|id| group(id, "Usage", EC2, ["3.10", "3.10"]));
        world.costs(month, groups.to_vec());
    }
    world.account(
        P,
        AccountState::Active,
        &[("ProductName", "x"), ("Stage", "p")],
    );
    world
}

#[tokio::test]
async fn t_a_failed_vend_leaves_an_owner_and_what_nobody_owns_is_told() {
    let world = world();
    world.account(
        P,
        AccountState::Active,
        &[("avm:workspace", "x"), ("avm:project", "p")],
    );
    world.account(U, AccountState::Active, &[("ProductName", "half")]);
    ask(&world, "2026-02-08", json!({"Month": "2026-01"}))
        .await
        .unwrap();
    let found = find(&world, "2026-01").await.unwrap();
    assert_eq!(
        found.report(P).owner,
        Some(owner("x", OwnerSource::OwnerTags))
    );
    assert_eq!(found.report(P).total.rounded.to_string(), "3.10");
    assert_eq!(found.report(U).owner, None);
    let unassigned = &found.month.manifest.unassigned;
    assert_eq!(unassigned.accounts.len(), 1);
    assert_eq!(unassigned.rounded.to_string(), "3.10");
    assert!(world.printed.borrow()[0].contains("\"UnassignedCost\":3.10"));
}

#[tokio::test]
async fn k_an_account_that_moved_says_whose_it_was_and_a_final_month_keeps_its_owner() {
    let world = world();
    ask(&world, "2026-02-08", json!({"Month": "2026-01"}))
        .await
        .unwrap();
    world.account(
        P,
        AccountState::Active,
        &[("ProductName", "y"), ("Stage", "p")],
    );
    run(&world, "2026-02-08").await.unwrap();
    let february = find(&world, "2026-02").await.unwrap().report(P);
    assert_eq!(
        february.owner,
        Some(owner("y", OwnerSource::CompletionTags))
    );
    assert_eq!(
        february.previous_owner,
        Some(owner("x", OwnerSource::CompletionTags))
    );
    world.costs("2026-01", vec![group(P, "Usage", EC2, ["4", "4"])]);
    run(&world, "2026-02-10").await.unwrap();
    let january = find(&world, "2026-01").await.unwrap();
    assert_eq!(january.version(), 2);
    assert_eq!(
        january.report(P).owner,
        Some(owner("x", OwnerSource::CompletionTags))
    );
}

#[tokio::test]
async fn a_new_name_or_state_of_an_account_is_no_new_version() {
    let world = world();
    run(&world, "2026-02-08").await.unwrap();
    world.account(P, AccountState::Suspended, &[]);
    world
        .accounts
        .borrow_mut()
        .values_mut()
        .for_each(|known| known.name = "new".to_owned());
    run(&world, "2026-02-10").await.unwrap();
    assert_eq!(find(&world, "2026-01").await.unwrap().version(), 1);
}

#[tokio::test]
async fn k_the_last_known_owner_pays_for_an_account_that_is_closed_or_gone() {
    let world = world();
    let months = json!({"From": "2025-12", "To": "2026-01"});
    ask(&world, "2026-02-08", json!({"Month": "2025-12"}))
        .await
        .unwrap();
    world.account(P, AccountState::Suspended, &[]);
    ask(&world, "2026-02-08", months.clone()).await.unwrap();
    let report = find(&world, "2026-01").await.unwrap().report(P);
    assert_eq!(report.owner, Some(owner("x", OwnerSource::LastKnown)));
    assert_eq!(report.account_state, AccountState::Suspended);
    assert_eq!(report.previous_owner, None);
    world.accounts.borrow_mut().clear();
    ask(&world, "2026-02-08", json!({"Month": "2026-02"}))
        .await
        .unwrap();
    let report = find(&world, "2026-02").await.unwrap().report(P);
    assert_eq!(report.owner, Some(owner("x", OwnerSource::LastKnown)));
    assert_eq!(report.account_state, AccountState::Gone);
    assert_eq!(report.account_name, "account-222");
}

#[tokio::test]
async fn an_owner_is_remembered_over_months_without_costs() {
    let world = world();
    world.costs("2026-01", Vec::new());
    ask(&world, "2026-02-08", json!({"Month": "2025-12"}))
        .await
        .unwrap();
    world.accounts.borrow_mut().clear();
    run(&world, "2026-02-08").await.unwrap();
    let report = find(&world, "2026-02").await.unwrap().report(P);
    assert_eq!(report.owner, Some(owner("x", OwnerSource::LastKnown)));
    // An account that lost its tags and is active has no owner: somebody took them away.
    world.account(P, AccountState::Active, &[]);
    run(&world, "2026-02-09").await.unwrap();
    assert_eq!(find(&world, "2026-02").await.unwrap().report(P).owner, None);
}

#[tokio::test]
async fn the_payer_has_its_name_in_the_csv_without_a_cost_of_its_own() {
    let world = world();
    world.account(M, AccountState::Active, &[]);
    run(&world, "2026-02-08").await.unwrap();
    let found = find(&world, "2026-01").await.unwrap();
    assert!(
        found.month.csv.contains(",account-111,"),
        "{}",
        found.month.csv
    );
    assert!(
        !found
            .month
            .manifest
            .accounts
            .contains_key(&avm_metering::testing::account(M))
    );
}
