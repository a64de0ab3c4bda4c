//! The table of the module, races, lost sight and long histories, against executions in memory.
//! Every test states what was started and what the caller was told.

use serde_json::json;

use super::*;
use avm_world::InMemory as World;

fn november() -> Month {
    Month::of("2026-11-21T05:00:00Z").unwrap()
}

fn december() -> Month {
    Month::of("2026-12-01T00:00:00Z").unwrap()
}

fn key() -> ExecutionKey {
    ExecutionKey::of(
        Some(&"111111111111".parse().unwrap()),
        &"a@example.com".parse().unwrap(),
        &"space".parse().unwrap(),
        &"shop".parse().unwrap(),
    )
}

async fn ask(world: &World, month: Month, order: &Value, force: bool) -> (Status, String) {
    let wish = Wish {
        key: key(),
        order,
        force,
    };
    let answer = start(&wish, month, world).await.unwrap();
    (answer.status, answer.execution_arn.name().to_owned())
}

fn told(status: Status, name: &str) -> (Status, String) {
    (status, format!("111111111111-{name}"))
}

#[tokio::test]
async fn the_latest_execution_and_its_order_decide() {
    let (same, other) = (json!({"a": 1, "b": 2}), json!({"a": 1, "b": 3}));
    for (latest, order, force, expected) in [
        (
            ExecutionStatus::Running,
            &same,
            false,
            told(Status::Running, "2026-11-1"),
        ),
        (
            ExecutionStatus::Running,
            &same,
            true,
            told(Status::Running, "2026-11-1"),
        ),
        (
            ExecutionStatus::Running,
            &other,
            false,
            told(Status::Busy, "2026-11-1"),
        ),
        (
            ExecutionStatus::Running,
            &other,
            true,
            told(Status::Busy, "2026-11-1"),
        ),
        (
            ExecutionStatus::Succeeded,
            &same,
            false,
            told(Status::AlreadyDone, "2026-11-1"),
        ),
        (
            ExecutionStatus::Succeeded,
            &same,
            true,
            told(Status::Started, "2026-11-2"),
        ),
        (
            ExecutionStatus::Succeeded,
            &other,
            false,
            told(Status::Started, "2026-11-2"),
        ),
        (
            ExecutionStatus::Failed,
            &same,
            false,
            told(Status::Started, "2026-11-2"),
        ),
        (
            ExecutionStatus::Failed,
            &other,
            true,
            told(Status::Started, "2026-11-2"),
        ),
    ] {
        let world = World::default();
        world.execute("111111111111-2026-11-1", latest, &same);
        let answer = ask(&world, november(), order, force).await;
        assert_eq!(answer, expected, "{latest:?} {order} {force}");
        let started = usize::from(expected.0 == Status::Started);
        assert_eq!(
            world.names().len(),
            1 + started,
            "{latest:?} {order} {force}"
        );
    }
}

