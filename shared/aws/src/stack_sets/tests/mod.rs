//! StackSets against mocked answers: what is sent, what is read, what every error means.
//! Errors come as XML, so that their codes are read as from the service.

mod lists;
mod operations;

use aws_sdk_cloudformation::config::retry::RetryConfig;
use aws_sdk_cloudformation::operation::create_stack_instances::CreateStackInstancesOutput;
use aws_sdk_cloudformation::operation::describe_stack_instance::DescribeStackInstanceOutput;
use aws_sdk_cloudformation::operation::describe_stack_set::DescribeStackSetOutput;
use aws_sdk_cloudformation::operation::describe_stack_set_operation::DescribeStackSetOperationOutput;
use aws_sdk_cloudformation::operation::list_stack_instances::ListStackInstancesOutput;
use aws_sdk_cloudformation::operation::list_stack_set_operation_results::ListStackSetOperationResultsOutput;
use aws_sdk_cloudformation::operation::list_stack_sets::ListStackSetsOutput;
use aws_sdk_cloudformation::operation::update_stack_instances::UpdateStackInstancesOutput;
use aws_sdk_cloudformation::types::{
    StackInstanceComprehensiveStatus, StackInstanceDetailedStatus, StackInstanceSummary,
    StackSet as FoundStackSet, StackSetOperationResultSummary, StackSetOperationStatusDetails,
    StackSetSummary,
};
use aws_smithy_mocks::{Rule, RuleMode, mock, mock_client};

use super::*;
use crate::xml_answers::refusal;

fn stack_sets(rules: &[&Rule]) -> CloudFormationStackSets {
    let client = mock_client!(
        aws_sdk_cloudformation,
        RuleMode::Sequential,
        rules,
        |builder| builder.retry_config(RetryConfig::disabled())
    );
    CloudFormationStackSets { client }
}

fn place() -> InstancePlace {
    InstancePlace {
        stack_set: "avm-landing-zone".parse().unwrap(),
        account: "111111111111".parse().unwrap(),
        region: "eu-west-1".parse().unwrap(),
    }
}

fn id() -> OperationId {
    "avm-1".parse().unwrap()
}

fn parameter(key: &str, value: &str) -> Parameter {
    Parameter::builder()
        .parameter_key(key)
        .parameter_value(value)
        .build()
}

fn overrides() -> Overrides {
    Overrides {
        set: values(&[parameter("Stage", "shop")]),
        kept: ["Network".to_owned()].into(),
        own: values(&[parameter("tagOwner", "nobody")]),
    }
}

fn sent() -> Vec<Parameter> {
    let kept = Parameter::builder()
        .parameter_key("Network")
        .use_previous_value(true)
        .build();
    vec![
        parameter("Stage", "shop"),
        parameter("tagOwner", "nobody"),
        kept,
    ]
}

async fn stack_set(found: FoundStackSet) -> Option<StackSet> {
    let rule = mock!(Client::describe_stack_set)
        .match_requests(|request| request.stack_set_name() == Some("avm-landing-zone"))
        .then_output(move || {
            DescribeStackSetOutput::builder()
                .stack_set(found.clone())
                .build()
        });
    let found = stack_sets(&[&rule])
        .find_stack_set(&place().stack_set)
        .await;
    found.unwrap()
}

#[tokio::test]
async fn a_stack_set_shows_its_permissions_and_its_declared_parameters() {
    let found = FoundStackSet::builder()
        .parameters(parameter("Stage", "none"))
        .build();
    let found = stack_set(found).await.unwrap();
    assert!(found.is_self_managed);
    assert_eq!(found.declared, values(&[parameter("Stage", "none")]));

    let managed = FoundStackSet::builder().permission_model(PermissionModels::ServiceManaged);
    assert!(!stack_set(managed.build()).await.unwrap().is_self_managed);
    let deleted = FoundStackSet::builder().status(StackSetStatus::Deleted);
    assert_eq!(stack_set(deleted.build()).await, None);
}

