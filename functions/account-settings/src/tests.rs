//! The step against the settings of one account: what it reads, what it writes, what it waits for.
//! Every write is also lost, before and after its effect; the next run ends in the same place.

use std::collections::BTreeMap;

use avm_aws::lambda::decode;
use avm_core::config::{AlternateContact, AlternateContacts};
use avm_core::contract::step::{Answer, OnAccount};
use avm_core::domain::Region;
use avm_core::error::{ErrorName, Failure, Kind};
use avm_core::ports::account_settings::{ContactKind, RegionStatus};
use avm_core::rules::standing_accounts::StandingAccounts;
use avm_core::testing::{account, execution, order, order_json};
use serde_json::json;

use crate::plan::RegionPlan;
use crate::world::{Lost, World};
use crate::{Done, Progress, Request, Response, handle};

const SECRETS: [&str; 4] = ["Erika", "Head of Bills", "bills@", "123 456"];

fn contact(name: &str) -> AlternateContact {
    serde_json::from_value(json!({
        "name": name, "title": "Head of Bills", "email": "bills@example.com", "phone": "+49 123 456"
    }))
    .unwrap()
}

/// A landing zone that names a billing and a security contact, and these regions.
fn request(regions: &[&str]) -> Request {
    let mut order = order();
    let settings = &mut order.landing_zone.settings;
    settings.alternate_contacts = Some(AlternateContacts {
        billing: Some(contact("Erika")),
        operations: None,
        security: Some(contact("Erika Two")),
    });
    settings.opt_in_regions = regions.iter().map(|name| name.parse().unwrap()).collect();
    Request {
        execution: execution(),
        order,
        progress: None,
        rest: OnAccount { account: account() },
    }
}

