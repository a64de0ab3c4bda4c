//! What to say of a permissions boundary that an account does not have yet.
//! Whatever brings it into new accounts may be some minutes behind the vend.

use crate::domain::PolicyArn;
use crate::error::{ErrorName, Failure};

/// The account cannot be worked in before the policy is there.
#[must_use]
pub fn missing(boundary: &PolicyArn) -> Failure {
    let words = format!("the permissions boundary {boundary} is not in the account");
    Failure::new(ErrorName::AccountNotReady, words).with_remedy(
        "see that every new account gets this policy (a StackSet with automatic deployment, AWS Control Tower), or correct \
         PermissionsBoundaryName of template.yaml, then send the request again",
    )
}
