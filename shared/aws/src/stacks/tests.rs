//! Stacks against mocked answers: what is sent, what is read, what every error means.
//! Errors come as XML, so that their codes are read as from the service.

use aws_sdk_cloudformation::config::retry::RetryConfig;
use aws_sdk_cloudformation::operation::continue_update_rollback::ContinueUpdateRollbackOutput;
use aws_sdk_cloudformation::operation::create_stack::CreateStackOutput;
use aws_sdk_cloudformation::operation::delete_stack::DeleteStackOutput;
use aws_sdk_cloudformation::operation::describe_stacks::DescribeStacksOutput;
use aws_sdk_cloudformation::operation::get_template_summary::GetTemplateSummaryOutput;
use aws_sdk_cloudformation::operation::update_stack::UpdateStackOutput;
use aws_sdk_cloudformation::types::ParameterDeclaration;
use aws_smithy_mocks::{Rule, RuleMode, mock, mock_client};

use super::*;
use crate::xml_answers::refusal;

pub(super) const ID: &str =
    "arn:aws:cloudformation:eu-central-1:111111111111:stack/meshstack-cf-access/0";

pub(super) fn stacks(rules: &[&Rule]) -> CloudFormationStacks {
    let client = mock_client!(
        aws_sdk_cloudformation,
        RuleMode::Sequential,
        rules,
        |builder| builder.retry_config(RetryConfig::disabled())
    );
    CloudFormationStacks { client }
}

pub(super) fn id() -> StackId {
    ID.parse().unwrap()
}

fn token() -> OperationId {
    "avm-1".parse().unwrap()
}

fn specification(template: Template) -> Specification {
    Specification {
        template,
        parameters: [("AutomationAccountId".to_owned(), "222222222222".to_owned())]
            .into_iter()
            .collect(),
        mark: Mark {
            template: "sha256:0".to_owned(),
            execution: "e-1".to_owned(),
        },
    }
}

fn body() -> Specification {
    specification(Template::Body("Resources: {}"))
}

fn found(name: &str, status: FoundStatus) -> FoundStack {
    FoundStack::builder()
        .stack_name(name)
        .stack_id(ID.replace("meshstack-cf-access", name))
        .stack_status(status)
        .build()
}

#[tokio::test]
async fn stacks_are_listed_by_their_prefix_over_all_pages_without_naming_one() {
    let first = mock!(Client::describe_stacks)
        .match_requests(|request| request.stack_name().is_none())
        .then_output(|| {
            DescribeStacksOutput::builder()
                .stacks(found("other", FoundStatus::CreateComplete))
                .stacks(found("meshstack-cf-access-x", FoundStatus::DeleteComplete))
                .next_token("1")
                .build()
        });
    let empty = mock!(Client::describe_stacks)
        .then_output(|| DescribeStacksOutput::builder().next_token("2").build());
    let last = mock!(Client::describe_stacks)
        .match_requests(|request| request.next_token() == Some("2"))
        .then_output(|| {
            DescribeStacksOutput::builder()
                .stacks(found("meshstack-cf-access-y", FoundStatus::UpdateFailed))
                .build()
        });
    let listed = stacks(&[&first, &empty, &last])
        .list("meshstack-cf-access")
        .await;
    let listed: Vec<_> = listed
        .unwrap()
        .into_iter()
        .map(|it| (it.name, it.status))
        .collect();
    assert_eq!(
        listed,
        [(
            "meshstack-cf-access-y".to_owned(),
            StackStatus::UpdateFailed
        )]
    );
}

#[tokio::test]
async fn a_stack_is_found_by_its_id_with_its_parameters_and_its_mark() {
    let rule = mock!(Client::describe_stacks)
        .match_requests(|request| request.stack_name() == Some(ID))
        .then_output(|| {
            let parameter = Parameter::builder()
                .parameter_key("AutomationAccountId")
                .parameter_value("222222222222")
                .build();
            let stack = FoundStack::builder()
                .stack_name("meshstack-cf-access")
                .stack_id(ID)
                .stack_status(FoundStatus::RollbackComplete)
                .stack_status_reason("why")
                .parameters(parameter)
                .set_tags(Some(tags(&body().mark)))
                .build();
            DescribeStacksOutput::builder().stacks(stack).build()
        });
    let stack = stacks(&[&rule]).find(&id()).await.unwrap().unwrap();
    assert_eq!(stack.mark, Some(body().mark));
    assert_eq!(stack.parameters, body().parameters);
    assert_eq!(
        (stack.status, stack.reason.as_deref()),
        (StackStatus::RollbackComplete, Some("why"))
    );
}

