//! Failed vends of every kind: with an account, with one that only the request names, without, and with a broken order.
//! The account's tags are a world with state that can refuse and lose answers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use avm_core::domain::{AccountId, FAILURE_KEY_PREFIX};
use avm_core::error::ErrorName;
use avm_core::testing::{account, execution, order_json};
use serde_json::{Value, json};

use super::*;

#[derive(Default)]
struct World {
    tags: Mutex<BTreeMap<String, String>>,
    writes: Mutex<Vec<&'static str>>,
    /// The write, counted from one, that answers with an error; whether it has its effect nevertheless.
    fails_at: Option<(usize, bool)>,
    refuses: Option<ErrorName>,
    opened: Mutex<usize>,
}

impl World {
    fn with_tags(tags: &[(&str, &str)]) -> Self {
        let tags = tags
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Self {
            tags: Mutex::new(tags.collect()),
            ..Self::default()
        }
    }

    fn vended() -> Self {
        Self::with_tags(&[
            ("ProductName", "space"),
            ("Stage", "shop"),
            ("Owner", "somebody"),
        ])
    }

    fn tags(&self) -> BTreeMap<String, String> {
        self.tags.lock().unwrap().clone()
    }

    fn has(&self, key: &str) -> bool {
        self.tags().contains_key(key)
    }

    fn writes(&self) -> Vec<&'static str> {
        self.writes.lock().unwrap().clone()
    }

    fn write(
        &self,
        what: &'static str,
        effect: impl FnOnce(&mut BTreeMap<String, String>),
    ) -> Result<(), Failure> {
        if let Some(name) = self.refuses {
            return Err(Failure::new(name, "refused"));
        }
        let mut writes = self.writes.lock().unwrap();
        writes.push(what);
        let failing = self.fails_at.filter(|(at, _)| *at == writes.len());
        if failing.is_none_or(|(_, has_effect)| has_effect) {
            effect(&mut self.tags.lock().unwrap());
        }
        failing.map_or(Ok(()), |_| {
            Err(Failure::new(ErrorName::ServiceUnavailable, "lost answer"))
        })
    }
}

impl AccountTags for &World {
    async fn list(&self, _: &AccountId) -> Result<BTreeMap<String, String>, Failure> {
        Ok(self.tags())
    }

    async fn put(&self, _: &AccountId, new: &BTreeMap<String, String>) -> Result<(), Failure> {
        let new = new.clone();
        self.write("put", |tags| tags.extend(new))
    }