async fn answer(world: &World, request: &Request) -> Result<Response, Failure> {
    let role = "arn:aws:iam::333333333333:role/AVMAccountSettingsRole"
        .parse()
        .unwrap();
    let meshcloud = "555555555555".parse().unwrap();
    let standing = StandingAccounts::of(&role, &request.execution, &meshcloud);
    handle(request, &standing, world).await
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

/// Calls as the state machine does, while time passes; also says how many calls it took.
async fn done(world: &World, request: &Request) -> Result<(Done, usize), Failure> {
    let mut request = request.clone();
    for calls in 1..20 {
        match answer(world, &request).await? {
            Answer::Done(done) => return Ok((done, calls)),
            Answer::Pending { progress, .. } => request.progress = Some(progress),
        }
        world.time_passes();
    }
    panic!("waits for ever");
}

fn writes(world: &World) -> Vec<String> {
    world.state().writes.clone()
}

#[tokio::test]
async fn contacts_are_set_and_regions_enabled_and_the_answer_tells_no_contact() {
    let world = World::with(&[
        ("eu-central-1", RegionStatus::Enabled),
        ("eu-south-1", RegionStatus::Disabled),
    ]);
    let request = request(&["eu-central-1", "eu-south-1"]);
    let (done, calls) = done(&world, &request).await.unwrap();
    assert_eq!(calls, 2);
    insta::assert_json_snapshot!(done, @r#"
    {
      "Contacts": {
        "billing": "set",
        "operations": "none",
        "security": "set"
      },
      "Regions": {
        "eu-central-1": "unchanged",
        "eu-south-1": "enabled"
      }
    }
    "#);
    assert_eq!(
        writes(&world),
        ["set billing", "set security", "enable eu-south-1"]
    );
    assert_eq!(
        world.state().contacts[&ContactKind::Billing],
        contact("Erika")
    );
}

#[tokio::test]
async fn a_second_run_reads_only() {
    let world = World::with(&[("eu-south-1", RegionStatus::Disabled)]);
    let request = request(&["eu-south-1"]);
    done(&world, &request).await.unwrap();
    let before = writes(&world);
    let (again, calls) = done(&world, &request).await.unwrap();
    assert_eq!(calls, 1);
    assert_eq!(writes(&world), before);
    assert_eq!(
        serde_json::to_value(again).unwrap(),
        json!({
            "Contacts": {"billing": "unchanged", "operations": "none", "security": "unchanged"},
            "Regions": {"eu-south-1": "unchanged"}
        })
    );
}

#[tokio::test]
async fn a_contact_that_differs_is_replaced_and_one_that_is_not_named_is_left_alone() {
    let world = World::default();
    world.state().contacts = [
        (ContactKind::Billing, contact("Somebody")),
        (ContactKind::Operations, contact("Somebody")),
        (ContactKind::Security, contact("Erika Two")),
    ]
    .into();
    done(&world, &request(&[])).await.unwrap();
    assert_eq!(writes(&world), ["set billing"]);
    let state = world.state();
    assert_eq!(
        state.contacts[&ContactKind::Operations],
        contact("Somebody")
    );
    assert_eq!(state.calls, ["get billing", "get security", "set billing"]);
}

#[tokio::test]
async fn a_landing_zone_that_names_nothing_is_done_without_a_call() {
    let world = World::default();
    let mut request = request(&[]);
    request.order.landing_zone.settings.alternate_contacts = None;
    let (done, _) = done(&world, &request).await.unwrap();
    assert_eq!(
        serde_json::to_value(done).unwrap(),
        json!({"Contacts": {"billing": "none", "operations": "none", "security": "none"}, "Regions": {}})
    );
    assert!(world.state().calls.is_empty());
}

#[tokio::test]
async fn settled_contacts_are_not_read_again_while_regions_are_waited_for() {
    let world = World::with(&[("eu-south-1", RegionStatus::Disabled)]);
    let mut request = request(&["eu-south-1"]);
    let (waiting_for, progress) = pending(&world, &request).await;
    assert_eq!(
        waiting_for,
        "the regions of the account: eu-south-1 is ENABLING"
    );
    assert_eq!(
        serde_json::to_value(&progress).unwrap(),
        json!({
            "Contacts": {"billing": "set", "operations": "none", "security": "set"},
            "Regions": ["eu-south-1"]
        })
    );
    request.progress = Some(progress);
    world.state().calls.clear();
    pending(&world, &request).await;
    assert_eq!(world.state().calls, ["list"]);
}

#[tokio::test]
async fn a_region_that_is_changing_is_waited_for_and_then_enabled() {
    for (status, enabled) in [(RegionStatus::Enabling, 0), (RegionStatus::Disabling, 1)] {
        let world = World::with(&[("eu-south-1", status.clone())]);
        let mut request = request(&["eu-south-1"]);
        request.order.landing_zone.settings.alternate_contacts = None;
        let (waiting_for, _) = pending(&world, &request).await;
        assert!(
            waiting_for.ends_with(&format!("eu-south-1 is {status}")),
            "{waiting_for}"
        );
        assert!(writes(&world).is_empty());
        done(&world, &request).await.unwrap();
        assert_eq!(world.status("eu-south-1"), RegionStatus::Enabled);
        assert_eq!(writes(&world).len(), enabled);
    }
}

#[tokio::test]
async fn no_more_regions_are_enabled_at_once_than_aws_allows_an_account() {
    let names = [1, 2, 3, 4, 5, 6, 7].map(|number| format!("eu-south-{number}"));
    let mut all: Vec<(&str, RegionStatus)> = names
        .iter()
        .map(|name| (name.as_str(), RegionStatus::Disabled))
        .collect();
    all.push(("me-south-1", RegionStatus::Disabling));
    let world = World::with(&all);
    let request = request(&names.each_ref().map(String::as_str));
    let (waiting_for, _) = pending(&world, &request).await;
    let enabled = |world: &World| {
        let writes = writes(world);
        writes
            .iter()
            .filter(|write| write.starts_with("enable"))
            .count()
    };
    assert_eq!(enabled(&world), 5);
    assert!(
        waiting_for.contains("eu-south-7 waits: AWS changes six regions"),
        "{waiting_for}"
    );
    world.time_passes();
    let (done, _) = done(&world, &request).await.unwrap();
    assert_eq!(enabled(&world), 7);
    assert_eq!(done.regions.len(), 7);
}

#[tokio::test]
async fn where_the_organization_is_at_its_limit_the_rest_is_tried_again() {
    let world = World::with(&[
        ("eu-south-1", RegionStatus::Disabled),
        ("eu-south-2", RegionStatus::Disabled),
        ("me-south-1", RegionStatus::Disabled),
    ]);
    world.state().limit = Some(1);
    let request = request(&["eu-south-1", "eu-south-2", "me-south-1"]);
    let (waiting_for, _) = pending(&world, &request).await;
    assert!(
        waiting_for.contains("eu-south-2 waits: AWS says: not now"),
        "{waiting_for}"
    );
    assert!(
        waiting_for.contains("me-south-1 waits: AWS says: not now"),
        "{waiting_for}"
    );
    // After the first refusal AWS is not asked for another region.
    assert_eq!(writes(&world).len(), 2 + 2);
    world.time_passes();
    done(&world, &request).await.unwrap();
    assert_eq!(world.status("me-south-1"), RegionStatus::Enabled);
}

#[tokio::test]
async fn an_unknown_region_fails_with_its_field_before_anything_is_written() {
    let world = World::with(&[("eu-south-1", RegionStatus::Disabled)]);
    let failure = answer(&world, &request(&["eu-south-1", "xx-south-9"]))
        .await
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
    assert_eq!(
        failure.cause(),
        "optInRegions: AWS has no region xx-south-9 for this account"
    );
    assert!(failure.account().is_some());
    assert!(writes(&world).is_empty());
}

#[tokio::test]
async fn a_status_that_is_new_is_waited_for() {
    let world = World::with(&[("eu-south-1", RegionStatus::Other("PAUSED".to_owned()))]);
    let (waiting_for, _) = pending(&world, &request(&["eu-south-1"])).await;
    assert!(
        waiting_for.ends_with("eu-south-1 is PAUSED"),
        "{waiting_for}"
    );
}

#[tokio::test]
async fn the_accounts_that_the_machine_stands_on_are_left_alone() {
    for id in ["333333333333", "222222222222", "555555555555"] {
        let world = World::default();
        let mut request = request(&[]);
        request.rest.account.account_id = id.parse().unwrap();
        let failure = answer(&world, &request).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::InvalidRequest, "{id}");
        assert!(world.state().calls.is_empty());
    }
}

#[tokio::test]
async fn a_refusal_is_told_with_the_account() {
    let world = World::default();
    world.state().refusal = Some(ErrorName::AccessDenied);
    let failure = answer(&world, &request(&[])).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccessDenied);
    assert_eq!(failure.account(), Some(&account().account_id));
}

