//! A step of the vend as one thing: what it is called, what it needs, how long it waits, how it looks and how it acts.
//! Everything else that a step does is done for all of them, once, by [`run`].

mod patience;
mod run;

pub use patience::{Patience, Wait};
pub use run::run;

use serde::Serialize;

use crate::contract::answer::{Answer, Plan};
use crate::contract::call::Call;
use crate::domain::AccountId;
use crate::doors::Door;
use crate::error::Failure;
use crate::world::World;

/// The answer of a step's act.
pub type Acted<S> = Answer<<S as Step>::Done, <<S as Step>::Call as Call>::Notes>;

/// A step of the vend.
pub trait Step {
    /// The name of its folder and binary; on AWS with `avm-` in front. Failures and the log say it.
    const NAME: &'static str;
    /// The doors that it opens; no other can be opened.
    const DOORS: &'static [Door];
    /// Whether a forged event would give its sender power: then it proves its caller before it looks.
    const PROVES_CALLER: bool;
    /// How long it waits; none: it is done at its first answer.
    const PATIENCE: Option<Patience>;

    /// What it is called with.
    type Call: Call;
    /// What it has found to do.
    type Plan: Plan;
    /// What it has done.
    type Done: Serialize;

    /// Reads, and writes nothing: what is to do, as data.
    ///
    /// # Errors
    /// What keeps it from knowing; what cannot be repaired.
    async fn look(call: &Self::Call, world: &impl World) -> Result<Self::Plan, Failure>;

    /// Does what the plan says.
    ///
    /// # Errors
    /// What AWS refuses.
    async fn act(
        call: &Self::Call,
        plan: Self::Plan,
        world: &impl World,
    ) -> Result<Acted<Self>, Failure>
    where
        Self: Sized;

    /// What the step will hand on, where its look knows that already: a plan passes it to the steps behind it.
    fn foresee(_call: &Self::Call, _plan: &Self::Plan) -> Option<Self::Done> {
        None
    }

    /// The account that an answer names to the machine: that of the call, unless the step finds it.
    fn account(call: &Self::Call, _answer: &Acted<Self>) -> Option<AccountId>
    where
        Self: Sized,
    {
        call.scene().account
    }
}
