//! Operations that end badly, instances that are not what the operation says, StackSets that cannot be used.
//! A failure of an earlier execution blocks nobody.

use avm_core::ports::stack_sets::{Operation, OperationStatus};
use insta::assert_snapshot;

use super::*;
use crate::operation::{MOST_REFUSALS, MOST_STALE_LOOKS};

/// An operation that has ended so, and the call that finds it.
async fn ended(ending: &Ending) -> (InMemory, Call) {
    let world = lasting(empty);
    let answer = look(&world, &request()).await.unwrap();
    end(&world, ending);
    (world, next(&request(), &answer))
}

fn operation(world: &InMemory, change: impl Fn(&mut Operation)) {
    let mut state = world.state_mut();
    for operation in state.stack_sets.of(NAME).operations.values_mut() {
        change(&mut operation.shown);
    }
}

/// Looks until the step fails; how often it has looked, and how it failed.
async fn look_until_it_fails(world: &InMemory, request: &Call) -> (u32, Failure) {
    let mut request = request.clone();
    for looks in 1.. {
        match look(world, &request).await {
            Ok(answer) => request = next(&request, &answer),
            Err(failure) => return (looks, failure),
        }
    }
    unreachable!()
}

#[tokio::test]
async fn a_failed_operation_ends_the_vend_with_the_reason_of_its_instance() {
    let ending = Ending::failed("ResourceLogicalId:Role, role exists");
    let (world, request) = ended(&ending).await;
    let failure = look(&world, &request).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::StackSetFailed);
    assert_snapshot!(failure, @"the instance of StackSet avm-landing-zone in eu-central-1: operation avm-883fac025d11167a0062163722af6ab932ea5582 is FAILED: ResourceLogicalId:Role, role exists (account 111111111111). Remedy: look at the StackSet's operation in the automation account, repair the cause, and send the request again.");
    assert_eq!(look(&world, &request).await.unwrap_err(), failure);
    let begun_anew = drive::<ApplyStackSet>(&world, &super::request()).await;
    assert_eq!(begun_anew.unwrap_err(), failure);
    assert_eq!(operations(&world).len(), 1);
}

const REFUSED: &str = "Account 111111111111 should have 'AWSCloudFormationStackSetExecutionRole' role with trust \
                       relationship to Role 'AWSCloudFormationStackSetAdministrationRole'.";

#[tokio::test]
async fn an_execution_role_that_iam_does_not_know_yet_is_tried_again_under_an_id_of_its_own() {
    let (world, started) = ended(&Ending::failed(REFUSED)).await;
    let waiting = look(&world, &started).await.unwrap();
    assert_snapshot!(waits_for(&waiting), @"the instance of StackSet avm-landing-zone in eu-central-1: operation avm-883fac025d11167a0062163722af6ab932ea5582 is FAILED, tried again soon: Account 111111111111 should have 'AWSCloudFormationStackSetExecutionRole' role with trust relationship to Role 'AWSCloudFormationStackSetAdministrationRole'.");
    assert_json_snapshot!(waiting["Progress"], @r#"
    {
      "Looks": {
        "Turn": 1,
        "Work": 1
      },
      "Notes": {
        "Refusals": 1,
        "StaleLooks": 0
      }
    }
    "#);
    assert_eq!(look(&world, &started).await.unwrap(), waiting);
    let joined = look(&world, &request()).await.unwrap();
    let begun_anew = look(&world, &next(&request(), &joined)).await.unwrap();
    assert_eq!(begun_anew, waiting);

    world.disturb_write(world.writes().len(), Fault::After);
    let waited = next(&request(), &waiting);
    look(&world, &waited).await.unwrap_err();
    let again = look(&world, &waited).await.unwrap();
    assert_eq!(operations(&world).len(), 2);
    end(&world, &Ending::well());
    let done = go_on(&world, &request(), &again).await.unwrap();
    assert_eq!(done["Operation"], "update");
}

const NOT_ALLOWED: &str = "ResourceLogicalId:AVMVerificationRole, ResourceType:AWS::IAM::Role, ResourceStatusReason:User: \
                           arn:aws:sts::111111111111:assumed-role/AWSCloudFormationStackSetExecutionRole/avm-1 is not authorized \
                           to perform: iam:CreateRole on resource: arn:aws:iam::111111111111:role/AVMVerificationRole because no \
                           identity-based policy allows the iam:CreateRole action.";

/// The access stack has made the role and its policy moments before; IAM tells of them one after the other.
#[tokio::test]
async fn an_execution_role_whose_policies_iam_does_not_know_yet_is_tried_again() {
    let (world, started) = ended(&Ending::failed(NOT_ALLOWED)).await;
    let waiting = look(&world, &started).await.unwrap();
    assert_eq!(waiting["Progress"]["Notes"]["Refusals"], 1);
    world.state_mut().stack_sets.operation_lasts = 0;
    let done = go_on(&world, &request(), &waiting).await.unwrap();
    assert_eq!(done["Operation"], "update");
    assert_eq!(operations(&world).len(), 2);
}

#[tokio::test]
async fn a_policy_of_the_organization_ends_the_vend_at_once() {
    let denied = NOT_ALLOWED.replace(
        "because no identity-based policy allows the iam:CreateRole action",
        "with an explicit deny in a service control policy",
    );
    let (world, started) = ended(&Ending::failed(&denied)).await;
    let failure = look(&world, &started).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::StackSetFailed);
    assert!(
        failure.remedy().starts_with("exempt the execution role"),
        "{failure}"
    );
}

