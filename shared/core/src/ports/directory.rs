//! The groups of IAM Identity Center and the people in them: what is read of them, and what is written.
//! Reading members is apart: an identity store shows them whichever way they were written, SCIM never does.

use crate::domain::{GroupId, GroupName, MembershipId, UserId, UserName};
use crate::error::Failure;

/// What a group says of its origin, where the way of writing can say it.
pub const GROUP_DESCRIPTION: &str = "Made by the account vending machine";

/// What the identity store tells of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupDetails {
    pub name: String,
    pub description: Option<String>,
}

/// Somebody in a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    pub user: UserId,
    /// The membership, which has an id of its own.
    pub membership: MembershipId,
}

/// What came of a new group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewGroup {
    Made(GroupId),
    /// There is a group of that name.
    NameTaken,
}

/// Reads what groups are and who is in them.
///
/// All calls fail with `AccessDenied`, `Throttled` and what else means the same in every service.
pub trait Members {
    /// What is known of a group.
    async fn find_details(&self, group: &GroupId) -> Result<Option<GroupDetails>, Failure>;

    /// Everybody who is in a group, all pages.
    ///
    /// # Errors
    /// `ConcurrentModification` where the group is gone.
    async fn list_members(&self, group: &GroupId) -> Result<Vec<Member>, Failure>;
}

/// Finds and writes groups and their members.
///
/// All calls fail with `AccessDenied`, `Throttled`, `ServiceUnavailable` and what else means the same in every service;
/// `InvalidConfiguration` where the identity store or the endpoint is not there.
pub trait Groups {
    /// Whether groups that are made this way carry [`GROUP_DESCRIPTION`].
    fn marks_groups(&self) -> bool;

    /// The group of that name.
    async fn find_group(&self, name: &GroupName) -> Result<Option<GroupId>, Failure>;

    /// The person of that login name. Failures never tell the name.
    async fn find_user(&self, name: &UserName) -> Result<Option<UserId>, Failure>;

    /// Makes a group without members.
    ///
    /// # Errors
    /// `SingleSignOnFailed` where a quota is used up or the name is refused.
    async fn create_group(&self, name: &GroupName) -> Result<NewGroup, Failure>;

    /// Puts people into a group; those who are in it already are success.
    ///
    /// # Errors
    /// `ConcurrentModification` where the group or a person is gone.
    async fn add_members(&self, group: &GroupId, users: &[UserId]) -> Result<(), Failure>;

    /// Takes people out of a group; skips those who have left it already.
    async fn remove_members(&self, group: &GroupId, members: &[Member]) -> Result<(), Failure>;

    /// Deletes a group; one that is gone is success.
    async fn delete_group(&self, group: &GroupId) -> Result<(), Failure>;
}
