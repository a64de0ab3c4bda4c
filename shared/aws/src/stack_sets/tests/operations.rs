//! Operations as they are read, and why one has failed in an account.
//! The reason may stand on a later page than the first.

use super::*;

#[tokio::test]
async fn an_operation_is_read_with_the_number_of_its_failed_instances() {
    let rule = mock!(Client::describe_stack_set_operation)
        .match_requests(|request| request.operation_id() == Some("avm-1"))
        .then_output(|| {
            let details = StackSetOperationStatusDetails::builder()
                .failed_stack_instances_count(2)
                .build();
            let found = StackSetOperation::builder()
                .action(StackSetOperationAction::Create)
                .status(StackSetOperationStatus::Succeeded)
                .status_details(details)
                .status_reason("two failed")
                .build();
            DescribeStackSetOperationOutput::builder()
                .stack_set_operation(found)
                .build()
        });
    let found = stack_sets(&[&rule])
        .find_operation(&place().stack_set, &id())
        .await;
    let expected = Operation {
        action: Action::Create,
        status: OperationStatus::Succeeded,
        reason: Some("two failed".to_owned()),
        failed_instances: 2,
    };
    assert_eq!(found, Ok(Some(expected)));
}

fn page(account: &str, reason: &str, next: Option<&str>) -> ListStackSetOperationResultsOutput {
    let result = StackSetOperationResultSummary::builder()
        .account(account)
        .region("eu-west-1")
        .status_reason(reason)
        .build();
    ListStackSetOperationResultsOutput::builder()
        .summaries(result)
        .set_next_token(next.map(str::to_owned))
        .build()
}

#[tokio::test]
async fn the_reason_is_that_of_the_account_and_region_even_on_a_later_page() {
    let first = mock!(Client::list_stack_set_operation_results)
        .then_output(|| page("999999999999", "theirs", Some("1")));
    let empty = mock!(Client::list_stack_set_operation_results)
        .match_requests(|request| request.next_token() == Some("1"))
        .then_output(|| {
            ListStackSetOperationResultsOutput::builder()
                .next_token("2")
                .build()
        });
    let last = mock!(Client::list_stack_set_operation_results)
        .match_requests(|request| request.next_token() == Some("2"))
        .then_output(|| page("111111111111", "no such role", None));
    let reason = stack_sets(&[&first, &empty, &last])
        .find_reason(&place(), &id())
        .await;
    assert_eq!(reason, Ok(Some("no such role".to_owned())));

    let denied = mock!(Client::list_stack_set_operation_results)
        .then_http_response(|| refusal("AccessDenied", "words"));
    let failure = stack_sets(&[&denied])
        .find_reason(&place(), &id())
        .await
        .unwrap_err();
    assert_eq!(failure.name(), ErrorName::AccessDenied);
}
