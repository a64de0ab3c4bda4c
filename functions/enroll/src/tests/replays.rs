//! Replays: every call twice, and every write lost before and after its effect; the world ends the same.
//! Each case begins in a situation of its own and needs other writes.

use avm_core::domain::ParentId;
use avm_core::error::{Failure, Kind};
use avm_core::ports::account_factory::{Problem, ProductStatus};
use avm_core::ports::control_tower::EnabledBaseline;

use super::iam::{WorldRole, trust_of};
use super::world::{Lost, ROOT, SANDBOX, WORKLOADS, World, error, product};
use super::{Answer, Done, auto, call, next, removing, request};
use crate::Request;
use crate::execution_role::OURS;

type Situation = (&'static str, fn() -> World, fn(&str) -> Request);

const SITUATIONS: [Situation; 12] = [
    ("a new account", || World::with_account_in(ROOT), request),
    (
        "an account in a registered unit",
        || World::with_account_in(SANDBOX),
        request,
    ),
    (
        "an account to move",
        || World::with_enrolled(WORKLOADS),
        request,
    ),
    (
        "a tainted product",
        || with_product(ProductStatus::Tainted, true),
        request,
    ),
    ("a product that misses its role", without_role, request),
    (
        "a new account that does not keep the role",
        || World::with_account_in(ROOT),
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
        || with_product(ProductStatus::Error, false),
        request,
    ),
    ("no room at first", without_room, request),
    (
        "an account to move by itself",
        || World::with_account_in(ROOT),
        auto,
    ),
    (
        "an account to move on by itself",
        || World::with_account_in(WORKLOADS),
        auto,
    ),
];

fn with_product(status: ProductStatus, has_succeeded: bool) -> World {
    let world = World::with_account_in(SANDBOX);
    world.state().product = Some(product(status, has_succeeded));
    world
}

fn without_role() -> World {
    let world = World::with_enrolled(WORKLOADS);
    let unseen = (
        error(Problem::ExecutionRole, "unable to assume"),
        ProductStatus::Tainted,
    );
    world.state().ends.push_back(Some(unseen));
    world
}

/// What the machine made, and could not finish.
fn with_half_a_role() -> World {
    let world = World::with_account_in(ROOT);
    world.state().role = Some(WorldRole {
        description: Some(OURS.to_owned()),
        trust: trust_of("arn:aws:iam::444444444444:root"),
        ..WorldRole::with_policies(&[])
    });
    world
}

fn without_room() -> World {
    let world = World::with_account_in(ROOT);
    let full = (error(Problem::Busy, "maximum of 5"), ProductStatus::Error);
    world.state().ends.push_back(Some(full));
    world
}

/// All that counts in the end.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    account_in: ParentId,
    product: Option<(ProductStatus, bool)>,
    role: Option<WorldRole>,
    baseline: Option<EnabledBaseline>,
}

fn outcome(world: &World) -> Outcome {
    let state = world.state();
    let product = state.product.as_ref();
    Outcome {
        account_in: state.account_in.clone(),
        product: product.map(|product| (product.status.clone(), product.has_succeeded)),
        role: state.role.clone(),
        baseline: state.baseline.clone(),
    }
}

/// Calls like the machine, which sends the same again after a lost answer; `times` each.
async fn run(world: &World, request: &Request, times: usize) -> Result<Done, Failure> {
    let mut request = request.clone();
    for _ in 0..40 {
        let mut answer = call(world, &request).await;
        for _ in 1..times {
            answer = call(world, &request).await;
        }
        match answer {
            Ok(Answer::Done(done)) => return Ok(done),
            Ok(pending) => request = next(&request, &pending),
            Err(failure) if failure.name().kind() == Kind::Busy => {}
            Err(failure) => return Err(failure),
        }
        world.end();
    }
    panic!("the step does not come to an end: {:?}", world.writes());
}

#[tokio::test]
async fn every_call_may_come_twice() {
    for (name, situation, request) in SITUATIONS {
        let (once, twice) = (situation(), situation());
        run(&once, &request(SANDBOX), 1).await.unwrap();
        run(&twice, &request(SANDBOX), 2).await.unwrap();
        assert_eq!(outcome(&twice), outcome(&once), "{name}");
        assert_eq!(twice.writes(), once.writes(), "{name}");
    }
}

#[tokio::test]
async fn whichever_answer_is_lost_the_world_ends_the_same() {
    for (name, situation, request) in SITUATIONS {
        let undisturbed = situation();
        run(&undisturbed, &request(SANDBOX), 1).await.unwrap();
        let writes = undisturbed.writes().len();
        assert!(writes > 0, "{name}");
        for at in 0..writes {
            for lost in [Lost::BeforeTheEffect, Lost::AfterTheEffect] {
                let world = situation();
                world.state().lost = Some((at, lost));
                let done = run(&world, &request(SANDBOX), 1).await;
                assert!(done.is_ok(), "{name}, {at}, {lost:?}: {done:?}");
                assert_eq!(world.state().lost, None, "{name}, {at}");
                assert_eq!(
                    outcome(&world),
                    outcome(&undisturbed),
                    "{name}, {at}, {lost:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn an_answer_that_comes_too_late_to_be_heard_costs_no_write() {
    for (name, situation, request) in SITUATIONS {
        let world = situation();
        run(&world, &request(SANDBOX), 1).await.unwrap();
        let writes = world.writes().len();
        run(&world, &request(SANDBOX), 1).await.unwrap();
        assert_eq!(world.writes().len(), writes, "{name}");
    }
}
