//! The step against one account among all aliases of AWS: every state that it can find, under every behaviour of AWS.
//! The replay harness loses every write, before and after its effect.

use std::collections::BTreeSet;

use avm_core::contract::call::Nothing;
use avm_core::testing::{account, call, execution, noting, order};
use avm_world::aliases::Second;
use avm_world::{Fault, InMemory, State, answer, drive, plan_of, read, replay};
use insta::{assert_json_snapshot, assert_snapshot};
use serde_json::{Value, json};

use super::*;

const OURS: &str = "space-shop";
const OLD: &str = "old-alias";

fn alias(text: &str) -> Alias {
    text.parse().unwrap()
}

fn aliases(texts: &[&str]) -> BTreeSet<Alias> {
    texts.iter().map(|text| alias(text)).collect()
}

fn request(is_enforced: bool) -> Call {
    let mut order = order();
    order.names.account_alias = Some(alias(OURS));
    order.platform.enforce_account_alias = is_enforced;
    call(order, Nothing)
}

fn state(ours: &[&str], elsewhere: &[&str], second: Second) -> impl Fn(&mut State) {
    move |state| {
        *state.aliases.of(&account().account_id) = aliases(ours);
        state.aliases.elsewhere = aliases(elsewhere);
        state.aliases.second = second;
    }
}

fn world(ours: &[&str], elsewhere: &[&str], second: Second) -> InMemory {
    InMemory::with(state(ours, elsewhere, second))
}

fn ours(world: &InMemory) -> BTreeSet<Alias> {
    world.state_mut().aliases.of(&account().account_id).clone()
}

async fn run(world: &InMemory, is_enforced: bool) -> Result<Value, Failure> {
    drive::<AccountAlias>(world, &request(is_enforced)).await
}

#[test]
fn the_input_of_the_machine_is_read() {
    let previous = alias(OLD);
    let expected = noting(request(true), Notes::Replace { previous });
    let input = json!({
        "Execution": execution(), "Order": expected.order, "Account": account(), "Input": null,
        "Progress": {"Looks": {"Work": 1, "Turn": 0}, "Notes": {"Doing": "Replace", "Previous": OLD}},
        "SomethingNew": 1,
    });
    assert_eq!(read::<AccountAlias>(input).unwrap(), expected);
}

#[tokio::test]
async fn whatever_is_lost_the_next_try_ends_in_an_equal_world() {
    for second in Second::ALL {
        for had in [&[][..], &[OLD][..]] {
            replay::<AccountAlias>(state(had, &[], second), &request(true)).await;
        }
    }
}

#[tokio::test]
async fn an_account_without_an_alias_gets_one_and_keeps_it() {
    for second in Second::ALL {
        for is_enforced in [false, true] {
            let world = world(&[], &[], second);
            let done = run(&world, is_enforced).await.unwrap();
            assert_eq!(done, json!({"Alias": OURS, "Change": "created"}));
            let again = run(&world, is_enforced).await.unwrap();
            assert_eq!(again["Change"], "none");
            assert_eq!(world.writes(), [format!("iam:CreateAccountAlias {OURS}")]);
        }
    }
}

