//! Lost answers: every write of every kind of vend, lost before and after its effect, ends in the same world.
//! And what AWS shows late, or has forgotten.

use super::world::Lost;
use super::*;

/// The world that a request leads to from some beginning: groups with their members, and assignments.
async fn end(
    begin: &Request,
    request: &Request,
    lost: Option<(usize, Lost)>,
) -> (Vec<String>, usize) {
    let world = usual_world();
    run(begin, &world).await.unwrap();
    world.writes();
    world.state().lost = lost;
    run(request, &world).await.unwrap();
    let writes = world.state().writes.len();
    assert!(
        world.state().lost.is_none(),
        "the write {lost:?} was never made"
    );
    let mut shown = world.assigned();
    let names: Vec<String> = {
        let state = world.state();
        state
            .groups
            .values()
            .map(|group| group.name.clone())
            .collect()
    };
    for name in names {
        shown.push(format!("{name}: {}", world.members(&name).join(" ")));
    }
    shown.sort();
    (shown, writes)
}

#[tokio::test]
async fn every_lost_answer_costs_nothing() {
    let nothing = request(&[], None);
    let changed = request(
        &[("admin", &["Billing"]), ("new", &["ReadOnly"])],
        Some(json!({"admin": ["bea", "cem"], "new": ["ada"]})),
    );
    for (begin, request) in [(&nothing, &usual()), (&usual(), &changed)] {
        let (expected, writes) = end(begin, request, None).await;
        assert!(writes >= 5, "{writes}");
        for at in 0..writes {
            for lost in [Lost::BeforeTheEffect, Lost::AfterTheEffect] {
                let (shown, _) = end(begin, request, Some((at, lost))).await;
                assert_eq!(shown, expected, "write {at}, lost {lost:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_whole_execution_that_is_repeated_from_its_beginning_goes_on_where_the_first_one_was() {
    let world = usual_world();
    call(&usual(), &world).await.unwrap();
    world.finish();
    // The next execution knows nothing of the first one's progress.
    let done = run(&usual(), &world).await.unwrap();
    assert!(done.created.is_empty() && done.assigned.is_empty());
    assert_eq!(world.state().requests.len(), 3);
}

#[tokio::test]
async fn an_assignment_that_does_not_show_yet_is_not_made_again() {
    let world = usual_world();
    let answer = call(&usual(), &world).await.unwrap();
    world.state().stale = Some([].into());
    world.finish();
    let answer = call(&next(&usual(), &answer), &world).await.unwrap();
    assert!(matches!(answer, Answer::Done(_)), "{answer:?}");
    assert_eq!(world.state().requests.len(), 3);
}

#[tokio::test]
async fn a_request_that_aws_has_forgotten_is_decided_by_what_is_there() {
    for is_done in [true, false] {
        let world = usual_world();
        let answer = call(&usual(), &world).await.unwrap();
        if is_done {
            world.finish();
        }
        world.state().requests.clear();
        world.writes();
        run(&next(&usual(), &answer), &world).await.unwrap();
        assert_eq!(world.writes().is_empty(), is_done);
        assert_eq!(world.assigned().len(), 3);
    }
}

#[tokio::test]
async fn a_group_that_somebody_else_makes_at_the_same_moment_is_taken() {
    let world = usual_world();
    world.add_group("mst-space.shop.admin", None, &[]);
    world.add_group("mst-space.shop.reader", None, &[]);
    world.state().hides_groups = true;
    let failure = call(&usual(), &world).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::ConcurrentModification);
    assert_eq!(
        failure.cause(),
        "group mst-space.shop.admin exists, but does not show yet"
    );
    world.state().hides_groups = false;
    let done = run(&usual(), &world).await.unwrap();
    assert!(done.created.is_empty());
    assert_eq!(world.state().groups.len(), 2);
}
