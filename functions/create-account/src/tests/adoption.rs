//! An account that exists: adopted by its id or by its address, or refused.
//! No case writes anything.

use avm_core::error::{ErrorName, Failure};
use avm_core::ports::accounts::AccountState;
use avm_world::InMemory;
use insta::assert_json_snapshot;
use serde_json::json;

use super::{
    EMAIL, ID, LONG, NAME, call, change, creations, drive, hide_from_the_index, id, is_done,
    obstruct, own, reads, request, waiting_for, with,
};
use crate::Notes;

#[tokio::test]
async fn an_account_that_agrees_is_adopted_with_three_reads_and_no_write() {
    let world = with(ID, NAME, EMAIL, AccountState::Active);
    let answer = call(&world, &request(Some(ID), None)).await.unwrap();
    let again = call(&world, &request(Some(ID), None)).await.unwrap();
    assert_eq!(answer, again);
    assert_json_snapshot!(answer, @r#"
    {
      "AccountId": "111111111111",
      "Plan": null,
      "Progress": null,
      "Result": {
        "Account": {
          "AccountArn": "arn:aws:organizations::333333333333:account/o-exampleorg/111111111111",
          "AccountEmail": "aws+space.shop@example.com",
          "AccountId": "111111111111",
          "AccountName": "space-shop"
        },
        "Created": false,
        "Differs": []
      },
      "Status": "DONE",
      "WaitSeconds": 0,
      "WaitingFor": null
    }
    "#);
    assert_eq!(
        reads(&world),
        [
            "DescribeAccount 111111111111",
            "ListTagsForResource 111111111111"
        ]
        .repeat(2)
    );
    assert_eq!(creations(&world), 0);
}

#[tokio::test]
async fn an_account_that_is_not_there_is_not_found_at_the_fourth_look() {
    let world = InMemory::default();
    let failure = drive(&world, Some(ID)).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccountNotFound);
    assert_eq!(failure.account().unwrap().as_str(), ID);
    assert_eq!(reads(&world), ["DescribeAccount 111111111111"; 4]);
}

#[tokio::test]
async fn an_account_that_was_just_made_may_be_invisible_for_three_looks() {
    let world = with(ID, NAME, EMAIL, AccountState::Active);
    change(&world, ID, |member| member.shown_after = LONG);
    let mut notes = None;
    for look in 1..=3 {
        let answer = call(&world, &request(Some(ID), notes.take())).await;
        let (words, next) = waiting_for(answer);
        assert!(words.contains("to be visible"), "{words}");
        assert_eq!(next.looks_in_vain, Some(look));
        // Not yet known to be the order's: a failure must not be marked on it.
        assert_eq!(next.account_id, None);
        notes = Some(next);
    }
    change(&world, ID, |member| member.shown_after = 0);
    let answer = call(&world, &request(Some(ID), notes)).await.unwrap();
    assert!(is_done(&answer));
}

#[tokio::test]
async fn an_account_in_another_state_is_refused_with_the_state() {
    for state in [
        AccountState::Suspended,
        AccountState::PendingClosure,
        AccountState::Closed,
        AccountState::Other("NEW".to_owned()),
    ] {
        let words = state.to_string();
        let by_id = with(ID, NAME, EMAIL, state.clone());
        let failure = drive(&by_id, Some(ID)).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::AccountNotActive, "{words}");
        assert!(failure.cause().contains(&words), "{failure}");
        let failure = drive(&by_id, None).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::EmailAlreadyInUse, "{words}");
        assert!(failure.cause().contains(&words), "{failure}");
        assert!(failure.remedy().contains("90 days"), "{failure}");
        assert_eq!(creations(&by_id), 0);
    }
}

#[tokio::test]
async fn an_account_whose_sign_up_is_not_finished_is_waited_for() {
    let world = with(ID, NAME, EMAIL, AccountState::PendingActivation);
    own(&world, ID);
    for account in [Some(ID), None] {
        let (words, notes) = waiting_for(call(&world, &request(account, None)).await);
        assert!(words.contains("PENDING_ACTIVATION"), "{words}");
        assert_eq!(notes.account_id.unwrap().as_str(), ID);
    }
}

#[tokio::test]
async fn a_mismatch_names_the_fields_and_never_the_address() {
    let other = "someone.else@example.com";
    for (name, email, fields) in [
        ("other", EMAIL, "AccountName of"),
        (NAME, other, "AccountEmail of"),
        (NAME, "not an address", "AccountEmail of"),
        ("other", other, "AccountName and AccountEmail of"),
    ] {
        let world = with(ID, name, email, AccountState::Active);
        let failure = drive(&world, Some(ID)).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::AccountMismatch);
        assert!(failure.cause().starts_with(fields), "{failure}");
        assert!(!failure.to_string().contains('@'), "{failure}");
    }
}

#[tokio::test]
async fn an_account_of_the_address_is_adopted_in_any_letter_case() {
    let world = with(ID, NAME, &EMAIL.to_ascii_uppercase(), AccountState::Active);
    own(&world, ID);
    hide_from_the_index(&world, ID);
    let done = drive(&world, None).await.unwrap();
    assert_eq!(done.account.account_id.as_str(), ID);
    assert_eq!(
        reads(&world),
        ["ListAccounts", "ListTagsForResource 111111111111"]
    );
    assert_eq!(creations(&world), 0);
}

#[tokio::test]
async fn an_account_of_the_address_under_another_name_is_a_mismatch() {
    let world = with(ID, "other", EMAIL, AccountState::Active);
    let failure = drive(&world, None).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccountMismatch);
    assert_eq!(creations(&world), 0);
}

