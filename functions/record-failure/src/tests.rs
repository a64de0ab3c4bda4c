//! Failed vends of every kind: with an account, with one that only the request names, without, and with a broken order.
//! The account's tags can refuse and lose answers.

use std::collections::BTreeMap;

use avm_core::contract::call::Call;
use avm_core::domain::FAILURE_KEY_PREFIX;
use avm_core::error::ErrorName;
use avm_core::testing::{account, execution, order_json};
use avm_world::replay::replay_event;
use avm_world::{Fault, InMemory, State, answer_event, plan_of_event, read};
use insta::{assert_json_snapshot, assert_snapshot};
use serde_json::{Value, json};

use super::*;

/// An account with these tags.
fn tagged(tags: &[(&str, &str)]) -> impl Fn(&mut State) {
    let account = account().account_id;
    move |state| state.organizations.account(&account).tag(tags)
}

fn vended() -> impl Fn(&mut State) {
    tagged(&[
        ("ProductName", "space"),
        ("Stage", "shop"),
        ("Owner", "somebody"),
    ])
}

fn vended_world() -> InMemory {
    InMemory::with(vended())
}

fn untagged_world() -> InMemory {
    InMemory::with(tagged(&[]))
}

fn tags(world: &InMemory) -> BTreeMap<String, String> {
    world.state().organizations.tags(&account().account_id)
}

fn has(world: &InMemory, key: &str) -> bool {
    tags(world).contains_key(key)
}

const CAUSE: &str = r#"{"errorType":"UnknownOrganizationalUnit","errorMessage":"place-account: no unit Workloads, asked for by a@example.com (account 111111111111). Remedy: create the organizational unit."}"#;

fn event(with_account: bool) -> Value {
    json!({
        "Execution": execution(),
        "Order": order_json(),
        "Account": if with_account { json!(account()) } else { Value::Null },
        "Failure": {"Step": "PlaceAccount", "Error": "UnknownOrganizationalUnit", "Cause": CAUSE}
    })
}

fn event_without_account_id() -> Value {
    let mut event = event(false);
    event["Order"]["Request"]
        .as_object_mut()
        .unwrap()
        .remove("AccountId");
    event
}

/// The subject and the message.
async fn run(world: &InMemory, event: &Value) -> Result<(String, String), Failure> {
    let answer = answer_event::<RecordFailure>(world, event).await?;
    assert_eq!(answer["Status"], "DONE");
    let text = |key: &str| answer["Result"][key].as_str().unwrap().to_owned();
    Ok((text("Subject"), text("Message")))
}

async fn message(world: &InMemory, event: &Value) -> String {
    let (_, message) = run(world, event).await.unwrap();
    message
}