#[tokio::test]
async fn whichever_answer_is_lost_the_next_run_ends_in_an_equal_account() {
    let regions = [
        ("eu-south-1", RegionStatus::Disabled),
        ("eu-south-2", RegionStatus::Disabled),
    ];
    let request = request(&["eu-south-1", "eu-south-2"]);
    let undisturbed = World::with(&regions);
    done(&undisturbed, &request).await.unwrap();
    let count = writes(&undisturbed).len();
    assert_eq!(count, 4);
    for at in 0..count {
        for lost in [Lost::BeforeTheEffect, Lost::AfterTheEffect] {
            let world = World::with(&regions);
            world.state().lost = Some((at, lost));
            let failure = answer(&world, &request).await.unwrap_err();
            assert_eq!(failure.name().kind(), Kind::Busy);
            done(&world, &request).await.unwrap();
            let (state, expected) = (world.state(), undisturbed.state());
            assert_eq!(state.contacts, expected.contacts, "{at} {lost:?}");
            assert_eq!(state.regions, expected.regions, "{at} {lost:?}");
            drop((state, expected));
            // After an effect whose answer was lost the write is not repeated.
            let repeated = usize::from(lost == Lost::BeforeTheEffect);
            assert_eq!(writes(&world).len(), count + repeated, "{at} {lost:?}");
        }
    }
}

#[test]
fn the_plan_is_shown_without_a_word_of_a_contact() {
    let found: BTreeMap<Region, RegionStatus> = [
        ("eu-south-1", RegionStatus::Disabled),
        ("eu-south-2", RegionStatus::Enabling),
    ]
    .map(|(name, status)| (name.parse().unwrap(), status))
    .into();
    let plan = crate::plan::Plan {
        contacts: [(ContactKind::Billing, crate::ContactOutcome::Set)].into(),
        is_new: true,
        regions: RegionPlan::of(&found.keys().cloned().collect(), &found).unwrap(),
    };
    assert_eq!(
        plan.to_string(),
        "set billing contact; enable eu-south-1; wait for eu-south-2, which is ENABLING"
    );
    let nothing = crate::plan::Plan {
        is_new: false,
        regions: RegionPlan::default(),
        ..plan
    };
    assert_eq!(nothing.to_string(), "nothing to change");
}

#[test]
fn the_input_of_the_state_machine_is_read_and_printed_without_contacts() {
    let mut order = order_json();
    order["LandingZone"]["alternateContacts"] = json!({"billing": {
        "name": "Erika", "title": "Head of Bills", "email": "bills@example.com", "phone": "+49 123 456"
    }});
    order["LandingZone"]["optInRegions"] = json!(["eu-south-1"]);
    let input = json!({
        "Execution": execution(), "Order": order, "Account": account(),
        "Progress": {"Contacts": {"billing": "set"}, "Regions": ["eu-south-1"]},
    });
    let read: Request = decode(input).unwrap();
    assert_eq!(read.progress.as_ref().unwrap().regions.len(), 1);
    let printed = format!("{read:?}");
    for secret in SECRETS {
        assert!(!printed.contains(secret), "{secret}");
    }
}
