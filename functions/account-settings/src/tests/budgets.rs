//! The budget of the account: made, changed and deleted as the landing zone says, and left alone where it is somebody else's.
//! What it tells follows the landing zone, too, whoever has changed it.

use avm_core::domain::Budget;
use avm_core::ports::budgets::Alert;
use avm_core::rules::budget::name_of;
use avm_world::budgets::alert;
use avm_world::{drive, plan_of};

use super::*;

fn budget(amount: &str) -> Budget {
    serde_json::from_value(json!({
        "amount": amount,
        "currency": "USD",
        "thresholds": [{"percent": 80, "of": "actual"}, {"percent": 100, "of": "forecasted"}],
        "topicArn": "arn:aws:sns:eu-central-1:333333333333:avm-budgets"
    }))
    .unwrap()
}

/// A landing zone with this budget and nothing else, where budgets are deployed.
fn wanting(budget: Option<Budget>) -> Call {
    let mut order = order();
    order.landing_zone.settings.budget = budget;
    let input = Input {
        budgets: true,
        ..Input::default()
    };
    call(order, Some(input))
}

/// The account has the budget of an earlier vend.
fn having(budget: Budget) -> impl Fn(&mut State) {
    move |state| {
        state.budgets.put(&account().account_id, &budget);
    }
}

async fn outcome(world: &InMemory, request: &Call) -> Value {
    let mut done = drive::<AccountSettings>(world, request).await.unwrap();
    done["Budget"].take()
}

fn name() -> String {
    name_of(&account().account_id)
}

#[tokio::test]
async fn a_budget_is_made_once_and_then_left_as_it_is() {
    let world = InMemory::default();
    let request = wanting(Some(budget("500")));
    assert_eq!(outcome(&world, &request).await, "set");
    assert_eq!(world.writes(), ["budgets:CreateBudget"]);
    assert_eq!(outcome(&world, &request).await, "unchanged");
    assert_eq!(world.writes().len(), 1);
}

#[tokio::test]
async fn whatever_is_lost_the_budget_becomes_what_the_landing_zone_says() {
    let other_alerts = |state: &mut State| {
        let found = state.budgets.put(&account().account_id, &budget("400"));
        let elsewhere = "arn:aws:sns:eu-central-1:333333333333:other"
            .parse()
            .unwrap();
        found.alerts[0].tells = Some(elsewhere);
        found.alerts[1].threshold = None;
        found.alerts[1].tells = None;
    };
    for (state, wanted) in [
        (
            &(|_: &mut State| {}) as &dyn Fn(&mut State),
            Some(budget("500")),
        ),
        (&having(budget("400")), Some(budget("500"))),
        (&other_alerts, Some(budget("500"))),
        (&having(budget("400")), None),
    ] {
        replay::<AccountSettings>(state, &wanting(wanted)).await;
    }
}

#[tokio::test]
async fn only_what_differs_is_changed_and_alerts_are_removed_before_others_are_added() {
    let world = InMemory::with(having(budget("400")));
    let mut wanted = budget("500");
    wanted.thresholds[0].percent = 90;
    let request = wanting(Some(wanted));
    let plan = plan_of::<AccountSettings>(&world, &request).await.unwrap();
    let steps = [
        "set what the budget is about",
        "remove the alert actual GREATER_THAN 80",
        "add the alert at 90 % of actual costs",
    ];
    assert_eq!(plan["Steps"]["Budget"], json!(steps));
    assert_eq!(plan["Words"], steps.join("; "));
    assert_eq!(outcome(&world, &request).await, "set");
    assert_eq!(
        world.writes(),
        [
            "budgets:UpdateBudget",
            "budgets:DeleteNotification actual GREATER_THAN 80",
            "budgets:CreateNotification 90 % of actual costs"
        ]
    );
}

#[tokio::test]
async fn an_alert_that_tells_somebody_else_or_that_nobody_asked_for_goes() {
    let world = InMemory::with(|state| {
        let wanted = budget("500");
        let found = state.budgets.put(&account().account_id, &wanted);
        found.alerts[0].tells = None;
        found.alerts.push(Alert {
            words: "ACTUAL LESS_THAN 5.0 ABSOLUTE_VALUE".to_owned(),
            threshold: None,
            tells: Some(wanted.topic_arn),
        });
    });
    assert_eq!(outcome(&world, &wanting(Some(budget("500")))).await, "set");
    let state = world.state();
    let mut alerts = state.budgets.budgets[&name()].alerts.clone();
    alerts.sort_by_key(|alert| alert.threshold);
    let expected = budget("500");
    let expected: Vec<Alert> = expected
        .thresholds
        .iter()
        .map(|threshold| alert(*threshold, &expected.topic_arn))
        .collect();
    assert_eq!(alerts, expected);
}

