//! Takes the powerful access role down to a minimum: puts the minimum policy, verifies it, removes everything else.
//! A step of the vend, and a function of its own that meshStack may call; what cannot be proved in the end is a failure.

mod alone;
mod apply;
mod at_once;
mod plan;
mod target;
#[cfg(test)]
mod tests;

use avm_core::config::DowngradePolicy;
use avm_core::contract::answer::Answer;
use avm_core::contract::call::Request;
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::rules::power::Reached;
use avm_core::step::{Acted, Patience, Step, Wait};
use avm_core::world::World;
use serde::{Deserialize, Serialize};

pub use alone::{Alone, Response, answer};
use apply::Outcome;
pub use at_once::{Stopped, take_down};
pub use plan::Plan;
use target::Target;

/// The step; it needs a landing zone that asks for a downgrade.
pub struct PermissionDowngrade;

/// What the machine sends.
pub type Call = Request<Notes, Option<Input>>;

/// What the step needs besides, where a vend has failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Input {
    /// How far the vend had come; none: it has not failed.
    #[serde(default)]
    pub after_failure: Option<Reached>,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Done {
    /// The policy that the role has now.
    pub policy: DowngradePolicy,
    /// What the role carried before.
    pub found: Summary,
    /// What was changed, in order.
    pub changed: Vec<String>,
    /// What the role carries now, read back.
    pub verified: Summary,
    /// After a failure, for the notice: how powerful the role is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
}

/// The policies of the role by their names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Summary {
    /// Inline policies.
    pub inline: Vec<String>,
    /// Attached managed policies, by ARN.
    pub attached: Vec<String>,
    /// Which policy of ours the minimum is: `strict`, `standard`, `self-upgradable`, `other` or `none`.
    pub minimum: String,
}

/// What the looks before this one have found and changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Notes {
    /// What the role carried at the first look.
    pub found: Summary,
    /// What was changed since then.
    pub changed: Vec<String>,
}

impl Step for PermissionDowngrade {
    const NAME: &'static str = "permission-downgrade";
    const DOORS: &'static [Door] = &[Door::Downgrade];
    const PROVES_CALLER: bool = true;
    /// IAM answers from before a write for some seconds.
    const PATIENCE: Option<Patience> = Some(Patience {
        work: Wait {
            looks: 15,
            first: 5,
            growth: 10,
            longest: 60,
        },
        turn: None,
        gives_up: ErrorName::VerificationPending,
    });

    type Call = Call;
    type Plan = Plan;
    type Done = Done;

    /// Fails with `DowngradeFailed` where the role is missing, and with `AccountNotReady` where it cannot be entered yet.
    async fn look(call: &Call, world: &impl World) -> Result<Plan, Failure> {
        Target::of_call(call)?.look(world).await
    }

    async fn act(call: &Call, plan: Plan, world: &impl World) -> Result<Acted<Self>, Failure> {
        let target = Target::of_call(call)?;
        // The machine calls again: no look is worth a wait in here.
        let outcome = target.take_down(&plan, world, &async |_| false).await?;
        let notes = Notes::after(call.notes(), &plan);
        Ok(match outcome {
            Outcome::Down(verified) => Answer::Done(Done {
                policy: plan.policy(),
                found: notes.found,
                changed: notes.changed,
                verified,
                words: after_failure(call).map(|_| plan.told()),
            }),
            Outcome::MinimumNotShown | Outcome::NotDown(_) => Answer::Working {
                waiting_for: format!(
                    "IAM to show what was changed: {}; the access role may still be powerful",
                    outcome.words(&target)
                ),
                notes,
            },
        })
    }
}

/// How far a vend had come that has failed.
fn after_failure(call: &Call) -> Option<Reached> {
    call.input.as_ref().and_then(|input| input.after_failure)
}

impl Notes {
    fn after(earlier: Option<&Self>, plan: &Plan) -> Self {
        let mut notes = earlier.cloned().unwrap_or_else(|| Self {
            found: plan.found().clone(),
            changed: Vec::new(),
        });
        for line in plan.lines() {
            if !notes.changed.contains(&line) {
                notes.changed.push(line);
            }
        }
        notes
    }
}