#[tokio::test]
async fn orders_are_compared_as_values_not_as_texts() {
    let world = World::default();
    world.execute(
        "111111111111-2026-11-1",
        ExecutionStatus::Succeeded,
        &Value::Null,
    );
    let order = json!({"a": 1, "b": "ü"});
    let spaced: Value = serde_json::from_str(r#"{ "b": "\u00fc", "a": 1 }"#).unwrap();
    world.execute(
        "111111111111-2026-11-1",
        ExecutionStatus::Succeeded,
        &spaced,
    );
    assert_eq!(
        ask(&world, november(), &order, false).await.0,
        Status::AlreadyDone
    );
}

#[tokio::test]
async fn the_first_request_costs_two_look_ups_and_a_start() {
    let world = World::default();
    let answer = ask(&world, november(), &json!({}), false).await;
    assert_eq!(answer, told(Status::Started, "2026-11-1"));
    assert_eq!(
        world.calls(),
        [
            "look 111111111111-2026-11-1",
            "look 111111111111-2026-10-1",
            "start 111111111111-2026-11-1"
        ]
    );
}

#[tokio::test]
async fn a_failed_request_is_sent_again_until_it_is_done() {
    let world = World::default();
    let order = json!({});
    for generation in 1..=3 {
        let name = format!("2026-11-{generation}");
        assert_eq!(
            ask(&world, november(), &order, false).await,
            told(Status::Started, &name)
        );
        assert_eq!(
            ask(&world, november(), &order, false).await,
            told(Status::Running, &name)
        );
        world.end(ExecutionStatus::Failed);
    }
    ask(&world, november(), &order, false).await;
    world.end(ExecutionStatus::Succeeded);
    for _ in 0..2 {
        let answer = ask(&world, november(), &order, false).await;
        assert_eq!(answer, told(Status::AlreadyDone, "2026-11-4"));
    }
    assert_eq!(world.names().len(), 4);
}

#[tokio::test]
async fn last_months_executions_count_and_the_next_one_begins_this_month() {
    let world = World::default();
    let (done, other) = (json!({"a": 1}), json!({"a": 2}));
    for generation in 1..=2 {
        let name = format!("111111111111-2026-11-{generation}");
        world.execute(&name, ExecutionStatus::Failed, &done);
    }
    world.execute("111111111111-2026-11-3", ExecutionStatus::Succeeded, &done);
    let answer = ask(&world, december(), &done, false).await;
    assert_eq!(answer, told(Status::AlreadyDone, "2026-11-3"));
    let answer = ask(&world, december(), &other, false).await;
    assert_eq!(answer, told(Status::Started, "2026-12-1"));
    let answer = ask(&world, december(), &done, false).await;
    assert_eq!(answer, told(Status::Busy, "2026-12-1"));
}

#[tokio::test]
async fn an_execution_that_runs_since_last_month_is_joined() {
    let world = World::default();
    ask(&world, november(), &json!({"a": 1}), false).await;
    let answer = ask(&world, december(), &json!({"a": 1}), true).await;
    assert_eq!(answer, told(Status::Running, "2026-11-1"));
    let answer = ask(&world, december(), &json!({"a": 2}), false).await;
    assert_eq!(answer, told(Status::Busy, "2026-11-1"));
}

#[tokio::test]
async fn executions_older_than_last_month_are_gone() {
    let world = World::default();
    world.execute(
        "111111111111-2026-10-1",
        ExecutionStatus::Succeeded,
        &json!({}),
    );
    let answer = ask(&world, december(), &json!({}), false).await;
    assert_eq!(answer, told(Status::Started, "2026-12-1"));
}

#[tokio::test]
async fn the_latest_of_any_number_is_found_with_few_look_ups() {
    for generations in [1_u32, 2, 3, 4, 100, 5000, 65_536] {
        let world = World::default();
        for generation in 1..=generations {
            let name = format!("111111111111-2026-11-{generation}");
            world.execute(&name, ExecutionStatus::Failed, &json!({}));
        }
        let answer = ask(&world, november(), &json!({}), false).await;
        let next = format!("2026-11-{}", generations + 1);
        assert_eq!(answer, told(Status::Started, &next));
        let calls = world.calls();
        let looks = calls.iter().filter(|call| call.starts_with("look")).count();
        let most = 2 * generations.ilog2() + 3;
        assert!(looks <= most as usize, "{generations}: {looks}");
    }
}

#[tokio::test(start_paused = true)]
async fn two_callers_at_once_with_one_order_start_one_execution() {
    let world = World::default();
    let order = json!({});
    let both = tokio::join!(
        ask(&world, november(), &order, false),
        ask(&world, november(), &order, false)
    );
    assert_eq!(both.0, told(Status::Started, "2026-11-1"));
    assert_eq!(both.1, told(Status::Started, "2026-11-1"));
    assert_eq!(world.names(), ["111111111111-2026-11-1"]);
}

#[tokio::test(start_paused = true)]
async fn two_callers_at_once_with_two_orders_start_one_and_tell_the_other_busy() {
    let world = World::default();
    let (one, two) = (json!({"a": 1}), json!({"a": 2}));
    let both = tokio::join!(
        ask(&world, november(), &one, false),
        ask(&world, november(), &two, false)
    );
    let mut told_words = [both.0, both.1];
    told_words.sort_by_key(|(status, _)| *status == Status::Busy);
    let expected = [Status::Started, Status::Busy].map(|status| told(status, "2026-11-1"));
    assert_eq!(told_words, expected);
    assert_eq!(world.names().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_execution_that_cannot_be_seen_yet_is_found_by_starting() {
    for (order, expected) in [
        (json!({"a": 1}), told(Status::Started, "2026-11-1")),
        (json!({"a": 2}), told(Status::Busy, "2026-11-1")),
    ] {
        let world = World::default();
        ask(&world, november(), &json!({"a": 1}), false).await;
        world.hide("111111111111-2026-11-1");
        assert_eq!(ask(&world, november(), &order, false).await, expected);
        assert_eq!(world.names().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_gap_in_sight_does_not_hide_what_comes_after_it() {
    let world = World::default();
    let order = json!({"a": 1});
    world.execute("111111111111-2026-11-1", ExecutionStatus::Failed, &order);
    world.execute("111111111111-2026-11-2", ExecutionStatus::Failed, &order);
    world.execute("111111111111-2026-11-3", ExecutionStatus::Running, &order);
    world.hide("111111111111-2026-11-2");
    let answer = ask(&world, november(), &order, false).await;
    assert_eq!(answer, told(Status::Running, "2026-11-3"));
}

#[tokio::test(start_paused = true)]
async fn an_execution_that_stays_unseen_is_answered_with_busy_after_a_bounded_time() {
    let blind = World::default();
    blind.state_mut().starts.shows_no_execution = true;
    blind.execute(
        "111111111111-2026-11-1",
        ExecutionStatus::Running,
        &json!({"a": 1}),
    );
    let order = json!({"a": 2});
    let wish = Wish {
        key: key(),
        order: &order,
        force: false,
    };
    let begin = tokio::time::Instant::now();
    let answer = start(&wish, november(), &blind).await.unwrap();
    assert_eq!(answer.status, Status::Busy);
    assert_eq!(answer.execution_arn.name(), "111111111111-2026-11-1");
    assert_eq!(begin.elapsed(), Duration::from_secs(2));
    let mut calls = blind.calls();
    calls.retain(|call| call.starts_with("start "));
    assert_eq!(calls, ["start 111111111111-2026-11-1"]);
}

#[tokio::test]
async fn a_start_that_is_refused_is_a_failure() {
    let world = World::default();
    world.state_mut().starts.refuses_to_start = true;
    let order = json!({});
    let wish = Wish {
        key: key(),
        order: &order,
        force: false,
    };
    let failure = start(&wish, november(), &world).await.unwrap_err();
    assert_eq!(failure.name(), avm_core::error::ErrorName::Throttled);
}
