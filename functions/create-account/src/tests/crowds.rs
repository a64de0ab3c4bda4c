//! Large organizations and crowds: what is asked of AWS where the search is long, or where there is no room for a creation.
//! AWS's own refusal is the search, and one cheap read a look tells of room.

use avm_core::error::{ErrorName, Failure};
use avm_core::ports::accounts::{AccountState, CreationFailure};
use avm_world::{InMemory, plan_of};
use serde_json::json;

use super::{
    EMAIL, IN_PROGRESS, LONG, NAME, accounts_of_the_address, add, ask, ask_as_another_project,
    call, creations, drive, finish, hide_from_the_index, large, notes, notes_of_own, own, reads,
    request, slow, waiting_for,
};
use crate::{CreateAccount, Notes};

#[tokio::test]
async fn in_a_large_organization_aws_is_asked_for_the_account_after_two_reads() {
    let world = large(1000);
    call(&world, &request(None, None)).await.unwrap();
    assert_eq!(reads(&world), ["ListAccounts", IN_PROGRESS]);
    assert_eq!(creations(&world), 1);
    drive(&world, None).await.unwrap();
    assert_eq!(accounts_of_the_address(&world), 1);
    assert!(!reads(&world).contains(&"ListCreateAccountStatus space-shop".to_owned()));
}

#[tokio::test]
async fn the_account_whose_address_aws_refuses_is_walked_to_without_a_page_twice() {
    let world = large(450);
    add(&world, "999999999999", NAME, EMAIL, AccountState::Active);
    own(&world, "999999999999");
    hide_from_the_index(&world, "999999999999");
    let mut notes = None;
    let (mut looks, mut walked) = (0, Vec::new());
    let answer = loop {
        let answer = call(&world, &request(None, notes.take())).await.unwrap();
        if answer["Status"] == "DONE" {
            break answer;
        }
        let (_, next) = waiting_for(Ok(answer));
        walked.extend(next.walked_to.clone());
        notes = Some(next);
        looks += 1;
        assert!(looks < 10);
    };
    assert_eq!(answer["AccountId"], json!("999999999999"));
    assert_eq!(walked, ["200", "400"]);
    let pages = reads(&world)
        .into_iter()
        .filter(|read| read == "ListAccounts");
    assert_eq!(pages.count(), 1 + 451);
    assert_eq!(accounts_of_the_address(&world), 1);
}

#[tokio::test]
async fn an_address_that_nobody_in_a_large_organization_has_belongs_to_somebody_outside() {
    let world = large(450);
    world.state_mut().organizations.ends_with = Some(CreationFailure::EmailAlreadyExists);
    let failure = drive(&world, None).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::EmailAlreadyInUse);
    assert!(failure.remedy().contains("outside"), "{failure}");
}

#[tokio::test]
async fn a_plan_reads_all_accounts_and_asks_for_none() {
    let world = large(450);
    add(&world, "999999999999", NAME, EMAIL, AccountState::Active);
    own(&world, "999999999999");
    let planned = plan_of::<CreateAccount>(&world, &request(None, None)).await;
    assert!(planned.unwrap()["IsEmpty"].as_bool().unwrap());
    assert_eq!(creations(&world), 0);
}

#[tokio::test]
async fn room_for_another_creation_is_waited_for_with_one_read_a_look() {
    let world = InMemory::default();
    let has_room = |after| world.state_mut().organizations.room_after = after;
    ask_as_another_project(&world);
    finish(&world);
    has_room(LONG);
    for known in [None, Some(notes("car-1"))] {
        let answer = call(&world, &request(None, known)).await.unwrap();
        assert_eq!(answer["Progress"]["Looks"], json!({"Turn": 1, "Work": 0}));
        let (words, next) = waiting_for(Ok(answer));
        assert_eq!(words, "five creations are in progress");
        assert!(next.queued);
        world.forget_journal();
        let (words, again) = waiting_for(call(&world, &request(None, Some(next.clone()))).await);
        assert_eq!(words, "five creations are in progress");
        assert_eq!(again, next);
        assert_eq!(reads(&world), [IN_PROGRESS]);
    }
    assert_eq!(creations(&world), 1);
    has_room(0);
    let (_, next) = waiting_for(call(&world, &request(None, Some(queued()))).await);
    assert_eq!(next, notes_of_own("car-2"));
    drive(&world, None).await.unwrap();
    assert_eq!(accounts_of_the_address(&world), 1);
}

fn queued() -> Notes {
    Notes {
        queued: true,
        ..Notes::default()
    }
}

#[tokio::test]
async fn in_a_large_organization_without_room_aws_is_not_asked_for_the_account() {
    let world = large(3);
    world.state_mut().organizations.room_after = LONG;
    let (words, next) = waiting_for(call(&world, &request(None, None)).await);
    assert_eq!(words, "five creations are in progress");
    assert_eq!(next, queued());
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn where_room_is_seen_one_page_and_the_question_for_the_account_follow() {
    let world = large(3);
    world.forget_journal();
    let (_, next) = waiting_for(call(&world, &request(None, Some(queued()))).await);
    assert_eq!(next, notes_of_own("car-1"));
    assert_eq!(reads(&world), [IN_PROGRESS, "ListAccounts"]);
}

#[tokio::test]
async fn a_creation_whose_answer_was_lost_is_followed_though_there_is_no_room() {
    let world = slow();
    ask(&world);
    world.state_mut().organizations.room_after = LONG;
    let (_, next) = waiting_for(call(&world, &request(None, Some(queued()))).await);
    assert_eq!(next, notes("car-1"));
}

#[tokio::test]
async fn where_aws_does_not_tell_of_room_the_vend_waits_twice_as_long_and_does_not_fail() {
    for known in [None, Some(queued())] {
        let world = large(3);
        let throttled = Failure::new(ErrorName::Throttled, "refused");
        let read = format!("organizations:{IN_PROGRESS}");
        world.refuse_times(&read, 1, throttled);
        let answer = call(&world, &request(None, known)).await.unwrap();
        assert_eq!(answer["Progress"]["Looks"], json!({"Turn": 2, "Work": 0}));
        assert_eq!(answer["WaitSeconds"], 10 + 15);
        let (_, next) = waiting_for(Ok(answer));
        assert_eq!(next, queued());
        assert!(world.writes().is_empty());
        drive(&world, None).await.unwrap();
        assert_eq!(accounts_of_the_address(&world), 1);
    }
}
