//! An account that exists: adopted by its id or by its address, or refused.
//! No case writes anything.

use avm_core::contract::step::Answer;
use avm_core::error::ErrorName;
use avm_core::ports::accounts::AccountState;
use insta::assert_json_snapshot;

use super::{EMAIL, NAME, call, drive, request, waiting_for};
use crate::Progress;
use crate::world::{World, found};

const ID: &str = "111111111111";

#[tokio::test]
async fn an_account_that_agrees_is_adopted_with_two_reads_and_no_write() {
    let world = World::with(&[found(ID, NAME, EMAIL, AccountState::Active)]);
    let answer = call(&world, &request(Some(ID), None)).await.unwrap();
    let again = call(&world, &request(Some(ID), None)).await.unwrap();
    assert_eq!(answer, again);
    assert_json_snapshot!(answer, @r#"
    {
      "Status": "DONE",
      "Account": {
        "AccountId": "111111111111",
        "AccountName": "space-shop",
        "AccountEmail": "aws+space.shop@example.com",
        "AccountArn": "arn:aws:organizations::333333333333:account/o-exampleorg/111111111111"
      }
    }
    "#);
    assert_eq!(world.state().reads, ["account", "tags"].repeat(2));
    assert!(world.state().creations.is_empty());
}

#[tokio::test]
async fn an_account_that_is_not_there_is_not_found_at_the_fourth_look() {
    let world = World::default();
    let failure = drive(&world, Some(ID)).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccountNotFound);
    assert_eq!(failure.account().unwrap().as_str(), ID);
    assert_eq!(world.state().reads, ["account"; 4]);
}

#[tokio::test]
async fn an_account_that_was_just_made_may_be_invisible_for_three_looks() {
    let world = World::with(&[found(ID, NAME, EMAIL, AccountState::Active)]);
    world.state().hidden.push(ID.parse().unwrap());
    let mut progress = None;
    for look in 1..=3 {
        let answer = call(&world, &request(Some(ID), progress.take())).await;
        let (words, next) = waiting_for(answer);
        assert!(words.contains("to be visible"), "{words}");
        assert_eq!(next.looks_in_vain, Some(look));
        // Not yet known to be the order's: a failure must not be marked on it.
        assert_eq!(next.account_id, None);
        progress = Some(next);
    }
    world.state().hidden.clear();
    let answer = call(&world, &request(Some(ID), progress)).await.unwrap();
    assert!(matches!(answer, Answer::Done(_)));
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
        let by_id = World::with(&[found(ID, NAME, EMAIL, state.clone())]);
        let failure = drive(&by_id, Some(ID)).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::AccountNotActive, "{words}");
        assert!(failure.cause().contains(&words), "{failure}");
        let failure = drive(&by_id, None).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::EmailAlreadyInUse, "{words}");
        assert!(failure.cause().contains(&words), "{failure}");
        assert!(by_id.state().creations.is_empty());
    }
}

#[tokio::test]
async fn an_account_whose_sign_up_is_not_finished_is_waited_for() {
    let world = World::with(&[found(ID, NAME, EMAIL, AccountState::PendingActivation)]);
    world.own(ID);
    for account in [Some(ID), None] {
        let (words, progress) = waiting_for(call(&world, &request(account, None)).await);
        assert!(words.contains("PENDING_ACTIVATION"), "{words}");
        assert_eq!(progress.account_id.unwrap().as_str(), ID);
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
        let world = World::with(&[found(ID, name, email, AccountState::Active)]);
        let failure = drive(&world, Some(ID)).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::AccountMismatch);
        assert!(failure.cause().starts_with(fields), "{failure}");
        assert!(!failure.to_string().contains('@'), "{failure}");
    }
}

#[tokio::test]
async fn an_account_of_the_address_is_adopted_in_any_letter_case() {
    let world = World::with(&[found(
        ID,
        NAME,
        &EMAIL.to_ascii_uppercase(),
        AccountState::Active,
    )]);
    world.own(ID);
    let done = drive(&world, None).await.unwrap();
    assert_eq!(done.account.account_id.as_str(), ID);
    assert_eq!(world.state().reads, ["e-mail", "tags"]);
    assert!(world.state().creations.is_empty());
}

#[tokio::test]
async fn an_account_of_the_address_under_another_name_is_a_mismatch() {
    let world = World::with(&[found(ID, "other", EMAIL, AccountState::Active)]);
    let failure = drive(&world, None).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccountMismatch);
    assert!(world.state().creations.is_empty());
}

#[tokio::test]
async fn the_accounts_that_the_machine_stands_on_are_never_vended() {
    for (id, which) in [
        ("333333333333", "management"),
        ("222222222222", "automation"),
        ("555555555555", "meshcloud"),
    ] {
        let world = World::with(&[found(id, NAME, EMAIL, AccountState::Active)]);
        for account in [Some(id), None] {
            let failure = drive(&world, account).await.unwrap_err();
            assert_eq!(failure.name(), ErrorName::InvalidRequest);
            assert!(failure.cause().contains(which), "{failure}");
        }
    }
}

#[tokio::test]
async fn an_account_that_is_not_ready_is_waited_for_and_remembered() {
    let world = World::with(&[found(ID, NAME, EMAIL, AccountState::Active)]);
    world.own(ID);
    world.state().obstacle = Some("IAM: not yet".to_owned());
    let answer = call(&world, &request(None, None)).await.unwrap();
    assert_json_snapshot!(answer, @r#"
    {
      "Status": "PENDING",
      "WaitingFor": "IAM: not yet",
      "Progress": {
        "AccountId": "111111111111"
      }
    }
    "#);
    world.state().reads.clear();
    world.state().obstacle = None;
    let Answer::Pending { progress, .. } = answer else {
        unreachable!()
    };
    let answer = call(&world, &request(None, Some(progress))).await.unwrap();
    assert!(matches!(answer, Answer::Done(_)));
    assert_eq!(world.state().reads, ["account"]);
}

#[tokio::test]
async fn the_account_is_told_before_the_look_at_its_readiness_fails() {
    let world = World::with(&[found(ID, NAME, EMAIL, AccountState::Active)]);
    world.state().unreachable = Some(ErrorName::AccessDenied);
    let answer = call(&world, &request(Some(ID), None)).await.unwrap();
    let Answer::Pending {
        waiting_for,
        progress,
    } = answer
    else {
        panic!("{answer:?}");
    };
    assert_eq!(waiting_for, "could not assume AVMMemberAccessRole");
    assert_eq!(progress.account_id, Some(ID.parse().unwrap()));
    let failure = call(&world, &request(Some(ID), Some(progress)))
        .await
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccessDenied);
}

#[tokio::test]
async fn the_progress_of_another_order_is_refused() {
    let world = World::with(&[found(ID, "other", EMAIL, AccountState::Active)]);
    let progress = Progress {
        account_id: Some(ID.parse().unwrap()),
        ..Progress::default()
    };
    let failure = call(&world, &request(None, Some(progress)))
        .await
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccountMismatch);
}

#[tokio::test]
async fn an_account_that_was_found_before_and_is_not_visible_now_is_waited_for() {
    let progress = Progress {
        account_id: Some(ID.parse().unwrap()),
        ..Progress::default()
    };
    let answer = call(&World::default(), &request(None, Some(progress.clone()))).await;
    assert_eq!(waiting_for(answer).1, progress);
}
