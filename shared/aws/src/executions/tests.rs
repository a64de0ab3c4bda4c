//! Executions on the wire: what Step Functions answers, and what becomes of it.
//! Starts, look-ups, histories and lists.

use aws_sdk_sfn::operation::describe_execution::DescribeExecutionError;
use aws_sdk_sfn::operation::get_execution_history::GetExecutionHistoryOutput;
use aws_sdk_sfn::operation::list_executions::ListExecutionsOutput;
use aws_sdk_sfn::operation::start_execution::{StartExecutionError, StartExecutionOutput};
use aws_sdk_sfn::primitives::DateTime;
use aws_sdk_sfn::types::{
    ExecutionListItem, HistoryEventType, StateEnteredEventDetails, TaskSucceededEventDetails,
};
use aws_smithy_mocks::{Rule, RuleMode, mock, mock_client};
use aws_smithy_types::error::ErrorMetadata;

use super::*;

const MACHINE: &str = "arn:aws:states:eu-central-1:222222222222:stateMachine:avm-vend-account";
const EXECUTION: &str =
    "arn:aws:states:eu-central-1:222222222222:execution:avm-vend-account:a-2026-11-1";

fn executions(rule: &Rule) -> StepFunctions {
    let client = mock_client!(aws_sdk_sfn, RuleMode::MatchAny, &[rule], |client| client
        .retry_config(aws_config::retry::RetryConfig::disabled()));
    StepFunctions {
        client,
        machine: MACHINE.parse().unwrap(),
    }
}

fn name() -> ExecutionName {
    "a-2026-11-1".parse().unwrap()
}

fn code(code: &str) -> ErrorMetadata {
    ErrorMetadata::builder().code(code).build()
}

fn described(status: SfnStatus) -> Rule {
    mock!(Client::describe_execution)
        .match_requests(|request| request.execution_arn() == Some(EXECUTION))
        .then_output(move || {
            DescribeExecutionOutput::builder()
                .execution_arn(EXECUTION)
                .state_machine_arn(MACHINE)
                .status(status.clone())
                .start_date(DateTime::from_secs(0))
                .input("{\"a\":1}")
                .build()
                .unwrap()
        })
}

#[tokio::test]
async fn every_status_is_known() {
    for (status, expected) in [
        (SfnStatus::Running, ExecutionStatus::Running),
        (SfnStatus::PendingRedrive, ExecutionStatus::Running),
        (SfnStatus::Succeeded, ExecutionStatus::Succeeded),
        (SfnStatus::Failed, ExecutionStatus::Failed),
        (SfnStatus::TimedOut, ExecutionStatus::Stopped),
        (SfnStatus::Aborted, ExecutionStatus::Stopped),
    ] {
        let found = executions(&described(status))
            .find_execution(&name())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(found.status, expected);
        assert_eq!(found.arn.as_str(), EXECUTION);
        assert_eq!(found.input, "{\"a\":1}");
    }
    let failure = executions(&described(SfnStatus::from("SLEEPING")))
        .find_execution(&name())
        .await
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::Internal);
    assert!(failure.cause().contains("SLEEPING"), "{failure}");
}

fn entered(name: &str) -> HistoryEvent {
    let details = StateEnteredEventDetails::builder().name(name);
    event(HistoryEventType::TaskStateEntered)
        .state_entered_event_details(details.build().unwrap())
        .build()
        .unwrap()
}

fn answered(output: &str) -> HistoryEvent {
    let details = TaskSucceededEventDetails::builder()
        .resource_type("lambda")
        .resource("invoke")
        .output(output);
    event(HistoryEventType::TaskSucceeded)
        .task_succeeded_event_details(details.build().unwrap())
        .build()
        .unwrap()
}

fn event(kind: HistoryEventType) -> aws_sdk_sfn::types::builders::HistoryEventBuilder {
    HistoryEvent::builder()
        .timestamp(DateTime::from_secs(0))
        .r#type(kind)
        .id(1)
}

async fn trace_of(events: Vec<HistoryEvent>) -> Trace {
    let rule = mock!(Client::get_execution_history)
        .match_requests(|request| request.execution_arn() == Some(EXECUTION))
        .then_output(move || {
            GetExecutionHistoryOutput::builder()
                .set_events(Some(events.clone()))
                .build()
                .unwrap()
        });
    let execution = EXECUTION.parse().unwrap();
    executions(&rule).trace(&execution).await.unwrap()
}

