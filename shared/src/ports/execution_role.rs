//! The role `AWSControlTowerExecution` of one account, by which AWS Control Tower enrols it.
//! The name is fixed by Control Tower.

use std::future::Future;

use crate::domain::PolicyDocument;
use crate::error::Failure;

/// The name of the role.
pub const EXECUTION_ROLE: &str = "AWSControlTowerExecution";

/// The role as IAM shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundRole {
    /// Who may assume it.
    pub trust: PolicyDocument,
    /// Whether `AdministratorAccess` is attached.
    pub is_administrator: bool,
    /// Whether this machine has made it: its description says so.
    pub is_ours: bool,
}

/// What came of the removal of the role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// It is gone.
    Gone,
    /// It may not be removed: a control of Control Tower guards it, or the access role may not (any more).
    Denied,
    /// Somebody has attached more to it.
    InUse,
}

/// The execution role of an account.
///
/// All calls fail with `AccessDenied` and what else means the same in every service.
pub trait ExecutionRole {
    /// The role, if there is one.
    ///
    /// # Errors
    /// See [`ExecutionRole`].
    fn find(&self) -> impl Future<Output = Result<Option<FoundRole>, Failure>> + Send;

    /// Makes the role with this trust and the description that marks it as ours; one that is there already is success.
    ///
    /// # Errors
    /// See [`ExecutionRole`].
    fn ensure_made(
        &self,
        trust: &PolicyDocument,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Lets those and no others assume the role.
    ///
    /// # Errors
    /// See [`ExecutionRole`].
    fn put_trust(&self, trust: &PolicyDocument)
    -> impl Future<Output = Result<(), Failure>> + Send;

    /// Attaches `AdministratorAccess`.
    ///
    /// # Errors
    /// See [`ExecutionRole`].
    fn ensure_administrator(&self) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Detaches `AdministratorAccess` and deletes the role; one that is gone already is success.
    ///
    /// # Errors
    /// See [`ExecutionRole`]; a denial is an answer.
    fn remove(&self) -> impl Future<Output = Result<Removal, Failure>> + Send;
}
