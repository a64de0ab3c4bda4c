//! Two vends for one account, by its id and by its address: the one that was started later waits and then begins anew.
//! While it waits the machine is told no account, so that nothing is marked on what the other one has made.

use avm_core::contract::order::Order;
use avm_core::domain::Email;
use avm_core::error::ErrorName;
use avm_core::ports::accounts::AccountState;
use avm_core::ports::executions::ExecutionStatus;
use avm_world::InMemory;
use serde_json::json;

use super::{
    EMAIL, ID, NAME, call, change, drive, execution, is_done, made, own, request, tag, waiting_for,
    with,
};
use crate::Notes;

fn by_address() -> String {
    let email: Email = EMAIL.parse().unwrap();
    format!("space-shop-{}-2026-11-1", email.digest())
}

fn runs(world: &InMemory, name: &str) {
    world.execute(name, ExecutionStatus::Running, &json!({}));
}

/// An account of the order's owner that was never vended to its end.
fn owned() -> InMemory {
    let world = with(ID, NAME, EMAIL, AccountState::Active);
    own(&world, ID);
    world
}

#[tokio::test]
async fn the_later_vend_of_an_account_waits_for_the_earlier_and_is_held_to_its_landing_zone() {
    for account in [Some(ID), None] {
        let world = owned();
        runs(&world, &by_address());
        runs(&world, execution().name());
        let (words, notes) = waiting_for(call(&world, &request(account, None)).await);
        assert_eq!(
            words,
            format!(
                "execution {}, which vends account {ID} too and was started before, to end",
                by_address()
            )
        );
        assert_eq!(notes, Notes::default());
        tag(
            &world,
            ID,
            &[
                ("ProductName", "space"),
                ("Stage", "shop"),
                ("avm:landing-zone", "secure"),
            ],
        );
        world.end(ExecutionStatus::Succeeded);
        let failure = call(&world, &request(account, Some(notes)))
            .await
            .unwrap_err();
        assert_eq!(failure.name(), ErrorName::LandingZoneNotAllowed);
        assert!(world.writes().is_empty());
    }
}

/// A vend that is not among those that run has written its tags by then.
#[tokio::test]
async fn what_an_account_is_held_to_is_read_after_what_runs() {
    let world = owned();
    call(&world, &request(Some(ID), None)).await.unwrap();
    let reads = world.reads();
    let at = |call: &str| reads.iter().position(|read| read.starts_with(call));
    let (runs, tags) = (
        at("states:ListExecutions"),
        at("organizations:ListTagsForResource"),
    );
    assert!(runs.is_some() && runs < tags, "{reads:?}");
}

#[tokio::test]
async fn the_earlier_vend_goes_on() {
    let world = owned();
    runs(&world, execution().name());
    runs(&world, &by_address());
    assert!(is_done(
        &call(&world, &request(Some(ID), None)).await.unwrap()
    ));
}

#[tokio::test]
async fn a_vend_that_does_not_show_yet_lets_the_other_go_first_and_one_of_another_account_keeps_nobody()
 {
    let world = owned();
    runs(&world, "222222222222-2026-11-1");
    assert!(is_done(
        &call(&world, &request(Some(ID), None)).await.unwrap()
    ));
    runs(&world, &by_address());
    let (words, _) = waiting_for(call(&world, &request(Some(ID), None)).await);
    assert!(words.contains(&by_address()), "{words}");
}

#[tokio::test]
async fn an_account_that_is_not_active_yet_is_not_told_before_its_turn() {
    let world = owned();
    change(&world, ID, |member| {
        member.state = AccountState::PendingActivation;
    });
    runs(&world, &by_address());
    let (words, notes) = waiting_for(call(&world, &request(Some(ID), None)).await);
    assert!(words.contains(&by_address()), "{words}");
    assert_eq!(notes.account_id, None);
}

