//! What every exception of `CreateAccount` means.
//! Reasons are matched by name, with an arm for those that AWS adds.

use aws_sdk_organizations::operation::create_account::CreateAccountError as Error;
use aws_sdk_organizations::types::{
    ConstraintViolationExceptionReason as Constraint, InvalidInputExceptionReason as Input,
};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::Response;

use super::CREATE;
use crate::failure::ServiceError;
use crate::organizations::organizations_failure;
use avm_core::error::{ErrorName, Failure};

/// The reason to wait when AWS works on as many creations as it takes.
pub(super) const ROOM: &str = "room for another creation: five creations are in progress in the organization, as many as \
                               AWS takes at a time (ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED)";

/// The reason to wait when AWS does not tell whether it has room.
pub(super) const CROWD: &str = "AWS Organizations to tell whether it has room for another creation: more ask than it answers \
                                (TooManyRequestsException of ListCreateAccountStatus)";

/// What a refused `CreateAccount` waits for, where AWS takes the same request later: minutes to an hour.
pub(super) fn waited_for(error: &Error) -> Option<&'static str> {
    match error {
        Error::FinalizingOrganizationException(_) => Some(
            "AWS to set up the new organization (FinalizingOrganizationException, an hour at most)",
        ),
        Error::ConstraintViolationException(violation)
            if violation.reason() == Some(&Constraint::AccountCreationRateLimitExceeded) =>
        {
            Some(ROOM)
        }
        Error::TooManyRequestsException(_) => Some(
            "AWS Organizations to take one more account creation (TooManyRequestsException; one every ten seconds as a rule)",
        ),
        _ => None,
    }
}

/// The failure of a `CreateAccount` that AWS refused finally or never answered.
pub(super) fn creation_failure(error: &SdkError<Error, Response>) -> Failure {
    let said = ServiceError::of(CREATE, error);
    match error.as_service_error() {
        Some(Error::ConstraintViolationException(violation)) => {
            constraint_failure(said, violation.reason())
        }
        Some(Error::InvalidInputException(invalid)) => input_failure(said, invalid.reason()),
        // Timed out, cut off, or an exception that means the same in every call.
        _ => organizations_failure(said),
    }
}

fn constraint_failure(said: ServiceError, reason: Option<&Constraint>) -> Failure {
    let name = match reason {
        Some(Constraint::AccountNumberLimitExceeded) => ErrorName::AccountLimitExceeded,
        Some(Constraint::TagPolicyViolation | Constraint::MaxTagLimitExceeded) => {
            ErrorName::InvalidRequest
        }
        // MASTER_ACCOUNT_…, payment, contract, and reasons that AWS adds: a person must repair the management account.
        _ => ErrorName::AccountCreationFailed,
    };
    let failure = said
        .into_named(name)
        .while_doing(reason.map_or("no reason given", Constraint::as_str));
    if name == ErrorName::InvalidRequest {
        failure.with_remedy("correct the tag… keys of the request, which become tags of the account, and send it again")
    } else {
        failure
    }
}

fn input_failure(said: ServiceError, reason: Option<&Input>) -> Failure {
    let words = reason.map_or("no reason given", Input::as_str);
    match reason {
        Some(Input::InvalidRoleName) => said
            .into_named(ErrorName::InvalidConfiguration)
            .while_doing(words)
            .with_remedy("correct accountAccessRole in the platform document, deploy it, and send the request again"),
        _ => said
            .into_named(ErrorName::InvalidRequest)
            .while_doing(words)
            .with_remedy(
                "correct AccountName, AccountEmail or the tag… keys as the cause says, and send the request again",
            ),
    }
}
