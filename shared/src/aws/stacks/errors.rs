//! What CloudFormation's errors about stacks mean.
//! `ValidationError` is its word for everything that it refuses, so that its message has to be read.

use super::{ErrorName, Failure, ServiceError};

/// Whether there is no such stack.
pub(super) fn is_missing(error: &ServiceError) -> bool {
    error.code == "ValidationError" && error.message.contains("does not exist")
}

/// The failure of a call that reads.
pub(super) fn find_failure(error: ServiceError) -> Failure {
    error.into_failure()
}

/// The failure of a call that starts an operation, or that looks at the template of one.
pub(super) fn start_failure(error: ServiceError) -> Failure {
    match error.code.as_str() {
        "LimitExceededException" => error.into_named(ErrorName::StackFailed).with_remedy(
            "have the account's CloudFormation quota raised, then send the request again",
        ),
        "InsufficientCapabilitiesException" => {
            error.into_named(ErrorName::InvalidConfiguration).with_remedy(
                "take what needs more than CAPABILITY_NAMED_IAM (macros, transforms) out of the access stack's template",
            )
        }
        "ValidationError" if error.message.contains("_IN_PROGRESS") => {
            error.into_named(ErrorName::StackBusy)
        }
        "ValidationError" => error.into_named(ErrorName::InvalidConfiguration).with_remedy(
            "correct the access stack's template, or its address in the landing zone, and send the request again",
        ),
        _ => error.into_failure(),
    }
}
