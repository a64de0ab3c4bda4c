//! Calling a step as the machine does: again with the progress while it waits, and again where AWS was only busy.
//! Also the way in for tests that look at one answer.

use std::collections::BTreeMap;

use avm_core::contract::call::Call;
use avm_core::error::{Failure, Kind};
use avm_core::step::{Step, run};
use serde::Serialize;
use serde_json::{Value, json};

use crate::world::InMemory;

/// As often as the machine's retrier tries, and more looks than any step here takes.
const MOST_TRIES: usize = 15;
const MOST_CALLS: usize = 200;

/// The event of a request, as the machine sends it.
pub fn event(request: &impl Serialize) -> Value {
    serde_json::to_value(request).unwrap()
}

/// One call, and its answer as it stands on the wire.
///
/// # Errors
/// What the step fails with.
pub async fn answer<S: Step>(world: &InMemory, request: &S::Call) -> Result<Value, Failure>
where
    S::Call: Serialize,
{
    answer_event::<S>(world, &event(request)).await
}

/// The same for an event.
///
/// # Errors
/// What the step fails with.
pub async fn answer_event<S: Step>(world: &InMemory, event: &Value) -> Result<Value, Failure> {
    world.state_mut().tick();
    let reply = run::<S>(event.clone(), world).await?;
    Ok(sorted(serde_json::to_value(&reply).unwrap()))
}

/// The same value with the keys of its objects in their order, whatever order this build of `serde_json` keeps.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields: BTreeMap<String, Value> = fields.into_iter().collect();
            let fields = fields.into_iter();
            Value::Object(fields.map(|(key, value)| (key, sorted(value))).collect())
        }
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        other => other,
    }
}

/// Calls until the step is done; its result as it stands on the wire.
///
/// # Errors
/// What the step fails with, if it is not only busy.
pub async fn drive<S: Step>(world: &InMemory, request: &S::Call) -> Result<Value, Failure>
where
    S::Call: Serialize,
{
    drive_event::<S>(world, event(request)).await
}

/// The same for an event.
///
/// # Errors
/// What the step fails with, if it is not only busy.
pub async fn drive_event<S: Step>(world: &InMemory, mut event: Value) -> Result<Value, Failure> {
    let mut tries = 0;
    for _ in 0..MOST_CALLS {
        match answer_event::<S>(world, &event).await {
            Ok(answer) if answer["Status"] == "DONE" => return Ok(answer["Result"].clone()),
            Ok(mut answer) => {
                tries = 0;
                event["Progress"] = answer["Progress"].take();
            }
            Err(failure) if failure.name().kind() == Kind::Busy && tries < MOST_TRIES => tries += 1,
            Err(failure) => return Err(failure),
        }
    }
    panic!("{} comes to no end: {:?}", S::NAME, world.writes());
}

/// The plan of a request, as it stands on the wire: `{"IsEmpty", "Words", "DependsOn", "Steps"}`.
///
/// # Errors
/// What the look fails with.
pub async fn plan_of<S: Step>(world: &InMemory, request: &S::Call) -> Result<Value, Failure>
where
    S::Call: Serialize,
{
    plan_of_event::<S>(world, event(request)).await
}

/// The same for an event.
///
/// # Errors
/// What the look fails with.
pub async fn plan_of_event<S: Step>(world: &InMemory, mut event: Value) -> Result<Value, Failure> {
    event["Mode"] = json!("Plan");
    let before = world.writes().len();
    let mut answer = answer_event::<S>(world, &event).await?;
    assert_eq!(answer["Status"], "PLANNED");
    assert_eq!(
        world.writes().len(),
        before,
        "{} writes while it plans",
        S::NAME
    );
    let plan = answer["Plan"].take();
    assert!(
        !plan.to_string().contains('@'),
        "a plan tells an address: {plan}"
    );
    Ok(plan)
}

/// Whether a call can be read: for steps whose events are tested on their own.
///
/// # Errors
/// `InvalidState` with the path of what cannot be read.
pub fn read<S: Step>(event: Value) -> Result<S::Call, Failure> {
    S::Call::read(event)
}
