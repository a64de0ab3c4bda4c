//! The step against StackSets in memory: its answers, its replays, its failures.
//! Replays begin anew (the machine's Retry) and go on (the machine's wait).

mod failures;
mod world;

use avm_core::ports::stack_sets::{
    Action, DetailedStatus, Instance, InstanceStatus, Operation, OperationStatus,
};
use avm_core::testing;
use insta::assert_json_snapshot;

use super::*;
use world::{Fault, World};

const DECLARED: [&str; 5] = [
    "ExternalId",
    "ProductName",
    "Stage",
    "tagCostCenter",
    "tagEnvironment",
];

fn request() -> Request {
    StepRequest {
        execution: testing::execution(),
        order: testing::order(),
        progress: None,
        rest: OnStackSet {
            account: testing::account(),
            stack_set: testing::order().landing_zone.settings.stack_sets[0].clone(),
        },
    }
}

/// The next call of the machine: with the progress of the last answer.
fn next(answer: &Answer<Done, Progress>) -> Request {
    let Answer::Pending { progress, .. } = answer else {
        panic!("{answer:?} is not pending");
    };
    Request {
        progress: Some(progress.clone()),
        ..request()
    }
}

fn is_done(answer: &Answer<Done, Progress>, change: Change) -> bool {
    matches!(answer, Answer::Done(done) if done.operation == change)
}

/// An account whose instance was made by an earlier execution.
async fn world_with_instance() -> World {
    let world = World::with_stack_set(&DECLARED);
    handle(&request(), &world).await.unwrap();
    world.end_operations(&OperationStatus::Succeeded);
    world.state().operations.clear();
    world.state().instance.as_mut().unwrap().last_operation = Some("earlier".parse().unwrap());
    world.state().writes = 0;
    world
}

fn with_tag(key: &str, value: &str) -> Request {
    let mut request = request();
    let tags = &mut request.order.request.tags;
    tags.insert(key.to_owned(), value.to_owned());
    request
}

