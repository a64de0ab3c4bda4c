//! Rolls a StackSet of the landing zone out to the account: read, compare, start an operation, and follow it.
//! The operation's id is made from the execution and what it asks for, so that a replay finds it again.

mod operation;
mod plan;
mod reason;
mod task;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use avm_core::config::StackSetReference;
use avm_core::contract::call::Request;
use avm_core::domain::{OperationId, Region, StackSetName};
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::stack_sets::{Action, Overrides};
use avm_core::step::{Acted, Patience, Step, Wait};
use avm_core::world::World;
use serde::{Deserialize, Serialize};

use task::Task;

pub use plan::{Plan, ToDo};

/// The step; it needs a StackSet and the region of its instance.
pub struct ApplyStackSet;

/// What the machine sends.
pub type Call = Request<Notes, StackSetReference>;

/// What the step has done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Done {
    /// The name of the StackSet.
    pub name: StackSetName,
    /// The region of its instance.
    pub region: Region,
    pub operation: Change,
    /// What was planned; values are left out.
    pub plan: Vec<String>,
}

/// What an operation does with the instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// There was nothing to do.
    None,
    Create,
    Update,
}

/// How far the step is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Notes {
    /// The operation of this execution that is at work; none: others come first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<Started>,
    /// How often CloudFormation has shown an older state than its operation's.
    pub stale_looks: u32,
    /// How many operations of this execution have come to nothing that lasts; the number of the next.
    pub refusals: u32,
}

/// An operation that this execution started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Started {
    pub operation_id: OperationId,
    /// What was planned; values are left out.
    pub plan: Vec<String>,
    /// The parameters of an instance that is to be new: whether it has them shows in the end.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub keys: BTreeSet<String>,
}

impl Step for ApplyStackSet {
    const NAME: &'static str = "apply-stackset";
    const DOORS: &'static [Door] = &[Door::Own];
    const PROVES_CALLER: bool = true;
    /// About 40 minutes for the operation; nearly three hours for its turn: AWS says that managed execution may queue all that
    /// comes while anything runs, and a hundred operations of a minute and a half take two and a half.
    const PATIENCE: Option<Patience> = Some(Patience {
        work: Wait {
            looks: 30,
            first: 20,
            growth: 10,
            longest: 90,
        },
        turn: Some(Wait {
            looks: 80,
            first: 5,
            growth: 4,
            longest: 180,
        }),
        gives_up: ErrorName::StackSetTimedOut,
    });

    type Call = Call;
    type Plan = Plan;
    type Done = Done;

    /// Fails with `StackSetNotFound`, `InvalidConfiguration` for a service-managed StackSet, and with `StackSetFailed` or
    /// `StackInstanceInoperable` and CloudFormation's reason.
    async fn look(call: &Call, world: &impl World) -> Result<Plan, Failure> {
        let task = Task::new(call, world.stack_sets(Door::Own).await?);
        let to_do = match &task.notes.started {
            Some(started) => task.follow(started).await?,
            None => task.plan().await?,
        };
        Ok(Plan {
            stack_set: call.input.clone(),
            to_do,
        })
    }

    async fn act(call: &Call, plan: Plan, world: &impl World) -> Result<Acted<Self>, Failure> {
        let task = Task::new(call, world.stack_sets(Door::Own).await?);
        let steps = plan.to_do.steps();
        match plan.to_do {
            ToDo::Nothing => Ok(task.done(Change::None, steps)),
            ToDo::Finish { operation, plan } => Ok(task.done(operation, plan)),
            ToDo::Wait {
                waiting_for,
                notes,
                queued,
            } => Ok(task.waiting(&waiting_for, notes, queued)),
            ToDo::Create { set } => {
                let overrides = task.overrides(&set, BTreeSet::new());
                task.create(&overrides, steps).await
            }
            ToDo::Update {
                set, kept, reset, ..
            } => {
                let mut overrides = task.overrides(&set, kept);
                if overrides == Overrides::default() {
                    overrides.own = task.own_values(&reset).await?;
                }
                task.update(&overrides, steps).await
            }
        }
    }
}

impl Notes {
    fn with(&self, started: Started) -> Self {
        Self {
            started: Some(started),
            ..self.clone()
        }
    }

    fn with_stale_look(&self) -> Self {
        Self {
            stale_looks: self.stale_looks + 1,
            ..self.clone()
        }
    }

    fn without_stale_looks(&self) -> Self {
        Self {
            stale_looks: 0,
            ..self.clone()
        }
    }

    /// The next operation has another id.
    fn with_refusal(&self) -> Self {
        Self {
            started: None,
            stale_looks: 0,
            refusals: self.refusals + 1,
        }
    }
}

impl From<Action> for Change {
    fn from(action: Action) -> Self {
        match action {
            Action::Create => Self::Create,
            Action::Other => Self::Update,
        }
    }
}
