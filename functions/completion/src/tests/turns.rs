//! Two vends of one account that began without seeing each other: of the later one nothing is written.
//! Leaving a landing zone of an earlier vend is what create-account has asked about.

use avm_core::ports::executions::ExecutionStatus;
use avm_core::testing::execution;

use super::*;

fn by_address() -> String {
    let email = account().account_email;
    format!("space-shop-{}-2026-11-1", email.digest())
}

fn runs(world: &InMemory, name: &str) {
    world.execute(name, ExecutionStatus::Running, &json!({}));
}

/// An account that was held to another landing zone at that time; this vend was started at nine.
fn held(completed_at: &str) -> InMemory {
    let completed_at = completed_at.to_owned();
    let world = InMemory::with(move |state| {
        vended(state);
        let of_the_other = [
            ("avm:landing-zone", "secure"),
            ("avm:completed-at", completed_at.as_str()),
        ];
        tag(state, &of_the_other);
    });
    runs(&world, execution().name());
    world
}

#[tokio::test]
async fn nothing_is_written_while_an_earlier_vend_of_the_account_runs() {
    let world = InMemory::with(vended);
    runs(&world, &by_address());
    runs(&world, execution().name());
    let words = difference(&world, order()).await;
    assert!(words.contains(&by_address()), "{words}");
    world.end(ExecutionStatus::Failed);
    run(&world).await.unwrap();
    assert_eq!(tags(&world)["avm:landing-zone"], "sandbox");
}

#[tokio::test]
async fn a_later_vend_of_the_account_keeps_the_earlier_from_nothing() {
    let world = InMemory::with(vended);
    runs(&world, execution().name());
    runs(&world, &by_address());
    run(&world).await.unwrap();
}

#[tokio::test]
async fn an_account_that_another_vend_has_meanwhile_held_to_its_landing_zone_is_not_taken_out_of_it()
 {
    for time in ["2026-11-05T09:00:01Z", "2026-11-05T09:30:00Z", "later"] {
        let world = held(time);
        let failure = run(&world).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::LandingZoneNotAllowed, "{time}");
        assert!(failure.remedy().contains("for secure"), "{failure}");
        assert!(world.writes().is_empty());
    }
}

#[tokio::test]
async fn what_an_earlier_vend_has_held_it_to_was_asked_about_by_create_account() {
    for time in ["2026-11-05T08:59:59Z", "2026-11-05T09:00:00Z"] {
        let world = held(time);
        run(&world).await.unwrap();
        assert_eq!(tags(&world)["avm:landing-zone"], "sandbox", "{time}");
    }
}

#[tokio::test]
async fn without_its_own_start_nothing_is_taken_out_of_a_landing_zone() {
    let world = held("2026-11-05T08:00:00Z");
    world.end(ExecutionStatus::Succeeded);
    let words = difference(&world, order()).await;
    assert!(words.contains("to show among those that run"), "{words}");
}

/// A vend that is not among those that run has written its tags by then.
#[tokio::test]
async fn the_tags_are_read_once_and_after_what_runs() {
    let world = held("2026-11-05T08:00:00Z");
    run(&world).await.unwrap();
    let reads = world.reads();
    let is_one = |read: &&String| {
        ["states:ListExecutions", "organizations:ListTagsForResource"]
            .iter()
            .any(|call| read.starts_with(call))
    };
    let both: Vec<&String> = reads.iter().filter(is_one).collect();
    assert_eq!(both.len(), 2, "{reads:?}");
    assert!(both[0].starts_with("states:"), "{both:?}");
}
