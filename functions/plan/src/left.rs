//! What a vend would leave in the account: instances of StackSets that the landing zone does not name any more.
//! It is asked as a step is, and is none: no vend runs it, and its plan is always empty.

use std::fmt;

use avm_core::contract::answer::{self, Answer};
use avm_core::contract::call::{Nothing, Request};
use avm_core::doors::Door;
use avm_core::error::Failure;
use avm_core::rules::left_instances;
use avm_core::rules::stack_set_names::NamesOfStackSets;
use avm_core::step::{Acted, Patience, Step};
use avm_core::world::World;
use serde::{Deserialize, Serialize};

/// The look at what is left.
pub(crate) struct LeftInstances;

/// The StackSets that are looked at.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    names: NamesOfStackSets,
}

/// What is told, one sentence each.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Left {
    would_be_left: Vec<String>,
    /// Why nothing is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    unread: Option<String>,
}

impl Step for LeftInstances {
    const NAME: &'static str = "left-instances";
    const DOORS: &'static [Door] = &[Door::Own];
    const PROVES_CALLER: bool = false;
    const PATIENCE: Option<Patience> = None;

    type Call = Request<Nothing, Input>;
    type Plan = Left;
    type Done = Nothing;

    async fn look(call: &Self::Call, world: &impl World) -> Result<Left, Failure> {
        let (would_be_left, unread) = match find(call, world).await {
            Ok(words) => (words, None),
            Err(failure) => (Vec::new(), Some(left_instances::unread(failure)?)),
        };
        Ok(Left {
            would_be_left,
            unread,
        })
    }

    /// What is in use is a person's to take away.
    async fn act(_: &Self::Call, _: Left, _: &impl World) -> Result<Acted<Self>, Failure> {
        Ok(Answer::Done(Nothing))
    }
}

async fn find(call: &Request<Nothing, Input>, world: &impl World) -> Result<Vec<String>, Failure> {
    let stack_sets = world.stack_sets(Door::Own).await?;
    let of_machine = left_instances::stack_sets_of_machine(&stack_sets, &call.input.names).await?;
    let zone = &call.order.landing_zone.settings;
    left_instances::find(&stack_sets, &of_machine, &call.account.account_id, zone).await
}

impl answer::Plan for Left {
    fn is_empty(&self) -> bool {
        true
    }
}

impl fmt::Display for Left {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.unread {
            Some(words) => formatter.write_str(words),
            None if self.would_be_left.is_empty() => formatter.write_str("nothing would be left"),
            None => write!(
                formatter,
                "would be left: {}",
                self.would_be_left.join("; ")
            ),
        }
    }
}
