//! The roles of one account as such: whether they exist, who may take them, which managed policies they carry.
//! Inline policies are another matter: see [`role_policies`](super::role_policies).

use std::collections::BTreeSet;

use crate::domain::{AttachedPolicy, PolicyArn, PolicyDocument, RoleArn, RoleName};
use crate::error::Failure;

/// A role as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its ARN, with its path.
    pub arn: RoleArn,
    /// Who may take it.
    pub trust: PolicyDocument,
    /// The description that its maker gave it.
    pub description: Option<String>,
    /// ARN of the permissions boundary that limits it.
    pub boundary: Option<String>,
}

impl Role {
    /// Whether nothing limits it but what limits the roles that the machine makes. One from before that boundary was asked for
    /// has none.
    #[must_use]
    pub fn is_bounded_by_none_but(&self, own: Option<&PolicyArn>) -> bool {
        let boundary = self.boundary.as_deref();
        boundary.is_none() || boundary == own.map(PolicyArn::as_str)
    }
}

/// A role to be made; without tags, which need a right of their own, and with IAM's own limit of sessions (an hour).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRole<'a> {
    /// Its name; its path is `/`.
    pub name: &'a RoleName,
    /// Who may take it.
    pub trust: &'a PolicyDocument,
    /// What is written about it (IAM: 1,000 characters at most).
    pub description: &'a str,
    /// The permissions boundary that it gets.
    pub boundary: Option<&'a PolicyArn>,
}

/// What became of a creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleCreation {
    /// The role is made; other services may see it some seconds later.
    Made,
    /// There is one of that name, in any letter case; perhaps it is not visible yet.
    AlreadyThere,
}

/// What became of an attachment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attachment {
    /// The policy is attached; it may have been before.
    Attached,
    /// There is no such policy, or no such role: IAM does not tell which.
    Missing,
}

/// What became of a deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleDeletion {
    /// The role is gone; it may have been before.
    Gone,
    /// It stays: policies or instance profiles still hang on it.
    InUse,
}

/// Reads, makes and changes roles.
///
/// Each adapter is made with the name of the failure for what IAM refuses for a reason that only a person can remove
/// (a limit, a role that AWS manages). A trust that names a principal which IAM does not know yet is `ServiceUnavailable`.
pub trait Roles {
    /// The role of that name.
    async fn find_role(&self, role: &RoleName) -> Result<Option<Role>, Failure>;

    /// Makes the role, without policies. Fails with `AccountNotReady` where its boundary is not in the account (yet).
    async fn create_role(&self, role: &NewRole<'_>) -> Result<RoleCreation, Failure>;

    /// Whether the account has the managed policy.
    async fn has_policy(&self, policy: &PolicyArn) -> Result<bool, Failure>;

    /// The managed policies that are attached to the role; none where the role does not exist.
    async fn list_attached(&self, role: &RoleName) -> Result<BTreeSet<AttachedPolicy>, Failure>;

    /// Attaches the managed policy; one that is attached already is success.
    async fn attach(&self, role: &RoleName, policy: &PolicyArn) -> Result<Attachment, Failure>;

    /// Detaches the managed policy; one that is gone already is success.
    async fn detach(&self, role: &RoleName, policy: &AttachedPolicy) -> Result<(), Failure>;

    /// Deletes the role; one that is gone already is success, and one that still has policies stays.
    async fn delete_role(&self, role: &RoleName) -> Result<RoleDeletion, Failure>;
}
