//! Every step answers its plan for an account that does not exist yet, and for one that does; nothing is written.
//! What a step plans is tested beside the step.

use avm_core::domain::Parameters;
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

const NETWORK: &str = "StackSet avm-network has an instance in eu-west-1 that the landing zone does not name: aws cloudformation \
    delete-stack-instances --stack-set-name avm-network --accounts 111111111111 --regions eu-west-1 --no-retain-stacks";

/// An account with an instance of the StackSet that its landing zone names, and of two others.
fn with_instances() -> InMemory {
    let id = account().account_id;
    InMemory::with(|state| {
        for (name, region) in [
            ("avm-landing-zone", "eu-central-1"),
            ("avm-network", "eu-west-1"),
            ("of-meshstack", "eu-central-1"),
        ] {
            state.stack_sets.add(name, &[]);
            let held = state.stack_sets.of(name);
            held.settle(&id, region, Parameters::default());
        }
    })
}

fn about_instances() -> Value {
    let mut event = event("left-instances");
    event["Account"] = json!(account());
    event["Input"] = json!({"Names": "avm-*"});
    event
}

#[tokio::test]
async fn instances_that_the_landing_zone_does_not_name_are_told_and_no_work_of_a_vend() {
    let world = with_instances();
    let answer = plan(about_instances(), &world).await.unwrap();
    assert_eq!(answer["Plan"]["IsEmpty"], true);
    assert_eq!(answer["Plan"]["Words"], format!("would be left: {NETWORK}"));
    assert_eq!(answer["Plan"]["Steps"], json!({"WouldBeLeft": [NETWORK]}));
    assert!(world.writes().is_empty());

    let mut settings = about_instances();
    let named = json!({"name": "avm-network", "region": "eu-west-1"});
    let zone = &mut settings["Order"]["LandingZone"]["Settings"];
    zone["stackSets"].as_array_mut().unwrap().push(named);
    let answer = plan(settings, &world).await.unwrap();
    assert_eq!(answer["Plan"]["Words"], "nothing would be left");
}

#[tokio::test]
async fn where_stack_sets_cannot_be_looked_at_the_plan_says_so_and_does_not_fail() {
    for call in [
        "cloudformation:ListStackSets",
        "cloudformation:ListStackInstances",
    ] {
        let world = with_instances();
        world.refuse(call, Failure::new(ErrorName::AccessDenied, "refused"));
        let answer = plan(about_instances(), &world).await.unwrap();
        let words = "its StackSets cannot be looked at: refused";
        assert_eq!(answer["Plan"]["Words"], words, "{call}");
        assert_eq!(answer["Plan"]["IsEmpty"], true);

        let world = with_instances();
        world.refuse(call, Failure::new(ErrorName::Throttled, "refused"));
        let failure = plan(about_instances(), &world).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::Throttled);
    }
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
