//! The step in a small EC2: what it deletes, what it leaves alone, and what it says of each region.
//! Here: what the cases have in common, and the undisturbed run.

mod disturbed;
mod plans;
mod refused;

use avm_core::contract::call::Progress;
use avm_core::testing::{account, call, execution, noting, order};
use avm_world::ec2::{RegionState, fresh};
use avm_world::{InMemory, State, answer, read};
use serde_json::Value;

use super::*;

const REGIONS: &[&str] = &["eu-central-1", "eu-west-1", "us-east-1"];

fn request() -> Call {
    let mut order = order();
    order.landing_zone.settings.delete_default_vpcs = true;
    call(order, None)
}

/// Fresh regions of these names.
fn fresh_state(names: &[&str]) -> impl Fn(&mut State) {
    move |state| {
        for (number, name) in names.iter().enumerate() {
            let regions = state.ec2.of(&account().account_id);
            regions.insert(name.parse().unwrap(), fresh(number + 1));
        }
    }
}

fn fresh_world(names: &[&str]) -> InMemory {
    InMemory::with(fresh_state(names))
}

fn change(world: &InMemory, region: &str, change: impl FnOnce(&mut RegionState)) {
    let mut state = world.state_mut();
    let regions = state.ec2.of(&account().account_id);
    change(regions.entry(region.parse().unwrap()).or_default());
}

fn region(world: &InMemory, name: &str) -> RegionState {
    let state = world.state();
    state.ec2.of_accounts[&account().account_id][&name.parse().unwrap()].clone()
}

fn is_clean(world: &InMemory) -> bool {
    let state = world.state();
    let mut regions = state.ec2.of_accounts[&account().account_id].values();
    regions.all(|region| *region == RegionState::default())
}

fn is_untouched(world: &InMemory) -> bool {
    world.journal().is_empty() && world.opened().is_empty()
}

/// How often the access role was opened.
fn opened(world: &InMemory) -> usize {
    let opened = world.opened();
    opened.iter().filter(|door| **door == Door::Access).count()
}

/// A role that cannot be assumed, or that may do nothing; in words of the kit.
#[derive(Clone, Copy, Debug)]
enum Rights {
    Nothing,
    NotAssumable(ErrorName),
}

fn restrict(world: &InMemory, door: Door, rights: Rights) {
    match rights {
        Rights::NotAssumable(name) => {
            let words = match door {
                Door::Verification => "could not assume AVMVerificationRole",
                _ => "could not assume MeshstackAccountAccessRole",
            };
            world.close_with(door, Failure::new(name, words));
        }
        Rights::Nothing => {
            world.state_mut().ec2.forbidden.insert(door);
        }
    }
}

async fn ask(world: &InMemory, request: &Call) -> Result<Value, Failure> {
    answer::<DefaultVpcs>(world, request).await
}

fn next(request: &Call, answer: &Value) -> Call {
    assert_eq!(answer["Status"], "PENDING", "{answer}");
    let progress = serde_json::from_value(answer["Progress"].clone());
    Call {
        progress: Some(progress.unwrap()),
        ..request.clone()
    }
}

/// Where the answer doubts only what it has seen, it is asked once more.
async fn done(world: &InMemory, request: &Call) -> Result<Done, Failure> {
    let mut answer = ask(world, request).await?;
    let waiting_for = answer["WaitingFor"].as_str().unwrap_or_default();
    if waiting_for.contains("though other regions have one") {
        answer = ask(world, &next(request, &answer)).await?;
    }
    assert_eq!(answer["Status"], "DONE", "{answer}");
    Ok(serde_json::from_value(answer["Result"].take()).unwrap())
}

/// Calls as the machine does, with the progress of the last answer, until the step is done or fails.
async fn done_after(world: &InMemory, calls: usize) -> Result<Done, Failure> {
    let mut request = request();
    for _ in 1..calls {
        request.progress = Some(pending(world, &request).await.1);
    }
    done(world, &request).await
}

async fn pending(world: &InMemory, request: &Call) -> (String, Progress<Notes>) {
    let mut answer = ask(world, request).await.unwrap();
    assert_eq!(answer["Status"], "PENDING", "{answer}");
    let words = answer["WaitingFor"].as_str().unwrap().to_owned();
    let progress = serde_json::from_value(answer["Progress"].take());
    (words, progress.unwrap())
}

