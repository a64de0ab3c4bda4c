//! Failed vends of every kind: with an account, with one that only the request names, without, and with a broken order.
//! The account's tags can refuse and lose answers.

mod words;

use std::collections::BTreeMap;

use avm_core::error::ErrorName;
use avm_core::testing::{account, execution, order_json};
use avm_world::replay::replay_event;
use avm_world::{Fault, InMemory, State, answer_event, plan_of_event};
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
