//! The first failure of a stack's last operation, out of its events, which come newest first.
//! Later failures follow from it: resources that were cancelled, and the stack itself.

use aws_sdk_cloudformation::types::{ResourceStatus, StackEvent};

/// What has been seen so far.
#[derive(Debug, Default)]
pub(super) struct FirstFailure {
    words: Option<String>,
}

impl FirstFailure {
    /// Takes the next older event; whether it is the one that began the operation.
    pub(super) fn saw(&mut self, event: &StackEvent) -> bool {
        let status = event
            .resource_status
            .as_ref()
            .map(ResourceStatus::as_str)
            .unwrap_or_default();
        let is_stack = event.physical_resource_id() == event.stack_id();
        if status.ends_with("_FAILED")
            && !is_stack
            && let Some(reason) = event.resource_status_reason()
            && !is_consequence(reason)
        {
            let resource = event.logical_resource_id().unwrap_or("a resource");
            let kind = event.resource_type().unwrap_or("unknown type");
            self.words = Some(format!("{resource} ({kind}): {reason}"));
        }
        is_stack
            && [
                "CREATE_IN_PROGRESS",
                "UPDATE_IN_PROGRESS",
                "DELETE_IN_PROGRESS",
            ]
            .contains(&status)
            && !event
                .resource_status_reason()
                .is_some_and(|reason| reason.contains("Rollback requested"))
    }

    /// The failure: the resource and the reason.
    pub(super) fn into_words(self) -> Option<String> {
        self.words
    }
}

/// CloudFormation: "Resource creation cancelled", "Resource update cancelled".
fn is_consequence(reason: &str) -> bool {
    reason.starts_with("Resource ") && reason.ends_with(" cancelled")
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudformation::Client;
    use aws_sdk_cloudformation::operation::describe_stack_events::DescribeStackEventsOutput;
    use aws_smithy_mocks::mock;

    use super::*;
    use crate::stacks::tests::{ID, id, stacks};
    use crate::xml_answers::refusal;
    use avm_core::error::ErrorName;
    use avm_core::ports::stacks::Stacks;

    fn event(resource: &str, status: &str, reason: &str) -> StackEvent {
        let physical = if resource == "meshstack-cf-access" {
            ID
        } else {
            resource
        };
        StackEvent::builder()
            .stack_id(ID)
            .logical_resource_id(resource)
            .physical_resource_id(physical)
            .resource_type("AWS::IAM::Role")
            .resource_status(status.into())
            .resource_status_reason(reason)
            .build()
    }

    #[tokio::test]
    async fn the_first_failure_is_the_oldest_of_the_last_operation_that_is_no_consequence() {
        let newest = mock!(Client::describe_stack_events)
            .match_requests(|request| request.stack_name() == Some(ID))
            .then_output(|| {
                DescribeStackEventsOutput::builder()
                    .stack_events(event("meshstack-cf-access", "ROLLBACK_COMPLETE", ""))
                    .stack_events(event(
                        "meshstack-cf-access",
                        "ROLLBACK_IN_PROGRESS",
                        "Rollback requested by user.",
                    ))
                    .stack_events(event("Two", "CREATE_FAILED", "Resource creation cancelled"))
                    .next_token("1")
                    .build()
            });
        let oldest = mock!(Client::describe_stack_events)
            .match_requests(|request| request.next_token() == Some("1"))
            .then_output(|| {
                DescribeStackEventsOutput::builder()
                    .stack_events(event("Three", "CREATE_FAILED", "later"))
                    .stack_events(event("One", "CREATE_FAILED", "role exists"))
                    .stack_events(event(
                        "meshstack-cf-access",
                        "CREATE_IN_PROGRESS",
                        "User Initiated",
                    ))
                    .stack_events(event("Old", "DELETE_FAILED", "of an earlier operation"))
                    .next_token("2")
                    .build()
            });
        let first = stacks(&[&newest, &oldest]).find_first_failure(&id()).await;
        assert_eq!(
            first,
            Ok(Some("One (AWS::IAM::Role): role exists".to_owned()))
        );

        let denied = mock!(Client::describe_stack_events)
            .then_http_response(|| refusal("AccessDenied", "words"));
        let failure = stacks(&[&denied])
            .find_first_failure(&id())
            .await
            .unwrap_err();
        assert_eq!(failure.name(), ErrorName::AccessDenied);
    }
}