#[tokio::test]
async fn an_execution_role_that_stays_closed_ends_the_vend_and_names_the_access_stack() {
    for (reason, what) in [
        (REFUSED, "compare the trust"),
        (NOT_ALLOWED, "the right that"),
    ] {
        stays_refused(reason, what).await;
    }
}

async fn stays_refused(reason: &str, what: &str) {
    let world = lasting(empty);
    let mut answer = look(&world, &request()).await.unwrap();
    for number in 1..=MOST_REFUSALS {
        end(&world, &Ending::failed(reason));
        let waiting = look(&world, &next(&request(), &answer)).await.unwrap();
        assert_eq!(waiting["Progress"]["Notes"]["Refusals"], number);
        answer = look(&world, &next(&request(), &waiting)).await.unwrap();
    }
    end(&world, &Ending::failed(reason));
    let last = next(&request(), &answer);
    let failure = look(&world, &last).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::StackSetFailed);
    assert!(failure.cause().ends_with(reason), "{failure}");
    for part in ["meshstack-cf-access", what] {
        assert!(failure.remedy().contains(part), "{failure}");
    }
    assert_eq!(look(&world, &last).await.unwrap_err(), failure);
    let tries = MOST_REFUSALS as usize + 1;
    assert_eq!(operations(&world).len(), tries);
    assert_eq!(world.writes().len(), tries);
}

/// Accounts that were made in the console, by AWS Control Tower or by another tool have roles of their own.
#[tokio::test]
async fn a_role_that_the_account_had_before_is_told_as_such() {
    let reason = "ResourceLogicalId:OrganizationAccountAccessRole, ResourceType:AWS::IAM::Role, ResourceStatusReason:Resource \
                  handler returned message: \"Role with name OrganizationAccountAccessRole already exists.\" \
                  (RequestToken: 1, HandlerErrorCode: AlreadyExists).";
    let (world, request) = ended(&Ending::failed(reason)).await;
    let failure = look(&world, &request).await.unwrap_err();
    assert!(
        failure
            .cause()
            .contains("Role with name OrganizationAccountAccessRole"),
        "{failure}"
    );
    assert!(
        failure.remedy().starts_with("the account had a role"),
        "{failure}"
    );
}

