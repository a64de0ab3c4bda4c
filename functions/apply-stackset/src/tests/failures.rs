//! Operations that end badly, instances that are not what the operation says, StackSets that cannot be used.
//! A failure of an earlier execution blocks nobody.

use avm_core::ports::stack_sets::StackSet;
use insta::assert_snapshot;

use super::*;
use crate::operation::{MOST_REFUSALS, MOST_STALE_LOOKS};

async fn ended(status: OperationStatus) -> (World, Request) {
    let world = World::with_stack_set(&DECLARED);
    let answer = handle(&request(), &world).await.unwrap();
    world.end_operations(&status);
    (world, next(&answer))
}

fn give_reason(world: &World, request: &Request, reason: &str) {
    let id = request
        .progress
        .clone()
        .unwrap()
        .started
        .unwrap()
        .operation_id;
    world
        .state()
        .reasons
        .insert(id.to_string(), reason.to_owned());
}

#[tokio::test]
async fn a_failed_operation_ends_the_vend_with_the_reason_of_its_instance() {
    let (world, request) = ended(OperationStatus::Failed).await;
    give_reason(&world, &request, "ResourceLogicalId:Role, role exists");
    let failure = handle(&request, &world).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::StackSetFailed);
    assert_snapshot!(failure, @"the instance of StackSet avm-landing-zone in eu-central-1: operation avm-883fac025d11167a0062163722af6ab932ea5582 is FAILED: ResourceLogicalId:Role, role exists (account 111111111111). Remedy: look at the StackSet's operation in the automation account, repair the cause, and send the request again.");
    assert_eq!(failure, handle(&request, &world).await.unwrap_err());
    let begun_anew = handle(&super::request(), &world).await.unwrap_err();
    assert_eq!(begun_anew, failure);
    assert_eq!(world.state().writes, 1);
}

const REFUSED: &str = "Account 111111111111 should have 'AWSCloudFormationStackSetExecutionRole' role with trust \
                       relationship to Role 'AWSCloudFormationStackSetAdministrationRole'.";

/// The next call, after the running operation has found the execution role closed.
async fn refused(world: &World, request: &Request) -> Result<Answer<Done, Progress>, Failure> {
    world.end_operations(&OperationStatus::Failed);
    give_reason(world, request, REFUSED);
    handle(request, world).await
}

#[tokio::test]
async fn an_execution_role_that_iam_does_not_know_yet_is_tried_again_under_an_id_of_its_own() {
    let world = World::with_stack_set(&DECLARED);
    let started = next(&handle(&request(), &world).await.unwrap());
    let waiting = refused(&world, &started).await.unwrap();
    assert_json_snapshot!(waiting, @r#"
    {
      "Status": "PENDING",
      "WaitingFor": "the instance of StackSet avm-landing-zone in eu-central-1: operation avm-883fac025d11167a0062163722af6ab932ea5582 is FAILED, tried again soon: Account 111111111111 should have 'AWSCloudFormationStackSetExecutionRole' role with trust relationship to Role 'AWSCloudFormationStackSetAdministrationRole'.",
      "Progress": {
        "StaleLooks": 0,
        "Refusals": 1
      }
    }
    "#);
    assert_eq!(handle(&started, &world).await.unwrap(), waiting);
    assert_eq!(handle(&request(), &world).await.unwrap(), waiting);

    world.state().fault = Some(Fault::After);
    handle(&next(&waiting), &world).await.unwrap_err();
    let again = handle(&next(&waiting), &world).await.unwrap();
    assert_eq!(world.state().writes, 2);
    world.end_operations(&OperationStatus::Succeeded);
    let end = handle(&next(&again), &world).await.unwrap();
    assert!(is_done(&end, Change::Update), "{end:?}");
}

#[tokio::test]
async fn an_execution_role_that_stays_closed_ends_the_vend_and_names_the_access_stack() {
    let world = World::with_stack_set(&DECLARED);
    let mut answer = handle(&request(), &world).await.unwrap();
    for number in 1..=MOST_REFUSALS {
        let waiting = refused(&world, &next(&answer)).await.unwrap();
        assert_eq!(next(&waiting).progress.unwrap().counts.refusals, number);
        answer = handle(&next(&waiting), &world).await.unwrap();
    }
    let last = next(&answer);
    let failure = refused(&world, &last).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::StackSetFailed);
    assert!(failure.cause().ends_with(REFUSED), "{failure}");
    assert!(
        failure.remedy().contains("meshstack-cf-access"),
        "{failure}"
    );
    assert_eq!(handle(&last, &world).await.unwrap_err(), failure);
    assert_eq!(world.state().writes, MOST_REFUSALS + 1);
    assert_eq!(world.state().operations.len(), 4);
}

#[tokio::test]
async fn the_reason_is_the_instance_s_own_or_the_operation_s_where_the_result_has_none() {
    let (world, request) = ended(OperationStatus::Stopped).await;
    let failure = handle(&request, &world).await.unwrap_err();
    assert!(
        failure
            .cause()
            .ends_with("is STOPPED: CloudFormation gives no reason"),
        "{failure}"
    );
    for operation in world.state().operations.values_mut() {
        operation.reason = Some("stopped by hand".to_owned());
    }
    let failure = handle(&request, &world).await.unwrap_err();
    assert!(
        failure.cause().ends_with("STOPPED: stopped by hand"),
        "{failure}"
    );
    world.state().instance.as_mut().unwrap().reason = Some("cancelled".to_owned());
    let failure = handle(&request, &world).await.unwrap_err();
    assert!(failure.cause().ends_with("STOPPED: cancelled"), "{failure}");
}