#[tokio::test]
async fn a_stack_that_is_missing_is_none_and_other_errors_keep_their_meaning() {
    let missing = mock!(Client::describe_stacks)
        .then_http_response(|| refusal("ValidationError", "Stack with id x does not exist"));
    assert_eq!(stacks(&[&missing]).find(&id()).await, Ok(None));
    for (code, name) in [
        ("ValidationError", ErrorName::Internal),
        ("AccessDenied", ErrorName::AccessDenied),
        ("OptInRequired", ErrorName::AccountNotReady),
        ("Throttling", ErrorName::Throttled),
    ] {
        let find =
            mock!(Client::describe_stacks).then_http_response(move || refusal(code, "words"));
        let list =
            mock!(Client::describe_stacks).then_http_response(move || refusal(code, "words"));
        let stacks = stacks(&[&find, &list]);
        assert_eq!(stacks.find(&id()).await.unwrap_err().name(), name);
        assert_eq!(stacks.list("x").await.unwrap_err().name(), name);
    }
}

#[test]
fn every_status_of_the_service_is_known_by_its_name() {
    for text in FoundStatus::values() {
        let status = StackStatus::from(*text);
        assert!(StackStatus::KNOWN.contains(&status), "{text}");
        assert_eq!(status.to_string(), *text);
    }
    assert_eq!(StackStatus::KNOWN.len(), FoundStatus::values().len());
}

#[tokio::test]
async fn the_parameters_of_a_template_at_an_address_are_those_of_its_summary() {
    let rule = mock!(Client::get_template_summary)
        .match_requests(|request| request.template_url() == Some("https://b/t.yaml"))
        .then_output(|| {
            let declared = ParameterDeclaration::builder().parameter_key("One").build();
            GetTemplateSummaryOutput::builder()
                .parameters(declared)
                .build()
        });
    let declared = stacks(&[&rule]).declared_by("https://b/t.yaml").await;
    assert_eq!(declared, Ok(["One".to_owned()].into()));
    let rule = mock!(Client::get_template_summary)
        .then_http_response(|| refusal("ValidationError", "S3 error: Access Denied"));
    let failure = stacks(&[&rule])
        .declared_by("https://b/t.yaml")
        .await
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::InvalidConfiguration);
}

#[tokio::test]
async fn a_creation_sends_template_parameters_tags_capability_and_token() {
    let rule = mock!(Client::create_stack)
        .match_requests(|request| {
            request.stack_name() == Some("meshstack-cf-access")
                && request.template_body() == Some("Resources: {}")
                && request.template_url().is_none()
                && request.parameters() == parameters(&body().parameters)
                && request.tags() == tags(&body().mark)
                && request.capabilities() == [Capability::CapabilityNamedIam]
                && request.client_request_token() == Some("avm-1")
                && request.on_failure().is_none()
        })
        .then_output(|| CreateStackOutput::builder().stack_id(ID).build());
    let creation = stacks(&[&rule])
        .start_creation("meshstack-cf-access", &body(), &token())
        .await;
    assert_eq!(creation, Ok(Creation::Started(id())));

    let rule = mock!(Client::create_stack).then_output(|| CreateStackOutput::builder().build());
    let failure = stacks(&[&rule])
        .start_creation("x", &body(), &token())
        .await
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::Internal);
}

#[tokio::test]
async fn an_update_names_the_stack_by_its_id() {
    let rule = mock!(Client::update_stack)
        .match_requests(|request| {
            request.stack_name() == Some(ID)
                && request.template_body().is_none()
                && request.template_url() == Some("https://b/t.yaml")
                && request.tags() == tags(&body().mark)
                && request.client_request_token() == Some("avm-1")
        })
        .then_output(|| UpdateStackOutput::builder().build());
    let specification = specification(Template::Url("https://b/t.yaml".to_owned()));
    let update = stacks(&[&rule])
        .start_update(&id(), &specification, &token())
        .await;
    assert_eq!(update, Ok(Update::Started));
}

const RUNNING: &str = "Stack x is in UPDATE_IN_PROGRESS state and can not be updated.";

