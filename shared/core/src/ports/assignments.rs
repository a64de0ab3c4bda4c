//! Who gets into an account through IAM Identity Center: groups that are assigned to it with a permission set.
//! Making and deleting an assignment is asynchronous and has no token; making one twice is harmless.

use serde::{Deserialize, Serialize};

use std::collections::BTreeSet;

use crate::domain::{
    AccountId, AssignmentRequestId, GroupId, PermissionSetArn, PermissionSetReference,
};
use crate::error::Failure;

/// A permission set of the instance.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PermissionSet {
    pub arn: PermissionSetArn,
    /// Its name, which never changes.
    pub name: String,
}

/// The assignment of a group to an account with a permission set: one that exists, is wanted, or is to go.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Assignment {
    pub account: AccountId,
    pub permission_set: PermissionSetArn,
    pub group: GroupId,
}

/// What is done with an assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    Assign,
    Unassign,
}

/// How far a request is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestState {
    /// AWS works on it.
    InProgress,
    Succeeded,
    /// It has failed, for this reason.
    Failed(String),
}

/// What AWS answers to the wish for a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// AWS works on it, or has ended it already.
    Taken(AssignmentRequestId, RequestState),
    /// AWS has not taken it, and takes it later: too much is at work. Why, in AWS's words.
    NotYet(String),
}

/// The assignments of one instance of IAM Identity Center.
///
/// All calls fail with `AccessDenied`, `Throttled` and what else means the same in every service.
pub trait Assignments {
    /// The permission set of that ARN or name.
    ///
    /// # Errors
    /// `InvalidConfiguration` where there is no such instance.
    async fn find_permission_set(
        &self,
        reference: &PermissionSetReference,
    ) -> Result<Option<PermissionSet>, Failure>;

    /// The permission sets that are provisioned to the account, all pages.
    ///
    /// # Errors
    /// `AccountNotReady` where IAM Identity Center does not know the account (yet).
    async fn list_provisioned(
        &self,
        account: &AccountId,
    ) -> Result<BTreeSet<PermissionSetArn>, Failure>;

    /// The groups that are assigned to the account with this permission set, all pages; never users.
    ///
    /// # Errors
    /// `AccountNotReady` where IAM Identity Center does not know account or permission set (yet).
    async fn list_groups(
        &self,
        account: &AccountId,
        permission_set: &PermissionSetArn,
    ) -> Result<BTreeSet<GroupId>, Failure>;

    /// Every assignment of a group, whatever the account, all pages.
    async fn list_of_group(&self, group: &GroupId) -> Result<BTreeSet<Assignment>, Failure>;

    /// Starts making or deleting an assignment. The caller has looked before.
    ///
    /// # Errors
    /// `SingleSignOnFailed` where a quota is used up, `ConcurrentModification` where account, group or permission set
    /// are gone or not visible yet.
    async fn start(&self, action: Action, assignment: &Assignment) -> Result<Start, Failure>;

    /// The state of a request; `None` if AWS does not know it, or no longer does.
    async fn find_request(
        &self,
        action: Action,
        id: &AssignmentRequestId,
    ) -> Result<Option<RequestState>, Failure>;
}
