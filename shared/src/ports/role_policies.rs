//! The policies of one account's roles: reading them, and, for the downgrade alone, changing them.
//! Lists are whole lists: the adapter follows every page.

use std::collections::BTreeSet;
use std::future::Future;

use crate::domain::{AttachedPolicy, PolicyDocument, RoleName};
use crate::error::Failure;

/// Reads what a role carries.
pub trait RolePolicies {
    /// The names of the role's inline policies.
    ///
    /// # Errors
    /// `DowngradeFailed` where the role does not exist; those of the service.
    fn list_inline(
        &self,
        role: &RoleName,
    ) -> impl Future<Output = Result<BTreeSet<String>, Failure>> + Send;

    /// The document of one inline policy of the role.
    ///
    /// # Errors
    /// Those of the service.
    fn find_inline(
        &self,
        role: &RoleName,
        policy: &str,
    ) -> impl Future<Output = Result<Option<PolicyDocument>, Failure>> + Send;

    /// The managed policies that are attached to the role.
    ///
    /// # Errors
    /// `DowngradeFailed` where the role does not exist; those of the service.
    fn list_attached(
        &self,
        role: &RoleName,
    ) -> impl Future<Output = Result<BTreeSet<AttachedPolicy>, Failure>> + Send;
}

/// Changes what a role carries.
pub trait RolePolicyChanges: RolePolicies {
    /// Creates the inline policy, or replaces its document.
    ///
    /// # Errors
    /// `DowngradeFailed` where IAM refuses the document or the role; those of the service.
    fn put_inline(
        &self,
        role: &RoleName,
        policy: &str,
        document: &PolicyDocument,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Deletes the inline policy; one that is gone already is success.
    ///
    /// # Errors
    /// `DowngradeFailed` where IAM refuses; those of the service.
    fn delete_inline(
        &self,
        role: &RoleName,
        policy: &str,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Detaches the managed policy; one that is gone already is success.
    ///
    /// # Errors
    /// `DowngradeFailed` where IAM refuses; those of the service.
    fn detach(
        &self,
        role: &RoleName,
        policy: &AttachedPolicy,
    ) -> impl Future<Output = Result<(), Failure>> + Send;
}
