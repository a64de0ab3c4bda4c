//! The step in an organization with Control Tower in memory: its answers, its repairs, its replays.
//! Here: what the cases have in common.

mod factory;
mod failures;
mod iam;
mod moves;
mod preflight;
mod replays;
mod roles;
mod room;
mod services;
mod world;

use avm_core::config::{Enrollment, ExecutionRole};
use avm_core::contract::step::Answer;
use avm_core::error::Failure;
use avm_core::rules::standing_accounts::StandingAccounts;
use avm_core::testing::{account, execution, order};
use serde_json::json;

use crate::{Change, Done, Placement, Request, Rest, RoleOutcome, StepAnswer, handle};
use world::{World, parent};

/// A request for the Account Factory to bring the account into that unit.
fn request(unit: &str) -> Request {
    let mut order = order();
    order.landing_zone.settings.enrollment = Enrollment::ServiceCatalog;
    order.platform.control_tower = serde_json::from_value(json!({
        "region": "eu-west-1",
        "accountFactoryProductId": "prod-abc",
        "singleSignOnUser": {"email": "factory@example.com", "firstName": "Ada", "lastName": "Byron"},
    }))
    .unwrap();
    Request {
        execution: execution(),
        order,
        progress: None,
        rest: Rest {
            account: account(),
            placement: Placement {
                organizational_unit_id: parent(unit),
            },
        },
    }
}

/// The same on a platform that wants the execution role removed.
fn removing(unit: &str) -> Request {
    let mut request = request(unit);
    let settings = request.order.platform.control_tower.as_mut().unwrap();
    settings.execution_role = ExecutionRole::Remove;
    request
}

/// The same by a move alone.
fn auto(unit: &str) -> Request {
    let mut request = request(unit);
    request.order.landing_zone.settings.enrollment = Enrollment::Auto;
    request
}

/// The same, as a later execution asks.
fn later(request: &Request) -> Request {
    let mut later = request.clone();
    let execution = later.execution.as_str().replace("-11-1", "-11-2");
    later.execution = execution.parse().unwrap();
    later.progress = None;
    later
}

async fn call(world: &World, request: &Request) -> Result<StepAnswer, Failure> {
    let role = "arn:aws:iam::333333333333:role/AVMEnrollmentRole"
        .parse()
        .unwrap();
    let meshcloud = "555555555555".parse().unwrap();
    let standing = StandingAccounts::of(&role, &request.execution, &meshcloud);
    handle(request, &standing, world).await
}

/// The next call of the machine: with the progress of the last answer.
fn next(request: &Request, answer: &StepAnswer) -> Request {
    let Answer::Pending { progress, .. } = answer else {
        panic!("{answer:?} is not pending");
    };
    Request {
        progress: Some(progress.clone()),
        ..request.clone()
    }
}

/// Calls like the machine until the step is done; whatever runs ends between two calls.
async fn run(world: &World, request: &Request) -> Result<Done, Failure> {
    let mut request = request.clone();
    for _ in 0..20 {
        match call(world, &request).await? {
            Answer::Done(done) => return Ok(done),
            pending @ Answer::Pending { .. } => request = next(&request, &pending),
        }
        world.end();
    }
    panic!("the step does not come to an end: {:?}", world.writes());
}

fn done(change: Change, execution_role: Option<RoleOutcome>, unit: &str) -> Done {
    Done {
        enrollment: Enrollment::ServiceCatalog,
        organizational_unit_id: parent(unit),
        change,
        execution_role,
    }
}

fn waiting_for(answer: &StepAnswer) -> &str {
    match answer {
        Answer::Pending { waiting_for, .. } => waiting_for,
        Answer::Done(_) => panic!("{answer:?} is not pending"),
    }
}
