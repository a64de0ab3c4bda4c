//! The step against the settings of one account: what it reads, what it writes, what it waits for.
//! Every write is also lost, before and after its effect; the next run ends in the same place.

use avm_core::config::AlternateContacts;
use avm_core::contract::call::Progress;
use avm_core::error::Kind;
use avm_core::testing::{account, call, execution, order, order_json};
use avm_world::account_settings::OfAccount;
use avm_world::{Fault, InMemory, State, answer, drive, plan_of, read, replay};
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

/// A stack instance can be made only in a region that is enabled (CloudFormation User Guide, StackSets and opt-in regions).
#[tokio::test]
async fn before_all_else_only_the_regions_of_other_steps_are_waited_for() {
    let disabled = regions(&[
        ("ap-east-1", RegionStatus::Disabled),
        ("eu-south-1", RegionStatus::Disabled),
    ]);
    let early = |regions_wanted: &[&str]| {
        let mut request = request(regions_wanted);
        request.input = Some(Input { only_regions: true });
        let stack_sets = &mut request.order.landing_zone.settings.stack_sets;
        stack_sets[0].region = "eu-south-1".parse().unwrap();
        request
    };
    replay::<AccountSettings>(&disabled, &early(&["eu-south-1"])).await;
    let mut request = early(&["ap-east-1", "eu-south-1"]);

    let world = InMemory::with(&disabled);
    {
        let mut state = world.state_mut();
        (state.account_settings.is_slow, state.account_settings.limit) = (true, 1);
    }
    let (waiting_for, _) = pending(&world, &request).await;
    assert_eq!(
        waiting_for,
        "the regions of the account: eu-south-1 is ENABLING"
    );
    // Even where AWS takes one only; of contacts nothing is read.
    assert_eq!(status_of(&world, "ap-east-1"), RegionStatus::Disabled);
    assert!(
        world
            .journal()
            .iter()
            .all(|entry| !entry.words.contains("Contact"))
    );
    time_passes(&world);
    let answer = answer::<AccountSettings>(&world, &request).await.unwrap();
    assert_eq!(answer["Status"], "DONE", "{answer}");
    assert_eq!(status_of(&world, "eu-south-1"), RegionStatus::Enabled);
    assert_ne!(status_of(&world, "ap-east-1"), RegionStatus::Enabled);

    request.input = None;
    done(&world, &request).await.unwrap();
    assert_eq!(status_of(&world, "ap-east-1"), RegionStatus::Enabled);
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
async fn a_region_that_is_changing_is_waited_for_and_then_enabled() {
    for (status, enabled) in [(RegionStatus::Enabling, 0), (RegionStatus::Disabling, 1)] {
        let world = slow_world(&[("eu-south-1", status.clone())]);
        let mut request = request(&["eu-south-1"]);
        request.order.landing_zone.settings.alternate_contacts = None;
        let (waiting_for, _) = pending(&world, &request).await;
        assert!(
            waiting_for.ends_with(&format!("eu-south-1 is {status}")),
            "{waiting_for}"
        );
        assert!(world.writes().is_empty());
        done(&world, &request).await.unwrap();
        assert_eq!(status_of(&world, "eu-south-1"), RegionStatus::Enabled);
        assert_eq!(world.writes().len(), enabled);
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
    let world = slow_world(&all);
    let request = request(&names.each_ref().map(String::as_str));
    let (waiting_for, _) = pending(&world, &request).await;
    let enabled = |world: &InMemory| {
        let writes = world.writes();
        let enabled = writes.iter();
        enabled
            .filter(|write| write.starts_with("account:EnableRegion"))
            .count()
    };
    assert_eq!(enabled(&world), 5);
    assert!(
        waiting_for.contains("eu-south-7 waits: AWS changes six regions"),
        "{waiting_for}"
    );
    time_passes(&world);
    let (done, _) = done(&world, &request).await.unwrap();
    assert_eq!(enabled(&world), 7);
    assert_eq!(done["Regions"].as_object().unwrap().len(), 7);
}

#[tokio::test]
async fn where_the_organization_is_at_its_limit_the_rest_is_tried_again() {
    let world = slow_world(&[
        ("eu-south-1", RegionStatus::Disabled),
        ("eu-south-2", RegionStatus::Disabled),
        ("me-south-1", RegionStatus::Disabled),
    ]);
    world.state_mut().account_settings.limit = 1;
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
    assert_eq!(world.writes().len(), 2 + 2);
    time_passes(&world);
    done(&world, &request).await.unwrap();
    assert_eq!(status_of(&world, "me-south-1"), RegionStatus::Enabled);
}

#[tokio::test]
async fn an_unknown_region_fails_with_its_field_before_anything_is_written() {
    let world = world(&[("eu-south-1", RegionStatus::Disabled)]);
    let failure = done(&world, &request(&["eu-south-1", "xx-south-9"]))
        .await
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
    assert_eq!(
        failure.cause(),
        "optInRegions, stackSets or the platform: AWS has no region xx-south-9 for this account"
    );
    assert!(failure.account().is_some());
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn a_status_that_is_new_is_waited_for() {
    let world = world(&[("eu-south-1", RegionStatus::Other("PAUSED".to_owned()))]);
    let (waiting_for, _) = pending(&world, &request(&["eu-south-1"])).await;
    assert!(
        waiting_for.ends_with("eu-south-1 is PAUSED"),
        "{waiting_for}"
    );
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

#[tokio::test]
async fn regions_that_are_never_enabled_are_given_up() {
    let world = slow_world(&[("eu-south-1", RegionStatus::Enabling)]);
    let failure = drive::<AccountSettings>(&world, &request(&["eu-south-1"]))
        .await
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccountSettingsTimedOut);
    assert_eq!(
        failure.cause(),
        "waited for the regions of the account: eu-south-1 is ENABLING; given up after 50 looks"
    );
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
