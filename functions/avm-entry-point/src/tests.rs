//! The entry point from payload to answer, against parameters and executions in memory.
//! Nothing is started before payload and configuration are valid.

use std::time::Duration;

use avm_core::ports::documents::KeptDocuments;
use avm_core::ports::executions::ExecutionStatus;
use avm_core::testing::order_json;
use serde_json::json;

use super::*;
use crate::answer::Status;
use avm_world::InMemory as World;
use avm_world::starts::{landing_zone, platform};

mod everything;
mod values;

fn payload() -> Value {
    json!({
        "AccountId": "111111111111",
        "AccountName": "space-shop",
        "AccountEmail": "aws+space.shop@example.com",
        "ProductName": "space",
        "Stage": "shop",
        "ContactEmail": "someone@example.com",
        "tagEnvironment": "dev"
    })
}

fn with(changes: &Value) -> Value {
    let mut payload = payload();
    for (field, value) in changes.as_object().unwrap() {
        payload[field] = value.clone();
    }
    payload
}

async fn call(world: &World, payload: &Value) -> Result<Answer, Failure> {
    let month = Month::of("2026-11-21T05:00:00Z").unwrap();
    handle(payload, month, &settings(world), world, world).await
}

fn settings(world: &World) -> Settings {
    Settings {
        machine: MachineName::first(),
        ways_out: world.ways_out.clone(),
    }
}

async fn refused(world: &World, payload: &Value) -> Failure {
    let failure = call(world, payload).await.unwrap_err();
    assert_eq!(world.names(), [""; 0]);
    failure
}

#[tokio::test]
async fn a_further_machine_names_itself_in_its_orders() {
    let world = World::configured();
    let month = Month::of("2026-11-21T05:00:00Z").unwrap();
    let machine: MachineName = "Staging".parse().unwrap();
    let settings = Settings {
        machine,
        ..settings(&world)
    };
    let answer = handle(&payload(), month, &settings, &world, &world).await;
    assert_eq!(answer.unwrap().status, Status::Started);
    let order = world.input("111111111111-2026-11-1");
    assert_eq!(order["Machine"], "Staging");
}

