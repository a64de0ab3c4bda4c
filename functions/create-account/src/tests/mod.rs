//! The step in an organization: what it finds, makes, waits for and refuses.
//! Here: what the cases have in common.

mod adoption;
mod creation;
mod crowds;
mod landing_zones;
mod ownership;
mod plans;
mod turns;

use std::collections::BTreeMap;

use avm_core::contract::call::{Looks, Mode, Nothing, Progress, Request};
use avm_core::domain::AccountId;
use avm_core::error::Failure;
use avm_core::ports::accounts::{AccountState, NewAccount};
use avm_core::rules::owner::Owner;
use avm_core::testing::{execution, order};
use avm_world::organizations::Member;
use avm_world::{InMemory, answer, drive as drive_request, read};
use serde_json::{Value, json};

use crate::{Call, CreateAccount, Done, Notes};

const NAME: &str = "space-shop";
const EMAIL: &str = "aws+space.shop@example.com";
const ID: &str = "111111111111";
/// Longer than any test looks.
const LONG: u32 = 1_000;

/// A request of the sample order; with the id of an account, or without.
fn request(account: Option<&str>, notes: Option<Notes>) -> Call {
    let mut order = order();
    order.request.account_id = account.map(id);
    let looks = Looks::default();
    Request {
        execution: execution(),
        order,
        account: Nothing,
        input: Nothing,
        progress: notes.map(|notes| Progress { looks, notes }),
        mode: Mode::Act,
    }
}

fn id(text: &str) -> AccountId {
    text.parse().unwrap()
}

/// An organization with one account.
fn with(account: &str, name: &str, email: &str, state: AccountState) -> InMemory {
    let world = InMemory::default();
    add(&world, account, name, email, state);
    world
}

fn add(world: &InMemory, account: &str, name: &str, email: &str, state: AccountState) {
    let member = Member {
        state,
        ..Member::new(name, email)
    };
    let members = &mut world.state_mut().organizations.members;
    members.insert(id(account), member);
}

/// An organization in which creations end only when a test says so.
fn slow() -> InMemory {
    InMemory::with(|state| state.organizations.creation_lasts = LONG)
}

fn finish(world: &InMemory) {
    world.state_mut().organizations.finish_creations();
}

fn change(world: &InMemory, account: &str, how: impl FnOnce(&mut Member)) {
    how(world.state_mut().organizations.account(&id(account)));
}

/// The account has these tags, and no others.
fn tag(world: &InMemory, account: &str, pairs: &[(&str, &str)]) {
    change(world, account, |member| {
        member.tags.clear();
        member.tag(pairs);
    });
}

/// The sample order's owner tags an account, as its creation does.
fn own(world: &InMemory, account: &str) {
    let tags = Owner::of(&order()).tags();
    change(world, account, |member| member.tags = tags);
}

/// An earlier execution of the sample order's project asks for its account.
fn ask(world: &InMemory) {
    ask_for(world, EMAIL, Owner::of(&order()).tags());
}

/// Another project asks for an account of the same name.
fn ask_as_another_project(world: &InMemory) {
    let mut order = order();
    order.request.stage = "bank".parse().unwrap();
    ask_for(world, "other@example.com", Owner::of(&order).tags());
}

fn ask_for(world: &InMemory, email: &str, tags: BTreeMap<String, String>) {
    let wanted = NewAccount {
        name: NAME.parse().unwrap(),
        email: email.parse().unwrap(),
        access_role: "Role".parse().unwrap(),
        tags,
    };
    world.state_mut().organizations.take(wanted);
}

/// The index of tags does not show the account yet.
fn hide_from_the_index(world: &InMemory, account: &str) {
    change(world, account, |member| {
        member.indexed = Some(BTreeMap::new());
    });
}

/// The account cannot be used until so many looks have passed.
fn obstruct(world: &InMemory, account: &str, looks: u32) {
    let mut state = world.state_mut();
    state
        .readiness
        .obstruct(&id(account), "IAM: not yet", looks);
}

fn creations(world: &InMemory) -> usize {
    world.state().organizations.creations.len()
}

/// The first account that a creation has made.
fn made(world: &InMemory) -> String {
    let state = world.state();
    let id = state.organizations.members.keys().next().unwrap();
    id.to_string()
}

/// The calls that read AWS Organizations.
fn reads(world: &InMemory) -> Vec<String> {
    let reads = world.reads().into_iter();
    reads
        .filter_map(|words| words.strip_prefix("organizations:").map(str::to_owned))
        .collect()
}

/// The read that tells what AWS works on, and whether it has room.
const IN_PROGRESS: &str = "ListCreateAccountStatus in progress space-shop";

fn accounts_of_the_address(world: &InMemory) -> usize {
    let state = world.state();
    let members = state.organizations.members.values();
    members
        .filter(|member| member.email.eq_ignore_ascii_case(EMAIL))
        .count()
}

fn unlist_creations(world: &InMemory, looks: u32) {
    world.state_mut().organizations.creations_listed_after = looks;
}

/// An organization with so many accounts of others before ours, each on a page of its own.
fn large(others: u64) -> InMemory {
    let world = InMemory::default();
    for number in 0..others {
        let id = format!("{:012}", 100_000_000_000 + number);
        let email = format!("{number}@example.com");
        add(&world, &id, "other", &email, AccountState::Active);
    }
    world.state_mut().organizations.accounts_per_page = 1;
    world
}

fn notes(creation: &str) -> Notes {
    Notes {
        create_account_request_id: Some(creation.to_owned()),
        ..Notes::default()
    }
}

/// The notes of who has asked for the creation.
fn notes_of_own(creation: &str) -> Notes {
    Notes {
        has_asked: true,
        ..notes(creation)
    }
}

async fn call(world: &InMemory, request: &Call) -> Result<Value, Failure> {
    answer::<CreateAccount>(world, request).await
}

/// Calls as the machine does, until the account is ready or the step fails.
async fn drive(world: &InMemory, account: Option<&str>) -> Result<Done, Failure> {
    let done = drive_request::<CreateAccount>(world, &request(account, None)).await?;
    Ok(serde_json::from_value(done).unwrap())
}

fn is_done(answer: &Value) -> bool {
    answer["Status"] == "DONE"
}

/// What is waited for, and what the next call has to know. The machine is told the account that the notes tell.
fn waiting_for(answer: Result<Value, Failure>) -> (String, Notes) {
    let answer = answer.unwrap();
    assert_eq!(answer["Status"], "PENDING");
    let notes: Notes = serde_json::from_value(answer["Progress"]["Notes"].clone()).unwrap();
    assert_eq!(answer["AccountId"], json!(notes.account_id));
    (answer["WaitingFor"].as_str().unwrap().to_owned(), notes)
}

#[test]
fn the_input_of_the_machine_is_read_with_and_without_progress() {
    let input = |progress: Value| {
        json!({
            "Execution": execution(), "Order": order(), "Account": null, "Input": null, "Progress": progress,
            "SomethingNew": 1,
        })
    };
    let none = read::<CreateAccount>(input(Value::Null)).unwrap();
    assert_eq!(none, request(Some(ID), None));
    let progress =
        json!({"Looks": {"Work": 1, "Turn": 0}, "Notes": {"CreateAccountRequestId": "car-1"}});
    let some = read::<CreateAccount>(input(progress)).unwrap();
    let id = some.progress.unwrap().notes.create_account_request_id;
    assert_eq!(id.as_deref(), Some("car-1"));
}
