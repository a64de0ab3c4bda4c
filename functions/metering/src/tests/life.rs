//! The life of a month: estimated, final, updated; rechecks that were missed; settings that change.

use avm_core::config::Filter;
use avm_core::error::ErrorName;
use avm_metering::documents::{AccountState, Status};
use avm_metering::line::Kind;
use avm_metering::plan::{PlanCoverage, PlanKind};
use avm_metering::testing::{EC2, P, RDS, group, plan};
use serde_json::json;

use super::world::World;
use super::{ask, find, months, run};

fn usage(cost: &str) -> Vec<avm_metering::read::CostGroup> {
    vec![group(P, "Usage", EC2, [cost, cost])]
}

/// January is settled, February runs.
fn world() -> World {
    let world = World::new();
    world.account(
        P,
        AccountState::Active,
        &[("ProductName", "w"), ("Stage", "p")],
    );
    world.costs("2026-01", usage("10"));
    world.costs("2026-02", usage("1"));
    world.is_estimated("2026-02");
    world
}

#[tokio::test]
async fn a_month_is_final_from_its_day_on_and_not_before() {
    let world = world();
    let answer = run(&world, "2026-02-07").await.unwrap();
    assert_eq!(answer.done, months(&["2026-01", "2026-02"]));
    let january = find(&world, "2026-01").await.unwrap();
    assert_eq!(january.pointer.status, Status::Estimated);
    assert_eq!(january.version(), 0);
    run(&world, "2026-02-08").await.unwrap();
    let january = find(&world, "2026-01").await.unwrap();
    assert_eq!(
        (january.pointer.status, january.version()),
        (Status::Final, 1)
    );
    let february = find(&world, "2026-02").await.unwrap();
    assert_eq!(february.pointer.status, Status::Estimated);
}

#[tokio::test]
async fn what_aws_still_estimates_does_not_become_final() {
    let world = world();
    world.is_estimated("2026-01");
    run(&world, "2026-02-20").await.unwrap();
    assert_eq!(find(&world, "2026-01").await.unwrap().version(), 0);
}

#[tokio::test]
async fn plans_that_are_not_known_keep_the_month_open() {
    let world = world();
    let groups = vec![group(P, "RIFee", RDS, ["74.4", "0"])];
    world.costs("2026-01", groups);
    world
        .plans
        .borrow_mut()
        .push(plan(PlanKind::ReservedInstance, "876", "74.4"));
    world.has_plan_data.set(false);
    run(&world, "2026-02-08").await.unwrap();
    let january = find(&world, "2026-01").await.unwrap();
    assert_eq!(january.version(), 0);
    assert_eq!(january.month.manifest.plan_data, PlanCoverage::Pending);
    assert_eq!(january.total(), "74.40");
    world.has_plan_data.set(true);
    run(&world, "2026-02-09").await.unwrap();
    let january = find(&world, "2026-01").await.unwrap();
    assert_eq!((january.version(), january.total()), (1, "0.00".to_owned()));
}

#[tokio::test]
async fn a_final_month_is_read_again_on_the_days_of_a_recheck_only() {
    let world = world();
    run(&world, "2026-02-08").await.unwrap();
    world.costs("2026-01", usage("12"));
    assert_eq!(
        run(&world, "2026-02-09").await.unwrap().done,
        months(&["2026-02"])
    );
    // The run of the 10th failed; it is made up for on the 11th.
    let answer = run(&world, "2026-02-11").await.unwrap();
    assert_eq!(answer.done, months(&["2026-01", "2026-02"]));
    let january = find(&world, "2026-01").await.unwrap();
    assert_eq!(
        (january.version(), january.total()),
        (2, "12.00".to_owned())
    );
    assert_eq!(january.month.manifest.supersedes, Some(1));
    assert_eq!(
        run(&world, "2026-02-12").await.unwrap().done,
        months(&["2026-02"])
    );
    // Nothing has changed on the 15th: the version stays, and the recheck is done.
    run(&world, "2026-02-15").await.unwrap();
    assert_eq!(find(&world, "2026-01").await.unwrap().version(), 2);
    assert_eq!(
        run(&world, "2026-02-16").await.unwrap().done,
        months(&["2026-02"])
    );
    world.costs("2026-01", usage("13"));
    run(&world, "2026-02-20").await.unwrap();
    assert_eq!(find(&world, "2026-01").await.unwrap().version(), 3);
}

