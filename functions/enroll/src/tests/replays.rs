//! Replays: every situation under every fault, and every call twice; the world ends the same.
//! Each situation begins otherwise and needs other writes.

use avm_core::error::Failure;
use avm_core::ports::account_factory::{Problem, ProductStatus};
use avm_core::step;
use avm_world::iam::Role;
use avm_world::organizations::ROOT;
use avm_world::service_catalog::product;
use avm_world::{InMemory, State, event, replay};

use super::{
    SANDBOX, WORKLOADS, auto, call, enroll_in, next, place_in, removing, request, set_product,
    set_role, trust_of,
};
use crate::role::OURS;
use crate::{Call, Enroll};

type Situation = (&'static str, fn(&mut State), fn(&str) -> Call);

const SITUATIONS: [Situation; 13] = [
    ("a new account", |state| place_in(state, ROOT), request),
    (
        "an account in a registered unit",
        |state| place_in(state, SANDBOX),
        request,
    ),
    (
        "an account to move",
        |state| enroll_in(state, WORKLOADS),
        request,
    ),
    (
        "a tainted product",
        |state| left(state, ProductStatus::Tainted, true),
        request,
    ),
    ("a product that misses its role", without_role, request),
    (
        "a new account that does not keep the role",
        |state| place_in(state, ROOT),
        removing,
    ),
    (
        "an account to move that does not keep the role",
        without_role,
        removing,
    ),
    ("a new account with half a role", with_half_a_role, removing),
    (
        "what a failed try has left",
        |state| left(state, ProductStatus::Error, false),
        request,
    ),
    ("no room at first", without_room, request),
    ("an account that has drifted", drifted, request),
    (
        "an account to move by itself",
        |state| place_in(state, ROOT),
        auto,
    ),
    (
        "an account to move on by itself",
        |state| place_in(state, WORKLOADS),
        auto,
    ),
];

fn left(state: &mut State, status: ProductStatus, has_succeeded: bool) {
    place_in(state, SANDBOX);
    set_product(state, product(status, has_succeeded));
}

fn drifted(state: &mut State) {
    enroll_in(state, SANDBOX);
    let baselines = &mut state.control_tower.of_accounts;
    for baseline in baselines.values_mut() {
        baseline.is_drifted = true;
    }
}

fn without_role(state: &mut State) {
    enroll_in(state, WORKLOADS);
    let (problem, left) = (Problem::ExecutionRole, ProductStatus::Tainted);
    let catalog = &mut state.service_catalog;
    catalog.fail_next(problem, "unable to assume", left);
}

/// What the machine made, and could not finish.
fn with_half_a_role(state: &mut State) {
    place_in(state, ROOT);
    let half = Role {
        description: Some(OURS.to_owned()),
        ..Role::trusting(trust_of("arn:aws:iam::333333333333:root"))
    };
    set_role(state, half);
}

fn without_room(state: &mut State) {
    place_in(state, ROOT);
    let (problem, left) = (Problem::Busy, ProductStatus::Error);
    state
        .service_catalog
        .fail_next(problem, "maximum of 5", left);
}

/// Calls like the machine, and each time so often before any time passes.
async fn run(world: &InMemory, request: &Call, times: usize) -> Result<(), Failure> {
    let mut request = request.clone();
    for _ in 0..40 {
        let mut answer = call(world, &request).await;
        for _ in 1..times {
            let reply = step::run::<Enroll>(event(&request), world).await;
            answer = reply.map(|reply| serde_json::to_value(&reply).unwrap());
        }
        let answer = answer?;
        if answer["Status"] == "DONE" {
            return Ok(());
        }
        request = next(&request, &answer);
    }
    panic!("the step does not come to an end: {:?}", world.writes());
}

/// The writes that have had an effect: a start under a token that is known has none.
fn effects(world: &InMemory) -> (Vec<String>, usize) {
    let mut writes = world.writes();
    writes.retain(|write| !write.starts_with("servicecatalog:"));
    (writes, world.state().service_catalog.operations.len())
}

#[tokio::test]
async fn whatever_is_lost_the_next_try_ends_in_an_equal_world() {
    for (_, situation, request) in SITUATIONS {
        replay::<Enroll>(situation, &request(SANDBOX)).await;
    }
}

#[tokio::test]
async fn every_situation_needs_a_write_and_every_call_may_come_twice() {
    for (name, situation, request) in SITUATIONS {
        let (once, twice) = (InMemory::with(situation), InMemory::with(situation));
        run(&once, &request(SANDBOX), 1).await.unwrap();
        run(&twice, &request(SANDBOX), 2).await.unwrap();
        let (wanted, found) = (once.state().essence(), twice.state().essence());
        assert_eq!(found, wanted, "{name}");
        assert_eq!(effects(&twice), effects(&once), "{name}");
        assert!(!once.writes().is_empty(), "{name}");
    }
}
