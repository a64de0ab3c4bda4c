//! Lets the groups of a project into its account: read, compare, show, apply, and follow what AWS works on.
//! Only groups whose name begins with `mst-` are ever changed, and only assignments of this account.
//!
//! What is taken away: members whom the request does not name (where it names any role's people at all), and assignments
//! to this account of `mst-` groups that no mapping wants, or not with that permission set. A group that no mapping wants
//! is deleted if all of this holds: this execution has noted it while it was still assigned to this account; no assignment
//! to any account is left; and it carries the machine's own description, or none at all where groups are written through
//! SCIM, which knows no descriptions. So a group stays that another account shares (a pattern without the project), that
//! another system has made, or that was never assigned here.

mod apply;
mod mappings;
mod plan;
mod progress;
mod read;
#[cfg(test)]
mod tests;

use avm_core::config::SingleSignOnInstance;
use avm_core::contract::step::{Answer, OnAccount, StepRequest};
use avm_core::domain::{AccountId, GroupName};
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::assignments::Assignments;
use avm_core::ports::directory::{Groups, Members};
use serde::{Deserialize, Serialize};

use mappings::Wanted;
use plan::Plan;
use progress::words_of_changes;

pub use progress::{AssignmentChange, Progress, RetiringGroup};

/// The name of the step: in failures and in the log.
pub const STEP: &str = "single-sign-on";

/// What the state machine sends.
pub type Request = StepRequest<OnAccount, Progress>;
/// What it is answered.
pub type Response = Answer<Done, Progress>;

/// What the step has done. Nobody who is in a group is named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Done {
    /// The groups of the landing zone's role mappings.
    pub groups: Vec<GroupName>,
    /// Those that were made.
    pub created: Vec<GroupName>,
    /// Groups that no mapping wants any more and that were deleted.
    pub deleted: Vec<GroupName>,
    /// How many people were put into groups.
    pub added: usize,
    /// How many people were taken out of groups.
    pub removed: usize,
    /// The assignments that were made, as `<group>: <permission set>`.
    pub assigned: Vec<String>,
    /// The assignments that were deleted.
    pub unassigned: Vec<String>,
    /// What is not as the request wants it and could not be changed, in words, with the remedy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<String>,
}

/// What the step asks of the world.
pub struct Ports<'a, Center, Directory, Store> {
    /// The assignments of the instance.
    pub assignments: &'a Center,
    /// Where groups are found and written.
    pub groups: &'a Directory,
    /// Where members are read.
    pub members: &'a Store,
}

/// What all parts of the step need.
struct Step<'a, Center, Directory, Store> {
    request: &'a Request,
    account: &'a AccountId,
    ports: Ports<'a, Center, Directory, Store>,
}

/// The instance of IAM Identity Center that the order names.
///
/// # Errors
/// `InvalidState` where the order names none.
pub fn instance(request: &Request) -> Result<&SingleSignOnInstance, Failure> {
    let instance = request.order.platform.single_sign_on.as_ref();
    instance.ok_or_else(|| {
        Failure::new(
            ErrorName::InvalidState,
            "the platform has no instance of IAM Identity Center",
        )
        .of_account(&request.rest.account.account_id)
    })
}

/// Brings groups, members and assignments to what the landing zone and the request want.
///
/// # Errors
/// `InvalidConfiguration` for a permission set that does not exist, before anything is written; `SingleSignOnFailed` with
/// AWS's reason for an assignment that fails; those of the ports.
pub async fn handle<Center, Directory, Store>(
    request: &Request,
    ports: Ports<'_, Center, Directory, Store>,
) -> Result<Response, Failure>
where
    Center: Assignments,
    Directory: Groups,
    Store: Members,
{
    let step = Step {
        request,
        account: &request.rest.account.account_id,
        ports,
    };
    let answer = step.run().await;
    answer.map_err(|failure| failure.of_account(step.account))
}

impl<Center: Assignments, Directory: Groups, Store: Members> Step<'_, Center, Directory, Store> {
    async fn run(&self) -> Result<Response, Failure> {
        let mut progress = self.request.progress.clone().unwrap_or_default();
        self.follow(&mut progress).await?;
        if progress.at_work() > 0 {
            return Ok(pending(progress, None));
        }
        let wanted = mappings::wanted(&self.request.order, self.ports.assignments).await?;
        let actual = self.read(&wanted).await?;
        let plan = Plan::new(&wanted, &actual, &progress);
        self.show(&plan);
        // Written down before the first assignment goes: afterwards nothing tells any more that the group was here.
        if progress.note_retiring(plan.retiring()) {
            let names = progress.retiring.iter().map(|group| group.name.as_str());
            let names: Vec<&str> = names.collect();
            let words = format!("noted that no mapping wants {} any more", names.join(", "));
            return Ok(pending(progress, Some(words)));
        }
        let left = self.apply(&plan, &mut progress).await?;
        if progress.at_work() > 0 || left.is_some() {
            return Ok(pending(progress, left));
        }
        let deleted = self.retire(&progress).await?;
        let unmapped = read::unmapped(&self.request.order);
        let drift: Vec<String> = actual.drift(&wanted).into_iter().chain(unmapped).collect();
        let drift = (!drift.is_empty()).then(|| drift.join(" "));
        self.warn_of(drift.as_deref());
        Ok(Answer::Done(done(&wanted, progress, deleted, drift)))
    }

    fn show(&self, plan: &Plan) {
        tracing::info!(
            execution = self.request.execution.name(),
            account = self.account.as_str(),
            is_empty = plan.is_empty(),
            %plan,
            "planned single sign-on"
        );
    }

    fn warn_of(&self, drift: Option<&str>) {
        if let Some(drift) = drift {
            tracing::warn!(
                execution = self.request.execution.name(),
                account = self.account.as_str(),
                drift,
                "not everything is as the request wants it"
            );
        }
    }
}

fn pending(progress: Progress, left: Option<String>) -> Response {
    let at_work = progress.at_work();
    let at_work = (at_work > 0).then(|| format!("assignments at work: {at_work}"));
    let words: Vec<String> = at_work.into_iter().chain(left).collect();
    Answer::Pending {
        waiting_for: words.join("; "),
        progress,
    }
}

fn done(
    wanted: &Wanted,
    progress: Progress,
    deleted: Vec<GroupName>,
    drift: Option<String>,
) -> Done {
    let (assigned, unassigned) = words_of_changes(&progress.changes);
    Done {
        groups: wanted.keys().cloned().collect(),
        created: progress.created,
        deleted,
        added: progress.added,
        removed: progress.removed,
        assigned,
        unassigned,
        drift,
    }
}