#[tokio::test]
async fn the_accounts_that_the_machine_stands_on_are_never_vended() {
    for (id, which) in [
        ("333333333333", "management"),
        ("222222222222", "automation"),
        ("444444444444", "meshcloud"),
    ] {
        let world = with(id, NAME, EMAIL, AccountState::Active);
        for account in [Some(id), None] {
            let failure = drive(&world, account).await.unwrap_err();
            assert_eq!(failure.name(), ErrorName::InvalidRequest);
            assert!(failure.cause().contains(which), "{failure}");
        }
    }
}

#[tokio::test]
async fn an_account_that_is_not_ready_is_waited_for_and_remembered() {
    let world = with(ID, NAME, EMAIL, AccountState::Active);
    own(&world, ID);
    obstruct(&world, ID, LONG);
    let answer = call(&world, &request(None, None)).await.unwrap();
    assert_json_snapshot!(answer, @r#"
    {
      "AccountId": "111111111111",
      "Plan": null,
      "Progress": {
        "Looks": {
          "Turn": 0,
          "Work": 1
        },
        "Notes": {
          "AccountId": "111111111111",
          "Found": {
            "Account": {
              "AccountArn": "arn:aws:organizations::333333333333:account/o-exampleorg/111111111111",
              "AccountEmail": "aws+space.shop@example.com",
              "AccountId": "111111111111",
              "AccountName": "space-shop"
            }
          }
        }
      },
      "Result": null,
      "Status": "PENDING",
      "WaitSeconds": 10,
      "WaitingFor": "IAM: not yet"
    }
    "#);
    let (_, notes) = waiting_for(Ok(answer));
    world.forget_journal();
    obstruct(&world, ID, 0);
    let answer = call(&world, &request(None, Some(notes))).await.unwrap();
    assert!(is_done(&answer));
    assert!(reads(&world).is_empty());
}

#[tokio::test]
async fn the_account_is_told_before_the_look_at_its_readiness_fails() {
    let world = with(ID, NAME, EMAIL, AccountState::Active);
    let words = "could not assume AVMMemberAccessRole";
    world.refuse("readiness", Failure::new(ErrorName::AccessDenied, words));
    let answer = call(&world, &request(Some(ID), None)).await.unwrap();
    assert_eq!(answer["AccountId"], json!(ID));
    let (waiting, notes) = waiting_for(Ok(answer));
    assert_eq!(waiting, words);
    assert_eq!(notes.account_id, Some(id(ID)));
    let failure = call(&world, &request(Some(ID), Some(notes)))
        .await
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccessDenied);
    assert_eq!(failure.account(), Some(&id(ID)));
}

#[tokio::test]
async fn the_notes_of_another_order_are_refused() {
    let world = with(ID, "other", EMAIL, AccountState::Active);
    let notes = Notes {
        account_id: Some(id(ID)),
        ..Notes::default()
    };
    let failure = call(&world, &request(None, Some(notes))).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccountMismatch);
}

#[tokio::test]
async fn an_account_that_was_found_before_and_is_not_visible_now_is_waited_for() {
    let notes = Notes {
        account_id: Some(id(ID)),
        ..Notes::default()
    };
    let answer = call(&InMemory::default(), &request(None, Some(notes.clone()))).await;
    assert_eq!(waiting_for(answer).1, notes);
}

#[tokio::test]
async fn an_account_without_room_for_the_tags_of_the_vend_is_refused_before_anything_is_done() {
    let world = with(ID, NAME, EMAIL, AccountState::Active);
    change(&world, ID, |member| {
        for number in 0..43 {
            member.tag(&[(&format!("key{number}"), "x")]);
        }
    });
    let failure = drive(&world, Some(ID)).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::InvalidRequest);
    assert!(failure.cause().contains("51 tags"), "{failure}");
    assert!(world.writes().is_empty());
}

/// The world's time is 2026-11-05T10:00:00Z.
#[tokio::test]
async fn an_old_account_that_refuses_the_access_role_is_not_waited_for() {
    let denial = "the access role: sts:AssumeRole AccessDenied";
    let explicit = "IAM: with an explicit deny in a service control policy";
    for (joined, is_invited, words, is_meant) in [
        (Some("2026-11-05T08:59:00Z"), false, denial, true),
        (Some("2026-11-05T09:30:00Z"), false, denial, false),
        (Some("2026-11-05T09:59:00Z"), true, denial, true),
        (None, false, denial, false),
        (None, false, explicit, true),
    ] {
        let world = with(ID, NAME, EMAIL, AccountState::Active);
        change(&world, ID, |member| {
            member.joined = joined.map(|joined| joined.parse().unwrap());
            member.is_invited = is_invited;
        });
        world.state_mut().readiness.deny(&id(ID), words, LONG);
        let failure = drive(&world, Some(ID)).await.unwrap_err();
        if is_meant {
            assert_eq!(failure.name(), ErrorName::AccessDenied, "{joined:?}");
            assert!(
                failure.remedy().contains("MeshstackAccountAccessRole"),
                "{failure}"
            );
            assert!(failure.remedy().contains(":root"), "{failure}");
        } else {
            assert_eq!(
                failure.name(),
                ErrorName::AccountCreationTimedOut,
                "{joined:?}"
            );
        }
    }
}

#[tokio::test]
async fn an_old_account_whose_role_is_only_seen_late_is_waited_for() {
    let world = with(ID, NAME, EMAIL, AccountState::Active);
    change(&world, ID, |member| {
        member.joined = Some("2020-01-01T00:00:00Z".parse().unwrap());
    });
    world
        .state_mut()
        .readiness
        .deny(&id(ID), "the access role: not yet", 2);
    assert!(drive(&world, Some(ID)).await.is_ok());
}
