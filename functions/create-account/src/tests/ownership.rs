//! Whose an account is: one that belongs to another workspace or project is refused, however it was found.
//! A refusal never tells the account in a progress, so that no failure is marked on it.

use shared::error::ErrorName;
use shared::ports::accounts::AccountState;
use shared::step::Answer;

use super::{EMAIL, NAME, call, drive, request, waiting_for};
use crate::Progress;
use crate::world::{World, found};

const ID: &str = "111111111111";

fn world(tags: &[(&str, &str)]) -> World {
    let world = World::with(&[found(ID, NAME, EMAIL, AccountState::Active)]);
    world.tag(ID, tags);
    world
}

#[tokio::test]
async fn an_account_of_another_project_is_refused_by_id_and_by_address() {
    for (tags, words) in [
        (
            &[("ProductName", "moon"), ("Stage", "shop")][..],
            "ProductName (moon)",
        ),
        (
            &[("ProductName", "space"), ("Stage", "bank")],
            "Stage (bank)",
        ),
        (&[("avm:workspace", "moon")], "avm:workspace (moon)"),
        (&[("avm:project", "bank")], "avm:project (bank)"),
    ] {
        for (account, name) in [
            (Some(ID), ErrorName::AccountMismatch),
            (None, ErrorName::EmailAlreadyInUse),
        ] {
            let world = world(tags);
            // At the first look: the machine has not been told the account.
            let failure = call(&world, &request(account, None)).await.unwrap_err();
            assert_eq!(failure.name(), name, "{failure}");
            assert!(failure.cause().contains(words), "{failure}");
            assert!(failure.cause().contains("another workspace or project"));
            assert!(failure.remedy().contains("remove these tags"), "{failure}");
            assert_eq!(failure.account().unwrap().as_str(), ID);
            assert!(!failure.to_string().contains('@'), "{failure}");
            assert!(world.state().creations.is_empty());
        }
    }
}

#[tokio::test]
async fn an_account_of_the_same_project_is_adopted() {
    for tags in [
        &[("ProductName", "space"), ("Stage", "shop")][..],
        &[
            ("avm:workspace", "space"),
            ("avm:project", "shop"),
            ("avm:failed-step", "x"),
        ],
        &[("Environment", "dev")],
    ] {
        for account in [Some(ID), None] {
            let done = drive(&world(tags), account).await.unwrap();
            assert_eq!(done.account.account_id.as_str(), ID);
        }
    }
}

#[tokio::test]
async fn an_account_that_a_creation_has_made_for_another_project_is_refused() {
    let world = World::default();
    let (_, progress) = waiting_for(call(&world, &request(None, None)).await);
    world.finish();
    let id = world.state().accounts[0].id.clone();
    world.tag(id.as_str(), &[("avm:workspace", "moon")]);
    for known in [Some(progress), None] {
        let failure = call(&world, &request(None, known)).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::EmailAlreadyInUse);
    }
}

#[tokio::test]
async fn another_project_with_the_same_name_and_address_is_refused_from_the_creation_on() {
    let world = World::default();
    drive(&world, None).await.unwrap();
    let id = world.state().accounts[0].id.clone();
    for (account, name) in [
        (None, ErrorName::EmailAlreadyInUse),
        (Some(id.as_str()), ErrorName::AccountMismatch),
    ] {
        let mut other = request(account, None);
        other.order.request.product_name = "moon".parse().unwrap();
        let failure = call(&world, &other).await.unwrap_err();
        assert_eq!(failure.name(), name);
    }
    assert_eq!(world.state().creations.len(), 1);
}

#[tokio::test]
async fn name_and_address_are_compared_before_the_tags() {
    let world = World::with(&[found(ID, "other", EMAIL, AccountState::Active)]);
    world.tag(ID, &[("ProductName", "moon")]);
    let failure = call(&world, &request(None, None)).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccountMismatch);
    assert_eq!(world.state().reads, ["e-mail"]);
}

#[tokio::test]
async fn an_account_that_waits_for_its_activation_is_told_only_if_it_is_ours() {
    let world = World::with(&[found(ID, NAME, EMAIL, AccountState::PendingActivation)]);
    world.tag(ID, &[("ProductName", "moon")]);
    let failure = call(&world, &request(Some(ID), None)).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccountMismatch);
}

#[tokio::test]
async fn tags_are_read_once_however_often_the_readiness_is_looked_at() {
    for account in [Some(ID), None] {
        let world = world(&[]);
        world.state().obstacle = Some("IAM: not yet".to_owned());
        let mut progress = None;
        for _ in 0..4 {
            let answer = call(&world, &request(account, progress.take())).await;
            progress = Some(waiting_for(answer).1);
        }
        let state = world.state();
        assert_eq!(
            state.reads.iter().filter(|&&read| read == "tags").count(),
            1
        );
    }
}

#[tokio::test]
async fn tags_that_are_not_visible_yet_are_waited_for() {
    let world = world(&[]);
    world.state().untaggable.push(ID.parse().unwrap());
    let (_, progress) = waiting_for(call(&world, &request(Some(ID), None)).await);
    assert_eq!(progress.looks_in_vain, Some(1));
    assert_eq!(progress.account_id, None);
    let (_, progress) = waiting_for(call(&world, &request(None, None)).await);
    assert_eq!(progress, Progress::default());
    world.state().untaggable.clear();
    let answer = call(&world, &request(None, Some(progress))).await.unwrap();
    assert!(matches!(answer, Answer::Done(_)));
}
