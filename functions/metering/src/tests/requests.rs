//! What may be asked for, and what is asked of Cost Explorer.

use avm_core::error::ErrorName;
use avm_metering::testing::{EC2, P, RDS, group};
use serde_json::{Value, json};

use super::world::World;
use super::{ask, months};

async fn refused(event: Value) -> String {
    let failure = ask(&World::new(), "2026-03-15", event).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::InvalidRequest);
    failure.cause().to_owned()
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_before_anything_is_paid_for() {
    for (event, words) in [
        (json!({"month": "2026-01"}), "unknown field"),
        (json!({"Month": "2026-13"}), "month must be"),
        (
            json!({"Month": "2026-01", "From": "2026-01"}),
            "name a Month, or From and To",
        ),
        (json!({"From": "2026-01"}), "name a Month, or From and To"),
        (
            json!({"From": "2026-02", "To": "2026-01"}),
            "From must not be after To",
        ),
        (json!({"Recompute": true}), "Recompute needs a Month"),
        (json!({"Month": "2025-01"}), "no month before 2025-02"),
        (json!({"Month": "2026-04"}), "no costs after 2026-03"),
        (json!([]), "must be a JSON object"),
    ] {
        let cause = refused(event.clone()).await;
        assert!(cause.contains(words), "{event}: {cause}");
    }
}

#[tokio::test]
async fn r_on_the_first_of_a_month_it_is_not_asked_for() {
    let world = World::new();
    let groups = vec![group(P, "DiscountedUsage", RDS, ["67.2", "0"])];
    world.costs("2026-02", groups);
    let answer = ask(&world, "2026-03-01", json!({})).await.unwrap();
    assert_eq!(answer.done, months(&["2026-02"]));
    let asked = world.asked.borrow().join(", ");
    assert!(!asked.contains("2026-03"), "{asked}");
    assert!(
        asked.contains(&format!("{RDS} until 2026-02-28")),
        "{asked}"
    );
    let failure = ask(&world, "2026-03-01", json!({"Month": "2026-03"})).await;
    assert_eq!(failure.unwrap_err().name(), ErrorName::InvalidRequest);
}

#[tokio::test]
async fn only_what_the_control_shows_is_asked_for() {
    let world = World::new();
    world.costs(
        "2026-01",
        vec![
            group(P, "Usage", EC2, ["1", "1"]),
            group(P, "Fee", EC2, ["0", "0"]),
        ],
    );
    ask(&world, "2026-03-15", json!({"Month": "2026-01"}))
        .await
        .unwrap();
    assert_eq!(*world.asked.borrow(), ["control 2026-01", "Usage 2026-01"]);
    world.costs(
        "2026-01",
        vec![
            group(P, "Usage", EC2, ["1", "1"]),
            group(P, "Tax", EC2, ["1", "1"]),
            group(P, "RIFee", RDS, ["0", "5"]),
            group(P, "SavingsPlanRecurringFee", EC2, ["0", "5"]),
        ],
    );
    let event = json!({"Month": "2026-01", "Recompute": true});
    ask(&world, "2026-03-15", event.clone()).await.unwrap();
    let expected = [
        "control 2026-01",
        "RIFee 2026-01",
        "Usage 2026-01",
        "rest 2026-01",
        "Amazon Relational Database Service until 2026-02-01",
        "Savings Plans until 2026-02-01",
    ];
    assert_eq!(*world.asked.borrow(), expected);
    // With the flags off nobody asks for plans.
    world
        .settings
        .borrow_mut()
        .reserved_instance_fair_chargeback = false;
    world.settings.borrow_mut().savings_plan_fair_chargeback = false;
    ask(&world, "2026-03-15", event).await.unwrap();
    assert_eq!(*world.asked.borrow(), expected[..4]);
}

#[tokio::test]
async fn months_are_done_oldest_first_as_far_as_requests_and_time_reach() {
    let world = World::new();
    for month in ["2025-12", "2026-01", "2026-02"] {
        world.costs(month, vec![group(P, "Usage", EC2, ["1", "1"])]);
    }
    let event = json!({"From": "2025-12", "To": "2026-02"});
    world.settings.borrow_mut().max_requests_per_run = 4;
    let answer = ask(&world, "2026-03-15", event.clone()).await.unwrap();
    assert_eq!(answer.done, months(&["2025-12", "2026-01"]));
    assert_eq!(answer.remaining, months(&["2026-02"]));
    assert_eq!(
        (answer.requests, answer.request_cost.to_string()),
        (4, "0.04".to_owned())
    );
    // Inside a month it is a failure, and nothing of that month is written.
    world.settings.borrow_mut().max_requests_per_run = 3;
    let failure = ask(&world, "2026-03-15", event.clone()).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::CostExplorerRequestLimit);
    let short = std::time::Duration::from_secs(119);
    let answer = super::ask_with(&world, "2026-03-15", event, short)
        .await
        .unwrap();
    assert!(answer.done.is_empty(), "{answer:?}");
    assert_eq!(answer.remaining.len(), 3);
}

#[tokio::test]
async fn metrics_are_lines_of_json_with_whole_figures() {
    let world = World::new();
    world.costs("2026-01", vec![group(P, "Usage", EC2, ["1.25", "1.25"])]);
    ask(&world, "2026-03-15", json!({"Month": "2026-01"}))
        .await
        .unwrap();
    let lines: Vec<Value> = world
        .printed
        .borrow()
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let [month, run] = &lines[..] else {
        panic!("{lines:?}");
    };
    assert_eq!(month["Month"], "2026-01");
    assert_eq!(month["MeteredAccounts"].to_string(), "1");
    assert_eq!(month["UnassignedCost"].to_string(), "1.25");
    assert_eq!(month["ControlDifference"].to_string(), "0");
    assert_eq!(run["CostExplorerRequests"].to_string(), "2");
    assert_eq!(run["CostExplorerRequestCost"].to_string(), "0.02");
    assert_eq!(run["MonthsRemaining"].to_string(), "0");
    let metrics = run["_aws"]["CloudWatchMetrics"][0].clone();
    assert_eq!(metrics["Namespace"], "AVM/Metering");
    assert_eq!(metrics["Metrics"].as_array().unwrap().len(), 3);
}
