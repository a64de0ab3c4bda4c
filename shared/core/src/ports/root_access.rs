//! The root users of accounts: whether the organization manages their credentials, and what one of them has to sign in with.
//! The first is asked of the management account, the second in the account itself.

use std::collections::BTreeSet;
use std::fmt;

use crate::error::Failure;

/// Something that a root user signs in or calls AWS with; AWS's removal of root credentials takes all of them away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RootCredential {
    Password,
    AccessKey,
    SigningCertificate,
    MfaDevice,
}

impl fmt::Display for RootCredential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Password => "a password",
            Self::AccessKey => "an access key",
            Self::SigningCertificate => "a signing certificate",
            Self::MfaDevice => "an MFA device",
        })
    }
}

/// Reads about root users.
pub trait RootAccess {
    /// Whether the organization manages the root credentials of its accounts.
    ///
    /// # Errors
    /// `InvalidConfiguration` where the account that is asked manages no organization.
    async fn is_central(&self) -> Result<bool, Failure>;

    /// What the root user of the account has.
    async fn credentials(&self) -> Result<BTreeSet<RootCredential>, Failure>;
}
