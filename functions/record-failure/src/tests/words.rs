//! What is told of a failure, whatever the machine hands over: of a broken order, of causes of every kind.
//! No address gets into it, and a subject is one line of ASCII.

use avm_core::contract::call::Call;
use avm_core::domain::FAILURE_KEY_PREFIX;
use avm_world::read;

use super::*;

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
