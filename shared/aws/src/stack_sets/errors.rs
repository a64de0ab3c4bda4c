//! What CloudFormation's errors about StackSets mean.
//! Rule source: the service model; `ValidationError` is its code for every request that it refuses as written.

use super::{ErrorName, Failure, InstancePlace, StackSetName};
use crate::failure::ServiceError;

/// The failure of a call that reads.
pub(super) fn read_failure(error: ServiceError, stack_set: &StackSetName) -> Failure {
    let context = format!("StackSet {stack_set}");
    let failure = match error.code.as_str() {
        "StackSetNotFoundException" => error.into_named(ErrorName::StackSetNotFound),
        _ => error.into_failure(),
    };
    failure.while_doing(&context)
}

/// The failure of a call that starts an operation.
pub(super) fn start_failure(error: ServiceError, place: &InstancePlace) -> Failure {
    let failure = match error.code.as_str() {
        "StaleRequestException" => error.into_named(ErrorName::ConcurrentModification),
        "StackSetNotFoundException" => error.into_named(ErrorName::StackSetNotFound),
        "InvalidOperationException" => error.into_named(ErrorName::StackSetFailed),
        "LimitExceededException" => error
            .into_named(ErrorName::StackSetFailed)
            .with_remedy("have the StackSet quota of the automation account raised, then send the request again"),
        "ValidationError" => error.into_named(ErrorName::InvalidConfiguration).with_remedy(
            "compare the StackSet's parameters and the landing zone's region with what CloudFormation says, and send \
             the request again",
        ),
        _ => error.into_failure(),
    };
    failure
        .while_doing(&place.to_string())
        .of_account(&place.account)
}