#[tokio::test]
async fn default_vpcs_are_deleted_with_their_parts_in_every_region() {
    let world = fresh_world(REGIONS);
    let done = done(&world, &request()).await.unwrap();
    assert!(is_clean(&world));
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
    let writes = world.writes();
    let of_one: Vec<&str> = writes
        .iter()
        .filter(|write| write.contains(" eu-central-1 "))
        .map(String::as_str)
        .collect();
    assert_eq!(
        of_one,
        [
            "ec2:DeleteSubnet eu-central-1 subnet-00000011",
            "ec2:DeleteSubnet eu-central-1 subnet-00000012",
            "ec2:CreateTags eu-central-1 igw-00000001",
            "ec2:DetachInternetGateway eu-central-1 igw-00000001",
            "ec2:DeleteInternetGateway eu-central-1 igw-00000001",
            "ec2:DeleteVpc eu-central-1 vpc-00000001",
        ]
    );
}

#[tokio::test]
async fn a_second_run_reads_only_and_does_not_open_the_access_role() {
    let world = fresh_world(REGIONS);
    done(&world, &request()).await.unwrap();
    let writes = world.writes().len();
    let before = opened(&world);
    restrict(
        &world,
        Door::Access,
        Rights::NotAssumable(ErrorName::AccessDenied),
    );
    let again = done(&world, &request()).await.unwrap();
    assert_eq!(again.deleted.len(), 0);
    assert_eq!(again.regions, 3);
    assert_eq!(world.writes().len(), writes);
    assert_eq!(opened(&world), before);
}

/// How often each of the two looks was made.
fn looks(world: &InMemory) -> (usize, usize) {
    let reads = world.reads();
    let of = |call: &str| reads.iter().filter(|read| read.starts_with(call)).count();
    (of("ec2:DescribeSubnets"), of("ec2:DescribeVpcs"))
}

#[tokio::test]
async fn a_new_account_is_asked_for_its_subnets_and_a_settled_one_for_its_vpcs() {
    let world = fresh_world(REGIONS);
    done(&world, &request()).await.unwrap();
    assert_eq!(looks(&world), (3, 0));
    world.forget_journal();
    done(&world, &request()).await.unwrap();
    assert_eq!(looks(&world), (1, 3));
}

#[tokio::test]
async fn a_default_vpc_without_subnets_is_found_in_a_new_account_too() {
    let world = fresh_world(REGIONS);
    change(&world, "eu-west-1", |region| region.subnets.clear());
    assert_eq!(done(&world, &request()).await.unwrap().deleted.len(), 3);
    assert_eq!(looks(&world), (4, 1));
    assert!(is_clean(&world));
}

/// Its role is of an older template.
#[tokio::test]
async fn where_subnets_may_not_be_seen_vpcs_are_asked_for() {
    let world = fresh_world(REGIONS);
    let refusal = Failure::new(ErrorName::AccessDenied, "no");
    world.refuse_times("ec2:DescribeSubnets", 1, refusal);
    assert_eq!(done(&world, &request()).await.unwrap().deleted.len(), 3);
    assert_eq!(looks(&world).1, 3);
}

#[tokio::test]
async fn a_landing_zone_that_does_not_ask_for_it_is_done_without_a_call() {
    let world = fresh_world(REGIONS);
    let mut request = request();
    request.order.landing_zone.settings.delete_default_vpcs = false;
    assert_eq!(done(&world, &request).await.unwrap(), Done::default());
    assert!(is_untouched(&world));
}

#[tokio::test]
async fn regions_are_worked_on_side_by_side_but_not_all_at_once() {
    let names: Vec<String> = (1..=30)
        .map(|number| format!("xx-region-{number}"))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let world = fresh_world(&names);
    let done = done(&world, &request()).await.unwrap();
    assert_eq!(done.deleted.len(), 30);
    assert_eq!(world.state().ec2.most_busy, AT_ONCE);
}

#[test]
fn the_input_and_the_progress_of_the_machine_are_read() {
    let notes: Notes = serde_json::from_value(serde_json::json!({
        "Regions": ["eu-south-1"], "Kept": ["eu-south-1"], "Done": {"Deleted": ["eu-west-1"], "Regions": 2},
    }))
    .unwrap();
    assert_eq!(
        (notes.regions.len(), notes.kept.len(), notes.done.regions),
        (1, 1, 2)
    );
    let expected = noting(request(), notes);
    let input = serde_json::json!({
        "Execution": execution(), "Order": expected.order, "Account": account(), "Input": null, "SomethingNew": 1,
        "Progress": {
            "Looks": {"Work": 1, "Turn": 0},
            "Notes": {
                "Regions": ["eu-south-1"], "Kept": ["eu-south-1"], "Done": {"Deleted": ["eu-west-1"], "Regions": 2},
            },
        },
    });
    assert_eq!(read::<DefaultVpcs>(input).unwrap(), expected);
}
