//! Doing what the plan says, and following what AWS works on: what takes access away comes first.
//! At most ten assignments are at work at a time (IAM Identity Center); the rest is started at the next call.

use avm_core::domain::{GroupId, GroupName};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::assignments::{
    Action, Assignment, Assignments, PermissionSet, RequestState, Start,
};
use avm_core::ports::directory::{Groups, Members, NewGroup};

use crate::Step;
use crate::plan::{GroupPlan, Plan};
use crate::progress::{AssignmentChange, Progress};

/// IAM Identity Center: how many assignments may be at work.
const MOST_AT_WORK: usize = 10;
/// How many people one call moves, so that it ends in good time.
const MOST_MOVED: usize = 200;

/// What a call may still do, and what it had to leave to the next one.
struct Allowance {
    moves: usize,
    moves_left: usize,
    changes_left: usize,
    /// Why AWS takes no further change now.
    refusal: Option<String>,
}

impl Allowance {
    const fn of_a_call() -> Self {
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
    fn words(self) -> Option<String> {
        let moves = (self.moves_left > 0)
            .then(|| format!("changes of members to follow: {}", self.moves_left));
        let changes = (self.changes_left > 0)
            .then(|| format!("changes of assignments to follow: {}", self.changes_left));
        let refusal = self
            .refusal
            .map(|words| format!("IAM Identity Center takes no more for now ({words})"));
        let all: Vec<String> = moves.into_iter().chain(changes).chain(refusal).collect();
        (!all.is_empty()).then(|| all.join("; "))
    }
}

impl<Center: Assignments, Directory: Groups, Store: Members> Step<'_, Center, Directory, Store> {
    /// Looks how far the requests of earlier calls are.
    ///
    /// # Errors
    /// `SingleSignOnFailed` with the reason of every one that has failed.
    pub(crate) async fn follow(&self, progress: &mut Progress) -> Result<(), Failure> {
        let mut failed = Vec::new();
        let mut changes = Vec::new();
        for mut change in progress.changes.drain(..) {
            let Some(id) = &change.request else {
                changes.push(change);
                continue;
            };
            let center = self.ports.assignments;
            match center.find_request(change.action, id).await? {
                Some(RequestState::InProgress) => changes.push(change),
                Some(RequestState::Succeeded) => {
                    change.request = None;
                    changes.push(change);
                }
                Some(RequestState::Failed(reason)) => {
                    failed.push(words_of_failure(&change, &reason));
                }
                // AWS has forgotten it: what came of it shows when the assignments are read.
                None => {}
            }
        }
        progress.changes = changes;
        if failed.is_empty() {
            return Ok(());
        }
        Err(Failure::new(
            ErrorName::SingleSignOnFailed,
            failed.join("; "),
        ))
    }

    /// Does what the plan says; what is left for the next call is answered in words.
    ///
    /// # Errors
    /// Those of the ports.
    pub(crate) async fn apply(
        &self,
        plan: &Plan,
        progress: &mut Progress,
    ) -> Result<Option<String>, Failure> {
        let mut allowance = Allowance::of_a_call();
        self.take_away(plan, progress, &mut allowance).await?;
        self.let_in(plan, progress, &mut allowance).await?;
        Ok(allowance.words())
    }

    async fn take_away(
        &self,
        plan: &Plan,
        progress: &mut Progress,
        allowance: &mut Allowance,
    ) -> Result<(), Failure> {
        for group in &plan.unwanted {
            let target = (&group.name, &group.id);
            self.change(
                Action::Unassign,
                target,
                &group.unassign,
                progress,
                allowance,
            )
            .await?;
        }
        for group in &plan.groups {
            let Some(id) = &group.id else { continue };
            let leaving = allowance.take(&group.remove);
            if !leaving.is_empty() {
                self.ports.groups.remove_members(id, leaving).await?;
            }
            progress.removed += leaving.len();
            let target = (&group.name, id);
            self.change(
                Action::Unassign,
                target,
                &group.unassign,
                progress,
                allowance,
            )
            .await?;
        }
        Ok(())
    }

    async fn let_in(
        &self,
        plan: &Plan,
        progress: &mut Progress,
        allowance: &mut Allowance,
    ) -> Result<(), Failure> {
        for group in &plan.groups {
            let id = self.ensure_group(group, progress).await?;
            let coming = allowance.take(&group.add);
            if !coming.is_empty() {
                self.ports.groups.add_members(&id, coming).await?;
            }
            progress.added += coming.len();
            let target = (&group.name, &id);
            self.change(Action::Assign, target, &group.assign, progress, allowance)
                .await?;
        }
        Ok(())
    }

    async fn ensure_group(
        &self,
        plan: &GroupPlan,
        progress: &mut Progress,
    ) -> Result<GroupId, Failure> {
        if let Some(id) = &plan.id {
            return Ok(id.clone());
        }
        let groups = self.ports.groups;
        match groups.create_group(&plan.name).await? {
            NewGroup::Made(id) => {
                progress.created.push(plan.name.clone());
                Ok(id)
            }
            NewGroup::NameTaken => groups.find_group(&plan.name).await?.ok_or_else(|| {
                Failure::new(
                    ErrorName::ConcurrentModification,
                    format!("group {} exists, but does not show yet", plan.name),
                )
            }),
        }
    }

    /// Starts what may be started of these changes; AWS may say at any of them that it takes no more for now.
    async fn change(
        &self,
        action: Action,
        (name, id): (&GroupName, &GroupId),
        sets: &[PermissionSet],
        progress: &mut Progress,
        allowance: &mut Allowance,
    ) -> Result<(), Failure> {
        for set in sets {
            if allowance.refusal.is_some() || progress.at_work() >= MOST_AT_WORK {
                allowance.changes_left += 1;
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
            match self.ports.assignments.start(action, &assignment).await? {
                Start::Taken(_, RequestState::Succeeded) => {}
                Start::Taken(_, RequestState::Failed(reason)) => {
                    let words = words_of_failure(&change, &reason);
                    return Err(Failure::new(ErrorName::SingleSignOnFailed, words));
                }
                Start::Taken(request, RequestState::InProgress) => change.request = Some(request),
                Start::NotYet(words) => {
                    allowance.changes_left += 1;
                    allowance.refusal = Some(words);
                    continue;
                }
            }
            progress.changes.push(change);
        }
        Ok(())
    }

    /// Deletes the groups that were noted for it, as far as nothing is assigned to them any more.
    ///
    /// # Errors
    /// Those of the ports.
    pub(crate) async fn retire(&self, progress: &Progress) -> Result<Vec<GroupName>, Failure> {
        let mut deleted = Vec::new();
        for group in &progress.retiring {
            let assignments = self.ports.assignments.list_of_group(&group.id).await?;
            // One that this execution has deleted may show for a while.
            let is_used = assignments.iter().any(|other| {
                other.account != *self.account
                    || !progress.has_done(Action::Unassign, &group.id, &other.permission_set)
            });
            if !is_used {
                self.ports.groups.delete_group(&group.id).await?;
                deleted.push(group.name.clone());
            }
        }
        Ok(deleted)
    }
}

fn words_of_failure(change: &AssignmentChange, reason: &str) -> String {
    let doing = match change.action {
        Action::Assign => "could not be assigned",
        Action::Unassign => "could not be unassigned",
    };
    format!("{} {doing}: {reason}", change.words())
}