#[tokio::test]
async fn a_request_becomes_an_execution_with_the_resolved_configuration() {
    let world = World::configured();
    let answer = call(&world, &payload()).await.unwrap();
    insta::assert_json_snapshot!(answer, @r#"
    {
      "status": "started",
      "executionArn": "arn:aws:states:eu-central-1:222222222222:execution:avm-vend-account:111111111111-2026-11-1",
      "message": "Execution 111111111111-2026-11-1 has been started."
    }
    "#);
    let mut order = order_json();
    order["LandingZone"]["Settings"]["organizationalUnit"] = json!("Workloads/Sandbox");
    order["Documents"] = json!({"/avm/landing-zones/sandbox": 1, "/avm/platform": 1});
    assert_eq!(world.input("111111111111-2026-11-1"), order);
    assert_eq!(
        world.calls(),
        [
            "read /avm/platform",
            "read /avm/landing-zones/sandbox",
            "look 111111111111-2026-11-1",
            "look 111111111111-2026-10-1",
            "start 111111111111-2026-11-1"
        ]
    );
}

#[tokio::test]
async fn the_same_request_joins_then_is_already_done_until_it_is_forced() {
    let world = World::configured();
    call(&world, &payload()).await.unwrap();
    assert_eq!(
        call(&world, &payload()).await.unwrap().status,
        Status::Running
    );
    world.end(ExecutionStatus::Succeeded);
    let answer = call(&world, &payload()).await.unwrap();
    insta::assert_json_snapshot!(answer, @r#"
    {
      "status": "already done",
      "executionArn": "arn:aws:states:eu-central-1:222222222222:execution:avm-vend-account:111111111111-2026-11-1",
      "message": "Execution 111111111111-2026-11-1 has done what this request asks for; nothing was started. To run it again, send the same payload with \"Force\": \"true\"."
    }
    "#);
    let forced = call(&world, &with(&json!({"Force": "true"})))
        .await
        .unwrap();
    assert_eq!(forced.status, Status::Started);
    assert_eq!(
        world.input("111111111111-2026-11-1"),
        world.input("111111111111-2026-11-2")
    );
}

/// What a replication of meshStack costs, to which nearly every call belongs.
#[tokio::test]
async fn an_account_that_is_done_is_told_so_with_three_calls_at_most() {
    let first = World::configured();
    call(&first, &payload()).await.unwrap();
    let order = first.input("111111111111-2026-11-1");
    let month = Month::of("2026-11-21T05:00:00Z").unwrap();
    for (latest, expected) in [
        (&["2026-10-1"][..], 3),
        (&["2026-11-1"], 2),
        (&["2026-11-1", "2026-11-2"], 3),
    ] {
        let world = World::configured();
        let documents = KeptDocuments::new(&world, Duration::from_hours(1));
        for name in latest {
            let name = format!("111111111111-{name}");
            world.execute(&name, ExecutionStatus::Succeeded, &order);
        }
        for reads_of_documents in [2, 0] {
            let again = handle(&payload(), month, &settings(&world), &documents, &world).await;
            assert_eq!(again.unwrap().status, Status::AlreadyDone);
            assert_eq!(
                world.calls().len(),
                expected + reads_of_documents,
                "{latest:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_changed_request_is_busy_while_another_runs_and_starts_after_its_end() {
    let world = World::configured();
    call(&world, &payload()).await.unwrap();
    let changed = with(&json!({"tagEnvironment": "prod"}));
    let answer = call(&world, &changed).await.unwrap();
    insta::assert_json_snapshot!(answer, @r#"
    {
      "status": "busy",
      "executionArn": "arn:aws:states:eu-central-1:222222222222:execution:avm-vend-account:111111111111-2026-11-1",
      "message": "Execution 111111111111-2026-11-1 runs for this account with another request; nothing was started. Call again when it has ended."
    }
    "#);
    world.end(ExecutionStatus::Succeeded);
    assert_eq!(
        call(&world, &changed).await.unwrap().status,
        Status::Started
    );
}

#[tokio::test]
async fn a_changed_landing_zone_is_a_changed_request_and_its_schema_is_none() {
    let world = World::configured();
    call(&world, &payload()).await.unwrap();
    world.end(ExecutionStatus::Succeeded);
    let mut document = landing_zone("standard");
    document["$schema"] = json!("elsewhere");
    world.put("/avm/landing-zones/sandbox", &document);
    assert_eq!(
        call(&world, &payload()).await.unwrap().status,
        Status::AlreadyDone
    );
    world.put("/avm/landing-zones/sandbox", &landing_zone("strict"));
    assert_eq!(
        call(&world, &payload()).await.unwrap().status,
        Status::Started
    );
}

#[tokio::test]
async fn without_an_account_id_name_and_address_are_made_from_the_patterns() {
    let world = World::configured();
    let answer = call(&world, &json!({"ProductName": "space", "Stage": "shop"}))
        .await
        .unwrap();
    let name = answer.execution_arn.name().to_owned();
    assert!(
        name.starts_with("space-shop-") && name.ends_with("-2026-11-1"),
        "{name}"
    );
    let request = &world.input(&name)["Request"];
    assert_eq!(
        *request,
        json!({
            "AccountName": "space.shop", "AccountEmail": "aws+space.shop@example.io",
            "ProductName": "space", "Stage": "shop", "Tags": {}
        })
    );
}

#[tokio::test]
async fn the_landing_zone_is_named_by_key_else_tag_else_default() {
    for (changes, expected) in [
        (
            json!({"LandingZone": "production", "tagLandingZone": "sandbox"}),
            "production",
        ),
        (json!({"tagLandingZone": "production"}), "production"),
        (json!({"tagLandingZone": ""}), "sandbox"),
        (json!({}), "sandbox"),
    ] {
        let world = World::configured();
        let mut production = landing_zone("strict");
        production["selectableByTag"] = json!(true);
        world.put("/avm/landing-zones/production", &production);
        call(&world, &with(&changes)).await.unwrap();
        let reads = world
            .calls()
            .into_iter()
            .filter(|call| call.starts_with("read"))
            .count();
        assert_eq!(reads, 2);
        let input = world.input("111111111111-2026-11-1");
        assert_eq!(input["LandingZone"]["Name"], expected, "{changes}");
    }
}

#[tokio::test]
async fn a_tag_names_no_landing_zone_that_does_not_say_so() {
    let world = World::configured();
    for name in ["production", "sandbox"] {
        let failure = refused(&world, &with(&json!({ "tagLandingZone": name }))).await;
        assert_eq!(failure.name(), ErrorName::LandingZoneNotAllowed);
        let words = format!(
            "tagLandingZone: may not name the landing zone {name}, since its document /avm/landing-zones/{name} does \
             not say selectableByTag"
        );
        assert_eq!(failure.cause(), words);
        assert!(failure.remedy().contains("selectableByTag"), "{failure}");
    }
    // The default is the platform team's choice, and the key is meshStack's.
    for changes in [json!({}), json!({"LandingZone": "production"})] {
        call(&World::configured(), &with(&changes)).await.unwrap();
    }
}

#[tokio::test]
async fn who_may_choose_a_landing_zone_and_where_it_may_go_makes_no_order_another_one() {
    let world = World::configured();
    call(&world, &payload()).await.unwrap();
    world.end(ExecutionStatus::Succeeded);
    let mut document = landing_zone("standard");
    document["selectableByTag"] = json!(true);
    document["mayBecome"] = json!({"production": {}});
    world.put("/avm/landing-zones/sandbox", &document);
    let answer = call(&world, &payload()).await.unwrap();
    assert_eq!(answer.status, Status::AlreadyDone);
}

#[tokio::test]
async fn a_landing_zone_that_does_not_exist_is_named_with_where_it_was_looked_for() {
    let world = World::configured();
    for (changes, expected) in [
        (
            json!({"LandingZone": "nowhere"}),
            "landing zone nowhere, named by LandingZone, does not exist: there is no parameter /avm/landing-zones/nowhere",
        ),
        (
            json!({"tagLandingZone": "nowhere"}),
            "landing zone nowhere, named by tagLandingZone, does not exist",
        ),
    ] {
        let failure = refused(&world, &with(&changes)).await;
        assert_eq!(failure.name(), ErrorName::UnknownLandingZone);
        assert!(failure.cause().starts_with(expected), "{failure}");
        assert_eq!(failure.account().unwrap().as_str(), "111111111111");
    }
    world
        .state_mut()
        .starts
        .parameters
        .remove("/avm/landing-zones/sandbox");
    let failure = refused(&world, &payload()).await;
    assert_eq!(failure.name(), ErrorName::UnknownLandingZone);
    assert!(
        failure
            .cause()
            .contains("named by defaultLandingZone of /avm/platform"),
        "{failure}"
    );
}

#[tokio::test]
async fn without_any_landing_zone_the_field_is_named() {
    let world = World::configured();
    let mut document = platform();
    document
        .as_object_mut()
        .unwrap()
        .remove("defaultLandingZone");
    world.put("/avm/platform", &document);
    let failure = refused(&world, &payload()).await;
    assert_eq!(failure.name(), ErrorName::InvalidRequest);
    assert_eq!(
        failure.cause(),
        "LandingZone: is missing (or tagLandingZone): /avm/platform has no defaultLandingZone"
    );
    let failure = refused(&world, &with(&json!({"tagLandingZone": "no such name"}))).await;
    assert_eq!(failure.name(), ErrorName::InvalidRequest);
    assert!(
        failure
            .cause()
            .starts_with("tagLandingZone: landing zone name must be"),
        "{failure}"
    );
}

#[tokio::test]
async fn a_missing_or_bad_document_is_named() {
    let world = World::configured();
    let mut document = landing_zone("standard");
    document["stackSets"] = json!([{"name": "a"}]);
    world.put("/avm/landing-zones/sandbox", &document);
    let failure = refused(&world, &payload()).await;
    assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
    assert!(
        failure
            .cause()
            .starts_with("/avm/landing-zones/sandbox, field stackSets[0].region: is missing"),
        "{failure}"
    );
    world.state_mut().starts.parameters.remove("/avm/platform");
    let failure = refused(&world, &payload()).await;
    assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
    assert!(
        failure
            .cause()
            .starts_with("/avm/platform: this parameter is missing"),
        "{failure}"
    );
}

#[tokio::test]
async fn a_bad_payload_is_refused_before_any_call() {
    let world = World::configured();
    let failure = refused(&world, &with(&json!({"Stage": ""}))).await;
    assert_eq!(failure.name(), ErrorName::InvalidRequest);
    assert_eq!(world.calls(), [""; 0]);
}

#[tokio::test]
async fn faults_of_naming_and_of_the_choice_are_told_together() {
    let world = World::configured();
    let payload =
        json!({"ProductName": "w".repeat(17), "Stage": "shop", "tagLandingZone": "no such name"});
    let failure = refused(&world, &payload).await;
    assert!(failure.cause().contains("ProductName: "), "{failure}");
    assert!(failure.cause().contains("tagLandingZone: "), "{failure}");
}

#[tokio::test]
async fn the_address_of_an_order_is_not_in_the_answer() {
    let world = World::configured();
    let answer = call(&world, &payload()).await.unwrap();
    assert!(!serde_json::to_string(&answer).unwrap().contains('@'));
}
