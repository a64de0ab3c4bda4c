//! A landing zone with everything on: what the order holds, and what makes it another one.
//! Configuration that does not fit together starts nothing.

use avm_core::testing::{full_landing_zone_json, full_order_json, full_platform_json};

use super::*;

fn bound() -> Value {
    with(&json!({
        "RoleBindings": {
            "reader": ["alan@example.com"],
            "admin": ["grace@example.com", "ada@example.com", "grace@example.com"]
        }
    }))
}

#[tokio::test]
async fn an_order_holds_names_people_and_the_platforms_sections() {
    let world = World::with_everything();
    call(&world, &bound()).await.unwrap();
    let mut order = full_order_json();
    order["Documents"] = json!({"/avm/landing-zones/everything": 1, "/avm/platform": 1});
    assert_eq!(world.input("111111111111-2026-11-1"), order);
}

#[tokio::test]
async fn people_in_a_string_and_in_another_order_are_the_same_request() {
    let world = World::with_everything();
    call(&world, &bound()).await.unwrap();
    let text =
        r#"{"admin": ["ada@example.com", "grace@example.com"], "reader": ["alan@example.com"]}"#;
    let again = with(&json!({"RoleBindings": text}));
    assert_eq!(call(&world, &again).await.unwrap().status, Status::Running);
}

#[tokio::test]
async fn entries_that_nobody_can_have_keep_no_change_of_people_back() {
    let world = World::with_everything();
    let payload =
        with(&json!({"RoleBindings": {"admin": ["ada@example.com", ""], "Rolle: alle": ["bea"]}}));
    call(&world, &payload).await.unwrap();
    let request = &world.input("111111111111-2026-11-1")["Request"];
    assert_eq!(
        request["RoleBindings"],
        json!({"admin": ["ada@example.com"]})
    );
    assert_eq!(request["LeftOut"], json!({"Roles": 1, "Users": 1}));
}

#[tokio::test]
async fn a_changed_member_is_a_changed_request_only_where_there_is_single_sign_on() {
    let mut without = full_landing_zone_json();
    without.as_object_mut().unwrap().remove("singleSignOn");
    for (zone, expected) in [
        (full_landing_zone_json(), Status::Started),
        (without, Status::AlreadyDone),
    ] {
        let world = World::with_everything();
        world.put("/avm/landing-zones/everything", &zone);
        call(&world, &bound()).await.unwrap();
        world.end(ExecutionStatus::Succeeded);
        let changed = with(&json!({"RoleBindings": {"admin": []}}));
        assert_eq!(call(&world, &changed).await.unwrap().status, expected);
    }
}

#[tokio::test]
async fn what_a_landing_zone_does_not_use_of_the_platform_runs_no_settled_vend_again() {
    let changes = [
        ("enforceAccountAlias", json!(false), "accountAlias"),
        ("accountAliasPattern", json!("other-%s-%s"), "accountAlias"),
        (
            "controlTower",
            json!({"region": "eu-central-1"}),
            "enrollment",
        ),
        ("singleSignOn", Value::Null, "singleSignOn"),
        ("identityProvider", Value::Null, "identityProvider"),
    ];
    for (section, value, switch) in changes {
        let mut zone = full_landing_zone_json();
        zone.as_object_mut().unwrap().remove(switch);
        let world = World::with_everything();
        world.put("/avm/landing-zones/everything", &zone);
        call(&world, &payload()).await.unwrap();
        world.end(ExecutionStatus::Succeeded);
        let mut platform = full_platform_json();
        platform[section] = value;
        world.put("/avm/platform", &platform);
        let answer = call(&world, &payload()).await.unwrap();
        assert_eq!(answer.status, Status::AlreadyDone, "{section}");
    }
}

#[tokio::test]
async fn what_a_landing_zone_uses_of_the_platform_runs_the_vend_again() {
    for (pointer, value) in [
        ("/enforceAccountAlias", json!(false)),
        ("/centralRootAccess", json!("unchecked")),
        ("/accountAliasPattern", json!("other-%s-%s")),
        ("/controlTower/executionRole", json!("keep")),
        ("/singleSignOn/groupNamePattern", json!("%s-%s-%4$s")),
        (
            "/identityProvider/metadataUrl",
            json!("https://idp.example.com/other"),
        ),
    ] {
        let world = World::with_everything();
        call(&world, &payload()).await.unwrap();
        world.end(ExecutionStatus::Succeeded);
        let mut platform = full_platform_json();
        *platform.pointer_mut(pointer).unwrap() = value;
        world.put("/avm/platform", &platform);
        let answer = call(&world, &payload()).await.unwrap();
        assert_eq!(answer.status, Status::Started, "{pointer}");
    }
}