#[tokio::test]
async fn what_is_missing_is_none() {
    let rule = mock!(Client::describe_stack_set)
        .then_http_response(|| refusal("StackSetNotFoundException", "x"));
    let stack_set = stack_sets(&[&rule])
        .find_stack_set(&place().stack_set)
        .await;
    assert_eq!(stack_set, Ok(None));

    let rule = mock!(Client::describe_stack_instance)
        .then_http_response(|| refusal("StackInstanceNotFoundException", "x"));
    assert_eq!(find_instance(&rule).await, Ok(None));

    let rule = mock!(Client::describe_stack_set_operation)
        .then_http_response(|| refusal("OperationNotFoundException", "x"));
    let operation = stack_sets(&[&rule])
        .find_operation(&place().stack_set, &id())
        .await;
    assert_eq!(operation, Ok(None));

    let rule = mock!(Client::list_stack_set_operation_results)
        .then_http_response(|| refusal("OperationNotFoundException", "x"));
    assert_eq!(
        stack_sets(&[&rule]).find_reason(&place(), &id()).await,
        Ok(None)
    );
}

async fn find_instance(rule: &Rule) -> Result<Option<Instance>, Failure> {
    let place = place();
    stack_sets(&[rule])
        .find_instance(&place.stack_set, &place.account, &place.region)
        .await
}

#[tokio::test]
async fn errors_of_reading_keep_their_meaning_and_name_the_stack_set() {
    for (code, name) in [
        ("StackSetNotFoundException", ErrorName::StackSetNotFound),
        ("AccessDenied", ErrorName::AccessDenied),
        ("Throttling", ErrorName::Throttled),
        ("ValidationError", ErrorName::Internal),
    ] {
        let rule = mock!(Client::describe_stack_instance)
            .then_http_response(move || refusal(code, "words"));
        let failure = find_instance(&rule).await.unwrap_err();
        assert_eq!(failure.name(), name);
        assert_eq!(
            failure.cause(),
            format!(
                "StackSet avm-landing-zone: cloudformation:DescribeStackInstance failed with {code}: words"
            )
        );
    }
}

#[tokio::test]
async fn an_instance_is_read_with_its_parameters_and_statuses() {
    let rule = mock!(Client::describe_stack_instance)
        .match_requests(|request| {
            request.stack_instance_account() == Some("111111111111")
                && request.stack_instance_region() == Some("eu-west-1")
        })
        .then_output(|| {
            let detailed = StackInstanceComprehensiveStatus::builder()
                .detailed_status(StackInstanceDetailedStatus::Failed)
                .build();
            let found = StackInstance::builder()
                .status(StackInstanceStatus::Outdated)
                .stack_instance_status(detailed)
                .status_reason("no such role")
                .parameter_overrides(parameter("Stage", "shop"))
                .last_operation_id("avm-1")
                .build();
            DescribeStackInstanceOutput::builder()
                .stack_instance(found)
                .build()
        });
    let found = find_instance(&rule).await.unwrap().unwrap();
    let expected = Instance {
        status: InstanceStatus::Outdated,
        detailed_status: Some(DetailedStatus::Failed),
        reason: Some("no such role".to_owned()),
        parameters: values(&[parameter("Stage", "shop")]),
        last_operation: Some(id()),
    };
    assert_eq!(found, expected);
    assert_eq!(found.in_words(), "OUTDATED (FAILED): no such role");
}

#[test]
fn every_status_keeps_its_name() {
    for text in ["CURRENT", "OUTDATED", "INOPERABLE", "NEW"] {
        let found = StackInstance::builder().status(text.into()).build();
        assert_eq!(instance(&found).status.to_string(), text);
    }
    for text in [
        "PENDING",
        "RUNNING",
        "SUCCEEDED",
        "FAILED",
        "CANCELLED",
        "INOPERABLE",
        "SKIPPED_SUSPENDED_ACCOUNT",
        "FAILED_IMPORT",
        "NEW",
    ] {
        let status = StackInstanceComprehensiveStatus::builder().detailed_status(text.into());
        let found = StackInstance::builder().stack_instance_status(status.build());
        let found = instance(&found.build()).detailed_status;
        assert_eq!(found.unwrap().to_string(), text);
    }
    for text in [
        "QUEUED",
        "RUNNING",
        "STOPPING",
        "SUCCEEDED",
        "FAILED",
        "STOPPED",
        "NEW",
    ] {
        let found = StackSetOperation::builder().status(text.into()).build();
        assert_eq!(operation(found).status.to_string(), text);
    }
}

