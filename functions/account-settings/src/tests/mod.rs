//! The step against the settings of one account: what it reads, what it writes, what it waits for.
//! Every write is also lost, before and after its effect; the next run ends in the same place.

mod budgets;
mod regions;

use avm_core::config::AlternateContacts;
use avm_core::contract::call::Progress;
use avm_core::error::Kind;
use avm_core::testing::{account, call, execution, order, order_json};
use avm_world::account_settings::OfAccount;
use avm_world::{Fault, InMemory, State, answer, plan_of, read, replay};
use serde_json::{Value, json};

use super::*;

const SECRETS: [&str; 4] = ["Erika", "Head of Bills", "bills@", "123 456"];

fn contact(name: &str) -> AlternateContact {
    serde_json::from_value(json!({
        "name": name, "title": "Head of Bills", "email": "bills@example.com", "phone": "+49 123 456"
    }))
    .unwrap()
}

/// A landing zone that names a billing and a security contact, and these regions.
fn request(regions: &[&str]) -> Call {
    let mut order = order();
    let settings = &mut order.landing_zone.settings;
    settings.alternate_contacts = Some(AlternateContacts {
        billing: Some(contact("Erika")),
        operations: None,
        security: Some(contact("Erika Two")),
    });
    settings.opt_in_regions = regions.iter().map(|name| name.parse().unwrap()).collect();
    call(order, None)
}

fn regions(regions: &[(&str, RegionStatus)]) -> impl Fn(&mut State) {
    move |state| {
        let regions = regions.iter();
        let of_account = state.account_settings.of(&account().account_id);
        of_account.regions = regions
            .map(|(name, status)| (name.parse().unwrap(), status.clone()))
            .collect();
    }
}

fn world(statuses: &[(&str, RegionStatus)]) -> InMemory {
    InMemory::with(regions(statuses))
}

/// A world in which nothing goes on until the test says so.
fn slow_world(statuses: &[(&str, RegionStatus)]) -> InMemory {
    let world = world(statuses);
    world.state_mut().account_settings.is_slow = true;
    world
}

fn time_passes(world: &InMemory) {
    world.state_mut().account_settings.finish();
}

fn of_account(world: &InMemory) -> OfAccount {
    let mut state = world.state_mut();
    state.account_settings.of(&account().account_id).clone()
}

fn status_of(world: &InMemory, region: &str) -> RegionStatus {
    of_account(world).regions[&region.parse().unwrap()].clone()
}

async fn pending(world: &InMemory, request: &Call) -> (String, Progress<Notes>) {
    let mut answer = answer::<AccountSettings>(world, request).await.unwrap();
    assert_eq!(answer["Status"], "PENDING", "{answer}");
    let words = answer["WaitingFor"].as_str().unwrap().to_owned();
    let progress = serde_json::from_value(answer["Progress"].take());
    (words, progress.unwrap())
}

/// Calls as the machine does, while time passes; also says how many calls it took.
async fn done(world: &InMemory, request: &Call) -> Result<(Value, usize), Failure> {
    world.state_mut().account_settings.is_slow = false;
    let mut request = request.clone();
    for calls in 1..20 {
        let mut answer = answer::<AccountSettings>(world, &request).await?;
        if answer["Status"] == "DONE" {
            return Ok((answer["Result"].take(), calls));
        }
        request.progress = serde_json::from_value(answer["Progress"].take()).unwrap();
    }
    panic!("waits for ever");
}

