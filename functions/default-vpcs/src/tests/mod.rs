//! The step in a small EC2: what it deletes, what it leaves alone, and what it says of each region.
//! Here: what the cases have in common, and the undisturbed run.

mod disturbed;
mod refused;

use avm_aws::lambda::decode;
use avm_core::contract::step::{Answer, OnAccount};
use avm_core::error::{ErrorName, Failure};
use avm_core::rules::standing_accounts::StandingAccounts;
use avm_core::testing::{account, execution, order, order_json};

use crate::world::{Rights, World};
use crate::{Done, Progress, Request, Response, handle};

const REGIONS: &[&str] = &["eu-central-1", "eu-west-1", "us-east-1"];

fn request() -> Request {
    let mut order = order();
    order.landing_zone.settings.delete_default_vpcs = true;
    Request {
        execution: execution(),
        order,
        progress: None,
        rest: OnAccount { account: account() },
    }
}

async fn answer(world: &World, request: &Request) -> Result<Response, Failure> {
    let role = "arn:aws:iam::333333333333:role/AVMMemberAccessRole"
        .parse()
        .unwrap();
    let meshcloud = "555555555555".parse().unwrap();
    let standing = StandingAccounts::of(&role, &request.execution, &meshcloud);
    let look = async || world.open_verification();
    let access = async || world.open_access();
    handle(request, &standing, look, access).await
}

/// Where the answer doubts only what it has seen, it is asked once more.
async fn done(world: &World, request: &Request) -> Result<Done, Failure> {
    let first = answer(world, request).await?;
    let second = match first {
        Answer::Pending {
            waiting_for,
            progress,
        } if waiting_for.contains("though other regions have one") => {
            let mut again = request.clone();
            again.progress = Some(progress);
            answer(world, &again).await?
        }
        other => other,
    };
    match second {
        Answer::Done(done) => Ok(done),
        Answer::Pending { waiting_for, .. } => panic!("waits for {waiting_for}"),
    }
}

/// Calls as the state machine does, with the progress of the last answer, until the step is done or fails.
async fn done_after(world: &World, calls: usize) -> Result<Done, Failure> {
    let mut request = request();
    for _ in 1..calls {
        request.progress = Some(pending(world, &request).await.1);
    }
    done(world, &request).await
}

async fn pending(world: &World, request: &Request) -> (String, Progress) {
    match answer(world, request).await.unwrap() {
        Answer::Pending {
            waiting_for,
            progress,
        } => (waiting_for, progress),
        Answer::Done(done) => panic!("is done: {done:?}"),
    }
}

#[tokio::test]
async fn default_vpcs_are_deleted_with_their_parts_in_every_region() {
    let world = World::fresh(REGIONS);
    let done = done(&world, &request()).await.unwrap();
    assert!(world.is_clean());
    insta::assert_json_snapshot!(done, @r#"
    {
      "Deleted": [
        "eu-central-1",
        "eu-west-1",
        "us-east-1"
      ],
      "Regions": 3
    }
    "#);
    let writes = world.state().writes.clone();
    let of_one: Vec<&str> = writes
        .iter()
        .filter_map(|write| write.strip_prefix("eu-central-1: "))
        .collect();
    assert_eq!(
        of_one,
        [
            "delete subnet-00000011",
            "delete subnet-00000012",
            "mark igw-00000001",
            "detach igw-00000001",
            "delete igw-00000001",
            "delete vpc-00000001",
        ]
    );
}

#[tokio::test]
async fn a_second_run_reads_only_and_does_not_open_the_access_role() {
    let world = World::fresh(REGIONS);
    done(&world, &request()).await.unwrap();
    let writes = world.state().writes.len();
    let opened = world.state().opened;
    world.state().access = Rights::NotAssumable(ErrorName::AccessDenied);
    let again = done(&world, &request()).await.unwrap();
    assert_eq!(again.deleted.len(), 0);
    assert_eq!(again.regions, 3);
    assert_eq!(world.state().writes.len(), writes);
    assert_eq!(world.state().opened, opened);
}

#[tokio::test]
async fn a_landing_zone_that_does_not_ask_for_it_is_done_without_a_call() {
    let world = World::fresh(REGIONS);
    let mut request = request();
    request.order.landing_zone.settings.delete_default_vpcs = false;
    assert_eq!(done(&world, &request).await.unwrap(), Done::default());
    assert!(world.is_untouched());
}

#[tokio::test]
async fn the_accounts_that_the_machine_stands_on_are_left_alone() {
    for id in ["333333333333", "222222222222", "555555555555"] {
        let world = World::fresh(REGIONS);
        let mut request = request();
        request.rest.account.account_id = id.parse().unwrap();
        let failure = done(&world, &request).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::InvalidRequest, "{id}");
        assert!(world.is_untouched());
    }
}

#[tokio::test]
async fn regions_are_worked_on_side_by_side_but_not_all_at_once() {
    let names: Vec<&'static str> = (1..=30)
        .map(|number| &*Box::leak(format!("xx-region-{number}").into_boxed_str()))
        .collect();
    let world = World::fresh(&names);
    let done = done(&world, &request()).await.unwrap();
    assert_eq!(done.deleted.len(), 30);
    assert_eq!(world.state().most_busy, crate::AT_ONCE);
}

#[test]
fn the_input_and_the_progress_of_the_state_machine_are_read() {
    let mut order = order_json();
    order["LandingZone"]["deleteDefaultVpcs"] = true.into();
    let input = serde_json::json!({
        "Execution": execution(), "Order": order, "Account": account(), "SomethingNew": 1,
    });
    let read: Request = decode(input.clone()).unwrap();
    assert_eq!(read, request());
    let mut with_progress = input;
    with_progress["Progress"] = serde_json::json!({
        "Regions": ["eu-south-1"], "Kept": ["eu-south-1"], "Done": {"Deleted": ["eu-west-1"], "Regions": 2},
    });
    let progress = decode::<Request>(with_progress).unwrap().progress.unwrap();
    assert_eq!(progress.regions.len(), 1);
    assert_eq!(progress.kept.len(), 1);
    assert_eq!(progress.done.regions, 2);
}
