//! What this execution has done so far, from call to call of the machine's loop.
//! Small, and without anybody's name.

use avm_core::domain::{AssignmentRequestId, GroupId, GroupName, PermissionSetArn};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::assignments::{Action, Assignments, RequestState};
use serde::{Deserialize, Serialize};

/// At so many looks an assignment may fail since its group is not seen yet: some three minutes.
const MOST_UNSEEN: u32 = 12;

/// What has been done, and what is waited for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Notes {
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
    /// At how many looks IAM Identity Center has not seen a group that is there.
    #[serde(skip_serializing_if = "is_zero")]
    pub unseen: u32,
    /// The rest of the answer, once everything has begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub begun: Option<Begun>,
}

/// What the answer tells besides, where nothing is left to begin: then it only depends on how the requests end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Begun {
    /// The groups of all mappings.
    pub groups: Vec<GroupName>,
    /// What cannot be as the request wants it, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<String>,
}

/// An assignment that this execution makes or deletes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AssignmentChange {
    pub action: Action,
    pub group: GroupName,
    pub group_id: GroupId,
    /// The name of the permission set.
    pub permission_set: String,
    pub permission_set_arn: PermissionSetArn,
    /// The request that AWS works on; absent: it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<AssignmentRequestId>,
}

/// A group that no mapping wants any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RetiringGroup {
    pub name: GroupName,
    pub id: GroupId,
}

// The form that serde asks for.
#[allow(clippy::trivially_copy_pass_by_ref)]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Notes {
    /// How many requests AWS works on.
    pub(crate) fn at_work(&self) -> usize {
        let at_work = self
            .changes
            .iter()
            .filter(|change| change.request.is_some());
        at_work.count()
    }

    /// Looks how far the requests of earlier calls are; fails with the reason of every one that has failed. Those of a group
    /// that is not seen yet are forgotten, and planned anew from what is there.
    pub(crate) async fn follow(&mut self, center: &impl Assignments) -> Result<(), Failure> {
        let mut failed = Vec::new();
        let mut unseen = false;
        let mut changes = Vec::new();
        for mut change in std::mem::take(&mut self.changes) {
            let Some(id) = &change.request else {
                changes.push(change);
                continue;
            };
            match center.find_request(change.action, id).await? {
                Some(RequestState::InProgress) => changes.push(change),
                Some(RequestState::Succeeded) => {
                    change.request = None;
                    changes.push(change);
                }
                Some(RequestState::Failed(reason)) if self.may_be_young(change.action, &reason) => {
                    unseen = true;
                }
                Some(RequestState::Failed(reason)) => failed.push(change.words_of_failure(&reason)),
                // AWS has forgotten it: what came of it shows when the assignments are read.
                None => self.begun = None,
            }
        }
        self.changes = changes;
        if unseen {
            self.was_unseen();
        }
        if failed.is_empty() {
            return Ok(());
        }
        Err(Failure::new(
            ErrorName::SingleSignOnFailed,
            failed.join("; "),
        ))
    }

    /// Whether an assignment has failed since its group is so new that IAM Identity Center does not see it. Its reason then
    /// ends with "was not found in directory" and the id of the store; AWS documents neither the words nor the delay. Of a
    /// group that has gone meanwhile it says the same, and the next look finds that out.
    pub(crate) fn may_be_young(&self, action: Action, reason: &str) -> bool {
        action == Action::Assign
            && reason.contains("not found in directory")
            && self.unseen < MOST_UNSEEN
    }

    /// Notes that a group was not seen at this look: not everything has begun.
    pub(crate) fn was_unseen(&mut self) {
        self.unseen += 1;
        self.begun = None;
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

    /// Whether this execution has changed assignments of that group: whose it is was looked at before.
    pub(crate) fn has_changed(&self, group: &GroupId) -> bool {
        self.changes.iter().any(|change| change.group_id == *group)
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

    pub(crate) fn words_of_failure(&self, reason: &str) -> String {
        let doing = match self.action {
            Action::Assign => "could not be assigned",
            Action::Unassign => "could not be unassigned",
        };
        format!("{} {doing}: {reason}", self.words())
    }
}