    async fn remove(&self, _: &AccountId, keys: &BTreeSet<String>) -> Result<(), Failure> {
        self.write("remove", |tags| tags.retain(|key, _| !keys.contains(key)))
    }
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

async fn run_at(world: &World, event: &Value, now: &str) -> Result<Response, Failure> {
    let answer = handle(&Report::read(event), now, async || {
        *world.opened.lock().unwrap() += 1;
        Ok(world)
    })
    .await?;
    match answer {
        Answer::Done(response) => Ok(response),
        Answer::Pending { .. } => panic!("this step never waits"),
    }
}

async fn run(world: &World, event: &Value) -> Result<Response, Failure> {
    run_at(world, event, "2026-11-05T10:00:00Z").await
}

#[tokio::test]
async fn a_failed_vend_is_written_on_the_account_and_loses_the_completion_tags() {
    let world = World::vended();
    let response = run(&world, &event(true)).await.unwrap();
    insta::assert_json_snapshot!(world.tags(), @r#"
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
    assert_eq!(world.writes(), ["remove", "put"]);
    insta::assert_snapshot!(response.message, @r#"
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

    Until a vend succeeds, the access role keeps all rights that it has, also AdministratorAccess that somebody has
    attached on the advice of a remedy: detach that again. Where the StackSet is in the account, this takes the role
    down at once: aws lambda invoke --function-name PermissionDowngrade --cli-binary-format raw-in-base64-out --payload '{"AccountId": "111111111111"}' /dev/stdout
    "#);
    assert_eq!(
        response.subject,
        "AWS account vend failed: 111111111111 at PlaceAccount (UnknownOrganizationalUnit)"
    );
}

#[tokio::test]
async fn the_answer_has_the_shape_that_the_state_machine_reads() {
    let world = World::vended();
    let answer = handle(&Report::read(&event(true)), "now", async || Ok(&world))
        .await
        .unwrap();
    let answer = serde_json::to_value(answer).unwrap();
    assert_eq!(answer["Status"], "DONE");
    assert!(answer["Subject"].is_string() && answer["Message"].is_string());
}

#[tokio::test]
async fn the_second_run_writes_nothing() {
    let world = World::vended();
    run_at(&world, &event(true), "2026-11-05T10:00:00Z")
        .await
        .unwrap();
    let tags = world.tags();
    run_at(&world, &event(true), "2026-11-05T10:01:00Z")
        .await
        .unwrap();
    assert_eq!(world.tags(), tags);
    assert_eq!(world.writes().len(), 2);
}

#[tokio::test]
async fn a_write_that_fails_before_or_after_its_effect_leads_to_the_same_tags_when_run_again() {
    let whole = World::vended();
    run(&whole, &event(true)).await.unwrap();
    for write in 1..=2 {
        for has_effect in [false, true] {
            let mut world = World::vended();
            world.fails_at = Some((write, has_effect));
            let failure = run(&world, &event(true)).await.unwrap_err();
            assert_eq!(failure.name(), ErrorName::ServiceUnavailable);
            world.fails_at = None;
            run(&world, &event(true)).await.unwrap();
            assert_eq!(
                world.tags(),
                whole.tags(),
                "write {write}, effect {has_effect}"
            );
        }
    }
}

#[tokio::test]
async fn without_an_account_nothing_is_opened_and_the_name_to_be_is_told() {
    let world = World::default();
    let response = run(&world, &event_without_account_id()).await.unwrap();
    assert_eq!(*world.opened.lock().unwrap(), 0);
    assert!(
        response
            .message
            .contains("none yet, it was to be space-shop")
    );
    assert!(response.subject.contains("space-shop at PlaceAccount"));
}

#[tokio::test]
async fn an_account_that_only_the_request_names_is_not_even_looked_at() {
    for error in ErrorName::ALL.iter().map(|name| name.as_str()) {
        for world in [World::vended(), World::default()] {
            let before = world.tags();
            let mut event = event(false);
            event["Failure"]["Step"] = json!("CreateAccount");
            event["Failure"]["Error"] = json!(error);
            let response = run(&world, &event).await.unwrap();
            assert_eq!(world.tags(), before, "{error}");
            assert_eq!(*world.opened.lock().unwrap(), 0, "{error}");
            assert!(response.subject.contains("111111111111"));
            for words in [
                "111111111111 (space-shop), as the request says",
                "left as they are: no step has found that this is the account",
            ] {
                assert!(response.message.contains(words), "{}", response.message);
            }
        }
    }
}

#[tokio::test]
async fn the_access_role_is_spoken_of_where_it_may_still_be_powerful() {
    let mut after_the_downgrade = event(true);
    after_the_downgrade["Failure"]["Step"] = json!("Completion");
    let mut without_downgrade = event(true);
    without_downgrade["Order"]["LandingZone"]["downgrade"] = json!("none");
    for (event, is_told) in [
        (event(true), true),
        (event(false), false),
        (after_the_downgrade, false),
        (without_downgrade, false),
    ] {
        let response = run(&World::default(), &event).await.unwrap();
        let told = response
            .message
            .contains("the access role keeps all rights");
        assert_eq!(told, is_told, "{}", response.message);
    }
}

#[tokio::test]
async fn an_account_that_somebody_else_has_tagged_meanwhile_is_left_to_them() {
    for tags in [
        &[("ProductName", "moon"), ("Stage", "shop")][..],
        &[("avm:workspace", "moon"), ("avm:project", "shop")],
    ] {
        let world = World::with_tags(tags);
        let response = run(&world, &event(true)).await.unwrap();
        assert!(world.writes().is_empty());
        let words = "left as they are: somebody has tagged the account as another's";
        assert!(response.message.contains(words), "{}", response.message);
        assert!(response.message.contains("(moon)"), "{}", response.message);
    }
}

#[tokio::test]
async fn an_account_that_was_waited_for_is_marked_though_only_its_id_is_handed_on() {
    let world = World::vended();
    let mut event = event_without_account_id();
    event["Account"] = json!({"AccountId": "111111111111"});
    event["Failure"]["Step"] = json!("CreateAccount");
    event["Failure"]["Error"] = json!("AccountCreationTimedOut");
    let response = run(&world, &event).await.unwrap();
    assert!(!world.has("ProductName") && !world.has("Stage") && world.has("avm:failed-step"));
    assert!(response.message.contains("111111111111 (space-shop)\n"));
}

#[tokio::test]
async fn an_account_that_cannot_be_tagged_is_told_loudly() {
    let mut world = World::vended();
    world.refuses = Some(ErrorName::AccessDenied);
    let response = run(&world, &event(true)).await.unwrap();
    assert!(
        response
            .message
            .contains("may still carry ProductName and Stage")
    );
}

#[tokio::test]
async fn a_role_that_cannot_be_assumed_does_not_keep_the_failure_from_being_told() {
    let refused = async || Err::<&World, _>(Failure::new(ErrorName::AccessDenied, "no role"));
    let answer = handle(&Report::read(&event(true)), "now", refused)
        .await
        .unwrap();
    let Answer::Done(response) = answer else {
        panic!()
    };
    assert!(response.message.contains("no role"));
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
        let world = World::default();
        let response = run(&world, &event).await.unwrap();
        assert!(response.message.contains("has failed"), "{event}");
        assert!(response.message.contains("Remedy:"), "{event}");
        assert_eq!(*world.opened.lock().unwrap(), 0);
    }
}

#[test]
fn causes_of_every_kind_are_put_into_words() {
    let read = |error: Value, cause: Value| {
        let report =
            Report::read(&json!({"Failure": {"Step": "S", "Error": error, "Cause": cause}}));
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
    let world = World::default();
    let mut event = event(true);
    for path in ["Step", "Error", "Cause"] {
        event["Failure"][path] = json!("for someone@example.com");
    }
    event["Account"]["AccountName"] = json!("someone@example.com");
    event["Order"]["Request"]["Stage"] = json!("someone@example.com");
    let response = run(&world, &event).await.unwrap();
    // The owner's tags are the identifiers themselves, as the completion tags are.
    let mut tags = world.tags();
    tags.retain(|key, _| key.starts_with(FAILURE_KEY_PREFIX));
    let all = format!("{response:?}{tags:?}");
    assert_eq!(tags.len(), 6);
    assert!(!all.contains("someone@"), "{all}");
}

#[tokio::test]
async fn a_subject_is_at_most_a_hundred_ascii_characters_on_one_line() {
    let world = World::default();
    let mut event = event_without_account_id();
    event["Order"]["Request"]["AccountName"] = json!(format!("Zürich\n{}", "x".repeat(200)));
    let subject = run(&world, &event).await.unwrap().subject;
    assert_eq!(subject.len(), 100);
    assert!(subject.bytes().all(|byte| (0x20..=0x7e).contains(&byte)));
}