#[tokio::test]
async fn a_trace_has_the_states_and_the_account_that_create_account_has_named() {
    let trace = trace_of(vec![
        entered("Prepare"),
        entered("CreateAccount"),
        answered(r#"{"Payload":{"Status":"PENDING","AccountId":null}}"#),
        entered("WaitForAccount"),
        entered("CreateAccount"),
        answered(r#"{"Payload":{"Status":"DONE","AccountId":"111111111111"}}"#),
        entered("PlaceAccount"),
        answered(r#"{"Payload":{"AccountId":"999999999999"}}"#),
    ])
    .await;
    assert_eq!(trace.account, Some("111111111111".parse().unwrap()));
    assert_eq!(trace.last.as_deref(), Some("PlaceAccount"));
    assert_eq!(trace.entered.len(), 4);
}

#[tokio::test]
async fn no_other_state_names_the_account() {
    let trace = trace_of(vec![
        entered("CreateAccount"),
        answered("?"),
        entered("RecordFailure"),
        answered(r#"{"Payload":{"AccountId":"999999999999"}}"#),
    ])
    .await;
    assert_eq!(trace.account, None);
    assert_eq!(trace_of(Vec::new()).await, Trace::default());
}

#[tokio::test]
async fn an_execution_that_is_not_there_is_no_failure() {
    let rule = mock!(Client::describe_execution)
        .then_error(|| DescribeExecutionError::generic(code("ExecutionDoesNotExist")));
    let found = executions(&rule).find_execution(&name()).await.unwrap();
    assert_eq!(found, None);
}

#[tokio::test]
async fn every_page_of_what_runs_is_read() {
    let page = |name: &str, next: Option<&str>| {
        let item = ExecutionListItem::builder()
            .execution_arn(EXECUTION)
            .state_machine_arn(MACHINE)
            .name(name)
            .status(SfnStatus::Running)
            .start_date(DateTime::from_millis(1_500))
            .build()
            .unwrap();
        let page = ListExecutionsOutput::builder().executions(item);
        page.set_next_token(next.map(str::to_owned))
            .build()
            .unwrap()
    };
    let first = mock!(Client::list_executions)
        .match_requests(|request| {
            request.next_token().is_none()
                && request.state_machine_arn() == Some(MACHINE)
                && request.status_filter() == Some(&SfnStatus::Running)
        })
        .then_output(move || page("a", Some("1")));
    let last = mock!(Client::list_executions)
        .match_requests(|request| request.next_token() == Some("1"))
        .then_output(move || page("b", None));
    let executions = StepFunctions {
        client: mock_client!(aws_sdk_sfn, RuleMode::MatchAny, [&first, &last]),
        machine: MACHINE.parse().unwrap(),
    };
    let running = executions.list_running().await.unwrap();
    let running: Vec<_> = running
        .iter()
        .map(|vend| (vend.name.as_str(), vend.started))
        .collect();
    assert_eq!(
        running,
        [
            ("a", Duration::from_millis(1_500)),
            ("b", Duration::from_millis(1_500))
        ]
    );
}

#[tokio::test]
async fn an_execution_is_started_under_its_name() {
    let rule = mock!(Client::start_execution)
        .match_requests(|request| {
            request.state_machine_arn() == Some(MACHINE)
                && request.name() == Some("a-2026-11-1")
                && request.input() == Some("{}")
        })
        .then_output(|| {
            StartExecutionOutput::builder()
                .execution_arn(EXECUTION)
                .start_date(DateTime::from_secs(0))
                .build()
                .unwrap()
        });
    let started = executions(&rule)
        .start_execution(&name(), "{}")
        .await
        .unwrap();
    assert_eq!(started, Start::Started(EXECUTION.parse().unwrap()));
}

#[tokio::test]
async fn a_name_that_is_taken_is_no_failure() {
    let rule = mock!(Client::start_execution)
        .then_error(|| StartExecutionError::generic(code("ExecutionAlreadyExists")));
    let started = executions(&rule)
        .start_execution(&name(), "{}")
        .await
        .unwrap();
    assert_eq!(started, Start::NameTaken);
}

#[tokio::test]
async fn every_error_of_a_start_has_its_name() {
    for (error, expected) in [
        ("ExecutionLimitExceeded", ErrorName::Throttled),
        ("ThrottlingException", ErrorName::Throttled),
        ("KmsThrottlingException", ErrorName::Throttled),
        ("KmsAccessDeniedException", ErrorName::AccessDenied),
        ("AccessDeniedException", ErrorName::AccessDenied),
        ("StateMachineDoesNotExist", ErrorName::InvalidConfiguration),
        ("StateMachineDeleting", ErrorName::InvalidConfiguration),
        ("InvalidArn", ErrorName::InvalidConfiguration),
        ("InvalidName", ErrorName::Internal),
        ("InvalidExecutionInput", ErrorName::Internal),
    ] {
        let rule = mock!(Client::start_execution)
            .then_error(move || StartExecutionError::generic(code(error)));
        let failure = executions(&rule)
            .start_execution(&name(), "{}")
            .await
            .unwrap_err();
        assert_eq!(failure.name(), expected, "{error}");
    }
}

#[tokio::test]
async fn an_error_of_a_look_up_has_its_name() {
    for (error, expected) in [
        ("ThrottlingException", ErrorName::Throttled),
        ("AccessDeniedException", ErrorName::AccessDenied),
        ("InvalidArn", ErrorName::InvalidConfiguration),
    ] {
        let rule = mock!(Client::describe_execution)
            .then_error(move || DescribeExecutionError::generic(code(error)));
        let failure = executions(&rule).find_execution(&name()).await.unwrap_err();
        assert_eq!(failure.name(), expected, "{error}");
    }
}