#[tokio::test]
async fn whoever_waits_for_a_vend_that_does_not_end_gives_up_and_marks_nothing() {
    let world = owned();
    runs(&world, &by_address());
    let mut late = request(Some(ID), Some(Notes::default()));
    late.progress.as_mut().unwrap().looks.turn = 250;
    let failure = call(&world, &late).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccountCreationTimedOut);
    assert_eq!(failure.account(), None);
    assert!(failure.cause().contains(&by_address()), "{failure}");
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn both_sides_of_a_months_end_make_one_account_and_the_later_waits() {
    let world = InMemory::default();
    let last_month = by_address().replace("-11-1", "-10-1");
    runs(&world, &last_month);
    runs(&world, execution().name());
    super::ask(&world);
    super::finish(&world);
    let (words, _) = waiting_for(call(&world, &request(None, None)).await);
    assert!(words.contains(&last_month), "{words}");
    world.end(ExecutionStatus::Failed);
    let done = drive(&world, None).await.unwrap();
    assert_eq!(done.account.account_id.as_str(), made(&world));
}

/// A vend of a project with another address than the sample order's, whose name is spelled as its own.
fn runs_with_another_address(world: &InMemory, change: impl FnOnce(&mut Order)) -> String {
    let mut order = avm_core::testing::order();
    order.request.account_id = None;
    order.request.account_email = "another@example.com".parse().unwrap();
    change(&mut order);
    let digest = order.request.account_email.digest();
    let name = format!("space-shop-{digest}-2026-11-1");
    world.execute(&name, ExecutionStatus::Running, &json!(order));
    name
}

/// The request without an id, as the execution that names it by its address.
fn of_address() -> crate::Call {
    let mut request = request(None, None);
    let arn = execution()
        .as_str()
        .replace(execution().name(), &by_address());
    request.execution = arn.parse().unwrap();
    request
}

#[tokio::test]
async fn of_two_vends_of_a_project_with_two_addresses_the_later_waits_and_takes_the_account_of_the_earlier()
 {
    let world = InMemory::default();
    let first = runs_with_another_address(&world, |_| {});
    runs(&world, &by_address());
    let (words, notes) = waiting_for(call(&world, &of_address()).await);
    assert_eq!(
        words,
        format!(
            "execution {first}, which vends the account of the same workspace and project and was started before, to end"
        )
    );
    assert_eq!(notes, Notes::default());
    assert!(world.writes().is_empty());

    super::add(
        &world,
        ID,
        "another-name",
        "another@example.com",
        AccountState::Active,
    );
    own(&world, ID);
    world.end(ExecutionStatus::Succeeded);
    let answer = call(&world, &of_address()).await.unwrap();
    assert_eq!(answer["AccountId"], ID);
    assert_eq!(super::creations(&world), 0);
}

#[tokio::test]
async fn the_earlier_of_them_goes_on_and_so_does_who_is_only_spelled_alike() {
    let world = InMemory::default();
    runs(&world, &by_address());
    runs_with_another_address(&world, |_| {});
    call(&world, &of_address()).await.unwrap();
    assert_eq!(super::creations(&world), 1);

    let world = InMemory::default();
    runs_with_another_address(&world, |order| {
        order.request.product_name = "space-shop".parse().unwrap();
        order.request.stage = "x".parse().unwrap();
    });
    runs(&world, &by_address());
    call(&world, &of_address()).await.unwrap();
    assert_eq!(super::creations(&world), 1);
}

/// Nobody vends an account before it exists.
#[tokio::test]
async fn what_runs_is_asked_once_by_whoever_makes_the_account() {
    let world = InMemory::default();
    runs(&world, &by_address());
    let done = avm_world::drive::<crate::CreateAccount>(&world, &of_address()).await;
    assert_eq!(done.unwrap()["Created"], true);
    let asked = world.reads();
    let asked = asked.iter().filter(|read| read.contains("ListExecutions"));
    assert_eq!(asked.count(), 1);
}
