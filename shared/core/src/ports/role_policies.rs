//! The policies of one account's roles: reading them, and, for the downgrade alone, changing them.
//! Lists are whole lists: the adapter follows every page.

use std::collections::BTreeSet;

use crate::domain::{AttachedPolicy, PolicyDocument, RoleName};
use crate::error::Failure;

/// Reads what a role carries.
pub trait RolePolicies {
    /// The names of the role's inline policies.
    ///
    /// # Errors
    /// `DowngradeFailed` where the role does not exist.
    async fn list_inline(&self, role: &RoleName) -> Result<BTreeSet<String>, Failure>;

    /// The document of one inline policy of the role.
    async fn find_inline(
        &self,
        role: &RoleName,
        policy: &str,
    ) -> Result<Option<PolicyDocument>, Failure>;

    /// The managed policies that are attached to the role.
    ///
    /// # Errors
    /// `DowngradeFailed` where the role does not exist.
    async fn list_attached(&self, role: &RoleName) -> Result<BTreeSet<AttachedPolicy>, Failure>;
}

/// What came of putting an inline policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Put {
    Done,
    /// It does not fit beside the other inline policies of the role (IAM: 10,240 characters in all).
    NoRoom,
}

/// Changes what a role carries.
pub trait RolePolicyChanges: RolePolicies {
    /// Creates the inline policy, or replaces its document.
    ///
    /// # Errors
    /// `DowngradeFailed` where IAM refuses the document or the role.
    async fn put_inline(
        &self,
        role: &RoleName,
        policy: &str,
        document: &PolicyDocument,
    ) -> Result<Put, Failure>;

    /// Deletes the inline policy; one that is gone already is success.
    ///
    /// # Errors
    /// `DowngradeFailed` where IAM refuses.
    async fn delete_inline(&self, role: &RoleName, policy: &str) -> Result<(), Failure>;

    /// Detaches the managed policy; one that is gone already is success.
    ///
    /// # Errors
    /// `DowngradeFailed` where IAM refuses.
    async fn detach(&self, role: &RoleName, policy: &AttachedPolicy) -> Result<(), Failure>;
}
