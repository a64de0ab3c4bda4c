//! Lost answers: every write of every kind of vend, lost before and after its effect, ends in the same world.
//! And what AWS shows late, or has forgotten.

use avm_world::replay;
use avm_world::replay::replay_going_on;

use super::*;

/// The usual landing zone with other people and permission sets; its groups stay.
fn changed() -> Call {
    request(
        &[("admin", &["Billing"]), ("reader", &["ReadOnly", "Admin"])],
        Some(json!({"admin": ["bea", "cem"], "reader": ["ada"]})),
    )
}

/// One in which the group of the readers is not wanted any more, and another one is.
fn replaced() -> Call {
    request(
        &[("admin", &["Billing"]), ("new", &["ReadOnly"])],
        Some(json!({"admin": ["bea", "cem"], "new": ["ada"]})),
    )
}

#[tokio::test]
async fn whatever_is_lost_the_next_try_ends_in_an_equal_world() {
    replay::<SingleSignOn>(usual_state, &usual()).await;
    replay::<SingleSignOn>(usual_state, &through_scim(usual())).await;
    replay::<SingleSignOn>(usual_state, &request(&[], None)).await;
    let vended = vended_world().await.state().clone();
    replay::<SingleSignOn>(|state| *state = vended.clone(), &changed()).await;
}

#[tokio::test]
async fn whatever_is_lost_while_a_group_goes_this_vend_ends_in_an_equal_world() {
    let vended = vended_world().await.state().clone();
    let begin = |state: &mut State| *state = vended.clone();
    let (writes, _) = replay_going_on::<SingleSignOn>(begin, &replaced()).await;
    assert!(writes.len() >= 5, "{writes:?}");
    let last = writes.last().unwrap();
    assert_eq!(last, "identitystore:DeleteGroup g2");
}

/// What the module's words say: only this execution knows that the group was ever assigned to the account.
#[tokio::test]
async fn a_vend_that_ends_while_a_group_goes_leaves_the_group_without_access() {
    let world = vended_world().await;
    let mut answer = call(&replaced(), &world).await.unwrap();
    assert!(waiting_for(&answer).starts_with("noted that"));
    answer = call(&next(&replaced(), &answer), &world).await.unwrap();
    waiting_for(&answer);
    let done = run(&replaced(), &world).await.unwrap();
    assert!(done.deleted.is_empty());
    let shown = assigned(&world);
    assert!(
        !shown.iter().any(|words| words.contains("reader")),
        "{shown:?}"
    );
    let state = world.state();
    let mut groups = state.identity_store.groups.values();
    let left = groups.find(|group| group.name == "mst-space.shop.reader");
    let description = left.unwrap().description.as_deref();
    assert_eq!(description, Some(&*ours()));
}

#[tokio::test]
async fn a_whole_execution_that_is_repeated_from_its_beginning_goes_on_where_the_first_one_was() {
    let world = usual_world();
    call(&usual(), &world).await.unwrap();
    // The next execution knows nothing of the first one's progress.
    let done = run(&usual(), &world).await.unwrap();
    assert!(done.created.is_empty() && done.assigned.is_empty());
    assert_eq!(world.state().identity_center.requests.len(), 3);
}

#[tokio::test]
async fn an_assignment_that_does_not_show_yet_is_not_made_again() {
    let world = usual_world();
    let answer = call(&usual(), &world).await.unwrap();
    let mut old = world.state().clone();
    old.identity_center.assignments.clear();
    world.set_old_state(old);
    world.show_old(usize::MAX, "sso:List");
    let answer = call(&next(&usual(), &answer), &world).await.unwrap();
    assert_eq!(answer["Status"], "DONE", "{answer}");
    assert_eq!(world.state().identity_center.requests.len(), 3);
}

#[tokio::test]
async fn a_request_that_aws_has_forgotten_is_decided_by_what_is_there() {
    for is_done in [true, false] {
        let world = usual_world();
        end_when_told(&world);
        let answer = call(&usual(), &world).await.unwrap();
        if is_done {
            finish(&world);
        }
        world.state_mut().identity_center.requests.clear();
        world.state_mut().identity_center.end = End::Soon;
        world.forget_journal();
        run(&next(&usual(), &answer), &world).await.unwrap();
        assert_eq!(world.writes().is_empty(), is_done);
        assert_eq!(assigned(&world).len(), 3);
    }
}

#[tokio::test]
async fn a_group_of_this_project_that_is_made_at_the_same_moment_is_taken() {
    let world = usual_world();
    add_group(&world, "mst-space.shop.admin", Some(&ours()), &[]);
    add_group(&world, "mst-space.shop.reader", Some(&ours()), &[]);
    world.state_mut().identity_store.hides_groups = true;
    let failure = call(&usual(), &world).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::ConcurrentModification);
    assert_eq!(
        failure.cause(),
        "group mst-space.shop.admin exists, but does not show yet"
    );
    world.state_mut().identity_store.hides_groups = false;
    let done = run(&usual(), &world).await.unwrap();
    assert!(done.created.is_empty());
    assert_eq!(world.state().identity_store.groups.len(), 2);
}
