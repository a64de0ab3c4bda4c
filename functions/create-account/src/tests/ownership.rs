//! Whose an account is: one that belongs to another workspace or project is refused, however it was found.
//! A refusal never tells the account in its notes, so that no failure is marked on it.

use avm_core::error::ErrorName;
use avm_core::ports::accounts::AccountState;
use avm_world::{InMemory, plan_of};

use super::{
    EMAIL, ID, LONG, NAME, add, call, change, creations, drive, finish, is_done, made, obstruct,
    own, reads, request, slow, tag, waiting_for, with,
};
use crate::{CreateAccount, Notes};

fn world(tags: &[(&str, &str)]) -> InMemory {
    let world = with(ID, NAME, EMAIL, AccountState::Active);
    tag(&world, ID, tags);
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
            assert_eq!(creations(&world), 0);
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
    ] {
        for account in [Some(ID), None] {
            let done = drive(&world(tags), account).await.unwrap();
            assert_eq!(done.account.account_id.as_str(), ID);
        }
    }
}

#[tokio::test]
async fn an_account_that_nobody_owns_is_adopted_by_its_id_and_never_by_its_address() {
    for tags in [
        &[][..],
        &[("Environment", "dev"), ("stage", "prod")],
        &[("avm:failed-step", "x")],
    ] {
        let world = world(tags);
        let done = drive(&world, Some(ID)).await.unwrap();
        assert_eq!(done.account.account_id.as_str(), ID);

        let failure = drive(&world, None).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::EmailAlreadyInUse, "{failure}");
        assert!(failure.remedy().contains("AccountId"), "{failure}");
        assert_eq!(creations(&world), 0);
    }
}

#[tokio::test]
async fn the_owners_tags_of_a_new_account_may_be_invisible_for_three_looks() {
    let world = world(&[]);
    let mut notes = None;
    for look in 1..=3 {
        let answer = call(&world, &request(None, notes.take())).await;
        let (words, next) = waiting_for(answer);
        assert!(words.starts_with("the owner's tags of account"), "{words}");
        assert_eq!(next.looks_in_vain, Some(look));
        // Not yet known to be the order's: a failure must not be marked on it.
        assert_eq!(next.account_id, None);
        notes = Some(next);
    }
    own(&world, ID);
    let answer = call(&world, &request(None, notes)).await.unwrap();
    assert!(is_done(&answer));
}

#[tokio::test]
async fn a_creation_is_still_followed_while_the_tags_of_its_account_are_not_visible() {
    let world = slow();
    let (_, notes) = waiting_for(call(&world, &request(None, None)).await);
    finish(&world);
    let id = made(&world);
    tag(&world, &id, &[]);
    let (_, notes) = waiting_for(call(&world, &request(None, Some(notes))).await);
    assert_eq!(notes.create_account_request_id.as_deref(), Some("car-1"));
    own(&world, &id);
    let answer = call(&world, &request(None, Some(notes))).await.unwrap();
    assert!(is_done(&answer));
    assert_eq!(creations(&world), 1);
}

#[tokio::test]
async fn an_account_with_half_an_owner_is_refused() {
    for tags in [
        &[("ProductName", "space")][..],
        &[("Stage", "shop"), ("Environment", "dev")],
        &[("avm:workspace", "space")],
    ] {
        for (account, name) in [
            (Some(ID), ErrorName::AccountMismatch),
            (None, ErrorName::EmailAlreadyInUse),
        ] {
            let world = world(tags);
            let failure = call(&world, &request(account, None)).await.unwrap_err();
            assert_eq!(failure.name(), name, "{failure}");
            assert!(failure.cause().contains(tags[0].0), "{failure}");
            assert!(
                failure.remedy().contains("complete these tags"),
                "{failure}"
            );
            assert_eq!(creations(&world), 0);
        }
    }
}

#[tokio::test]
async fn an_account_that_a_creation_has_made_for_another_project_is_refused() {
    let world = slow();
    let (_, notes) = waiting_for(call(&world, &request(None, None)).await);
    finish(&world);
    let id = made(&world);
    tag(&world, &id, &[("avm:workspace", "moon")]);
    for known in [Some(notes), None] {
        let failure = call(&world, &request(None, known)).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::EmailAlreadyInUse);
    }
}

#[tokio::test]
async fn another_project_with_the_same_name_and_address_is_refused_from_the_creation_on() {
    let world = InMemory::default();
    drive(&world, None).await.unwrap();
    let id = made(&world);
    for (account, name) in [
        (None, ErrorName::EmailAlreadyInUse),
        (Some(id.as_str()), ErrorName::AccountMismatch),
    ] {
        let mut other = request(account, None);
        other.order.request.product_name = "moon".parse().unwrap();
        let failure = call(&world, &other).await.unwrap_err();
        assert_eq!(failure.name(), name);
    }
    assert_eq!(creations(&world), 1);
}

#[tokio::test]
async fn another_name_of_an_account_that_is_not_ours_is_a_mismatch() {
    for tags in [
        &[][..],
        &[("ProductName", "moon")],
        &[("avm:workspace", "space")],
    ] {
        let world = with(ID, "other", EMAIL, AccountState::Active);
        tag(&world, ID, tags);
        for account in [Some(ID), None] {
            let failure = call(&world, &request(account, None)).await.unwrap_err();
            assert_eq!(failure.name(), ErrorName::AccountMismatch);
            assert!(failure.cause().starts_with("AccountName"), "{failure}");
        }
    }
}

