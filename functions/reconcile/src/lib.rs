//! The reconciler: looks at every vended account, through roles that only read, and words what is not as it was made.
//! It takes nothing down itself: the state machine asks PermissionDowngrade, and lets it look again.

mod finding;
mod list;
mod look;
mod owner;
mod roles;
mod root_user;
mod stack_sets;
mod tell;
#[cfg(test)]
mod tests;

use avm_core::config::DowngradePolicy;
use avm_core::contract::call::{Mode, Scene};
use avm_core::domain::{AccountId, MachineName, RoleName, StackSetName};
use avm_core::doors::Door;
use avm_core::error::{ErrorName, Failure};
use avm_core::json;
use avm_core::rules::stack_set_names::NamesOfStackSets;
use avm_core::world::Host;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use tell::Power;

/// The name in failures, in the log and of all sessions.
pub const NAME: &str = "reconcile";

/// What it opens; none of them leads to a role that writes.
pub const DOORS: &[Door] = &[Door::Own, Door::Reconcile, Door::Verification];

/// What no account says of itself, from the function's environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Which accounts are looked at: those of this machine.
    pub machine: MachineName,
    pub access_role: RoleName,
    /// The widest policy that an access role may keep whose landing zone is not known (yet).
    pub policy: DowngradePolicy,
    /// The StackSets that landing zones may roll out, and nobody else does.
    pub stack_sets: NamesOfStackSets,
}

/// What the state machine asks for.
#[derive(Deserialize)]
#[serde(tag = "Task")]
enum Task {
    /// Which accounts there are to look at.
    List,
    /// What is to be told of one of them.
    Look(Subject),
    /// What the night comes to.
    Tell(tell::Night),
}

/// An account to look at.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Subject {
    account: AccountId,
    /// How many bytes there are for what is told of it.
    room: usize,
    /// What was told of it before a downgrade was asked for.
    before: Option<String>,
    /// The name of the error that the downgrade answered.
    refusal: Option<String>,
    /// The StackSets whose instances its landing zone has to name.
    #[serde(default)]
    stack_sets: Vec<StackSetName>,
}

/// Answers an event; `measure` is told how much power was left at the end of a night.
///
/// # Errors
/// `InvalidState` for an event that is none of the three; what the reads fail with.
pub async fn answer(
    event: Value,
    settings: &Settings,
    host: &impl Host,
    measure: impl Fn(Power),
) -> Result<Value, Failure> {
    match json::decode(event)? {
        Task::List => {
            let scene = scene(settings, None);
            let world = host.world(&scene, DOORS, Mode::Plan);
            value(&list::list(settings, &world).await?)
        }
        Task::Look(subject) => {
            host.standing().refuse(&subject.account, "Account")?;
            let scene = scene(settings, Some(&subject.account));
            let world = host.world(&scene, DOORS, Mode::Plan);
            let looked = look::look(&subject, settings, &world).await;
            value(&looked.map_err(|failure| failure.of_account(&subject.account))?)
        }
        Task::Tell(night) => {
            let told = tell::tell(&night);
            measure(told.power);
            value(&told)
        }
    }
}

fn scene(settings: &Settings, account: Option<&AccountId>) -> Scene {
    Scene {
        account: account.cloned(),
        access_role: settings.access_role.clone(),
        session_name: NAME.to_owned(),
        execution_name: String::new(),
    }
}

fn value(answer: &impl Serialize) -> Result<Value, Failure> {
    serde_json::to_value(answer)
        .map_err(|error| Failure::new(ErrorName::Internal, format!("the answer: {error}")))
}