#[tokio::test]
async fn the_reason_is_the_instance_s_own_or_the_operation_s_where_the_result_has_none() {
    let (world, request) = ended(&Ending::stopped()).await;
    let failure = look(&world, &request).await.unwrap_err();
    assert!(
        failure
            .cause()
            .ends_with("is STOPPED: CloudFormation gives no reason"),
        "{failure}"
    );
    operation(&world, |it| it.reason = Some("stopped by hand".to_owned()));
    let failure = look(&world, &request).await.unwrap_err();
    assert!(
        failure.cause().ends_with("STOPPED: stopped by hand"),
        "{failure}"
    );
    instance(&mut world.state_mut()).reason = Some("cancelled".to_owned());
    let failure = look(&world, &request).await.unwrap_err();
    assert!(failure.cause().ends_with("STOPPED: cancelled"), "{failure}");
}

#[tokio::test]
async fn a_failed_operation_of_an_earlier_execution_blocks_nobody() {
    let (world, _) = ended(&Ending::failed("why")).await;
    world.state_mut().stack_sets.operation_lasts = 0;
    let done = drive::<ApplyStackSet>(&world, &later()).await.unwrap();
    assert_eq!(done["Operation"], "update");
}

#[tokio::test]
async fn a_success_that_hides_a_failed_instance_is_a_failure() {
    let (world, request) = ended(&Ending {
        failed_instances: 1,
        reason: Some("no such role".to_owned()),
        ..Ending::well()
    })
    .await;
    let failure = look(&world, &request).await.unwrap_err();
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
    let (world, request) = ended(&Ending {
        instance: InstanceStatus::Outdated,
        detailed: DetailedStatus::SkippedSuspendedAccount,
        ..Ending::well()
    })
    .await;
    let failure = look(&world, &request).await.unwrap_err();
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
    for ending in [Ending::well(), Ending::failed("why")] {
        let (world, request) = ended(&Ending {
            instance: InstanceStatus::Inoperable,
            ..ending
        })
        .await;
        let failure = look(&world, &request).await.unwrap_err();
        assert_eq!(failure.name(), ErrorName::StackInstanceInoperable);
    }
}

#[tokio::test]
async fn an_instance_that_shows_late_is_looked_at_again_for_a_while() {
    let (world, request) = ended(&Ending::well()).await;
    hide_instance(&world, 1);
    let answer = look(&world, &request).await.unwrap();
    let later = look(&world, &next(&request, &answer)).await.unwrap();
    assert_eq!(later["Result"]["Operation"], "create");

    hide_instance(&world, usize::MAX);
    let (looks, failure) = look_until_it_fails(&world, &request).await;
    assert_eq!(looks, MOST_STALE_LOOKS + 1);
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
    let (world, request) = ended(&Ending::well()).await;
    world.show_old(usize::MAX, "cloudformation:DescribeStackSetOperation");
    let (looks, failure) = look_until_it_fails(&world, &request).await;
    assert_eq!(looks, MOST_STALE_LOOKS + 1);
    assert_eq!(failure.name(), ErrorName::ServiceUnavailable);
}

#[tokio::test]
async fn an_unknown_or_stopping_operation_is_waited_for() {
    for status in [
        OperationStatus::Stopping,
        OperationStatus::Other("NEW".to_owned()),
    ] {
        let (world, request) = ended(&Ending::well()).await;
        operation(&world, |it| it.status = status.clone());
        let answer = look(&world, &request).await.unwrap();
        assert!(waits_for(&answer).ends_with(&format!("is {status}")));
    }
}

#[tokio::test]
async fn a_stack_set_that_is_missing_or_service_managed_is_refused_before_any_write() {
    let world = InMemory::default();
    let failure = look(&world, &request()).await.unwrap_err();
    assert_snapshot!(failure, @"there is no StackSet avm-landing-zone that is ACTIVE in this account and region (account 111111111111). Remedy: create the StackSet in the automation account or correct its name or region in the landing zone.");
    let world = InMemory::with(|state| {
        empty(state);
        state.stack_sets.of(NAME).stack_set.is_self_managed = false;
    });
    let failure = look(&world, &request()).await.unwrap_err();
    assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
    assert_snapshot!(failure, @"StackSet avm-landing-zone is SERVICE_MANAGED: its instances follow organizational units and cannot be made per account (account 111111111111). Remedy: name a StackSet with SELF_MANAGED permissions in the landing zone, or take it out and let its automatic deployment reach the account.");
    assert!(world.writes().is_empty());
}
