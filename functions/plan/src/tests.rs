//! Every step answers its plan for an account that does not exist yet, and for one that does; nothing is written.
//! What a step plans is tested beside the step.

use avm_core::testing::{account, execution, full_order_json};
use avm_world::InMemory;
use serde_json::json;

use super::*;

struct Names(Vec<&'static str>);

impl EachStep for Names {
    fn visit<S: Step + 'static>(&mut self) {
        self.0.push(S::NAME);
    }
}

fn names() -> Vec<&'static str> {
    let mut names = Names(Vec::new());
    each_step(&mut names);
    names.0
}

fn event(step: &str) -> Value {
    json!({
        "Step": step, "Execution": execution(), "Order": full_order_json(), "Account": null, "Input": {},
        "Progress": null, "Mode": "Act",
    })
}

#[test]
fn every_step_has_a_name_of_its_own() {
    let mut unique = names();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), names().len());
}

#[tokio::test]
async fn without_an_account_every_step_behind_depends_on_the_one_that_makes_it() {
    for name in names() {
        let world = InMemory::default();
        if ["create-account", "record-failure"].contains(&name) {
            continue;
        }
        let answer = plan(event(name), &world).await.unwrap();
        assert_eq!(answer["Plan"]["DependsOn"], "create-account", "{name}");
        assert!(world.journal().is_empty(), "{name}");
    }
}

#[tokio::test]
async fn whatever_mode_is_named_nothing_is_written() {
    let world = InMemory::default();
    let mut event = event("account-alias");
    event["Account"] = json!(account());
    let answer = plan(event, &world).await.unwrap();
    assert_eq!(answer["Status"], "PLANNED");
    assert_eq!(answer["Plan"]["IsEmpty"], false);
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn what_names_no_step_is_refused() {
    for event in [
        json!({}),
        json!({"Step": "moon"}),
        json!({"Step": 7}),
        json!([]),
        json!("x"),
    ] {
        let failure = plan(event, &InMemory::default()).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::InvalidState);
    }
}