/// Whoever administers the account may rename it, and could else keep the people in it whom the request takes away.
#[tokio::test]
async fn an_account_of_ours_is_ours_under_another_name_and_address() {
    let other = "someone.else@example.com";
    for (name, email, differs) in [
        ("other", EMAIL, &["AccountName"][..]),
        (NAME, other, &["AccountEmail"]),
        (NAME, "o'brien@example.com", &["AccountEmail"]),
        ("other", other, &["AccountName", "AccountEmail"]),
    ] {
        let world = with(ID, name, email, AccountState::Active);
        own(&world, ID);
        let done = drive(&world, Some(ID)).await.unwrap();
        assert_eq!(done.differs, differs);
        assert_eq!(done.account.account_name, name);
        let plan = plan_of::<CreateAccount>(&world, &request(Some(ID), None)).await;
        let plan = plan.unwrap();
        assert_eq!(plan["IsEmpty"], true);
        let words = format!("shows another {}", differs.join(" and "));
        assert!(plan["Words"].as_str().unwrap().ends_with(&words), "{plan}");
    }
}

/// `accountEmailPattern` may change, and a request may name another address: one project has one account.
#[tokio::test]
async fn the_account_that_the_project_has_already_is_found_under_another_address() {
    let other = "old.pattern@example.com";
    let world = with(ID, NAME, other, AccountState::Active);
    own(&world, ID);
    for number in 0..30 {
        let id = format!("2222222222{number:02}");
        add(
            &world,
            &id,
            "neighbour",
            "n@example.com",
            AccountState::Active,
        );
    }
    let done = drive(&world, None).await.unwrap();
    assert_eq!(done.account.account_id.as_str(), ID);
    assert_eq!(done.differs, ["AccountEmail"]);
    assert_eq!(creations(&world), 0);
}

/// The index of tags shows what was: the account has changed hands.
#[tokio::test]
async fn an_account_that_the_project_has_given_away_is_not_taken_back() {
    for now in [
        &[][..],
        &[("avm:workspace", "moon"), ("avm:project", "shop")],
    ] {
        let world = with(ID, NAME, "old.pattern@example.com", AccountState::Active);
        own(&world, ID);
        change(&world, ID, |member| {
            member.indexed = Some(member.tags.clone());
        });
        tag(&world, ID, now);
        let done = drive(&world, None).await.unwrap();
        assert_ne!(done.account.account_id.as_str(), ID);
        assert_eq!(creations(&world), 1);
    }
}

#[tokio::test]
async fn a_closed_account_of_the_project_is_not_in_the_way_of_a_new_one() {
    let other = "old.pattern@example.com";
    let world = with(ID, NAME, other, AccountState::Suspended);
    own(&world, ID);
    let done = drive(&world, None).await.unwrap();
    assert_ne!(done.account.account_id.as_str(), ID);
    assert_eq!(creations(&world), 1);
}

#[tokio::test]
async fn of_several_accounts_of_the_project_the_one_of_the_address_is_meant_or_none() {
    const SECOND: &str = "555555555555";
    let world = with(ID, NAME, "one@example.com", AccountState::Active);
    add(
        &world,
        SECOND,
        NAME,
        "two@example.com",
        AccountState::Active,
    );
    own(&world, ID);
    own(&world, SECOND);
    let failure = drive(&world, None).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccountMismatch);
    let cause = failure.cause();
    assert!(cause.contains(ID) && cause.contains(SECOND), "{failure}");
    assert!(failure.remedy().contains("AccountId"), "{failure}");
    change(&world, SECOND, |member| member.email = EMAIL.to_owned());
    let done = drive(&world, None).await.unwrap();
    assert_eq!(done.account.account_id.as_str(), SECOND);
    assert!(done.differs.is_empty());
    assert_eq!(creations(&world), 0);
}

#[tokio::test]
async fn an_account_that_waits_for_its_activation_is_told_only_if_it_is_ours() {
    let world = with(ID, NAME, EMAIL, AccountState::PendingActivation);
    tag(&world, ID, &[("ProductName", "moon")]);
    let failure = call(&world, &request(Some(ID), None)).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccountMismatch);
}

#[tokio::test]
async fn tags_are_read_once_and_not_at_every_look_for_readiness() {
    for account in [Some(ID), None] {
        let world = world(&[]);
        own(&world, ID);
        obstruct(&world, ID, LONG);
        let mut notes = None;
        for _ in 0..4 {
            let answer = call(&world, &request(account, notes.take())).await;
            notes = Some(waiting_for(answer).1);
        }
        let of_tags = |read: &&String| read.starts_with("ListTagsForResource");
        // The index of tags is held against the tags themselves.
        let expected = if account.is_some() { 1 } else { 2 };
        assert_eq!(reads(&world).iter().filter(of_tags).count(), expected);
    }
}

#[tokio::test]
async fn tags_that_are_not_visible_yet_are_waited_for() {
    let world = world(&[]);
    own(&world, ID);
    change(&world, ID, |member| member.tags_shown_after = LONG);
    let (_, notes) = waiting_for(call(&world, &request(Some(ID), None)).await);
    assert_eq!(notes.looks_in_vain, Some(1));
    assert_eq!(notes.account_id, None);
    let (_, notes) = waiting_for(call(&world, &request(None, None)).await);
    assert_eq!(notes, Notes::default());
    change(&world, ID, |member| member.tags_shown_after = 0);
    let answer = call(&world, &request(None, Some(notes))).await.unwrap();
    assert!(is_done(&answer));
}
