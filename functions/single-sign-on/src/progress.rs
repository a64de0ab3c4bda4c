//! What this execution has done so far, from call to call of the machine's loop.
//! Small, and without anybody's name.

use avm_core::domain::{AssignmentRequestId, GroupId, GroupName, PermissionSetArn};
use avm_core::ports::assignments::Action;
use serde::{Deserialize, Serialize};

/// What has been done, and what is waited for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Progress {
    /// The assignments that were made or deleted, or are at work.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<AssignmentChange>,
    /// The groups that may be deleted in the end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub retiring: Vec<RetiringGroup>,
    /// The groups that were made.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub created: Vec<GroupName>,
    /// How many people were put into groups.
    pub added: usize,
    /// How many people were taken out of groups.
    pub removed: usize,
}

/// An assignment that this execution makes or deletes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AssignmentChange {
    /// Which of the two.
    pub action: Action,
    /// The group.
    pub group: GroupName,
    /// Its id.
    pub group_id: GroupId,
    /// The name of the permission set.
    pub permission_set: String,
    /// Its ARN.
    pub permission_set_arn: PermissionSetArn,
    /// The request that AWS works on; absent: it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<AssignmentRequestId>,
}

/// A group that no mapping wants any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RetiringGroup {
    /// Its name.
    pub name: GroupName,
    /// Its id.
    pub id: GroupId,
}

impl Progress {
    /// How many requests AWS works on.
    pub(crate) fn at_work(&self) -> usize {
        let at_work = self
            .changes
            .iter()
            .filter(|change| change.request.is_some());
        at_work.count()
    }

    /// Whether this execution has seen that change through.
    pub(crate) fn has_done(&self, action: Action, group: &GroupId, set: &PermissionSetArn) -> bool {
        self.changes.iter().any(|change| {
            change.request.is_none()
                && change.action == action
                && change.group_id == *group
                && change.permission_set_arn == *set
        })
    }

    /// Notes groups that may be deleted; says whether one of them was not noted before.
    pub(crate) fn note_retiring(&mut self, groups: impl Iterator<Item = RetiringGroup>) -> bool {
        let known = self.retiring.len();
        for group in groups {
            if !self.retiring.contains(&group) {
                self.retiring.push(group);
            }
        }
        self.retiring.len() > known
    }
}

/// The assignments that were made, and those that were deleted.
pub(crate) fn words_of_changes(changes: &[AssignmentChange]) -> (Vec<String>, Vec<String>) {
    let (assigned, unassigned): (Vec<_>, Vec<_>) = changes
        .iter()
        .partition(|change| change.action == Action::Assign);
    let words = |changes: Vec<&AssignmentChange>| {
        let words = changes.into_iter().map(AssignmentChange::words);
        words.collect()
    };
    (words(assigned), words(unassigned))
}

impl AssignmentChange {
    /// `<group>: <permission set>`.
    pub(crate) fn words(&self) -> String {
        format!("{}: {}", self.group, self.permission_set)
    }
}
