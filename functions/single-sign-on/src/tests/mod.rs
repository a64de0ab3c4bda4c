//! The step in a small Identity Center: its answers, its replays, what it takes away and what it leaves alone.
//! Here: what the cases have in common.

mod failures;
mod owners;
mod people;
mod removals;
mod replays;
mod vends;

use avm_core::contract::call::{Nothing, Progress};
use avm_core::domain::GroupId;
use avm_core::testing;
use avm_world::identity_center::End;
use avm_world::{InMemory, State, answer, drive, plan_of};
use serde_json::{Value, json};

use super::*;

const ACCOUNT: &str = "111111111111";

/// A request whose landing zone maps these roles to these permission sets; role bindings as JSON, or none.
fn request(mappings: &[(&str, &[&str])], bindings: Option<Value>) -> Call {
    let mut order = testing::order_json();
    let mut role_mappings = json!({});
    let mut groups = json!({});
    for (role, permission_sets) in mappings {
        role_mappings[*role] = json!({"awsRoleName": *role, "permissionSets": *permission_sets});
        groups[*role] = format!("mst-space.shop.{role}").into();
    }
    order["LandingZone"]["Settings"]["singleSignOn"] = json!({ "roleMappings": role_mappings });
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
    testing::call(serde_json::from_value(order).unwrap(), Nothing)
}

/// The same request where groups are written through SCIM.
fn through_scim(mut request: Call) -> Call {
    let full = testing::full_order();
    let instance = request.order.platform.single_sign_on.as_mut().unwrap();
    instance.scim = full.platform.single_sign_on.unwrap().scim;
    request
}

/// The landing zone of most cases: two roles, three people.
fn usual() -> Call {
    request(
        &[("admin", &["Admin", "ReadOnly"]), ("reader", &["ReadOnly"])],
        Some(json!({"admin": ["ada"], "reader": ["bea", "ada"]})),
    )
}

/// Its world, in which nothing was done yet.
fn usual_state(state: &mut State) {
    for name in ["Admin", "ReadOnly", "Billing"] {
        state.identity_center.offer(name);
    }
    for name in ["ada", "bea", "cem"] {
        state.identity_store.know(name);
    }
}

fn usual_world() -> InMemory {
    InMemory::with(usual_state)
}

/// The world after the usual vend.
async fn vended_world() -> InMemory {
    let world = usual_world();
    run(&usual(), &world).await.unwrap();
    world.forget_journal();
    world
}

async fn call(request: &Call, world: &InMemory) -> Result<Value, Failure> {
    answer::<SingleSignOn>(world, request).await
}

/// What a pending answer waits for.
fn waiting_for(answer: &Value) -> &str {
    assert_eq!(answer["Status"], "PENDING", "{answer}");
    answer["WaitingFor"].as_str().unwrap()
}

/// The next call of the machine: with the progress of the last answer, as JSON has carried it.
fn next(request: &Call, answer: &Value) -> Call {
    waiting_for(answer);
    let progress: Progress<Notes> = serde_json::from_value(answer["Progress"].clone()).unwrap();
    Call {
        progress: Some(progress),
        ..request.clone()
    }
}

/// Calls like the machine until the step is done.
async fn run(request: &Call, world: &InMemory) -> Result<Done, Failure> {
    let done = drive::<SingleSignOn>(world, request).await?;
    Ok(serde_json::from_value(done).unwrap())
}

/// What a group of the requests' project says.
fn ours() -> String {
    GroupOwner::new("space", "shop").mark().to_owned()
}

fn add_group(world: &InMemory, name: &str, description: Option<&str>, members: &[&str]) -> GroupId {
    let store = &mut world.state_mut().identity_store;
    store.add_group(name, description, members)
}

fn assign(world: &InMemory, account: &str, group: &GroupId, set: &str) {
    let center = &mut world.state_mut().identity_center;
    center.assign(account, group, set);
}

fn members(world: &InMemory, name: &str) -> Vec<String> {
    world.state().identity_store.members(name)
}

fn assigned(world: &InMemory) -> Vec<String> {
    let state = world.state();
    state.identity_center.assigned(&state.identity_store)
}

/// What AWS works on ends when the test says so.
fn end_when_told(world: &InMemory) {
    world.state_mut().identity_center.end = End::WhenTold;
}

fn finish(world: &InMemory) {
    world.state_mut().identity_center.finish();
}