#[tokio::test]
async fn a_budget_goes_with_the_setting() {
    let world = InMemory::with(having(budget("500")));
    let request = wanting(None);
    let plan = plan_of::<AccountSettings>(&world, &request).await.unwrap();
    assert_eq!(plan["Words"], "delete the budget");
    assert_eq!(outcome(&world, &request).await, "deleted");
    assert!(world.state().budgets.budgets.is_empty());
    assert_eq!(outcome(&world, &request).await, json!(null));
}

#[tokio::test]
async fn a_budget_of_others_is_refused_and_without_the_setting_left_alone() {
    for owner in [None, Some("222222222222")] {
        let world = InMemory::with(|state| {
            let found = state.budgets.put(&account().account_id, &budget("1"));
            found.tags.clear();
            let tag = owner.map(|owner| ("avm:account".to_owned(), owner.to_owned()));
            found.tags.extend(tag);
        });
        let request = wanting(Some(budget("500")));
        let failure = drive::<AccountSettings>(&world, &request)
            .await
            .unwrap_err();
        assert_eq!(failure.name(), ErrorName::NameTaken);
        assert!(failure.cause().contains(&name()), "{failure}");
        let planned = plan_of::<AccountSettings>(&world, &request).await;
        assert_eq!(planned.unwrap_err().name(), ErrorName::NameTaken);
        assert_eq!(outcome(&world, &wanting(None)).await, json!(null));
        assert!(world.writes().is_empty());
    }
}

/// AWS Budgets User Guide: topics of other accounts are not supported.
#[tokio::test]
async fn a_topic_of_another_account_is_refused_before_anything_is_asked() {
    let world = InMemory::default();
    let mut elsewhere = budget("500");
    elsewhere.topic_arn = "arn:aws:sns:eu-central-1:222222222222:avm-failures"
        .parse()
        .unwrap();
    let request = wanting(Some(elsewhere));
    let failure = drive::<AccountSettings>(&world, &request)
        .await
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
    let words = "budget.topicArn: must be a topic of the management account 333333333333";
    assert_eq!(failure.cause(), words);
    assert!(world.journal().is_empty());
}

#[tokio::test]
async fn where_budgets_are_not_deployed_none_is_asked_for_and_one_that_is_wanted_is_told() {
    for input in [None, Some(Input::default())] {
        let mut request = wanting(None);
        request.input = input;
        let world = InMemory::with(having(budget("500")));
        drive::<AccountSettings>(&world, &request).await.unwrap();
        assert!(world.journal().is_empty());
        request = wanting(Some(budget("500")));
        request.input = input;
        let failure = drive::<AccountSettings>(&world, &request)
            .await
            .unwrap_err();
        assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
        assert!(
            failure.to_string().contains("SetsBudgets=true"),
            "{failure}"
        );
    }
}

#[tokio::test]
async fn while_regions_are_waited_for_the_budget_is_not_looked_at_again() {
    let world = slow_world(&[("eu-south-1", RegionStatus::Disabled)]);
    let mut request = wanting(Some(budget("500")));
    let settings = &mut request.order.landing_zone.settings;
    settings.opt_in_regions = ["eu-south-1".parse().unwrap()].into();
    let (_, progress) = pending(&world, &request).await;
    assert_eq!(progress.notes.budget, BudgetOutcome::Set);
    request.progress = Some(progress);
    world.forget_journal();
    pending(&world, &request).await;
    assert_eq!(world.reads(), ["account:ListRegions"]);
    time_passes(&world);
    assert_eq!(outcome(&world, &request).await, "set");
}

#[tokio::test]
async fn before_all_else_no_budget_is_looked_at() {
    let world = InMemory::default();
    let mut request = wanting(Some(budget("500")));
    request.input = Some(Input {
        only_regions: true,
        budgets: false,
    });
    drive::<AccountSettings>(&world, &request).await.unwrap();
    assert!(world.journal().is_empty());
}
