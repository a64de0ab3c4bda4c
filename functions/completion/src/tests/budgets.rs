//! The budget at the completion: as the landing zone says, or none of ours.
//! Where budgets are not deployed nobody may look, and nobody does.

use avm_core::domain::Budget;
use avm_core::rules::budget::name_of;

use super::*;

fn budget(amount: &str) -> Budget {
    serde_json::from_value(json!({
        "amount": amount,
        "currency": "USD",
        "thresholds": [{"percent": 80, "of": "actual"}],
        "topicArn": "arn:aws:sns:eu-central-1:333333333333:avm-budgets"
    }))
    .unwrap()
}

fn wanting(budget: Option<Budget>) -> Call {
    let mut order = order();
    order.landing_zone.settings.budget = budget;
    call(order, Some(Input { budgets: true }))
}

async fn verified(world: &InMemory, request: &Call) -> Result<Vec<Value>, Failure> {
    let done = drive::<Completion>(world, request).await?;
    Ok(done["Verified"].as_array().unwrap().clone())
}

#[tokio::test]
async fn a_budget_as_the_landing_zone_says_is_verified() {
    let world = InMemory::with(|state| {
        vended(state);
        state.budgets.put(&id(), &budget("500"));
    });
    let found = verified(&world, &wanting(Some(budget("500"))))
        .await
        .unwrap();
    let words = "the budget avm-111111111111 is 500.00 USD a month";
    assert!(found.contains(&json!(words)), "{found:?}");
}

#[tokio::test]
async fn every_difference_of_the_budget_keeps_the_account_from_being_tagged() {
    let nothing = |_: &mut State| {};
    let other = |state: &mut State| {
        state.budgets.put(&id(), &budget("400"));
    };
    let mute = |state: &mut State| state.budgets.put(&id(), &budget("500")).alerts.clear();
    let anothers = |state: &mut State| state.budgets.put(&id(), &budget("500")).tags.clear();
    for (change, wanted, words) in [
        (
            &nothing as &dyn Fn(&mut State),
            Some("500"),
            "it is left to create the budget",
        ),
        (
            &other,
            Some("500"),
            "it is left to set what the budget is about",
        ),
        (
            &mute,
            Some("500"),
            "it is left to add the alert at 80 % of actual costs",
        ),
        (&other, None, "it is left to delete the budget"),
        (
            &anothers,
            Some("500"),
            "does not say, by the tag avm:account",
        ),
    ] {
        let world = InMemory::with(|state| {
            vended(state);
            change(state);
        });
        let failure = verified(&world, &wanting(wanted.map(budget)))
            .await
            .unwrap_err();
        assert_eq!(failure.name(), ErrorName::VerificationPending, "{failure}");
        assert!(failure.cause().contains(words), "{words}: {failure}");
        assert!(world.writes().is_empty());
    }
}

#[tokio::test]
async fn a_budget_of_others_is_none_of_an_account_without_one() {
    let world = InMemory::with(|state| {
        vended(state);
        state.budgets.put(&id(), &budget("500")).tags.clear();
    });
    let found = verified(&world, &wanting(None)).await.unwrap();
    assert!(
        !json!(found).to_string().contains(&name_of(&id())),
        "{found:?}"
    );
}

#[tokio::test]
async fn where_budgets_are_not_deployed_none_is_looked_at() {
    let world = InMemory::with(vended);
    run(&world).await.unwrap();
    let mut reads = world.reads().into_iter();
    assert!(!reads.any(|words| words.starts_with("budgets:")));
}

#[tokio::test]
async fn what_cannot_be_read_is_no_difference() {
    let world = InMemory::with(vended);
    world.refuse("budgets:", Failure::new(ErrorName::AccessDenied, "refused"));
    let failure = verified(&world, &wanting(None)).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccessDenied);
}
