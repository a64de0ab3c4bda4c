//! What CloudFormation's errors about stacks mean.
//! `ValidationError` is its code for everything that it refuses, so only the message tells the cases apart.

use super::{ErrorName, Failure, Start};
use crate::call::Answered;
use crate::failure::ServiceError;

/// The operation was asked for with this token before.
pub(super) const SAME_TOKEN: &str = "TokenAlreadyExistsException";

/// Whether there is no such stack.
pub(super) fn is_missing(error: &ServiceError) -> bool {
    error.code == "ValidationError" && error.message.contains("does not exist")
}

/// Whether an operation of the stack runs, so that no other one starts.
pub(super) fn is_busy(error: &ServiceError) -> bool {
    error.code == "ValidationError" && error.message.contains("_IN_PROGRESS")
}

/// Whether an update would change nothing.
pub(super) fn changes_nothing(error: &ServiceError) -> bool {
    error.code == "ValidationError" && error.message.contains("No updates are to be performed")
}

/// What the start of a deletion or rollback has come to.
pub(super) fn started(answer: Result<(), ServiceError>) -> Result<Start, Failure> {
    match answer.outcome(Start::Started, [(SAME_TOKEN, Start::Started)]) {
        Ok(started) => Ok(started),
        Err(error) if is_busy(&error) => Ok(Start::Busy),
        Err(error) if error.code == "ValidationError" => {
            Err(error.into_named(ErrorName::StackFailed))
        }
        Err(error) => Err(start_failure(error)),
    }
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
