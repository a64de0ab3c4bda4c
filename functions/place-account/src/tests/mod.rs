//! The step in a small organization: where it finds the target, what it makes, when it moves.
//! Here: what the cases have in common.

mod moves;
mod resolution;
mod targets;

use avm_aws::lambda::decode;
use avm_core::contract::step::{Answer, OnAccount};
use avm_core::error::Failure;
use avm_core::rules::standing_accounts::StandingAccounts;
use avm_core::testing::{account, execution, order};

use crate::world::World;
use crate::{Done, Request, handle};

/// A request of the sample order, with this target.
fn request(target: &str) -> Request {
    let mut order = order();
    order.landing_zone.settings.organizational_unit = target.to_owned().try_into().unwrap();
    Request {
        execution: execution(),
        order,
        progress: None,
        rest: OnAccount { account: account() },
    }
}

/// The same for a landing zone that makes missing units.
fn creating(target: &str) -> Request {
    let mut request = request(target);
    request
        .order
        .landing_zone
        .settings
        .create_organizational_units = true;
    request
}

/// The same for a landing zone with hierarchical assignment.
fn hierarchical(target: &str) -> Request {
    let mut request = request(target);
    request.order.landing_zone.settings.hierarchical_assignment = true;
    request
}

async fn call(world: &World, request: &Request) -> Result<Done, Failure> {
    let role = "arn:aws:iam::333333333333:role/AVMPlacementRole"
        .parse()
        .unwrap();
    let meshcloud = "555555555555".parse().unwrap();
    let standing = StandingAccounts::of(&role, &request.execution, &meshcloud);
    match handle(request, &standing, world).await? {
        Answer::Done(done) => Ok(done),
        Answer::Pending { .. } => panic!("the step never waits"),
    }
}

#[test]
fn the_input_of_the_state_machine_is_read() {
    let input = serde_json::json!({
        "Execution": execution(), "Order": order(), "Account": account(), "SomethingNew": 1,
    });
    let read: Request = decode(input).unwrap();
    assert_eq!(read, request(""));
}
