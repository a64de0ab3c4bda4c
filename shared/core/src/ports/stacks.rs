//! CloudFormation stacks of a vended account, in one region.
//! Every start carries a token, so that its repetition starts nothing twice.

use std::collections::BTreeSet;

use crate::domain::{OperationId, Parameters, StackId, wire_enum};
use crate::error::Failure;

wire_enum! {
    /// The status of a stack: all that CloudFormation has, and those that it may get.
    StackStatus {
        CreateInProgress = "CREATE_IN_PROGRESS",
        CreateFailed = "CREATE_FAILED",
        CreateComplete = "CREATE_COMPLETE",
        RollbackInProgress = "ROLLBACK_IN_PROGRESS",
        RollbackFailed = "ROLLBACK_FAILED",
        RollbackComplete = "ROLLBACK_COMPLETE",
        DeleteInProgress = "DELETE_IN_PROGRESS",
        DeleteFailed = "DELETE_FAILED",
        DeleteComplete = "DELETE_COMPLETE",
        UpdateInProgress = "UPDATE_IN_PROGRESS",
        UpdateCompleteCleanupInProgress = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        UpdateComplete = "UPDATE_COMPLETE",
        UpdateFailed = "UPDATE_FAILED",
        UpdateRollbackInProgress = "UPDATE_ROLLBACK_IN_PROGRESS",
        UpdateRollbackFailed = "UPDATE_ROLLBACK_FAILED",
        UpdateRollbackCompleteCleanupInProgress = "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        UpdateRollbackComplete = "UPDATE_ROLLBACK_COMPLETE",
        ReviewInProgress = "REVIEW_IN_PROGRESS",
        ImportInProgress = "IMPORT_IN_PROGRESS",
        ImportComplete = "IMPORT_COMPLETE",
        ImportRollbackInProgress = "IMPORT_ROLLBACK_IN_PROGRESS",
        ImportRollbackFailed = "IMPORT_ROLLBACK_FAILED",
        ImportRollbackComplete = "IMPORT_ROLLBACK_COMPLETE",
    }
}

/// A stack as CloudFormation shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stack {
    pub id: StackId,
    pub name: String,
    pub status: StackStatus,
    /// Why, in CloudFormation's words.
    pub reason: Option<String>,
    /// All parameters that its template declares, with their values.
    pub parameters: Parameters,
    /// The machine's note on it; absent: another system made it.
    pub mark: Option<Mark>,
}

/// What the machine writes down on its stacks, as tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The template: its address, or a digest.
    pub template: String,
    /// The name of the execution that made or updated the stack.
    pub execution: String,
}

/// A template, as CloudFormation takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Template {
    /// Its text (51,200 bytes at most).
    Body(&'static str),
    /// Its `https://` address in S3.
    Url(String),
}

/// The wanted state of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Specification {
    /// Its template, which may make IAM resources with names.
    pub template: Template,
    /// Parameters, each of which the template declares.
    pub parameters: Parameters,
    /// What is written down on it.
    pub mark: Mark,
}

/// How CloudFormation takes the start of a creation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Creation {
    Started(StackId),
    /// There is a stack of that name, or the same creation was started before.
    AlreadyThere,
}

/// How CloudFormation takes the start of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    Started,
    /// The same update was started before.
    AlreadyStarted,
    /// The stack is as wanted.
    NothingToDo,
    /// Another operation of the stack runs; nothing was started.
    Busy,
}

/// How CloudFormation takes the start of a deletion, or of going on with a rollback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    Started,
    /// Another operation of the stack runs; nothing was started.
    Busy,
}

/// The stacks of an account and region.
///
/// All calls fail with `AccessDenied`, `AccountNotReady` and what else means the same in every service. A start fails with
/// `InvalidConfiguration` where CloudFormation refuses the template or its parameters.
pub trait Stacks {
    /// The existing stacks whose names begin with the prefix.
    async fn list(&self, prefix: &str) -> Result<Vec<Stack>, Failure>;

    /// A stack by its id, which shows it even when it is deleted, for some time.
    async fn find(&self, id: &StackId) -> Result<Option<Stack>, Failure>;

    /// The keys of the parameters that the template at an address declares.
    async fn declared_by(&self, url: &str) -> Result<BTreeSet<String>, Failure>;

    /// Starts making a stack.
    ///
    /// # Errors
    /// `StackFailed` where a quota is used up.
    async fn start_creation(
        &self,
        name: &str,
        specification: &Specification,
        token: &OperationId,
    ) -> Result<Creation, Failure>;

    /// Starts updating a stack.
    async fn start_update(
        &self,
        id: &StackId,
        specification: &Specification,
        token: &OperationId,
    ) -> Result<Update, Failure>;

    /// Starts deleting a stack; one that is being deleted is success.
    ///
    /// # Errors
    /// `StackFailed` where it may not be deleted.
    async fn start_deletion(&self, id: &StackId, token: &OperationId) -> Result<Start, Failure>;

    /// Starts going on with the rollback of an update that got stuck.
    async fn start_rollback(&self, id: &StackId, token: &OperationId) -> Result<Start, Failure>;

    /// What went wrong first in the last operation of a stack: the resource and the reason.
    async fn find_first_failure(&self, id: &StackId) -> Result<Option<String>, Failure>;
}
