//! An account that does not exist: created once, whatever gets lost on the way.
//! In the end there is one account of the address, or a failure that says why not.

use avm_core::error::{ErrorName, Failure, Kind};
use avm_core::ports::accounts::{AccountState, CreationFailure};
use avm_world::{Fault, InMemory, State, replay};
use insta::assert_json_snapshot;
use serde_json::json;

use super::{
    EMAIL, LONG, NAME, accounts_of_the_address, add, ask, ask_as_another_project, call, change,
    creations, drive, finish, id, large, made, notes, notes_of_own, own, reads, request, slow,
    unlist_creations, waiting_for,
};
use crate::{CreateAccount, Done, Notes};

#[tokio::test]
async fn an_account_is_created_with_role_and_tags_but_never_with_the_completion_tags() {
    let world = InMemory::default();
    let mut request = request(None, None);
    let tags = &mut request.order.request.tags;
    tags.insert("tagStage".to_owned(), "x".to_owned());
    tags.insert("tagProductName".to_owned(), "y".to_owned());
    let answer = call(&world, &request).await.unwrap();
    assert_json_snapshot!(answer, @r#"
    {
      "AccountId": null,
      "Plan": null,
      "Progress": {
        "Looks": {
          "Turn": 0,
          "Work": 1
        },
        "Notes": {
          "CreateAccountRequestId": "car-1",
          "HasAsked": true
        }
      },
      "Result": null,
      "Status": "PENDING",
      "WaitSeconds": 10,
      "WaitingFor": "creation car-1 to end"
    }
    "#);
    assert_eq!(
        reads(&world),
        ["ListAccounts", "ListCreateAccountStatus space-shop"]
    );
    let asked = world.state().organizations.creations[0].wanted.clone();
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
    let world = InMemory::default();
    let first = drive(&world, None).await.unwrap();
    let second = drive(&world, None).await.unwrap();
    assert!(first.created);
    assert_eq!(
        second,
        Done {
            created: false,
            ..first
        }
    );
    assert_eq!(creations(&world), 1);
    assert_eq!(accounts_of_the_address(&world), 1);
}

#[tokio::test]
async fn what_this_execution_has_made_is_told_after_every_wait_and_what_it_has_found_is_not() {
    let is_told_as_created = async |world: &InMemory| drive(world, None).await.unwrap().created;
    let patient = || {
        InMemory::with(|state| {
            let organization = &mut state.organizations;
            organization.creation_lasts = 2;
            organization.new_accounts_shown_after = 2;
            let first = id("700000000000");
            state.readiness.obstruct(&first, "IAM: not yet", 2);
        })
    };
    assert!(is_told_as_created(&patient()).await);
    let of_another_execution = slow();
    ask(&of_another_execution);
    finish(&of_another_execution);
    assert!(!is_told_as_created(&of_another_execution).await);
    let refused = large(3);
    ask(&refused);
    finish(&refused);
    unlist_creations(&refused, LONG);
    assert!(!is_told_as_created(&refused).await);
    let pending = slow();
    let (_, notes) = waiting_for(call(&pending, &request(None, None)).await);
    finish(&pending);
    change(&pending, &made(&pending), |member| {
        member.state = AccountState::PendingActivation;
    });
    let (_, notes) = waiting_for(call(&pending, &request(None, Some(notes))).await);
    assert!(notes.account_id.is_some());
    change(&pending, &made(&pending), |member| {
        member.state = AccountState::Active;
    });
    let answer = call(&pending, &request(None, Some(notes))).await.unwrap();
    assert_eq!(answer["Result"]["Created"], true);
}

#[tokio::test]
async fn a_lost_answer_never_makes_a_second_account() {
    for lost in Fault::ALL {
        for unlisted in [0, LONG] {
            for (lasts, others) in [(0, 0), (2, 0), (0, 3), (2, 3)] {
                let world = large(others);
                world.state_mut().organizations.creation_lasts = lasts;
                world.disturb_write(0, lost);
                unlist_creations(&world, unlisted);
                let failure = call(&world, &request(None, None)).await.unwrap_err();
                assert_eq!(failure.name().kind(), Kind::Busy);
                drive(&world, None).await.unwrap();
                assert_eq!(accounts_of_the_address(&world), 1, "{lost:?} {others}");
            }
        }
    }
}

#[tokio::test]
async fn whatever_is_lost_the_next_try_ends_in_an_equal_world() {
    for lasts in [0, 2] {
        for (shown, listed, room) in [(0, 0, 0), (3, 0, 0), (0, LONG, 0), (0, 0, 4)] {
            let state = |state: &mut State| {
                let organization = &mut state.organizations;
                organization.creation_lasts = lasts;
                organization.new_accounts_shown_after = shown;
                organization.creations_listed_after = listed;
                organization.room_after = room;
                let first = id("700000000000");
                state.readiness.obstruct(&first, "IAM: not yet", 6);
            };
            replay::<CreateAccount>(state, &request(None, None)).await;
        }
    }
}

#[tokio::test]
async fn a_call_that_is_repeated_with_old_notes_finds_the_newer_creation() {
    let world = InMemory::default();
    world.state_mut().organizations.creation_lasts = 5;
    world.state_mut().organizations.ends_with = Some(CreationFailure::InternalFailure);
    let (words, again) = waiting_for(call(&world, &request(None, None)).await);
    assert!(words.contains("INTERNAL_FAILURE"), "{words}");
    assert_eq!(again, Notes::default());
    // The second call does not know what the first has asked for.
    for expected in [notes_of_own("car-2"), notes("car-2")] {
        let (_, next) = waiting_for(call(&world, &request(None, Some(again.clone()))).await);
        assert_eq!(next, expected);
    }
    drive(&world, None).await.unwrap();
    assert_eq!(creations(&world), 2);
}

#[tokio::test]
async fn an_address_that_our_own_lost_request_has_taken_is_adopted() {
    let world = slow();
    world.disturb_write(0, Fault::After);
    unlist_creations(&world, LONG);
    call(&world, &request(None, None)).await.unwrap_err();
    finish(&world);
    let id = made(&world);
    change(&world, &id, |member| member.shown_after = LONG);
    // AWS takes the second request and ends it with EMAIL_ALREADY_EXISTS.
    let (_, next) = waiting_for(call(&world, &request(None, None)).await);
    finish(&world);
    change(&world, &id, |member| member.shown_after = 0);
    let done = call(&world, &request(None, Some(next))).await.unwrap();
    assert_eq!(accounts_of_the_address(&world), 1);
    assert_eq!(done["AccountId"], json!(id));
}

#[tokio::test]
async fn a_creation_whose_account_is_not_visible_yet_is_waited_for() {
    let world = slow();
    call(&world, &request(None, None)).await.unwrap();
    finish(&world);
    let id = made(&world);
    change(&world, &id, |member| member.shown_after = LONG);
    for known in [None, Some(notes("car-1"))] {
        let (_, next) = waiting_for(call(&world, &request(None, known)).await);
        assert_eq!(next, notes("car-1"));
    }
    change(&world, &id, |member| member.shown_after = 0);
    drive(&world, None).await.unwrap();
    assert_eq!(creations(&world), 1);
}

#[tokio::test]
async fn a_creation_that_is_not_visible_yet_is_waited_for() {
    let answer = call(&InMemory::default(), &request(None, Some(notes("car-9")))).await;
    assert_eq!(waiting_for(answer).1, notes("car-9"));
}

#[tokio::test]
async fn a_creation_of_the_same_name_for_another_address_is_not_ours() {
    let world = slow();
    ask_as_another_project(&world);
    let (_, next) = waiting_for(call(&world, &request(None, None)).await);
    assert_eq!(next, notes("car-1"));
    finish(&world);
    let (_, next) = waiting_for(call(&world, &request(None, Some(next))).await);
    assert_eq!(next, notes_of_own("car-2"));
    finish(&world);
    drive(&world, None).await.unwrap();
    assert_eq!(accounts_of_the_address(&world), 1);
}

#[tokio::test]
async fn an_equal_request_in_progress_is_followed() {
    let world = InMemory::default();
    world.state_mut().organizations.creation_lasts = 4;
    ask(&world);
    unlist_creations(&world, LONG);
    // Not seen, so asked for again: AWS ends that with CONCURRENT_ACCOUNT_MODIFICATION.
    let (words, next) = waiting_for(call(&world, &request(None, None)).await);
    assert!(words.contains("CONCURRENT_ACCOUNT_MODIFICATION"), "{words}");
    unlist_creations(&world, 0);
    let (_, next) = waiting_for(call(&world, &request(None, Some(next))).await);
    assert_eq!(next, notes("car-1"));
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
    let none = CreationFailure::Other("no reason given".to_owned());
    for reason in CreationFailure::KNOWN.iter().chain([&new, &none]) {
        let world = InMemory::default();
        world.state_mut().organizations.ends_with = Some(reason.clone());
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
        let world = slow();
        call(&world, &request(None, None)).await.unwrap();
        add(&world, "555555555555", NAME, EMAIL, state);
        own(&world, "555555555555");
        finish(&world);
        let answer = call(&world, &request(None, Some(notes("car-1")))).await;
        assert_eq!(answer.err().map(|failure| failure.name()), expected);
    }
}

#[tokio::test]
async fn a_refused_creation_keeps_its_name_and_leaves_nothing_behind() {
    let world = InMemory::default();
    let throttled = Failure::new(ErrorName::Throttled, "refused");
    world.refuse_times("organizations:CreateAccount", 1, throttled);
    let failure = call(&world, &request(None, None)).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::Throttled);
    assert_eq!(creations(&world), 0);
}
