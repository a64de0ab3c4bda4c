//! The step in a small Identity Center: its answers, its replays, what it takes away and what it leaves alone.
//! Here: what the cases have in common.

mod failures;
mod people;
mod removals;
mod replays;
mod vends;
mod world;

use avm_core::contract::order::Order;
use avm_core::testing;
use serde_json::{Value, json};

use super::*;
use world::World;

/// A request whose landing zone maps these roles to these permission sets; role bindings as JSON, or none.
fn request(mappings: &[(&str, &[&str])], bindings: Option<Value>) -> Request {
    let mut order = testing::order_json();
    let mut role_mappings = json!({});
    let mut groups = json!({});
    for (role, permission_sets) in mappings {
        role_mappings[*role] = json!({"awsRoleName": *role, "permissionSets": *permission_sets});
        groups[*role] = format!("mst-space.shop.{role}").into();
    }
    order["LandingZone"]["singleSignOn"] = json!({ "roleMappings": role_mappings });
    order["Names"] = json!({ "Groups": groups });
    order["Platform"]["singleSignOn"] = json!({
        "instanceArn": "arn:aws:sso:::instance/ssoins-1",
        "identityStoreId": "d-1234567890",
        "region": "eu-central-1",
        "groupNamePattern": "%s.%s.%4$s",
    });
    if let Some(bindings) = bindings {
        order["Request"]["RoleBindings"] = bindings;
    }
    of_order(serde_json::from_value(order).unwrap())
}

fn of_order(order: Order) -> Request {
    Request {
        execution: testing::execution(),
        order,
        progress: None,
        rest: OnAccount {
            account: testing::account(),
        },
    }
}

/// The landing zone of most cases: two roles, three people.
fn usual() -> Request {
    request(
        &[("admin", &["Admin", "ReadOnly"]), ("reader", &["ReadOnly"])],
        Some(json!({"admin": ["ada"], "reader": ["bea", "ada"]})),
    )
}

/// Its world, in which nothing was done yet.
fn usual_world() -> World {
    World::with(&["Admin", "ReadOnly", "Billing"], &["ada", "bea", "cem"])
}

async fn call(request: &Request, world: &World) -> Result<Response, Failure> {
    let ports = Ports {
        assignments: world,
        groups: world,
        members: world,
    };
    handle(request, ports).await
}

/// The next call of the machine: with the progress of the last answer, as JSON has carried it.
fn next(request: &Request, answer: &Response) -> Request {
    let Answer::Pending { progress, .. } = answer else {
        panic!("{answer:?} is not pending");
    };
    let carried = serde_json::to_string(progress).unwrap();
    Request {
        progress: serde_json::from_str(&carried).unwrap(),
        ..request.clone()
    }
}

/// Calls like the machine until the step is done; what AWS works on ends well between the calls. A failure that
/// the machine retries is tried again with the same input.
async fn run(request: &Request, world: &World) -> Result<Done, Failure> {
    let mut input = request.clone();
    for _ in 0..20 {
        match call(&input, world).await {
            Ok(Answer::Done(done)) => return Ok(done),
            Ok(pending) => input = next(request, &pending),
            Err(failure) if failure.name().kind() == avm_core::error::Kind::Busy => {}
            Err(failure) => return Err(failure),
        }
        world.finish();
    }
    panic!("the step never ends");
}
