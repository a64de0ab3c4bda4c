//! What CloudFormation's errors about stacks mean.
//! `ValidationError` is its word for everything that it refuses, so that its message has to be read.

use super::{ErrorName, Failure, ServiceError, Start};

/// Whether there is no such stack.
pub(super) fn is_missing(error: &ServiceError) -> bool {
    error.code == "ValidationError" && error.message.contains("does not exist")
}

/// Whether an operation of the stack runs, so that no other one starts.
pub(super) fn is_busy(error: &ServiceError) -> bool {
    error.code == "ValidationError" && error.message.contains("_IN_PROGRESS")
}

/// How the start of a deletion or rollback was refused.
pub(super) fn refused_start(error: ServiceError) -> Result<Start, Failure> {
    match error.code.as_str() {
        "TokenAlreadyExistsException" => Ok(Start::Started),
        _ if is_busy(&error) => Ok(Start::Busy),
        "ValidationError" => Err(error.into_named(ErrorName::StackFailed)),
        _ => Err(start_failure(error)),
    }
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
        "ValidationError" => error.into_named(ErrorName::InvalidConfiguration).with_remedy(
            "correct the access stack's template, or its address in the landing zone, and send the request again",
        ),
        _ => error.into_failure(),
    }
}
