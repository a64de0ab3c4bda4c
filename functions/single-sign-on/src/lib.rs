//! Lets the groups of a project into its account: read, compare, show, apply, and follow what AWS works on.
//! Only groups whose name begins with `mst-` are ever changed, and only assignments of this account.
//!
//! It takes members out whom the request does not name (where it names any role's people at all), and deletes assignments of
//! `mst-` groups to this account that no mapping wants, or not with that permission set. It deletes a group that no mapping
//! wants only if this execution noted it while it was still assigned to this account, no assignment to any account is left,
//! and it says that it is this project's, or that an earlier version of the machine made it. It never deletes a group that
//! another account uses, another system made, or that was never assigned here. A group of a mapping that does not say that it
//! is this project's is refused.

mod apply;
mod mappings;
mod notes;
mod owner;
mod plan;
mod read;
#[cfg(test)]
mod tests;

use avm_core::contract::answer::Answer;
use avm_core::contract::call::Request;
use avm_core::domain::{GroupName, SingleSignOnInstance};
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::rules::group_owner::GroupOwner;
use avm_core::step::{Acted, Patience, Step, Wait};
use avm_core::world::World;
use serde::{Deserialize, Serialize};

use apply::{Allowance, Apply};
use notes::words_of_changes;
use plan::Changes;
use read::Reader;

pub use notes::{AssignmentChange, Begun, Notes, RetiringGroup};
pub use plan::Plan;

/// The step; it needs an order with single sign-on.
pub struct SingleSignOn;

/// What the machine sends.
pub type Call = Request<Notes>;

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

impl Step for SingleSignOn {
    const NAME: &'static str = "single-sign-on";
    const DOORS: &'static [Door] = &[Door::Identity];
    const PROVES_CALLER: bool = true;
    /// About 15 minutes; an assignment takes seconds to a minute, ten at a time.
    const PATIENCE: Option<Patience> = Some(Patience {
        work: Wait {
            looks: 50,
            first: 10,
            growth: 5,
            longest: 20,
        },
        turn: None,
        gives_up: ErrorName::SingleSignOnTimedOut,
    });

    type Call = Call;
    type Plan = Plan;
    type Done = Done;

    /// Fails with `SingleSignOnFailed` and AWS's reason for an assignment of this execution that has failed, with
    /// `InvalidConfiguration` for a permission set that does not exist, and with `NameTaken` for a group of others.
    async fn look(call: &Call, world: &impl World) -> Result<Plan, Failure> {
        let instance = instance(call)?;
        let center = world.assignments(Door::Identity, instance).await?;
        let mut notes = call.notes().cloned().unwrap_or_default();
        notes.follow(&center).await?;
        if notes.at_work() > 0 {
            return Ok(Plan::Wait { notes });
        }
        // AWS's word for each request: what was begun is not read again.
        if let Some(begun) = notes.begun.take() {
            return Ok(Plan::Change(Changes::made(begun, notes)));
        }
        let wanted = mappings::wanted(&call.order, &center).await?;
        let owner = GroupOwner::of(&call.order);
        let reader = Reader {
            account: &call.account.account_id,
            owner: &owner,
            notes: &notes,
            center,
            groups: world.groups(Door::Identity, instance).await?,
            members: world.members(Door::Identity, instance).await?,
        };
        let actual = reader.read(&wanted).await?;
        let drift = read::drift(&actual, &wanted, &call.order, &notes);
        let changes = Changes::new(&wanted, &actual, drift, notes);
        Ok(Plan::Change(changes))
    }

    async fn act(call: &Call, plan: Plan, world: &impl World) -> Result<Acted<Self>, Failure> {
        match plan {
            Plan::Wait { notes } => Ok(working(notes, None)),
            Plan::Change(changes) if changes.is_empty() => Ok(done(call, changes, Vec::new())),
            Plan::Change(changes) => change(call, changes, world).await,
        }
    }
}

/// The instance of IAM Identity Center that the order names.
fn instance(call: &Call) -> Result<&SingleSignOnInstance, Failure> {
    let instance = call.order.platform.single_sign_on.as_ref();
    instance.ok_or_else(|| {
        let words = "the platform has no instance of IAM Identity Center";
        Failure::new(ErrorName::InvalidState, words)
    })
}

async fn change(
    call: &Call,
    mut changes: Changes,
    world: &impl World,
) -> Result<Acted<SingleSignOn>, Failure> {
    // Written down before the first assignment goes: afterwards nothing tells any more that the group was here.
    if changes.note_retiring() {
        let names = changes.notes.retiring.iter();
        let names: Vec<&str> = names.map(|group| group.name.as_str()).collect();
        let words = format!("noted that no mapping wants {} any more", names.join(", "));
        return Ok(working(changes.notes, Some(words)));
    }
    let instance = instance(call)?;
    let owner = GroupOwner::of(&call.order);
    let mut apply = Apply {
        account: &call.account.account_id,
        owner: &owner,
        center: world.assignments(Door::Identity, instance).await?,
        groups: world.groups(Door::Identity, instance).await?,
        notes: &mut changes.notes,
        allowance: Allowance::of_a_call(),
    };
    apply.take_away(&changes.groups, &changes.unwanted).await?;
    apply.let_in(&changes.groups).await?;
    let left = apply.allowance.words();
    if apply.notes.at_work() > 0 || left.is_some() {
        if left.is_none() && changes.notes.retiring.is_empty() {
            changes.notes.begun = Some(Begun {
                groups: changes.mapped,
                drift: changes.drift,
            });
        }
        return Ok(working(changes.notes, left));
    }
    let deleted = apply.retire().await?;
    Ok(done(call, changes, deleted))
}

fn working(notes: Notes, left: Option<String>) -> Acted<SingleSignOn> {
    let at_work = notes.at_work();
    let at_work = (at_work > 0).then(|| format!("assignments at work: {at_work}"));
    let words: Vec<String> = at_work.into_iter().chain(left).collect();
    Answer::Working {
        waiting_for: words.join("; "),
        notes,
    }
}

fn done(call: &Call, changes: Changes, deleted: Vec<GroupName>) -> Acted<SingleSignOn> {
    if let Some(drift) = &changes.drift {
        tracing::warn!(
            execution = call.execution.name(),
            account = call.account.account_id.as_str(),
            drift,
            "not everything is as the request wants it"
        );
    }
    let notes = changes.notes;
    let (assigned, unassigned) = words_of_changes(&notes.changes);
    Answer::Done(Done {
        groups: changes.mapped,
        created: notes.created,
        deleted,
        added: notes.added,
        removed: notes.removed,
        assigned,
        unassigned,
        drift: changes.drift,
    })
}
