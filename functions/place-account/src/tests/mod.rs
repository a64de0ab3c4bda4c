//! The step in an organization: where it finds the target, what it makes, when it moves.
//! Here: what the cases have in common.

mod moves;
mod resolution;
mod targets;

use avm_core::contract::call::Nothing;
use avm_core::domain::ParentId;
use avm_core::error::Failure;
use avm_core::testing::{account, call as first_call, execution, order};
use avm_world::organizations::{root, unit_id};
use avm_world::{InMemory, State, answer, plan_of, read};
use serde_json::{Value, json};

use crate::{Call, Done, PlaceAccount};

/// A request of the sample order, with this target.
fn request(target: &str) -> Call {
    let mut order = order();
    order.landing_zone.settings.organizational_unit = target.to_owned().try_into().unwrap();
    first_call(order, Nothing)
}

/// The same for a landing zone that makes missing units.
fn creating(target: &str) -> Call {
    let mut request = request(target);
    let settings = &mut request.order.landing_zone.settings;
    settings.create_organizational_units = true;
    request
}

/// The same for a landing zone with hierarchical assignment.
fn hierarchical(target: &str) -> Call {
    let mut request = request(target);
    request.order.landing_zone.settings.hierarchical_assignment = true;
    request
}

/// Units of these paths, and the account in the one of that number; 0: in the root.
fn state(units: &[&str], account_in: usize) -> impl Fn(&mut State) {
    move |state| {
        for path in units {
            state.organizations.add_unit(path);
        }
        let parent = parent(account_in);
        let account = account().account_id;
        state.organizations.put_into(&account, &parent);
    }
}

fn world(units: &[&str], account_in: usize) -> InMemory {
    InMemory::with(state(units, account_in))
}

fn parent(number: usize) -> ParentId {
    match number {
        0 => root(),
        _ => unit_id(number),
    }
}

/// What the account sits in.
fn account_in(world: &InMemory) -> Option<ParentId> {
    let account = account().account_id;
    world.state().organizations.parent(&account).cloned()
}

async fn call(world: &InMemory, request: &Call) -> Result<Done, Failure> {
    let mut answer = answer::<PlaceAccount>(world, request).await?;
    assert_eq!(answer["Status"], "DONE", "the step never waits");
    Ok(serde_json::from_value(answer["Result"].take()).unwrap())
}

async fn plan(world: &InMemory, request: &Call) -> Value {
    plan_of::<PlaceAccount>(world, request).await.unwrap()
}

#[test]
fn the_input_of_the_machine_is_read() {
    let expected = request("");
    let input = json!({
        "Execution": execution(), "Order": expected.order, "Account": account(), "Input": null, "Progress": null,
        "SomethingNew": 1,
    });
    assert_eq!(read::<PlaceAccount>(input).unwrap(), expected);
}
