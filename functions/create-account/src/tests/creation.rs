//! An account that does not exist: created once, whatever gets lost on the way.
//! In the end there is one account of the address, or a failure that says why not.

use avm_core::error::{ErrorName, Kind};
use avm_core::ports::accounts::{AccountState, CreationFailure};
use insta::assert_json_snapshot;

use super::{EMAIL, NAME, call, drive, request, waiting_for};
use crate::Progress;
use crate::world::{Lost, World, found};

fn accounts_of_the_address(world: &World) -> usize {
    let email = EMAIL.parse().unwrap();
    let state = world.state();
    let same = state
        .accounts
        .iter()
        .filter(|account| account.email.as_ref() == Some(&email));
    same.count()
}

fn progress(creation: &str) -> Progress {
    Progress {
        create_account_request_id: Some(creation.to_owned()),
        ..Progress::default()
    }
}

#[tokio::test]
async fn an_account_is_created_with_role_and_tags_but_never_with_the_completion_tags() {
    let world = World::default();
    let mut request = request(None, None);
    let tags = &mut request.order.request.tags;
    tags.insert("tagStage".to_owned(), "x".to_owned());
    tags.insert("tagProductName".to_owned(), "y".to_owned());
    let answer = call(&world, &request).await.unwrap();
    assert_json_snapshot!(answer, @r#"
    {
      "Status": "PENDING",
      "WaitingFor": "creation car-1 to end",
      "Progress": {
        "CreateAccountRequestId": "car-1"
      }
    }
    "#);
    assert_eq!(world.state().reads, ["e-mail", "creations"]);
    let asked = world.state().creations[0].wanted.clone();
    assert_eq!(asked.access_role.as_str(), "MeshstackAccountAccessRole");
    let tags: Vec<&str> = asked.tags.keys().map(String::as_str).collect();
    assert_eq!(
        tags,
        [
            "Environment",
            "avm:project",
            "avm:workspace",
            "tagProductName",
            "tagStage"
        ]
    );
    assert_eq!(asked.tags["avm:workspace"], "space");
    assert_eq!(asked.tags["avm:project"], "shop");
}

#[tokio::test]
async fn a_second_run_adopts_the_same_account() {
    let world = World::default();
    let first = drive(&world, None).await.unwrap();
    let second = drive(&world, None).await.unwrap();
    assert_eq!(first, second);
    assert_eq!(world.state().creations.len(), 1);
    assert_eq!(accounts_of_the_address(&world), 1);
}

#[tokio::test]
async fn a_lost_answer_never_makes_a_second_account() {
    for lost in [Lost::BeforeTheEffect, Lost::AfterTheEffect] {
        for unseen_creations in [false, true] {
            let world = World::default();
            world.state().lost = Some(lost);
            world.state().unseen_creations = unseen_creations;
            let failure = call(&world, &request(None, None)).await.unwrap_err();
            assert_eq!(failure.name().kind(), Kind::Busy);
            drive(&world, None).await.unwrap();
            assert_eq!(accounts_of_the_address(&world), 1, "{lost:?}");
        }
    }
}

#[tokio::test]
async fn a_call_that_is_repeated_with_old_progress_finds_the_newer_creation() {
    let world = World::default();
    world.state().ends_with = Some(CreationFailure::InternalFailure);
    let (words, again) = waiting_for(call(&world, &request(None, None)).await);
    assert!(words.contains("INTERNAL_FAILURE"), "{words}");
    assert_eq!(again, Progress::default());
    for _ in 0..2 {
        let (_, next) = waiting_for(call(&world, &request(None, Some(again.clone()))).await);
        assert_eq!(next, progress("car-2"));
    }
    drive(&world, None).await.unwrap();
    assert_eq!(world.state().creations.len(), 2);
}

#[tokio::test]
async fn an_address_that_our_own_lost_request_has_taken_is_adopted() {
    let world = World::default();
    world.state().lost = Some(Lost::AfterTheEffect);
    world.state().unseen_creations = true;
    call(&world, &request(None, None)).await.unwrap_err();
    world.finish();
    let id = world.state().accounts[0].id.clone();
    world.state().hidden.push(id.clone());
    // AWS takes the second request and ends it with EMAIL_ALREADY_EXISTS.
    let (_, next) = waiting_for(call(&world, &request(None, None)).await);
    world.finish();
    world.state().hidden.clear();
    let done = call(&world, &request(None, Some(next))).await.unwrap();
    assert_eq!(accounts_of_the_address(&world), 1);
    assert!(serde_json::to_string(&done).unwrap().contains(id.as_str()));
}

#[tokio::test]
async fn a_creation_whose_account_is_not_visible_yet_is_waited_for() {
    let world = World::default();
    call(&world, &request(None, None)).await.unwrap();
    world.finish();
    let id = world.state().accounts[0].id.clone();
    world.state().hidden.push(id);
    for known in [None, Some(progress("car-1"))] {
        let (_, next) = waiting_for(call(&world, &request(None, known)).await);
        assert_eq!(next, progress("car-1"));
    }
    world.state().hidden.clear();
    drive(&world, None).await.unwrap();
    assert_eq!(world.state().creations.len(), 1);
}

#[tokio::test]
async fn a_creation_that_is_not_visible_yet_is_waited_for() {
    let answer = call(&World::default(), &request(None, Some(progress("car-9")))).await;
    assert_eq!(waiting_for(answer).1, progress("car-9"));
}

#[tokio::test]
async fn a_creation_of_the_same_name_for_another_address_is_not_ours() {
    let world = World::default();
    world.ask(NAME, "other@example.com");
    let (_, next) = waiting_for(call(&world, &request(None, None)).await);
    assert_eq!(next, progress("car-1"));
    world.finish();
    let (_, next) = waiting_for(call(&world, &request(None, Some(next))).await);
    assert_eq!(next, progress("car-2"));
    drive(&world, None).await.unwrap();
    assert_eq!(accounts_of_the_address(&world), 1);
}

#[tokio::test]
async fn an_equal_request_in_progress_is_followed() {
    let world = World::default();
    world.ask(NAME, EMAIL);
    world.state().unseen_creations = true;
    // Not seen, so asked for again: AWS ends that with CONCURRENT_ACCOUNT_MODIFICATION.
    let (words, next) = waiting_for(call(&world, &request(None, None)).await);
    assert!(words.contains("CONCURRENT_ACCOUNT_MODIFICATION"), "{words}");
    world.state().unseen_creations = false;
    let (_, next) = waiting_for(call(&world, &request(None, Some(next))).await);
    assert_eq!(next, progress("car-1"));
    drive(&world, None).await.unwrap();
    assert_eq!(accounts_of_the_address(&world), 1);
}

/// What a creation that ends with the reason leads to: a failure, or another look.
const fn outcome(reason: &CreationFailure) -> Option<ErrorName> {
    match reason {
        CreationFailure::InternalFailure | CreationFailure::ConcurrentAccountModification => None,
        CreationFailure::EmailAlreadyExists => Some(ErrorName::EmailAlreadyInUse),
        CreationFailure::AccountLimitExceeded => Some(ErrorName::AccountLimitExceeded),
        CreationFailure::PendingBusinessValidation => {
            Some(ErrorName::AccountCreationPendingValidation)
        }
        CreationFailure::InvalidEmail => Some(ErrorName::InvalidRequest),
        _ => Some(ErrorName::AccountCreationFailed),
    }
}

#[tokio::test]
async fn every_failure_reason_has_its_outcome() {
    let new = CreationFailure::Other("SOMETHING_NEW".to_owned());
    let none = CreationFailure::Other(String::new());
    for reason in CreationFailure::KNOWN.iter().chain([&new, &none]) {
        let world = World::default();
        world.state().ends_with = Some(reason.clone());
        let answer = call(&world, &request(None, None)).await;
        let words = match outcome(reason) {
            Some(name) => {
                let failure = answer.unwrap_err();
                assert_eq!(failure.name(), name, "{reason}");
                failure.to_string()
            }
            None => waiting_for(answer).0,
        };
        assert!(words.contains(&reason.to_string()), "{words}");
        // The cause is repaired, the request is sent again.
        drive(&world, None).await.unwrap();
        assert_eq!(accounts_of_the_address(&world), 1, "{reason}");
    }
}

#[tokio::test]
async fn an_address_that_ends_a_creation_is_adopted_or_refused_by_what_is_found() {
    for (state, expected) in [
        (AccountState::Active, None),
        (AccountState::Suspended, Some(ErrorName::EmailAlreadyInUse)),
    ] {
        let world = World::default();
        call(&world, &request(None, None)).await.unwrap();
        let taken = found("444444444444", NAME, EMAIL, state);
        world.state().accounts.push(taken);
        world.own("444444444444");
        world.finish();
        let answer = call(&world, &request(None, Some(progress("car-1")))).await;
        assert_eq!(answer.err().map(|failure| failure.name()), expected);
    }
}

#[tokio::test]
async fn a_refused_creation_keeps_its_name_and_leaves_nothing_behind() {
    let world = World::default();
    world.state().refusal = Some(ErrorName::Throttled);
    let failure = call(&world, &request(None, None)).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::Throttled);
    assert!(world.state().creations.is_empty());
}

#[tokio::test]
async fn room_for_another_creation_is_waited_for_with_one_read_a_look() {
    let world = World::default();
    world.ask(NAME, "other@example.com");
    world.finish();
    world.state().full = Some("five creations are in progress".to_owned());
    for known in [None, Some(progress("car-1"))] {
        let (words, next) = waiting_for(call(&world, &request(None, known.clone())).await);
        assert_eq!(words, "five creations are in progress");
        assert!(next.queued);
        world.state().reads.clear();
        let (words, again) = waiting_for(call(&world, &request(None, Some(next.clone()))).await);
        assert_eq!(words, "five creations are in progress");
        assert_eq!(again, next);
        assert_eq!(world.state().reads, ["room"]);
    }
    assert_eq!(world.state().creations.len(), 1);
    world.state().full = None;
    let queued = Progress {
        queued: true,
        ..Progress::default()
    };
    let (_, next) = waiting_for(call(&world, &request(None, Some(queued))).await);
    assert_eq!(next, progress("car-2"));
    drive(&world, None).await.unwrap();
    assert_eq!(accounts_of_the_address(&world), 1);
}