#[tokio::test]
async fn what_leads_elsewhere_than_the_template_says_starts_nothing() {
    let world = World::with_everything();
    let mut platform = full_platform_json();
    platform["identityProvider"]["metadataUrl"] = json!("https://idp.example.org/descriptor");
    world.put("/avm/platform", &platform);
    let failure = refused(&world, &payload()).await;
    assert_eq!(failure.name(), ErrorName::AddressNotAllowed);
    let cause = failure.cause();
    assert!(
        cause.starts_with("/avm/platform, field identityProvider.metadataUrl"),
        "{cause}"
    );

    let world = World::with_everything();
    let mut zone = full_landing_zone_json();
    zone["accessStack"]["template"] = json!("https://other.s3.amazonaws.com/access.yaml");
    world.put("/avm/landing-zones/everything", &zone);
    let failure = refused(&world, &payload()).await;
    assert_eq!(failure.name(), ErrorName::AddressNotAllowed);
    let cause = failure.cause();
    assert!(
        cause.starts_with("/avm/landing-zones/everything, field accessStack.template"),
        "{cause}"
    );
}

#[tokio::test]
async fn a_document_that_is_written_anew_and_says_the_same_makes_no_other_order() {
    let world = World::with_everything();
    call(&world, &payload()).await.unwrap();
    world.end(ExecutionStatus::Succeeded);
    world.put("/avm/platform", &full_platform_json());
    let answer = call(&world, &payload()).await.unwrap();
    assert_eq!(answer.status, Status::AlreadyDone);
    let mut forced = payload();
    forced["Force"] = json!("true");
    let name = call(&world, &forced).await.unwrap().execution_arn;
    let documents = &world.input(name.name())["Documents"];
    assert_eq!(documents["/avm/platform"], 2);
    assert_eq!(documents["/avm/landing-zones/everything"], 1);
}

#[tokio::test]
async fn a_landing_zone_that_does_not_fit_to_the_platform_starts_nothing() {
    for (section, expected) in [
        (
            "accountAliasPattern",
            "/avm/landing-zones/everything, field accountAlias: needs accountAliasPattern in the platform document",
        ),
        (
            "controlTower",
            "/avm/landing-zones/everything, field enrollment: needs controlTower",
        ),
        (
            "singleSignOn",
            "/avm/landing-zones/everything, field singleSignOn: needs singleSignOn",
        ),
        (
            "identityProvider",
            "/avm/landing-zones/everything, field identityProvider: needs identityProvider",
        ),
    ] {
        let world = World::with_everything();
        let mut platform = full_platform_json();
        platform.as_object_mut().unwrap().remove(section);
        world.put("/avm/platform", &platform);
        let failure = refused(&world, &payload()).await;
        assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
        assert!(failure.cause().starts_with(expected), "{failure}");
        assert_eq!(failure.account().unwrap().as_str(), "111111111111");
    }
}

#[tokio::test]
async fn faults_of_names_and_of_people_are_told_together_and_start_nothing() {
    let world = World::with_everything();
    let payload = with(&json!({
        "ProductName": "Space", "RoleBindings": {"secret": ["admin"]}
    }));
    let failure = refused(&world, &payload).await;
    assert_eq!(failure.name(), ErrorName::InvalidRequest);
    assert!(
        failure.cause().contains(
            "ProductName: must hold no letters but a to z in lower case where the account's alias"
        ),
        "{failure}"
    );
    assert!(
        failure
            .cause()
            .contains("RoleBindings: must go from project roles to the users in them"),
        "{failure}"
    );
    assert!(!failure.to_string().contains("secret"), "{failure}");
}

#[tokio::test]
async fn very_many_people_are_an_order_that_is_too_long() {
    let world = World::with_everything();
    let people: Vec<String> = (0..20_000).map(|index| format!("person-{index}")).collect();
    let failure = refused(&world, &with(&json!({"RoleBindings": {"admin": people}}))).await;
    assert_eq!(failure.name(), ErrorName::InvalidRequest);
    assert!(
        failure
            .cause()
            .starts_with("tag…, RoleBindings: the order must have at most 245760 bytes"),
        "{failure}"
    );
}

#[tokio::test]
async fn no_person_is_in_an_answer() {
    let world = World::with_everything();
    let answer = call(&world, &bound()).await.unwrap();
    assert!(!serde_json::to_string(&answer).unwrap().contains("ada"));
}