#[tokio::test]
async fn a_creation_sends_account_region_overrides_and_its_id() {
    let rule = mock!(Client::create_stack_instances)
        .match_requests(|request| {
            request.stack_set_name() == Some("avm-landing-zone")
                && request.accounts() == ["111111111111"]
                && request.regions() == ["eu-west-1"]
                && request.parameter_overrides() == sent()
                && request.operation_id() == Some("avm-1")
        })
        .then_output(|| {
            CreateStackInstancesOutput::builder()
                .operation_id("avm-1")
                .build()
        });
    let start = stack_sets(&[&rule])
        .start_creation(&place(), &overrides(), &id())
        .await;
    assert_eq!(start, Ok(Start::Accepted));
}

#[tokio::test]
async fn an_update_sends_the_same() {
    let rule = mock!(Client::update_stack_instances)
        .match_requests(|request| {
            request.accounts() == ["111111111111"] && request.parameter_overrides() == sent()
        })
        .then_output(|| UpdateStackInstancesOutput::builder().build());
    let start = stack_sets(&[&rule])
        .start_update(&place(), &overrides(), &id())
        .await;
    assert_eq!(start, Ok(Start::Accepted));
}

#[tokio::test]
async fn refusals_that_mean_wait_or_were_meant_for_a_replay_are_no_failures() {
    for (code, expected) in [
        ("OperationIdAlreadyExistsException", Start::AlreadyStarted),
        ("StackInstanceNotFoundException", Start::NoSuchInstance),
        ("OperationInProgressException", Start::Busy),
    ] {
        let rule = mock!(Client::update_stack_instances)
            .then_http_response(move || refusal(code, "words"));
        let start = stack_sets(&[&rule])
            .start_update(&place(), &overrides(), &id())
            .await;
        assert_eq!(start, Ok(expected));
    }
    for (code, expected) in [
        ("OperationIdAlreadyExistsException", Start::AlreadyStarted),
        ("OperationInProgressException", Start::Busy),
    ] {
        let rule = mock!(Client::create_stack_instances)
            .then_http_response(move || refusal(code, "words"));
        let start = stack_sets(&[&rule])
            .start_creation(&place(), &overrides(), &id())
            .await;
        assert_eq!(start, Ok(expected));
    }
}

#[tokio::test]
async fn errors_of_a_start_keep_their_meaning_and_name_the_instance() {
    for (code, name) in [
        ("StaleRequestException", ErrorName::ConcurrentModification),
        ("StackSetNotFoundException", ErrorName::StackSetNotFound),
        ("InvalidOperationException", ErrorName::StackSetFailed),
        ("LimitExceededException", ErrorName::StackSetFailed),
        ("ValidationError", ErrorName::InvalidConfiguration),
        ("AccessDenied", ErrorName::AccessDenied),
        ("Throttling", ErrorName::Throttled),
        ("InternalFailure", ErrorName::ServiceUnavailable),
    ] {
        let create = mock!(Client::create_stack_instances)
            .then_http_response(move || refusal(code, "words"));
        let update = mock!(Client::update_stack_instances)
            .then_http_response(move || refusal(code, "words"));
        let stack_sets = stack_sets(&[&create, &update]);
        let creation = stack_sets
            .start_creation(&place(), &overrides(), &id())
            .await
            .unwrap_err();
        let update = stack_sets
            .start_update(&place(), &overrides(), &id())
            .await
            .unwrap_err();
        assert_eq!((creation.name(), update.name()), (name, name), "{code}");
        assert!(
            update.cause().starts_with(
                "the instance of StackSet avm-landing-zone in eu-west-1: cloudformation:UpdateStackInstances failed with"
            ),
            "{update}"
        );
        assert_eq!(update.account(), Some(&place().account));
    }
}