#[tokio::test]
async fn contacts_are_set_and_regions_enabled_and_the_answer_tells_no_contact() {
    let world = world(&[
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
        world.writes(),
        [
            "account:PutAlternateContact billing",
            "account:PutAlternateContact security",
            "account:EnableRegion eu-south-1"
        ]
    );
    assert_eq!(
        of_account(&world).contacts[&ContactKind::Billing],
        contact("Erika")
    );
}

#[tokio::test]
async fn a_second_run_reads_only() {
    let world = world(&[("eu-south-1", RegionStatus::Disabled)]);
    let request = request(&["eu-south-1"]);
    done(&world, &request).await.unwrap();
    let before = world.writes();
    let plan = plan_of::<AccountSettings>(&world, &request).await.unwrap();
    assert_eq!(plan["IsEmpty"], true);
    let (again, calls) = done(&world, &request).await.unwrap();
    assert_eq!(calls, 1);
    assert_eq!(world.writes(), before);
    assert_eq!(
        again,
        json!({
            "Contacts": {"billing": "unchanged", "operations": "none", "security": "unchanged"},
            "Regions": {"eu-south-1": "unchanged"}
        })
    );
}

#[tokio::test]
async fn a_contact_that_differs_is_replaced_and_one_that_is_not_named_is_left_alone() {
    let world = InMemory::with(|state| {
        state.account_settings.of(&account().account_id).contacts = [
            (ContactKind::Billing, contact("Somebody")),
            (ContactKind::Operations, contact("Somebody")),
            (ContactKind::Security, contact("Erika Two")),
        ]
        .into();
    });
    done(&world, &request(&[])).await.unwrap();
    assert_eq!(world.writes(), ["account:PutAlternateContact billing"]);
    assert_eq!(
        of_account(&world).contacts[&ContactKind::Operations],
        contact("Somebody")
    );
    let journal = world.journal();
    let calls: Vec<&str> = journal.iter().map(|entry| entry.words.as_str()).collect();
    assert_eq!(
        calls,
        [
            "account:GetAlternateContact billing",
            "account:GetAlternateContact security",
            "account:PutAlternateContact billing"
        ]
    );
}

#[tokio::test]
async fn a_landing_zone_that_names_nothing_is_done_without_a_call() {
    let world = InMemory::default();
    let mut request = request(&[]);
    request.order.landing_zone.settings.alternate_contacts = None;
    let (done, _) = done(&world, &request).await.unwrap();
    assert_eq!(
        done,
        json!({"Contacts": {"billing": "none", "operations": "none", "security": "none"}, "Regions": {}})
    );
    assert!(world.journal().is_empty());
    assert!(world.opened().is_empty());
}

#[tokio::test]
async fn settled_contacts_are_not_read_again_while_regions_are_waited_for() {
    let world = slow_world(&[("eu-south-1", RegionStatus::Disabled)]);
    let mut request = request(&["eu-south-1"]);
    let (waiting_for, progress) = pending(&world, &request).await;
    assert_eq!(
        waiting_for,
        "the regions of the account: eu-south-1 is ENABLING"
    );
    assert_eq!(
        serde_json::to_value(&progress.notes).unwrap(),
        json!({
            "Contacts": {"billing": "set", "operations": "none", "security": "set"},
            "Regions": ["eu-south-1"]
        })
    );
    request.progress = Some(progress);
    world.forget_journal();
    pending(&world, &request).await;
    assert_eq!(world.reads(), ["account:ListRegions"]);
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn a_refusal_is_told_with_the_account() {
    let world = InMemory::default();
    world.refuse("account:", Failure::new(ErrorName::AccessDenied, "refused"));
    let failure = done(&world, &request(&[])).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccessDenied);
    assert_eq!(failure.account(), Some(&account().account_id));
}

#[tokio::test]
async fn whatever_is_lost_the_next_try_ends_in_an_equal_account() {
    let disabled = regions(&[
        ("eu-south-1", RegionStatus::Disabled),
        ("eu-south-2", RegionStatus::Disabled),
    ]);
    let request = request(&["eu-south-1", "eu-south-2"]);
    replay::<AccountSettings>(&disabled, &request).await;

    let undisturbed = InMemory::with(&disabled);
    done(&undisturbed, &request).await.unwrap();
    let count = undisturbed.writes().len();
    assert_eq!(count, 4);
    // After an effect whose answer was lost the write is not repeated.
    for at in 0..count {
        for fault in Fault::ALL {
            let world = InMemory::with(&disabled);
            world.disturb_write(at, fault);
            let failure = done(&world, &request).await.unwrap_err();
            assert_eq!(failure.name().kind(), Kind::Busy);
            done(&world, &request).await.unwrap();
            let repeated = usize::from(fault == Fault::Before);
            assert_eq!(world.writes().len(), count + repeated, "{at} {fault:?}");
        }
    }
}

#[tokio::test]
async fn the_plan_is_shown_without_a_word_of_a_contact() {
    let world = slow_world(&[
        ("eu-south-1", RegionStatus::Disabled),
        ("eu-south-2", RegionStatus::Enabling),
    ]);
    let mut request = request(&["eu-south-1", "eu-south-2"]);
    let settings = &mut request.order.landing_zone.settings;
    settings.alternate_contacts.as_mut().unwrap().security = None;
    let plan = plan_of::<AccountSettings>(&world, &request).await.unwrap();
    insta::assert_json_snapshot!(plan, @r#"
    {
      "DependsOn": null,
      "IsEmpty": false,
      "Steps": {
        "Enable": [
          "eu-south-1"
        ],
        "Set": [
          "billing"
        ],
        "Waiting": {
          "eu-south-2": "ENABLING"
        }
      },
      "Words": "set billing contact; enable eu-south-1; wait for eu-south-2, which is ENABLING"
    }
    "#);
    for secret in SECRETS {
        assert!(!plan.to_string().contains(secret), "{secret}");
    }
    done(&world, &request).await.unwrap();
    let plan = plan_of::<AccountSettings>(&world, &request).await.unwrap();
    assert_eq!(plan["Words"], "nothing to change");
}

#[test]
fn the_input_of_the_machine_is_read_and_printed_without_contacts() {
    let mut order = order_json();
    order["LandingZone"]["Settings"]["alternateContacts"] = json!({"billing": {
        "name": "Erika", "title": "Head of Bills", "email": "bills@example.com", "phone": "+49 123 456"
    }});
    order["LandingZone"]["Settings"]["optInRegions"] = json!(["eu-south-1"]);
    let input = json!({
        "Execution": execution(), "Order": order, "Account": account(), "Input": null,
        "Progress": {
            "Looks": {"Work": 1, "Turn": 0},
            "Notes": {"Contacts": {"billing": "set"}, "Regions": ["eu-south-1"]}
        },
    });
    let read = read::<AccountSettings>(input).unwrap();
    assert_eq!(read.notes().unwrap().regions.len(), 1);
    let printed = format!("{read:?}");
    for secret in SECRETS {
        assert!(!printed.contains(secret), "{secret}");
    }
}
