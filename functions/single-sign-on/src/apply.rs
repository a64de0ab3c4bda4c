//! Doing what the plan says: what takes access away comes first.
//! At most ten assignments are at work at a time (IAM Identity Center); the rest is started at the next call.

use avm_core::domain::{AccountId, GroupId, GroupName};
use avm_core::error::{ErrorName, Failure, Kind};
use avm_core::ports::assignments::{
    Action, Assignment, Assignments, PermissionSet, RequestState, Start,
};
use avm_core::ports::directory::{Groups, NewGroup};
use avm_core::rules::group_owner::{GroupClaim, GroupOwner};

use crate::notes::{AssignmentChange, Notes};
use crate::owner::refusal;
use crate::plan::{GroupPlan, UnwantedPlan};

/// IAM Identity Center: how many assignments may be at work.
const MOST_AT_WORK: usize = 10;
/// How many people one call moves, so that it ends in good time.
const MOST_MOVED: usize = 200;

/// What a call may still do, and what it had to leave to the next one.
pub(crate) struct Allowance {
    moves: usize,
    moves_left: usize,
    changes_left: usize,
    /// Why AWS takes no further change now.
    refusal: Option<String>,
}

impl Allowance {
    pub(crate) const fn of_a_call() -> Self {
        Self {
            moves: MOST_MOVED,
            moves_left: 0,
            changes_left: 0,
            refusal: None,
        }
    }

    /// As many of them as may still be moved.
    fn take<'a, Person>(&mut self, people: &'a [Person]) -> &'a [Person] {
        let (now, later) = people.split_at(people.len().min(self.moves));
        self.moves -= now.len();
        self.moves_left += later.len();
        now
    }

    /// What is left for the next call, in words.
    pub(crate) fn words(&self) -> Option<String> {
        let moves = (self.moves_left > 0)
            .then(|| format!("changes of members to follow: {}", self.moves_left));
        let changes = (self.changes_left > 0)
            .then(|| format!("changes of assignments to follow: {}", self.changes_left));
        let refusal = self
            .refusal
            .as_ref()
            .map(|words| format!("IAM Identity Center takes no more for now ({words})"));
        let all: Vec<String> = moves.into_iter().chain(changes).chain(refusal).collect();
        (!all.is_empty()).then(|| all.join("; "))
    }
}

/// What a call changes things with.
pub(crate) struct Apply<'a, Center, Directory> {
    pub(crate) account: &'a AccountId,
    pub(crate) owner: &'a GroupOwner,
    pub(crate) center: Center,
    pub(crate) groups: Directory,
    pub(crate) notes: &'a mut Notes,
    pub(crate) allowance: Allowance,
}

impl<Center: Assignments, Directory: Groups> Apply<'_, Center, Directory> {
    /// One group that cannot be emptied keeps nobody in the others: it fails once they have been looked after.
    pub(crate) async fn take_away(
        &mut self,
        groups: &[GroupPlan],
        unwanted: &[UnwantedPlan],
    ) -> Result<(), Failure> {
        for group in unwanted {
            let target = (&group.name, &group.id);
            self.change(Action::Unassign, target, &group.unassign)
                .await?;
        }
        let mut failed = None;
        for group in groups {
            let Some(id) = &group.id else { continue };
            let leaving = self.allowance.take(&group.remove);
            if !leaving.is_empty() {
                match self.groups.remove_members(id, leaving).await {
                    Ok(()) => self.notes.removed += leaving.len(),
                    Err(failure) if failure.name().kind() != Kind::Busy => {
                        failed.get_or_insert(failure);
                    }
                    Err(failure) => return Err(failure),
                }
            }
            let target = (&group.name, id);
            self.change(Action::Unassign, target, &group.unassign)
                .await?;
        }
        failed.map_or(Ok(()), Err)
    }

    pub(crate) async fn let_in(&mut self, groups: &[GroupPlan]) -> Result<(), Failure> {
        for group in groups {
            let id = self.ensure_group(group).await?;
            let coming = self.allowance.take(&group.add);
            if !coming.is_empty() {
                self.groups.add_members(&id, coming).await?;
            }
            self.notes.added += coming.len();
            let target = (&group.name, &id);
            self.change(Action::Assign, target, &group.assign).await?;
        }
        Ok(())
    }

    async fn ensure_group(&mut self, plan: &GroupPlan) -> Result<GroupId, Failure> {
        if let Some(id) = &plan.id {
            return Ok(id.clone());
        }
        let (name, owner) = (&plan.name, self.owner);
        match self.groups.create_group(name, owner.mark()).await? {
            NewGroup::Made(id) => {
                self.notes.created.push(plan.name.clone());
                Ok(id)
            }
            NewGroup::NameTaken => match self.groups.find_group(name).await? {
                Some(found) if owner.claim(found.mark.as_deref()) == GroupClaim::Ours => {
                    Ok(found.id)
                }
                Some(_) => Err(refusal(name, owner, self.groups.mark_field())),
                None => Err(Failure::new(
                    ErrorName::ConcurrentModification,
                    format!("group {name} exists, but does not show yet"),
                )),
            },
        }
    }

    /// Starts what may be started of these changes; AWS may say at any of them that it takes no more for now.
    async fn change(
        &mut self,
        action: Action,
        (name, id): (&GroupName, &GroupId),
        sets: &[PermissionSet],
    ) -> Result<(), Failure> {
        for set in sets {
            if self.allowance.refusal.is_some() || self.notes.at_work() >= MOST_AT_WORK {
                self.allowance.changes_left += 1;
                continue;
            }
            let assignment = Assignment {
                account: self.account.clone(),
                permission_set: set.arn.clone(),
                group: id.clone(),
            };
            let mut change = AssignmentChange {
                action,
                group: name.clone(),
                group_id: id.clone(),
                permission_set: set.name.clone(),
                permission_set_arn: set.arn.clone(),
                request: None,
            };
            match self.center.start(action, &assignment).await? {
                Start::Taken(_, RequestState::Succeeded) => {}
                Start::Taken(_, RequestState::Failed(reason))
                    if self.notes.may_be_young(action, &reason) =>
                {
                    self.notes.was_unseen();
                    self.allowance.changes_left += 1;
                    self.allowance.refusal = Some(reason);
                    continue;
                }
                Start::Taken(_, RequestState::Failed(reason)) => {
                    let words = change.words_of_failure(&reason);
                    return Err(Failure::new(ErrorName::SingleSignOnFailed, words));
                }
                Start::Taken(request, RequestState::InProgress) => change.request = Some(request),
                Start::NotYet(words) => {
                    self.allowance.changes_left += 1;
                    self.allowance.refusal = Some(words);
                    continue;
                }
            }
            self.notes.changes.push(change);
        }
        Ok(())
    }

    /// Deletes the groups that were noted for it, as far as nothing is assigned to them any more.
    pub(crate) async fn retire(&self) -> Result<Vec<GroupName>, Failure> {
        let mut deleted = Vec::new();
        for group in &self.notes.retiring {
            let assignments = self.center.list_of_group(&group.id).await?;
            // One that this execution has deleted may show for a while.
            let is_used = assignments.iter().any(|other| {
                let set = &other.permission_set;
                let is_taken_away = self.notes.has_done(Action::Unassign, &group.id, set);
                other.account != *self.account || !is_taken_away
            });
            if !is_used {
                self.groups.delete_group(&group.id).await?;
                deleted.push(group.name.clone());
            }
        }
        Ok(deleted)
    }
}
