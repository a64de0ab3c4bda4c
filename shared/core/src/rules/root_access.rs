//! What the platform's `centralRootAccess` asks for: the organization manages root credentials, and a vended account has none.
//! The words for both, with the way out.

use std::collections::BTreeSet;

use crate::ports::root_access::RootCredential;

/// What is wrong where the organization does not manage them.
pub const NOT_CENTRAL: &str = "centralRootAccess is required on this platform, and the organization does not manage the root \
                               credentials of its accounts";
/// How it comes to.
pub const TURN_ON: &str = "with credentials of the management account run \
                            aws organizations enable-aws-service-access --service-principal iam.amazonaws.com and \
                            aws iam enable-organizations-root-credentials-management";
/// How an account loses them.
pub const DELETE_CREDENTIALS: &str = "find out whose they are, delete them in the management account (IAM, Root access management, \
                                      or sts:AssumeRoot with the task policy IAMDeleteRootUserCredentials), and send the request again";

/// What a root user has that it should not have; none where it has nothing.
pub fn held(credentials: &BTreeSet<RootCredential>) -> Option<String> {
    let held: Vec<String> = credentials.iter().map(ToString::to_string).collect();
    (!held.is_empty()).then(|| format!("the root user has {}", held.join(", ")))
}
