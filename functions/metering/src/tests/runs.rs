//! Runs that die at any write, runs that meet, and objects that were changed: a reader always finds a whole month.

use avm_core::error::ErrorName;
use avm_metering::documents::{Pointer, Status, read, text_of};
use avm_metering::testing::{EC2, M, P, U, group};
use serde_json::json;

use super::world::World;
use super::{ask, find, key, run};

fn world(cost: &str) -> World {
    let world = World::new();
    change(&world, cost);
    world
}

fn change(world: &World, cost: &str) {
    let groups = [M, P, U].map(|id| group(id, "Usage", EC2, [cost, cost]));
    world.costs("2026-01", groups.to_vec());
}

async fn january(world: &World, day: &str) -> Result<(), ErrorName> {
    let answer = ask(world, day, json!({"Month": "2026-01"})).await;
    answer.map(drop).map_err(|failure| failure.name())
}

/// Lets a run die at each of its writes; before, the month was as `before` says. Whatever is found is whole.
async fn die_at_every_write(before: Option<&str>, day: &str, versions: [u32; 2]) {
    let mut dies_at = 0;
    loop {
        let world = world(before.unwrap_or("2"));
        if before.is_some() {
            january(&world, "2026-02-08").await.unwrap();
        }
        change(&world, "2");
        world.dies_at.set(Some(dies_at));
        let ended = january(&world, day).await;
        let found = find(&world, "2026-01").await;
        if ended.is_ok() {
            assert!(
                dies_at >= 6,
                "three reports, the lines, the manifest, the pointer"
            );
            return;
        }
        assert_eq!(ended, Err(ErrorName::ServiceUnavailable));
        match (&found, before) {
            (None, None) => {}
            (Some(found), Some(_)) => {
                let is_new = found.version() == versions[1] && found.total() == "6.00";
                let is_old = found.version() == versions[0] && found.total() == "3.00";
                assert!(is_new || is_old, "{dies_at}: {}", found.total());
            }
            _ => panic!("{dies_at}: a month that was never published, or is lost"),
        }
        // The next run does what is left.
        world.dies_at.set(None);
        january(&world, day).await.unwrap();
        let found = find(&world, "2026-01").await.unwrap();
        assert_eq!(
            (found.version(), found.total()),
            (versions[1], "6.00".to_owned())
        );
        dies_at += 1;
    }
}

#[tokio::test]
async fn a_run_that_dies_at_any_write_leaves_nothing_or_a_whole_month() {
    die_at_every_write(None, "2026-02-05", [0, 0]).await;
    die_at_every_write(None, "2026-02-08", [0, 1]).await;
}

#[tokio::test]
async fn a_run_that_dies_at_any_write_of_a_correction_leaves_the_version_before() {
    die_at_every_write(Some("1"), "2026-02-10", [1, 2]).await;
}

#[tokio::test]
async fn a_month_that_has_not_changed_is_not_written_again() {
    let world = world("1");
    january(&world, "2026-02-05").await.unwrap();
    assert_eq!(world.writes(), 6);
    january(&world, "2026-02-06").await.unwrap();
    assert_eq!(world.writes(), 0);
}

/// Somebody else's pointer, put before this run's swap.
fn meets(world: &World, status: Status, edit: impl Fn(&mut Pointer) + 'static) {
    let other = move |world: &World| {
        let key = key(status, "2026-01");
        let found = world.objects.borrow().get(&key).cloned();
        let mut pointer: Pointer = read(&key, &found.unwrap().text).unwrap();
        edit(&mut pointer);
        world.place(&key, &text_of(&pointer).unwrap());
    };
    *world.before_swap.borrow_mut() = Some(Box::new(other));
}

#[tokio::test]
async fn a_run_that_began_later_keeps_its_month() {
    let world = world("1");
    january(&world, "2026-02-05").await.unwrap();
    change(&world, "2");
    meets(&world, Status::Estimated, |pointer| {
        pointer.started_at = "2026-02-06T06:00:01Z".parse().unwrap();
    });
    january(&world, "2026-02-06").await.unwrap();
    assert_eq!(find(&world, "2026-01").await.unwrap().total(), "3.00");
}

#[tokio::test]
async fn a_run_that_began_earlier_gives_way() {
    let world = world("1");
    january(&world, "2026-02-05").await.unwrap();
    change(&world, "2");
    meets(&world, Status::Estimated, |pointer| {
        pointer.started_at = "2026-02-06T05:59:59Z".parse().unwrap();
    });
    january(&world, "2026-02-06").await.unwrap();
    assert_eq!(find(&world, "2026-01").await.unwrap().total(), "6.00");
}

#[tokio::test]
async fn a_final_version_is_replaced_by_the_next_one_only() {
    let world = world("1");
    january(&world, "2026-02-08").await.unwrap();
    change(&world, "2");
    meets(&world, Status::Final, |pointer| {
        pointer.started_at = "2026-02-01T00:00:00Z".parse().unwrap();
        pointer.version = 2;
    });
    january(&world, "2026-02-10").await.unwrap();
    assert_eq!(find(&world, "2026-01").await.unwrap().pointer.version, 2);
}

#[tokio::test]
async fn two_first_versions_are_one() {
    let world = world("1");
    january(&world, "2026-02-08").await.unwrap();
    let key = key(Status::Final, "2026-01");
    let first = world.objects.borrow_mut().remove(&key).unwrap();
    let text = first.text.clone();
    let again = key.clone();
    let other = move |world: &World| world.place(&again, &text);
    *world.before_swap.borrow_mut() = Some(Box::new(other));
    january(&world, "2026-02-08").await.unwrap();
    assert_eq!(world.objects.borrow()[&key].text, first.text);
}

#[tokio::test]
async fn a_manifest_that_was_changed_is_refused() {
    let world = world("1");
    january(&world, "2026-02-08").await.unwrap();
    let manifest = find(&world, "2026-01").await.unwrap().pointer.manifest;
    let text = world.objects.borrow()[&manifest]
        .text
        .replace("\"3\"", "\"4\"");
    world.place(&manifest, &text);
    assert_eq!(
        january(&world, "2026-02-10").await,
        Err(ErrorName::InvalidState)
    );
    world.objects.borrow_mut().remove(&manifest);
    assert_eq!(
        january(&world, "2026-02-10").await,
        Err(ErrorName::InvalidState)
    );
}

#[tokio::test]
async fn an_estimate_whose_documents_have_expired_is_made_anew() {
    let world = world("1");
    for (cost, total) in [("1", "3.00"), ("2", "6.00")] {
        january(&world, "2026-02-05").await.unwrap();
        world
            .objects
            .borrow_mut()
            .retain(|key, _| !key.starts_with("estimated/"));
        change(&world, cost);
        january(&world, "2026-02-06").await.unwrap();
        assert_eq!(find(&world, "2026-01").await.unwrap().total(), total);
    }
}

#[tokio::test]
async fn one_month_that_fails_does_not_keep_the_others_from_being_done() {
    let world = world("1");
    world.disagreements.set(3);
    world.costs("2026-02", vec![group(P, "Usage", EC2, ["5", "5"])]);
    let failure = run(&world, "2026-02-13").await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::CostDataInconsistent);
    let found = world
        .objects
        .borrow()
        .contains_key(&key(Status::Estimated, "2026-02"));
    assert!(found);
}
