//! The harness that replays any step: its test is one line.
//! Repeat it, look without touching, fail each write before and after its effect, end the vend after each, compare the worlds.

use avm_core::error::Kind;
use avm_core::step::Step;
use serde::Serialize;
use serde_json::Value;

use crate::drive::{answer_event, drive_event, event, plan_of_event};
use crate::faults::Fault;
use crate::state::State;
use crate::world::InMemory;

/// Replays a step in a world with this state.
///
/// # Panics
/// The step does not end well, writes when nothing is to do, writes while it plans, or leaves another world after a fault.
pub async fn replay<S: Step>(state: impl Fn(&mut State), request: &S::Call)
where
    S::Call: Serialize,
{
    replay_event::<S>(state, &event(request)).await;
}

/// The same for an event.
///
/// # Panics
/// As [`replay`].
pub async fn replay_event<S: Step>(state: impl Fn(&mut State), event: &Value) {
    let (writes, wanted) = go_on::<S>(&state, event).await;
    for (number, write) in writes.iter().enumerate() {
        let case = format!("{}: the vend ends after {write}", S::NAME);
        let world = world_of(&state);
        world.disturb_write(number, Fault::After);
        end_early::<S>(&world, event.clone()).await;
        drive_event::<S>(&world, event.clone())
            .await
            .unwrap_or_else(|failure| panic!("{case}: {failure}"));
        assert_eq!(world.state().essence(), wanted, "{case}");
    }
}

/// The same without vends that end: for what a step can only do while the same vend goes on. Answers the writes of a run
/// that nothing disturbs, and the essence of its world.
///
/// # Panics
/// As [`replay`].
pub async fn replay_going_on<S: Step>(
    state: impl Fn(&mut State),
    request: &S::Call,
) -> (Vec<String>, String)
where
    S::Call: Serialize,
{
    go_on::<S>(state, &event(request)).await
}

/// A world on the heap: the futures that hold several would be large.
fn world_of(state: impl Fn(&mut State)) -> Box<InMemory> {
    Box::new(InMemory::with(|it| state(it)))
}

async fn go_on<S: Step>(state: impl Fn(&mut State), event: &Value) -> (Vec<String>, String) {
    let make = || world_of(&state);
    let undisturbed = make();
    plan_of_event::<S>(&undisturbed, event.clone())
        .await
        .unwrap();
    drive_event::<S>(&undisturbed, event.clone()).await.unwrap();
    let writes = undisturbed.writes();
    let wanted = undisturbed.state().essence();

    drive_event::<S>(&undisturbed, event.clone()).await.unwrap();
    assert_eq!(
        undisturbed.writes(),
        writes,
        "{}: the second run writes",
        S::NAME
    );
    let plan = plan_of_event::<S>(&undisturbed, event.clone())
        .await
        .unwrap();
    assert_eq!(
        plan["IsEmpty"],
        true,
        "{}: the plan of a settled account: {plan}",
        S::NAME
    );

    for (number, write) in writes.iter().enumerate() {
        for fault in Fault::ALL {
            let case = format!("{}: {write} fails {fault:?} its effect", S::NAME);
            let world = make();
            world.disturb_write(number, fault);
            drive_event::<S>(&world, event.clone())
                .await
                .unwrap_or_else(|failure| panic!("{case}: {failure}"));
            assert!(world.is_undisturbed(), "{case}: was not met");
            assert_eq!(world.state().essence(), wanted, "{case}");
        }
    }
    (writes, wanted)
}

/// Calls until the fault is met; that vend is never gone on with.
async fn end_early<S: Step>(world: &InMemory, mut event: Value) {
    while !world.is_undisturbed() {
        match answer_event::<S>(world, &event).await {
            Ok(answer) if answer["Status"] == "DONE" => return,
            Ok(mut answer) => event["Progress"] = answer["Progress"].take(),
            Err(failure) if failure.name().kind() == Kind::Busy => {}
            Err(failure) => panic!("{}: {failure}", S::NAME),
        }
    }
}
