//! What is done once for every step, shown with a step that only asks one question.
//! Decoding, standing accounts, labels, counting, patience, plans.
#![allow(clippy::unwrap_used)]

use std::fmt;

use avm_core::contract::answer::{Answer, Plan};
use avm_core::contract::call::Request;
use avm_core::domain::AccountAlias;
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_aliases::AccountAliases;
use avm_core::ports::executions::ExecutionStatus;
use avm_core::step::{Acted, Patience, Step, Wait};
use avm_core::testing::{call, order};
use avm_core::world::World;
use avm_world::{InMemory, answer, answer_event, event, plan_of};
use serde::Serialize;
use serde_json::{Value, json};

/// Waits until the account has an alias: its own work, or its turn while the alias is taken elsewhere.
struct AliasThere;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Found {
    is_there: bool,
}

impl Plan for Found {
    fn is_empty(&self) -> bool {
        self.is_there
    }
}

impl fmt::Display for Found {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.is_there { "nothing" } else { "wait" })
    }
}

const WORK: Wait = Wait {
    looks: 3,
    first: 5,
    growth: 2,
    longest: 8,
};

impl Step for AliasThere {
    const NAME: &'static str = "alias-there";
    const DOORS: &'static [Door] = &[Door::Access];
    const PROVES_CALLER: bool = true;
    const PATIENCE: Option<Patience> = Some(Patience {
        work: WORK,
        turn: Some(Wait {
            looks: 5,
            first: 60,
            growth: 0,
            longest: 60,
        }),
        gives_up: ErrorName::AccountAliasTimedOut,
    });

    type Call = Request<u32, String>;
    type Plan = Found;
    type Done = &'static str;

    async fn look(_: &Self::Call, world: &impl World) -> Result<Found, Failure> {
        let aliases = world.account_aliases(Door::Access).await?;
        let is_there = !aliases.list().await?.is_empty();
        Ok(Found { is_there })
    }

    async fn act(call: &Self::Call, plan: Found, _: &impl World) -> Result<Acted<Self>, Failure> {
        let notes = call.notes().map_or(1, |notes| notes + 1);
        let waiting_for = "the alias".to_owned();
        Ok(match (plan.is_there, call.input.as_str()) {
            (true, _) => Answer::Done("there"),
            (false, "turn") => Answer::Queued { waiting_for, notes },
            (false, "crowd") => Answer::Crowded { waiting_for, notes },
            (false, _) => Answer::Working { waiting_for, notes },
        })
    }

    fn foresee(_: &Self::Call, plan: &Found) -> Option<&'static str> {
        plan.is_there.then_some("there")
    }
}

fn request(input: &str) -> Request<u32, String> {
    call(order(), input.to_owned())
}

fn world_with_alias() -> InMemory {
    let alias: AccountAlias = "space-shop".parse().unwrap();
    InMemory::with(|state| {
        let account = request("").account.account_id;
        state.aliases.of(&account).insert(alias.clone());
    })
}

/// Answers until the step gives up: the waits, and the failure.
async fn waits(input: &str) -> (Vec<u64>, Failure) {
    let world = InMemory::default();
    let mut event = event(&request(input));
    let mut waits = Vec::new();
    loop {
        match answer_event::<AliasThere>(&world, &event).await {
            Ok(mut answer) => {
                assert_eq!(answer["Status"], "PENDING");
                waits.push(answer["WaitSeconds"].as_u64().unwrap());
                event["Progress"] = answer["Progress"].take();
            }
            Err(failure) => return (waits, failure),
        }
    }
}

#[tokio::test]
async fn every_answer_has_every_key() {
    let answer = answer::<AliasThere>(&world_with_alias(), &request(""))
        .await
        .unwrap();
    let expected = json!({
        "Status": "DONE", "AccountId": "111111111111", "Result": "there", "WaitingFor": null, "WaitSeconds": 0,
        "Progress": null, "Plan": null,
    });
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn work_and_turn_are_counted_apart_and_end_under_the_steps_own_name() {
    let (own, failure) = waits("").await;
    assert_eq!(own, [5, 7]);
    assert_eq!(failure.name(), ErrorName::AccountAliasTimedOut);
    assert_eq!(
        failure.cause(),
        "waited for the alias; given up after 3 looks"
    );
    assert_eq!(failure.account(), Some(&request("").account.account_id));
    let (turn, failure) = waits("turn").await;
    assert_eq!(turn, [60; 4]);
    assert_eq!(
        failure.cause(),
        "waited for the alias; given up after 5 looks"
    );
}

#[tokio::test]
async fn in_a_crowd_a_look_counts_twice_and_both_its_waits_are_waited() {
    let (crowd, failure) = waits("crowd").await;
    assert_eq!(crowd, [120; 2]);
    assert_eq!(
        failure.cause(),
        "waited for the alias; given up after 6 looks"
    );
}

#[tokio::test]
async fn neither_count_begins_anew_whatever_the_step_waits_for_next() {
    let world = InMemory::default();
    let mut event = event(&request("turn"));
    let mut looks = 0;
    let failure = loop {
        looks += 1;
        event["Input"] = json!(if looks % 2 == 0 { "turn" } else { "" });
        match answer_event::<AliasThere>(&world, &event).await {
            Ok(mut answer) => event["Progress"] = answer["Progress"].take(),
            Err(failure) => break failure,
        }
    };
    assert_eq!(looks, 5, "three looks of work, two of the turn");
    assert_eq!(failure.name(), ErrorName::AccountAliasTimedOut);
}

#[tokio::test]
async fn what_the_step_noted_comes_back_to_it() {
    let world = InMemory::default();
    let mut event = event(&request(""));
    for noted in 1..3 {
        let mut answer = answer_event::<AliasThere>(&world, &event).await.unwrap();
        assert_eq!(answer["Progress"]["Notes"], noted);
        event["Progress"] = answer["Progress"].take();
    }
}

#[tokio::test]
async fn an_account_that_the_machine_stands_on_is_refused_before_anything_is_opened() {
    for id in ["333333333333", "222222222222", "444444444444"] {
        let world = world_with_alias();
        let mut request = request("");
        request.account.account_id = id.parse().unwrap();
        let failure = answer::<AliasThere>(&world, &request).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::InvalidRequest);
        assert!(world.opened().is_empty());
    }
}