#[tokio::test]
async fn refusals_that_mean_wait_or_were_meant_for_a_replay_are_no_failures() {
    for (code, message) in [
        ("AlreadyExistsException", "words"),
        ("TokenAlreadyExistsException", "words"),
        ("ValidationError", RUNNING),
    ] {
        let rule = mock!(Client::create_stack).then_http_response(move || refusal(code, message));
        let creation = stacks(&[&rule])
            .start_creation("x", &body(), &token())
            .await;
        assert_eq!(creation, Ok(Creation::AlreadyThere));
    }
    for (code, message, expected) in [
        (
            "TokenAlreadyExistsException",
            "words",
            Update::AlreadyStarted,
        ),
        (
            "ValidationError",
            "No updates are to be performed.",
            Update::NothingToDo,
        ),
        ("ValidationError", RUNNING, Update::Busy),
    ] {
        let rule = mock!(Client::update_stack).then_http_response(move || refusal(code, message));
        let update = stacks(&[&rule])
            .start_update(&id(), &body(), &token())
            .await;
        assert_eq!(update, Ok(expected));
    }
    for (code, message, expected) in [
        ("TokenAlreadyExistsException", "words", Start::Started),
        ("ValidationError", RUNNING, Start::Busy),
    ] {
        let delete = mock!(Client::delete_stack).then_http_response(move || refusal(code, message));
        let rollback = mock!(Client::continue_update_rollback)
            .then_http_response(move || refusal(code, message));
        let both = stacks(&[&delete, &rollback]);
        let expected = Ok(expected);
        assert_eq!(both.start_deletion(&id(), &token()).await, expected);
        assert_eq!(both.start_rollback(&id(), &token()).await, expected);
    }
}

#[tokio::test]
async fn errors_of_a_start_keep_their_meaning() {
    for (code, message, name) in [
        ("LimitExceededException", "words", ErrorName::StackFailed),
        (
            "InsufficientCapabilitiesException",
            "words",
            ErrorName::InvalidConfiguration,
        ),
        (
            "ValidationError",
            "Parameters: [X] must have values",
            ErrorName::InvalidConfiguration,
        ),
        ("AccessDenied", "words", ErrorName::AccessDenied),
        ("Throttling", "words", ErrorName::Throttled),
        ("InternalFailure", "words", ErrorName::ServiceUnavailable),
    ] {
        let create = mock!(Client::create_stack).then_http_response(move || refusal(code, message));
        let update = mock!(Client::update_stack).then_http_response(move || refusal(code, message));
        let stacks = stacks(&[&create, &update]);
        let creation = stacks
            .start_creation("x", &body(), &token())
            .await
            .unwrap_err();
        let update = stacks
            .start_update(&id(), &body(), &token())
            .await
            .unwrap_err();
        assert_eq!((creation.name(), update.name()), (name, name), "{code}");
    }
}

#[tokio::test]
async fn deletions_and_rollbacks_start_by_id_or_say_why_not() {
    let delete = mock!(Client::delete_stack)
        .match_requests(|request| {
            request.stack_name() == Some(ID) && request.client_request_token() == Some("avm-1")
        })
        .then_output(|| DeleteStackOutput::builder().build());
    let rollback = mock!(Client::continue_update_rollback)
        .match_requests(|request| {
            request.stack_name() == Some(ID) && request.client_request_token() == Some("avm-1")
        })
        .then_output(|| ContinueUpdateRollbackOutput::builder().build());
    let both = stacks(&[&delete, &rollback]);
    let started = Ok(Start::Started);
    assert_eq!(both.start_deletion(&id(), &token()).await, started);
    assert_eq!(both.start_rollback(&id(), &token()).await, started);

    for (code, message, name) in [
        (
            "ValidationError",
            "Stack [x] cannot be deleted while TerminationProtection is enabled",
            ErrorName::StackFailed,
        ),
        ("AccessDenied", "words", ErrorName::AccessDenied),
    ] {
        let delete = mock!(Client::delete_stack).then_http_response(move || refusal(code, message));
        let rollback = mock!(Client::continue_update_rollback)
            .then_http_response(move || refusal(code, message));
        let both = stacks(&[&delete, &rollback]);
        assert_eq!(
            both.start_deletion(&id(), &token())
                .await
                .unwrap_err()
                .name(),
            name
        );
        assert_eq!(
            both.start_rollback(&id(), &token())
                .await
                .unwrap_err()
                .name(),
            name
        );
    }
}