#[tokio::test]
async fn the_versions_before_stay_where_they_are() {
    let world = world();
    run(&world, "2026-02-08").await.unwrap();
    let first = find(&world, "2026-01").await.unwrap().pointer.manifest;
    world.costs("2026-01", usage("12"));
    run(&world, "2026-02-10").await.unwrap();
    let shelf = avm_metering::shelf::Shelf { store: &world };
    let pointer = find(&world, "2026-01").await.unwrap().pointer;
    assert_eq!(
        (pointer.replaced[0].version, &pointer.replaced[0].manifest),
        (1, &first)
    );
    let before = shelf.replaced(&pointer.replaced[0]).await.unwrap();
    assert_eq!(before.total.rounded.to_string(), "10.00");
    assert_ne!(
        find(&world, "2026-01").await.unwrap().pointer.manifest,
        first
    );
}

#[tokio::test]
async fn a_recheck_that_cannot_be_trusted_leaves_the_final_month_and_comes_again() {
    let world = world();
    run(&world, "2026-02-08").await.unwrap();
    world.disagreements.set(3);
    run(&world, "2026-02-10").await.unwrap();
    assert_eq!(find(&world, "2026-01").await.unwrap().version(), 1);
    world.costs("2026-01", usage("12"));
    run(&world, "2026-02-11").await.unwrap();
    assert_eq!(find(&world, "2026-01").await.unwrap().version(), 2);
}

#[tokio::test]
async fn a_final_month_keeps_its_settings_unless_it_is_made_anew() {
    let world = world();
    world.costs(
        "2026-01",
        vec![
            group(P, "Usage", EC2, ["10", "10"]),
            group(P, "Tax", EC2, ["2", "2"]),
        ],
    );
    run(&world, "2026-02-08").await.unwrap();
    assert_eq!(find(&world, "2026-01").await.unwrap().total(), "12.00");
    world.settings.borrow_mut().filter = Filter::ExcludeTax;
    world.settings.borrow_mut().fair_chargeback_since = Some("2026-02".parse().unwrap());
    run(&world, "2026-02-10").await.unwrap();
    ask(&world, "2026-02-11", json!({"Month": "2026-01"}))
        .await
        .unwrap();
    let january = find(&world, "2026-01").await.unwrap();
    assert_eq!(
        (january.version(), january.total()),
        (1, "12.00".to_owned())
    );
    let event = json!({"Month": "2026-01", "Recompute": true});
    ask(&world, "2026-02-11", event).await.unwrap();
    let january = find(&world, "2026-01").await.unwrap();
    assert_eq!(
        (january.version(), january.total()),
        (2, "10.00".to_owned())
    );
    assert_eq!(january.report(P).filter, Filter::ExcludeTax);
    // From now on these are the month's own settings.
    world.settings.borrow_mut().filter = Filter::None;
    run(&world, "2026-02-15").await.unwrap();
    assert_eq!(find(&world, "2026-01").await.unwrap().version(), 2);
}

#[tokio::test]
async fn u_costs_that_disagree_are_read_three_times() {
    let world = world();
    world.disagreements.set(2);
    ask(&world, "2026-02-08", json!({"Month": "2026-01"}))
        .await
        .unwrap();
    assert_eq!(world.asked.borrow().len(), 6);
    let january = find(&world, "2026-01").await.unwrap();
    assert_eq!(
        (january.version(), january.total()),
        (1, "10.00".to_owned())
    );
}

#[tokio::test]
async fn u_what_goes_on_disagreeing_is_told_and_fails_on_the_fifth_day() {
    let world = world();
    world.disagreements.set(3);
    ask(&world, "2026-02-12", json!({"Month": "2026-01"}))
        .await
        .unwrap();
    let january = find(&world, "2026-01").await.unwrap();
    assert_eq!(
        (january.version(), january.total()),
        (0, "10.60".to_owned())
    );
    let rest = &january.month.manifest.unattributed;
    assert_eq!(
        (rest[0].kind, rest[0].rounded.to_string()),
        (Kind::Unattributed, "0.60".to_owned())
    );
    assert!(world.printed.borrow()[0].contains("\"ControlDifference\":0.6"));
    world.disagreements.set(3);
    let failure = ask(&world, "2026-02-13", json!({"Month": "2026-01"}))
        .await
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::CostDataInconsistent);
    assert!(failure.cause().contains("Usage 0.6"), "{failure}");
}

#[tokio::test]
async fn months_that_were_never_made_are_made_up_for() {
    let world = world();
    world.settings.borrow_mut().backfill_months = 3;
    world.costs("2025-12", usage("7"));
    let answer = run(&world, "2026-02-08").await.unwrap();
    assert_eq!(
        answer.done,
        months(&["2025-11", "2025-12", "2026-01", "2026-02"])
    );
    assert_eq!(find(&world, "2025-12").await.unwrap().version(), 1);
    let answer = run(&world, "2026-02-09").await.unwrap();
    assert_eq!(answer.done, months(&["2026-02"]));
}
