//! The landing zone that an account is held to: what lets an order take it out of there, and what does not.
//! A refusal reads only, and never tells the account in its notes, so that no failure is marked on it.

use avm_core::domain::AccountId;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::accounts::AccountState;
use avm_world::{InMemory, plan_of};
use serde_json::{Value, json};

use super::{EMAIL, ID, NAME, call, drive, is_done, own, request, tag, with};
use crate::CreateAccount;

const WORD: &str = "/avm/changes/111111111111";
const OLD: &str = "/avm/landing-zones/secure";

/// An account that was vended in the landing zone `secure`; the order names `sandbox`.
fn secured(may_become: &Value) -> InMemory {
    let world = with(ID, NAME, EMAIL, AccountState::Active);
    tag(
        &world,
        ID,
        &[
            ("ProductName", "space"),
            ("Stage", "shop"),
            ("avm:landing-zone", "secure"),
        ],
    );
    let document =
        json!({"organizationalUnit": "Secure", "downgrade": "strict", "mayBecome": may_become});
    world.put(OLD, &document);
    world
}

fn word(from: &str, to: &str, until: &str) -> Value {
    json!({"from": from, "to": to, "until": until})
}

async fn refused(world: &InMemory) -> Failure {
    for account in [Some(ID), None] {
        let failure = call(world, &request(account, None)).await.unwrap_err();
        assert_eq!(
            failure.name(),
            ErrorName::LandingZoneNotAllowed,
            "{failure}"
        );
        assert_eq!(failure.account().map(AccountId::as_str), Some(ID));
        let planned = plan_of::<CreateAccount>(world, &request(account, None)).await;
        assert_eq!(planned.unwrap_err(), failure);
    }
    assert_eq!(world.writes(), [""; 0]);
    drive(world, Some(ID)).await.unwrap_err()
}

#[tokio::test]
async fn the_landing_zone_of_the_order_and_none_at_all_need_no_document() {
    let world = with(ID, NAME, EMAIL, AccountState::Active);
    own(&world, ID);
    assert!(is_done(
        &call(&world, &request(Some(ID), None)).await.unwrap()
    ));
    tag(
        &world,
        ID,
        &[
            ("avm:workspace", "space"),
            ("avm:project", "shop"),
            ("avm:landing-zone", "sandbox"),
        ],
    );
    assert!(is_done(
        &call(&world, &request(Some(ID), None)).await.unwrap()
    ));
    assert!(!world.reads().iter().any(|read| read.starts_with("ssm:")));
}

#[tokio::test]
async fn an_account_does_not_leave_its_landing_zone_for_the_asking() {
    let failure = refused(&secured(&json!({}))).await;
    assert_eq!(
        failure.cause(),
        "LandingZone: the account was vended in the landing zone secure, and nothing lets it go to sandbox: there is no \
         /avm/changes/111111111111; /avm/landing-zones/secure: mayBecome does not name sandbox"
    );
    let command =
        "avm account change-landing-zone --account 111111111111 --from secure --to sandbox";
    assert!(failure.remedy().contains(command), "{failure}");
    assert!(failure.remedy().starts_with("send the request for secure"));
}

#[tokio::test]
async fn the_pin_holds_an_account_whose_last_vend_has_failed() {
    let world = secured(&json!({}));
    tag(
        &world,
        ID,
        &[
            ("avm:workspace", "space"),
            ("avm:project", "shop"),
            ("avm:failed-step", "PlaceAccount"),
            ("avm:landing-zone", "secure"),
        ],
    );
    refused(&world).await;
}

#[tokio::test]
async fn a_rule_lets_it_go_and_says_what_it_gains() {
    let world = secured(&json!({"sandbox": {"widensDowngrade": true}}));
    let failure = refused(&world).await;
    assert!(
        failure
            .cause()
            .contains("mayBecome.sandbox does not say leavesOrganizationalUnit"),
        "{failure}"
    );
    let world =
        secured(&json!({"sandbox": {"widensDowngrade": true, "leavesOrganizationalUnit": true}}));
    let plan = plan_of::<CreateAccount>(&world, &request(Some(ID), None))
        .await
        .unwrap();
    insta::assert_json_snapshot!(plan, @r#"
    {
      "DependsOn": null,
      "IsEmpty": false,
      "Steps": {
        "Use": {
          "AccountId": "111111111111",
          "AccountName": "space-shop",
          "Leaves": {
            "AllowedBy": "mayBecome of /avm/landing-zones/secure",
            "LandingZone": "secure"
          }
        }
      },
      "Words": "take account 111111111111 out of the landing zone secure, as mayBecome of /avm/landing-zones/secure allows"
    }
    "#);
    assert!(is_done(
        &call(&world, &request(Some(ID), None)).await.unwrap()
    ));
    assert_eq!(world.writes(), [""; 0]);
}

#[tokio::test]
async fn an_operators_word_lets_it_go_even_where_the_old_document_is_gone() {
    let world = secured(&json!({}));
    world.put(WORD, &word("secure", "sandbox", "2026-11-05"));
    let plan = plan_of::<CreateAccount>(&world, &request(Some(ID), None))
        .await
        .unwrap();
    assert_eq!(plan["Steps"]["Use"]["Leaves"]["AllowedBy"], WORD);
    world.state_mut().starts.parameters.remove(OLD);
    for account in [Some(ID), None] {
        drive(&world, account).await.unwrap();
    }
    world.state_mut().starts.parameters.remove(WORD);
    let failure = refused(&world).await;
    assert!(
        failure
            .cause()
            .ends_with("there is no /avm/landing-zones/secure"),
        "{failure}"
    );
}

#[tokio::test]
async fn a_word_about_another_change_or_of_the_past_allows_nothing() {
    for (said, words) in [
        (
            word("sandbox", "secure", "2026-12-01"),
            "allows to go from sandbox to secure only",
        ),
        (
            word("secure", "other", "2026-12-01"),
            "allows to go from secure to other only",
        ),
        (
            word("secure", "sandbox", "2026-11-04"),
            "allowed it until 2026-11-04",
        ),
    ] {
        let world = secured(&json!({}));
        world.put(WORD, &said);
        let failure = refused(&world).await;
        assert!(failure.cause().contains(words), "{failure}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_allows_nothing_and_is_named() {
    let world =
        secured(&json!({"sandbox": {"widensDowngrade": true, "leavesOrganizationalUnit": true}}));
    world.put(WORD, &json!({"to": "sandbox"}));
    let failure = call(&world, &request(Some(ID), None)).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
    assert!(failure.cause().starts_with(WORD), "{failure}");

    let world = secured(&json!([]));
    let failure = call(&world, &request(Some(ID), None)).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
    assert!(failure.cause().starts_with(OLD), "{failure}");

    let world = secured(&json!({}));
    tag(
        &world,
        ID,
        &[
            ("ProductName", "space"),
            ("Stage", "shop"),
            ("avm:landing-zone", "a/b"),
        ],
    );
    let failure = refused(&world).await;
    assert!(
        failure.cause().contains("does not name a landing zone"),
        "{failure}"
    );
}

#[tokio::test]
async fn documents_that_cannot_be_read_now_are_a_failure_and_no_permission() {
    let world = secured(&json!({}));
    let denied = Failure::new(ErrorName::AccessDenied, "no");
    world.refuse("ssm:GetParameter", denied);
    let failure = call(&world, &request(Some(ID), None)).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccessDenied);
}