#[tokio::test]
async fn a_failed_operation_of_an_earlier_execution_blocks_nobody() {
    let (world, _) = ended(OperationStatus::Failed).await;
    let mut later = request();
    later.execution = later
        .execution
        .as_str()
        .replace("-1", "-2")
        .parse()
        .unwrap();
    let answer = handle(&later, &world).await.unwrap();
    world.end_operations(&OperationStatus::Succeeded);
    let request = Request {
        progress: next(&answer).progress,
        ..later
    };
    assert!(is_done(
        &handle(&request, &world).await.unwrap(),
        Change::Update
    ));
}

#[tokio::test]
async fn a_success_that_hides_a_failed_instance_is_a_failure() {
    let (world, request) = ended(OperationStatus::Succeeded).await;
    for operation in world.state().operations.values_mut() {
        operation.failed_instances = 1;
    }
    give_reason(&world, &request, "no such role");
    let failure = handle(&request, &world).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::StackSetFailed);
    assert!(
        failure
            .cause()
            .ends_with("is SUCCEEDED with 1 failed instance(s): no such role"),
        "{failure}"
    );
}

#[tokio::test]
async fn a_success_that_skipped_a_suspended_account_is_a_failure() {
    let (world, request) = ended(OperationStatus::Succeeded).await;
    {
        let mut state = world.state();
        let instance = state.instance.as_mut().unwrap();
        instance.status = InstanceStatus::Outdated;
        instance.detailed_status = Some(DetailedStatus::SkippedSuspendedAccount);
    }
    let failure = handle(&request, &world).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::StackSetFailed);
    assert!(
        failure
            .cause()
            .ends_with("yet the instance is OUTDATED (SKIPPED_SUSPENDED_ACCOUNT)"),
        "{failure}"
    );
}

#[tokio::test]
async fn an_inoperable_instance_keeps_its_own_name() {
    for status in [OperationStatus::Succeeded, OperationStatus::Failed] {
        let (world, request) = ended(status).await;
        world.state().instance.as_mut().unwrap().status = InstanceStatus::Inoperable;
        let failure = handle(&request, &world).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::StackInstanceInoperable);
    }
}

#[tokio::test]
async fn an_instance_that_shows_late_is_looked_at_again_for_a_while() {
    let (world, request) = ended(OperationStatus::Succeeded).await;
    world.state().is_hidden = true;
    let answer = handle(&request, &world).await.unwrap();
    world.state().is_hidden = false;
    let answer_later = handle(&next(&answer), &world).await.unwrap();
    assert!(is_done(&answer_later, Change::Create));

    world.state().is_hidden = true;
    let mut answer = handle(&request, &world).await;
    let mut looks = 1;
    while let Ok(pending) = answer {
        answer = handle(&next(&pending), &world).await;
        looks += 1;
    }
    assert_eq!(looks, MOST_STALE_LOOKS + 1);
    let failure = answer.unwrap_err();
    assert_eq!(failure.name(), ErrorName::StackSetFailed);
    assert!(
        failure
            .cause()
            .ends_with("has SUCCEEDED, yet there is no instance"),
        "{failure}"
    );
}

#[tokio::test]
async fn an_operation_that_shows_late_is_looked_for_again_for_a_while() {
    let (world, request) = ended(OperationStatus::Succeeded).await;
    world.state().are_operations_hidden = true;
    let mut answer = handle(&request, &world).await;
    let mut looks = 1;
    while let Ok(pending) = answer {
        answer = handle(&next(&pending), &world).await;
        looks += 1;
    }
    assert_eq!(looks, MOST_STALE_LOOKS + 1);
    assert_eq!(answer.unwrap_err().name(), ErrorName::ServiceUnavailable);
}

#[tokio::test]
async fn an_unknown_or_queued_or_stopping_operation_is_waited_for() {
    for status in [
        OperationStatus::Queued,
        OperationStatus::Stopping,
        OperationStatus::Other("NEW".to_owned()),
    ] {
        let (world, request) = ended(status.clone()).await;
        let answer = handle(&request, &world).await.unwrap();
        assert!(
            matches!(answer, Answer::Pending { waiting_for, .. } if waiting_for.ends_with(&format!("is {status}")))
        );
    }
}

#[tokio::test]
async fn a_stack_set_that_is_missing_or_service_managed_is_refused_before_any_write() {
    let world = World::default();
    let failure = handle(&request(), &world).await.unwrap_err();
    assert_snapshot!(failure, @"there is no StackSet avm-landing-zone that is ACTIVE in this account and region (account 111111111111). Remedy: create the StackSet in the automation account or correct its name or region in the landing zone.");
    world.state().stack_set = Some(StackSet {
        is_self_managed: false,
        declared: BTreeSet::new(),
    });
    let failure = handle(&request(), &world).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
    assert_snapshot!(failure, @"StackSet avm-landing-zone is SERVICE_MANAGED: its instances follow organizational units and cannot be made per account (account 111111111111). Remedy: name a StackSet with SELF_MANAGED permissions in the landing zone, or take it out and let its automatic deployment reach the account.");
    assert_eq!(world.state().writes, 0);
}
