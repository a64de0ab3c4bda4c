//! What the errors of AWS Organizations mean, whichever call they come from.
//! What an exception means for one call only is mapped beside that call, before this.

use super::failure::ServiceError;
use avm_core::error::{ErrorName, Failure};

/// The failure that the code means in every call of Organizations.
pub(super) fn organizations_failure(error: ServiceError) -> Failure {
    match error.code.as_str() {
        "AWSOrganizationsNotInUseException" => error
            .into_named(ErrorName::InvalidConfiguration)
            .with_remedy("name roles of the account that manages the organization in the deployed parameters"),
        "UnsupportedAPIEndpointException" => error
            .into_named(ErrorName::InvalidConfiguration)
            .with_remedy("deploy in a partition whose AWS Organizations offers the call"),
        _ => error.into_failure(),
    }
}

/// An answer in which something is missing that AWS always sends.
pub(super) fn incomplete(call: &str, what: &str) -> Failure {
    Failure::new(
        ErrorName::Internal,
        format!("{call} answered without {what}"),
    )
}