#[tokio::test]
async fn a_failed_vend_is_written_on_the_account_and_loses_the_completion_tags() {
    let world = vended_world();
    let (subject, message) = run(&world, &event(true)).await.unwrap();
    assert_json_snapshot!(tags(&world), @r#"
    {
      "Owner": "somebody",
      "avm:failed-at": "2026-11-05T10:00:00Z",
      "avm:failed-cause": "place-account: no unit Workloads_ asked for by _e-mail_ _account 111111111111_",
      "avm:failed-error": "UnknownOrganizationalUnit",
      "avm:failed-execution": "111111111111-2026-11-1",
      "avm:failed-remedy": "create the organizational unit",
      "avm:failed-step": "PlaceAccount",
      "avm:project": "shop",
      "avm:workspace": "space"
    }
    "#);
    assert_eq!(
        world.writes(),
        [
            "organizations:UntagResource ProductName Stage",
            "organizations:TagResource avm:failed-at avm:failed-cause avm:failed-error avm:failed-execution \
             avm:failed-remedy avm:failed-step avm:project avm:workspace"
        ]
    );
    assert_snapshot!(message, @r#"
    The vend of AWS account 111111111111 has failed.

    Step:         PlaceAccount
    Error:        UnknownOrganizationalUnit
    Cause:        place-account: no unit Workloads, asked for by <e-mail> (account 111111111111)
    Remedy:       create the organizational unit

    Account:      111111111111 (space-shop)
    Workspace:    space
    Project:      shop
    Landing zone: sandbox
    Execution:    arn:aws:states:eu-central-1:222222222222:execution:avm-vend-account:111111111111-2026-11-1
    Account tags: avm:failed-* are there, ProductName and Stage are not

    To go on: repair the cause, then send the same request to AVMEntryPoint again. meshStack does so at the next
    replication of the project. What is done already is kept.
    The request: aws stepfunctions describe-execution --execution-arn arn:aws:states:eu-central-1:222222222222:execution:avm-vend-account:111111111111-2026-11-1 --query input --output text
    "#);
    assert_eq!(
        subject,
        "AWS account vend failed: 111111111111 at PlaceAccount (UnknownOrganizationalUnit)"
    );
}

#[tokio::test]
async fn the_plan_names_the_keys_and_no_values() {
    let plan = plan_of_event::<RecordFailure>(&vended_world(), event(true)).await;
    assert_json_snapshot!(plan.unwrap(), @r#"
    {
      "DependsOn": null,
      "IsEmpty": false,
      "Steps": {
        "Mark": {
          "Put": [
            "avm:failed-at",
            "avm:failed-cause",
            "avm:failed-error",
            "avm:failed-execution",
            "avm:failed-remedy",
            "avm:failed-step",
            "avm:project",
            "avm:workspace"
          ],
          "Remove": [
            "ProductName",
            "Stage"
          ]
        }
      },
      "Words": "remove the tags ProductName, Stage; write the tags avm:failed-at, avm:failed-cause, avm:failed-error, avm:failed-execution, avm:failed-remedy, avm:failed-step, avm:project, avm:workspace"
    }
    "#);
}

#[tokio::test]
async fn whatever_is_lost_the_next_try_ends_in_equal_tags() {
    replay_event::<RecordFailure>(vended(), &event(true)).await;
    replay_event::<RecordFailure>(tagged(&[]), &event(true)).await;
    let others = tagged(&[("ProductName", "moon"), ("Stage", "shop")]);
    replay_event::<RecordFailure>(others, &event(true)).await;
    replay_event::<RecordFailure>(vended(), &event(false)).await;
    replay_event::<RecordFailure>(vended(), &event_without_account_id()).await;
}

#[tokio::test]
async fn a_lost_answer_is_a_failure_that_is_retried() {
    for write in 0..2 {
        for fault in Fault::ALL {
            let world = vended_world();
            world.disturb_write(write, fault);
            let failure = run(&world, &event(true)).await.unwrap_err();
            assert_eq!(failure.name(), ErrorName::ServiceUnavailable);
            assert_eq!(failure.account(), Some(&account().account_id));
        }
    }
    for words in ["organizations:ListTagsForResource", "organizations:Untag"] {
        let world = vended_world();
        world.refuse(words, Failure::new(ErrorName::Throttled, "not now"));
        let failure = run(&world, &event(true)).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::Throttled);
    }
    let world = vended_world();
    let busy = Failure::new(ErrorName::ServiceUnavailable, "no session");
    world.close_with(Door::Failure, busy);
    let failure = run(&world, &event(true)).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::ServiceUnavailable);
}

#[tokio::test]
async fn the_time_of_a_failure_that_is_told_already_stays() {
    let world = vended_world();
    run(&world, &event(true)).await.unwrap();
    tagged(&[("avm:failed-at", "earlier")])(&mut world.state_mut());
    run(&world, &event(true)).await.unwrap();
    assert_eq!(tags(&world)["avm:failed-at"], "earlier");
    assert_eq!(world.writes().len(), 2);
}

#[tokio::test]
async fn without_an_account_nothing_is_opened_and_the_name_to_be_is_told() {
    let world = untagged_world();
    let (subject, message) = run(&world, &event_without_account_id()).await.unwrap();
    assert!(world.opened().is_empty());
    assert!(message.contains("none yet, it was to be space-shop"));
    assert!(subject.contains("space-shop at PlaceAccount"));
}

#[tokio::test]
async fn an_account_that_only_the_request_names_is_not_even_looked_at() {
    for error in ErrorName::ALL.iter().map(|name| name.as_str()) {
        for world in [vended_world(), untagged_world()] {
            let before = tags(&world);
            let mut event = event(false);
            event["Failure"]["Step"] = json!("CreateAccount");
            event["Failure"]["Error"] = json!(error);
            let (subject, message) = run(&world, &event).await.unwrap();
            assert_eq!(tags(&world), before, "{error}");
            assert!(world.opened().is_empty(), "{error}");
            assert!(subject.contains("111111111111"));
            for words in [
                "111111111111 (space-shop), as the request says",
                "left as they are: no step has found that this is the account",
            ] {
                assert!(message.contains(words), "{message}");
            }
        }
    }
}

#[tokio::test]
async fn an_account_that_somebody_else_has_tagged_meanwhile_is_left_to_them() {
    for tags in [
        &[("ProductName", "moon"), ("Stage", "shop")][..],
        &[("avm:workspace", "moon"), ("avm:project", "shop")],
    ] {
        let world = InMemory::with(tagged(tags));
        let message = message(&world, &event(true)).await;
        assert!(world.writes().is_empty());
        let words = "left as they are: somebody has tagged the account as another's";
        assert!(message.contains(words), "{message}");
        assert!(message.contains("(moon)"), "{message}");
    }
}

#[tokio::test]
async fn an_account_of_which_only_the_id_is_known_is_marked() {
    let with = |key: &str, value: Value| {
        let mut event = event_without_account_id();
        event[key] = value;
        event["Failure"]["Step"] = json!("CreateAccount");
        event["Failure"]["Error"] = json!("AccountCreationTimedOut");
        event
    };
    for event in [
        with("AccountId", json!("111111111111")),
        with("Account", json!({"AccountId": "111111111111"})),
    ] {
        let world = vended_world();
        let message = message(&world, &event).await;
        assert!(!has(&world, "ProductName") && !has(&world, "Stage"));
        assert!(has(&world, "avm:failed-step"));
        assert!(message.contains("111111111111 (space-shop)\n"), "{message}");
    }
    let world = vended_world();
    let message = message(&world, &with("AccountId", Value::Null)).await;
    assert!(message.contains("none yet"), "{message}");
}

#[tokio::test]
async fn an_account_that_cannot_be_tagged_or_read_is_told_loudly() {
    for words in [
        "organizations:UntagResource",
        "organizations:TagResource",
        "organizations:ListTagsForResource",
    ] {
        let world = vended_world();
        let refusal = Failure::new(ErrorName::AccessDenied, "refused");
        world.refuse(words, refusal);
        let message = message(&world, &event(true)).await;
        for words in [
            "may still carry ProductName and Stage: refused",
            "(account 111111111111)",
        ] {
            assert!(message.contains(words), "{message}");
        }
    }
}

#[tokio::test]
async fn a_role_that_cannot_be_assumed_does_not_keep_the_failure_from_being_told() {
    let world = vended_world();
    let refusal = Failure::new(ErrorName::AccessDenied, "no role");
    world.close_with(Door::Failure, refusal);
    let plan = plan_of_event::<RecordFailure>(&world, event(true)).await;
    assert_eq!(plan.unwrap()["IsEmpty"], false);
    let message = message(&world, &event(true)).await;
    assert!(message.contains("no role"), "{message}");
}

#[tokio::test]
async fn what_can_be_read_is_told_even_of_a_broken_order() {
    for event in [
        json!(null),
        json!([]),
        json!({"Failure": "x", "Order": 1, "Account": "y", "Execution": null}),
        json!({"Failure": {"Step": null, "Error": null, "Cause": null}}),
        json!({"Failure": {"Cause": {"errorType": "Sandbox.Timedout"}}}),
    ] {
        let world = untagged_world();
        let message = message(&world, &event).await;
        assert!(message.contains("has failed"), "{event}");
        assert!(message.contains("Remedy:"), "{event}");
        assert!(world.opened().is_empty());
    }
}

#[test]
fn the_scene_of_a_report_names_the_execution_and_an_account_that_was_found() {
    let scene = |event: Value| read::<RecordFailure>(event).unwrap().scene();
    let found = scene(event(true));
    assert_eq!(found.account, Some(account().account_id));
    assert_eq!(found.session_name, "avm-111111111111-2026-11-1");
    assert_eq!(found.execution_name, "111111111111-2026-11-1");
    assert_eq!(scene(event(false)).account, None);
    assert_eq!(scene(json!(null)).session_name, "avm-record-failure");
}

#[test]
fn causes_of_every_kind_are_put_into_words() {
    let read = |error: Value, cause: Value| {
        let report =
            Report::of_event(&json!({"Failure": {"Step": "S", "Error": error, "Cause": cause}}));
        (report.error, report.cause, report.remedy)
    };
    let (error, cause, remedy) = read(
        json!("Lambda.Unknown"),
        json!("The cause could not be determined because Lambda did not return an error type."),
    );
    assert_eq!(error, "Lambda.Unknown");
    assert!(cause.starts_with("The cause could not be determined"));
    assert!(remedy.starts_with("look at the history"));

    let (error, cause, _) = read(
        Value::Null,
        json!(
            r#"{"errorType":"Sandbox.Timedout","errorMessage":"Task timed out after 60.00 seconds"}"#
        ),
    );
    assert_eq!(error, "Sandbox.Timedout");
    assert_eq!(cause, "Task timed out after 60.00 seconds");

    let (_, cause, remedy) = read(json!("StackSetTimedOut"), json!("the wait has ended"));
    assert_eq!(cause, "the wait has ended");
    assert_eq!(remedy, ErrorName::StackSetTimedOut.remedy());

    let (_, cause, _) = read(json!("X"), json!("x".repeat(5_000)));
    assert_eq!(cause.len(), 2_000);
}

#[tokio::test]
async fn no_address_gets_into_subject_message_or_tags() {
    let world = untagged_world();
    let mut event = event(true);
    for path in ["Step", "Error", "Cause"] {
        event["Failure"][path] = json!("for someone@example.com");
    }
    event["Account"]["AccountName"] = json!("someone@example.com");
    event["Order"]["Request"]["Stage"] = json!("someone@example.com");
    let told = run(&world, &event).await.unwrap();
    // The owner's tags are the identifiers themselves, as the completion tags are.
    let mut tags = tags(&world);
    tags.retain(|key, _| key.starts_with(FAILURE_KEY_PREFIX));
    let all = format!("{told:?}{tags:?}");
    assert_eq!(tags.len(), 6);
    assert!(!all.contains("someone@"), "{all}");
}

#[tokio::test]
async fn a_subject_is_at_most_a_hundred_ascii_characters_on_one_line() {
    let world = untagged_world();
    let mut event = event_without_account_id();
    event["Order"]["Request"]["AccountName"] = json!(format!("Zürich\n{}", "x".repeat(200)));
    let (subject, _) = run(&world, &event).await.unwrap();
    assert_eq!(subject.len(), 100);
    assert!(subject.bytes().all(|byte| (0x20..=0x7e).contains(&byte)));
}

#[tokio::test]
async fn an_account_that_is_full_of_tags_is_marked_with_what_there_is_room_for() {
    let world = vended_world();
    let others: Vec<String> = (0..44).map(|number| format!("key{number}")).collect();
    {
        let mut state = world.state_mut();
        let member = state.organizations.account(&account().account_id);
        for key in &others {
            member.tag(&[(key, "x")]);
        }
    }
    let message = message(&world, &event(true)).await;
    let tags = tags(&world);
    assert_eq!(tags.len(), 50);
    assert_eq!(tags["avm:failed-error"], "UnknownOrganizationalUnit");
    assert_eq!(tags.get("ProductName"), None);
    assert!(
        message.contains("for lack of room (AWS allows 50 tags) neither are avm:failed-at"),
        "{message}"
    );
}