#[tokio::test]
async fn another_alias_is_kept_where_none_is_enforced() {
    let world = world(&[OLD], &[], Second::Replaces);
    assert_json_snapshot!(run(&world, false).await.unwrap(), @r#"
    {
      "Alias": "old-alias",
      "Change": "kept"
    }
    "#);
    assert!(world.writes().is_empty());
    let plan = plan_of::<AccountAlias>(&world, &request(false))
        .await
        .unwrap();
    assert_eq!(plan["IsEmpty"], true);
}

#[tokio::test]
async fn another_alias_is_replaced_where_one_is_enforced_whatever_aws_does_with_a_second_one() {
    for second in Second::ALL {
        let world = world(&[OLD], &[], second);
        let plan = plan_of::<AccountAlias>(&world, &request(true))
            .await
            .unwrap();
        assert_eq!(plan["Words"], "replace the alias old-alias by space-shop");
        let done = run(&world, true).await.unwrap();
        assert_eq!(done["Change"], "replaced", "{second:?}");
        assert_eq!(ours(&world), aliases(&[OURS]));
        let writes = world.writes().len();
        let again = run(&world, true).await.unwrap();
        assert_eq!(again["Change"], "none");
        assert_eq!(world.writes().len(), writes);
    }
}

#[tokio::test]
async fn an_alias_that_has_to_go_first_is_remembered_by_the_machine() {
    let world = world(&[OLD], &[], Second::IsRefused);
    let answer = answer::<AccountAlias>(&world, &request(true))
        .await
        .unwrap();
    assert_json_snapshot!(answer, @r#"
    {
      "AccountId": "111111111111",
      "Plan": null,
      "Progress": {
        "Looks": {
          "Turn": 0,
          "Work": 1
        },
        "Notes": {
          "Doing": "Replace",
          "Previous": "old-alias"
        }
      },
      "Result": null,
      "Status": "PENDING",
      "WaitSeconds": 5,
      "WaitingFor": "AWS takes one alias at a time, old-alias has to go first"
    }
    "#);
    assert_eq!(ours(&world), aliases(&[OLD]));
}

#[tokio::test]
async fn an_alias_of_somebody_else_is_a_clear_failure_and_the_account_keeps_what_it_had() {
    for second in Second::ALL {
        for (had, is_enforced) in [(&[][..], false), (&[][..], true), (&[OLD][..], true)] {
            let world = world(had, &[OURS], second);
            let failure = run(&world, is_enforced).await.unwrap_err();
            assert_eq!(failure.name(), ErrorName::AccountAliasTaken);
            assert_eq!(ours(&world), aliases(had), "{second:?} {had:?}");
        }
    }
    let world = world(&[], &[OURS], Second::Replaces);
    let failure = run(&world, false).await.unwrap_err();
    assert_snapshot!(failure, @"the alias space-shop belongs to another account (account 111111111111). Remedy: choose another accountAliasPattern in the platform document: aliases are unique across all of AWS; or, for this account alone, give it any other alias by hand, which is kept where enforceAccountAlias is off.");
}

#[tokio::test]
async fn an_alias_that_somebody_takes_while_the_old_one_is_away_brings_the_old_one_back() {
    let next = noting(
        request(true),
        Notes::Replace {
            previous: alias(OLD),
        },
    );
    for lost in [None, Some(Fault::Before), Some(Fault::After)] {
        let world = world(&[OLD], &[OURS], Second::IsRefused);
        if let Some(fault) = lost {
            world.disturb_write(2, fault);
            let failure = answer::<AccountAlias>(&world, &next).await.unwrap_err();
            assert_eq!(failure.name(), ErrorName::ServiceUnavailable);
        }
        let failure = answer::<AccountAlias>(&world, &next).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::AccountAliasTaken);
        assert!(
            failure.cause().contains("has old-alias as before"),
            "{failure}"
        );
        assert_eq!(ours(&world), aliases(&[OLD]));
    }
    let world = world(&[], &[OURS, OLD], Second::IsRefused);
    let failure = answer::<AccountAlias>(&world, &next).await.unwrap_err();
    assert!(
        failure.cause().contains("has been taken as well"),
        "{failure}"
    );
}

#[tokio::test]
async fn an_alias_that_shows_late_is_not_taken_for_somebody_elses() {
    for lists in [1, 2] {
        let world = world(&[OURS], &[], Second::Replaces);
        world.set_old_state(State::default());
        world.show_old(lists, "iam:ListAccountAliases");
        let done = run(&world, true).await.unwrap();
        assert_eq!(done["Change"], "none");
        assert_eq!(world.writes(), [format!("iam:CreateAccountAlias {OURS}")]);
    }
}

#[tokio::test]
async fn an_old_alias_that_is_shown_after_it_was_replaced_is_gone() {
    let world = world(&[OURS], &[], Second::Replaces);
    let mut old = world.state().clone();
    *old.aliases.of(&account().account_id) = aliases(&[OLD]);
    world.set_old_state(old);
    world.show_old(2, "iam:ListAccountAliases");
    run(&world, true).await.unwrap();
    assert_eq!(ours(&world), aliases(&[OURS]));
}

#[tokio::test]
async fn a_refusal_to_look_is_a_failure_of_the_account() {
    let world = InMemory::default();
    let denied = Failure::new(ErrorName::AccessDenied, "not allowed");
    world.refuse("iam:ListAccountAliases", denied);
    let failure = run(&world, true).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccessDenied);
    assert_eq!(failure.account(), Some(&account().account_id));
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn an_order_without_an_alias_has_no_such_step() {
    let mut request = request(true);
    request.order.names.account_alias = None;
    let failure = answer::<AccountAlias>(&InMemory::default(), &request)
        .await
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::InvalidState);
}

#[tokio::test]
async fn a_plan_of_an_account_whose_door_is_closed_depends_on_the_step_that_makes_its_role() {
    let world = InMemory::default();
    world.close(Door::Access);
    let plan = plan_of::<AccountAlias>(&world, &request(true))
        .await
        .unwrap();
    assert_eq!(plan["DependsOn"], "create-account");
}