#[tokio::test]
async fn a_failure_is_one_of_the_account() {
    let world = InMemory::default();
    world.close(Door::Access);
    let failure = answer::<AliasThere>(&world, &request(""))
        .await
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccessDenied);
    assert_eq!(failure.account(), Some(&request("").account.account_id));
}

#[tokio::test]
async fn a_plan_says_what_is_to_do_and_what_the_step_will_hand_on() {
    let plan = plan_of::<AliasThere>(&InMemory::default(), &request(""))
        .await
        .unwrap();
    let expected = json!({
        "IsEmpty": false, "Words": "wait", "DependsOn": null, "Steps": {"is_there": false},
    });
    assert_eq!(plan, expected);
    let mut event = event(&request(""));
    event["Mode"] = json!("Plan");
    let answer = answer_event::<AliasThere>(&world_with_alias(), &event)
        .await
        .unwrap();
    assert_eq!(
        (&answer["Status"], &answer["Result"]),
        (&json!("PLANNED"), &json!("there"))
    );
}

#[tokio::test]
async fn a_plan_names_the_step_that_has_to_act_first() {
    let cases = [
        ("Account", Value::Null, "create-account"),
        ("Input", Value::Null, "place-account"),
    ];
    for (key, missing, step) in cases {
        let mut event = event(&request(""));
        event["Mode"] = json!("Plan");
        event[key] = missing;
        let answer = answer_event::<AliasThere>(&InMemory::default(), &event)
            .await
            .unwrap();
        assert_eq!(answer["Plan"]["DependsOn"], step);
        assert_eq!(answer["Plan"]["IsEmpty"], false);
    }
    let world = InMemory::default();
    world.close(Door::Access);
    let plan = plan_of::<AliasThere>(&world, &request("")).await.unwrap();
    assert_eq!(plan["DependsOn"], "create-account");
}

#[tokio::test]
async fn an_event_that_cannot_be_read_is_no_plan_either() {
    let mut event = event(&request(""));
    event["Mode"] = json!("Plan");
    event["Execution"] = json!(7);
    let failure = answer_event::<AliasThere>(&InMemory::default(), &event)
        .await
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::InvalidState);
    assert!(failure.cause().contains("Execution"), "{failure}");
}

#[test]
fn waits_grow_up_to_the_longest() {
    let waits: Vec<u32> = (1..5).map(|look| WORK.seconds(look)).collect();
    assert_eq!(waits, [5, 7, 8, 8]);
    assert_eq!(WORK.total_seconds(), 12);
}

/// An event, and a world in which the execution that it names is at that and was started with its order, or with another.
fn executed(status: ExecutionStatus, other_order: Option<Value>) -> (InMemory, Value) {
    let request = request("work");
    let event = event(&request);
    let world = InMemory::default();
    world.ask_who_calls();
    let order = other_order.unwrap_or_else(|| event["Order"].clone());
    world.execute(request.execution.name(), status, &order);
    (world, event)
}

#[tokio::test]
async fn a_step_believes_its_event_where_the_execution_runs_with_that_order() {
    let (world, event) = executed(ExecutionStatus::Running, None);
    let answer = answer_event::<AliasThere>(&world, &event).await;
    assert_eq!(answer.unwrap()["Status"], "PENDING");
}

#[tokio::test]
async fn a_forged_event_opens_no_door() {
    let (running, event) = executed(ExecutionStatus::Running, Some(json!({"another": "order"})));
    let mut strange = event.clone();
    strange["Execution"] =
        json!("arn:aws:states:eu-central-1:666666666666:execution:avm-vend-account:a");
    let mut other_machine = event.clone();
    other_machine["Execution"] =
        json!("arn:aws:states:eu-central-1:222222222222:execution:avm-plan-account:a");
    let mut unknown = event.clone();
    unknown["Execution"] =
        json!("arn:aws:states:eu-central-1:222222222222:execution:avm-vend-account:b");
    let (ended, of_ended) = executed(ExecutionStatus::Succeeded, None);
    for (world, event, name, words) in [
        (
            &running,
            &event,
            ErrorName::InvalidState,
            "has another order",
        ),
        (
            &running,
            &strange,
            ErrorName::InvalidState,
            "no execution of this machine",
        ),
        (
            &running,
            &other_machine,
            ErrorName::InvalidState,
            "no execution of this machine",
        ),
        (
            &running,
            &unknown,
            ErrorName::ServiceUnavailable,
            "not there",
        ),
        (&ended, &of_ended, ErrorName::InvalidState, "has ended"),
    ] {
        let failure = answer_event::<AliasThere>(world, event).await.unwrap_err();
        assert_eq!(failure.name(), name, "{failure}");
        assert!(failure.cause().contains(words), "{failure}");
        assert!(world.opened().is_empty());
    }
}
