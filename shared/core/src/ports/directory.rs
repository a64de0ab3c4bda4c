//! The groups of IAM Identity Center and the people in them: what is read of them, and what is written.
//! Reading members is apart: an identity store shows them whichever way they were written, SCIM never does.

use crate::domain::{GroupId, GroupName, MembershipId, UserId, UserName};
use crate::error::Failure;

/// What the identity store tells of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupDetails {
    pub name: String,
    pub description: Option<String>,
}

/// A group that was found by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedGroup {
    pub id: GroupId,
    /// What it says of its owner, where it says anything: see [`GroupOwner`](crate::rules::group_owner::GroupOwner).
    pub mark: Option<String>,
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
    /// Where a group has its mark: `description` or `externalId`.
    fn mark_field(&self) -> &'static str;

    /// The group of that name, as AWS compares names.
    ///
    /// # Errors
    /// `ConcurrentModification` where it does not show whose it is yet.
    async fn find_group(&self, name: &GroupName) -> Result<Option<NamedGroup>, Failure>;

    /// The person of that login name. Failures never tell the name.
    async fn find_user(&self, name: &UserName) -> Result<Option<UserId>, Failure>;

    /// Makes a group without members, with that mark.
    ///
    /// # Errors
    /// `SingleSignOnFailed` where a quota is used up or the name is refused.
    async fn create_group(&self, name: &GroupName, mark: &str) -> Result<NewGroup, Failure>;

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
