//! The step in a small organization: what it finds, makes, waits for and refuses.
//! Here: what the cases have in common.

mod adoption;
mod creation;
mod ownership;

use avm_aws::lambda::decode;
use avm_core::contract::step::{Answer, Nothing};
use avm_core::error::{ErrorName, Failure};
use avm_core::rules::standing_accounts::StandingAccounts;
use avm_core::testing::{execution, order};

use crate::world::World;
use crate::{Done, Progress, Request, Response, handle};

const NAME: &str = "space-shop";
const EMAIL: &str = "aws+space.shop@example.com";

/// A request of the sample order; with the id of an account, or without.
fn request(account: Option<&str>, progress: Option<Progress>) -> Request {
    let mut order = order();
    order.request.account_id = account.map(|id| id.parse().unwrap());
    Request {
        execution: execution(),
        order,
        progress,
        rest: Nothing {},
    }
}

async fn call(world: &World, request: &Request) -> Result<Response, Failure> {
    let role = "arn:aws:iam::333333333333:role/AVMAccountsRole"
        .parse()
        .unwrap();
    let meshcloud = "555555555555".parse().unwrap();
    let standing = StandingAccounts::of(&role, &request.execution, &meshcloud);
    handle(request, &standing, world, world, world).await
}

/// Calls as the state machine does, until the account is ready or the step fails.
async fn drive(world: &World, account: Option<&str>) -> Result<Done, Failure> {
    let mut progress = None;
    for _ in 0..20 {
        match call(world, &request(account, progress.take())).await {
            Ok(Answer::Done(done)) => return Ok(done),
            Ok(Answer::Pending { progress: next, .. }) => {
                progress = Some(next);
                world.finish();
            }
            Err(failure) if failure.name() == ErrorName::ServiceUnavailable => {}
            Err(failure) => return Err(failure),
        }
    }
    panic!("the step never ends");
}

fn waiting_for(response: Result<Response, Failure>) -> (String, Progress) {
    match response {
        Ok(Answer::Pending {
            waiting_for,
            progress,
        }) => (waiting_for, progress),
        other => panic!("not pending: {other:?}"),
    }
}

#[test]
fn the_input_of_the_state_machine_is_read_with_and_without_progress() {
    let input = |progress: serde_json::Value| {
        serde_json::json!({
            "Execution": execution(), "Order": order(), "Progress": progress, "SomethingNew": 1,
        })
    };
    let none: Request = decode(input(serde_json::Value::Null)).unwrap();
    assert_eq!(none, request(Some("111111111111"), None));
    let progress = serde_json::json!({"CreateAccountRequestId": "car-1"});
    let some: Request = decode(input(progress)).unwrap();
    let id = some.progress.unwrap().create_account_request_id;
    assert_eq!(id.as_deref(), Some("car-1"));
}