#[tokio::test]
async fn an_instance_is_made_with_declared_parameters_only_and_followed_to_its_end() {
    let world = World::with_stack_set(&DECLARED);
    let started = handle(&request(), &world).await.unwrap();
    assert_json_snapshot!(started, @r#"
    {
      "Status": "PENDING",
      "WaitingFor": "the instance of StackSet avm-landing-zone in eu-central-1: operation avm-883fac025d11167a0062163722af6ab932ea5582 has been started",
      "Progress": {
        "Started": {
          "OperationId": "avm-883fac025d11167a0062163722af6ab932ea5582",
          "Plan": [
            "create the instance with ProductName, Stage, tagEnvironment"
          ],
          "Keys": [
            "ProductName",
            "Stage",
            "tagEnvironment"
          ]
        },
        "StaleLooks": 0,
        "Refusals": 0
      }
    }
    "#);
    let keys: Vec<String> = {
        let state = world.state();
        let instance = state.instance.as_ref().unwrap();
        instance.parameters.keys().map(str::to_owned).collect()
    };
    assert_eq!(keys, ["ProductName", "Stage", "tagEnvironment"]);

    let running = handle(&next(&started), &world).await.unwrap();
    assert!(
        matches!(&running, Answer::Pending { waiting_for, .. } if waiting_for.ends_with("is RUNNING"))
    );
    world.end_operations(&OperationStatus::Succeeded);
    let done = handle(&next(&running), &world).await.unwrap();
    assert_json_snapshot!(done, @r#"
    {
      "Status": "DONE",
      "StackSet": {
        "name": "avm-landing-zone",
        "region": "eu-central-1"
      },
      "Operation": "create",
      "Plan": [
        "create the instance with ProductName, Stage, tagEnvironment"
      ]
    }
    "#);
    assert_eq!(world.state().writes, 1);
}

#[tokio::test]
async fn nothing_is_done_for_a_current_instance_with_equal_parameters() {
    let world = world_with_instance().await;
    let answer = handle(&request(), &world).await.unwrap();
    assert_json_snapshot!(answer, @r#"
    {
      "Status": "DONE",
      "StackSet": {
        "name": "avm-landing-zone",
        "region": "eu-central-1"
      },
      "Operation": "none",
      "Plan": []
    }
    "#);
    assert_eq!(world.state().writes, 0);
}

#[tokio::test]
async fn a_changed_tag_updates_the_instance_and_a_lost_one_is_reset() {
    let world = world_with_instance().await;
    let with_cost_center = with_tag("tagCostCenter", "4711");
    let answer = handle(&with_cost_center, &world).await.unwrap();
    world.end_operations(&OperationStatus::Succeeded);
    let request = Request {
        progress: next(&answer).progress,
        ..with_cost_center
    };
    let answer = handle(&request, &world).await.unwrap();
    assert_json_snapshot!(answer, @r#"
    {
      "Status": "DONE",
      "StackSet": {
        "name": "avm-landing-zone",
        "region": "eu-central-1"
      },
      "Operation": "update",
      "Plan": [
        "set tagCostCenter"
      ]
    }
    "#);

    let mut later = tests::request();
    later.execution = later
        .execution
        .as_str()
        .replace("-1", "-2")
        .parse()
        .unwrap();
    let answer = handle(&later, &world).await.unwrap();
    assert_eq!(
        next(&answer).progress.unwrap().started.unwrap().plan,
        ["reset tagCostCenter"]
    );
    let state = world.state();
    assert_eq!(
        state
            .instance
            .as_ref()
            .unwrap()
            .parameters
            .get("tagCostCenter"),
        None
    );
}

#[tokio::test]
async fn a_replay_joins_the_operation_that_was_started() {
    let world = World::with_stack_set(&DECLARED);
    let first = handle(&request(), &world).await.unwrap();
    let again = handle(&request(), &world).await.unwrap();
    assert_eq!(started(&first), started(&again));
    world.end_operations(&OperationStatus::Succeeded);
    let end = handle(&next(&again), &world).await.unwrap();
    assert!(is_done(&end, Change::Create));
    let replayed = handle(&next(&again), &world).await.unwrap();
    assert_eq!(end, replayed);
    assert!(is_done(
        &handle(&request(), &world).await.unwrap(),
        Change::None
    ));
    assert_eq!(world.state().writes, 1);
}

fn started(answer: &Answer<Done, Progress>) -> OperationId {
    next(answer).progress.unwrap().started.unwrap().operation_id
}

#[tokio::test]
async fn a_start_whose_answer_was_lost_is_found_again() {
    for is_hidden in [false, true] {
        let world = World::with_stack_set(&DECLARED);
        world.state().fault = Some(Fault::After);
        let lost = handle(&request(), &world).await.unwrap_err();
        assert_eq!(lost.name(), ErrorName::ServiceUnavailable);

        world.state().is_hidden = is_hidden;
        let answer = handle(&request(), &world).await.unwrap();
        world.state().is_hidden = false;
        world.end_operations(&OperationStatus::Succeeded);
        let end = handle(&next(&answer), &world).await.unwrap();
        assert!(is_done(&end, Change::Create), "{end:?}");
        assert_eq!(world.state().writes, 1);
    }
}

#[tokio::test]
async fn an_update_whose_answer_was_lost_is_found_again_even_when_it_has_ended() {
    let world = world_with_instance().await;
    world.state().fault = Some(Fault::After);
    let request = with_tag("tagEnvironment", "prod");
    handle(&request, &world).await.unwrap_err();
    world.end_operations(&OperationStatus::Succeeded);
    let end = handle(&request, &world).await.unwrap();
    assert!(is_done(&end, Change::None));
    assert_eq!(world.state().writes, 1);
}

#[tokio::test]
async fn a_start_that_failed_before_its_effect_is_made_again_under_the_same_id() {
    let world = World::with_stack_set(&DECLARED);
    let throttled = Failure::new(ErrorName::Throttled, "slow down");
    world.state().fault = Some(Fault::Before(throttled.clone()));
    let failure = handle(&request(), &world).await.unwrap_err();
    assert_eq!(
        failure,
        throttled.of_account(&testing::account().account_id)
    );
    assert_eq!(world.state().writes, 0);
    let answer = handle(&request(), &world).await.unwrap();
    let operations: Vec<String> = world.state().operations.keys().cloned().collect();
    assert_eq!(operations, [started(&answer).to_string()]);
}

#[tokio::test]
async fn a_stack_set_that_takes_no_second_operation_is_waited_for_however_long_it_takes() {
    let world = World::with_stack_set(&DECLARED);
    let mut next_request = Request {
        progress: Some(Progress {
            started: None,
            counts: Counts {
                stale_looks: 0,
                refusals: 2,
            },
        }),
        ..request()
    };
    for _ in 0..20 {
        world.state().is_busy = true;
        let waiting = handle(&next_request, &world).await.unwrap();
        assert!(
            matches!(&waiting, Answer::Pending { waiting_for, .. } if waiting_for.ends_with("another operation is at work on the StackSet")),
            "{waiting:?}"
        );
        assert_eq!(next(&waiting), next_request);
        next_request = next(&waiting);
    }
    assert_eq!(world.state().writes, 0);
    world.state().is_busy = false;
    let answer = handle(&next_request, &world).await.unwrap();
    world.end_operations(&OperationStatus::Succeeded);
    let end = handle(&next(&answer), &world).await.unwrap();
    assert!(is_done(&end, Change::Create), "{end:?}");
}

#[tokio::test]
async fn an_instance_that_vanished_before_its_update_is_made() {
    let world = World::with_stack_set(&DECLARED);
    let plan = Plan::Update {
        status: Some(InstanceStatus::Outdated),
        changed: Vec::new(),
        reset: Vec::new(),
        overrides: avm_core::ports::stack_sets::Overrides::default(),
    };
    let place = InstancePlace {
        stack_set: "avm-landing-zone".parse().unwrap(),
        account: testing::account().account_id,
        region: "eu-central-1".parse().unwrap(),
    };
    let id = "id".parse().unwrap();
    apply(
        &world,
        &place,
        plan,
        id,
        Counts::default(),
        &Parameters::default(),
    )
    .await
    .unwrap();
    assert_eq!(world.state().operations["id"].action, Action::Create);
}

#[tokio::test]
async fn an_instance_that_did_not_show_and_that_a_creation_left_as_it_was_is_updated() {
    let world = world_with_instance().await;
    world.state().is_hidden = true;
    let changed = with_tag("tagEnvironment", "other");
    let mut answer = handle(&changed, &world).await.unwrap();
    world.state().is_hidden = false;
    while matches!(answer, Answer::Pending { .. }) {
        world.end_operations(&OperationStatus::Succeeded);
        let following = Request {
            progress: next(&answer).progress,
            ..changed.clone()
        };
        answer = handle(&following, &world).await.unwrap();
    }
    let state = world.state();
    let instance = state.instance.as_ref().unwrap();
    assert_eq!(instance.parameters.get("tagEnvironment"), Some("other"));
    assert_eq!(state.writes, 2);
    drop(state);
    assert!(is_done(&answer, Change::Update), "{answer:?}");
}

#[tokio::test]
async fn an_operation_of_somebody_else_is_waited_for_and_not_judged() {
    let world = world_with_instance().await;
    {
        let mut state = world.state();
        let instance = state.instance.as_mut().unwrap();
        instance.status = InstanceStatus::Outdated;
        instance.detailed_status = Some(DetailedStatus::Running);
        instance.last_operation = Some("theirs".parse().unwrap());
        let operation = Operation {
            action: Action::Other,
            status: OperationStatus::Running,
            reason: None,
            failed_instances: 0,
        };
        state.operations.insert("theirs".to_owned(), operation);
    }
    let waiting = handle(&request(), &world).await.unwrap();
    assert_json_snapshot!(waiting, @r#"
    {
      "Status": "PENDING",
      "WaitingFor": "the instance of StackSet avm-landing-zone in eu-central-1: operation theirs of somebody else is at work on it",
      "Progress": {
        "StaleLooks": 0,
        "Refusals": 0
      }
    }
    "#);
    assert_eq!(world.state().writes, 0);

    world.end_operations(&OperationStatus::Failed);
    let answer = handle(&next(&waiting), &world).await.unwrap();
    assert_eq!(
        next(&answer).progress.unwrap().started.unwrap().plan,
        ["update the instance, which is OUTDATED"]
    );
    world.end_operations(&OperationStatus::Succeeded);
    assert!(is_done(
        &handle(&next(&answer), &world).await.unwrap(),
        Change::Update
    ));
}

#[tokio::test]
async fn an_instance_left_behind_by_an_operation_that_has_ended_is_updated() {
    let world = world_with_instance().await;
    {
        let mut state = world.state();
        let instance: &mut Instance = state.instance.as_mut().unwrap();
        instance.status = InstanceStatus::Outdated;
        instance.detailed_status = Some(DetailedStatus::Pending);
    }
    let answer = handle(&request(), &world).await.unwrap();
    assert!(next(&answer).progress.unwrap().started.is_some());
    assert_eq!(world.state().writes, 1);
}
