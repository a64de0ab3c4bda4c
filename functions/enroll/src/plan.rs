//! What has to happen with the account, as plain data for both strategies: made from what was read, shown, then done.
//! What waits for an operation is a plan as well: the act only says so.

use std::fmt;

use avm_core::contract::answer;
use avm_core::domain::{ParentId, ProvisionedProductId, RecordId, redact_emails};
use avm_core::ports::account_factory::ProvisionedProduct;
use serde::Serialize;

use crate::role::EXECUTION_ROLE;
use crate::{Change, Purpose, RoleOutcome};

/// What has to happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all_fields = "PascalCase")]
pub enum Plan {
    /// The account is enrolled, and where it should be.
    Settled {
        /// What this execution has done for it.
        change: Change,
        execution_role: Option<RoleOutcome>,
    },
    /// The same, but for the execution role: the machine made it, and the platform wants it removed.
    RemoveRole { change: Change },
    /// Somebody else's operation runs.
    Wait { what: String },
    /// Control Tower is at work on as many accounts as it can.
    Queue { words: String },
    /// An operation of this execution runs.
    Follow { record: RecordId, purpose: Purpose },
    /// An operation of this execution has failed.
    Failed { purpose: Purpose, ending: Ending },
    /// The account is enrolled by the Account Factory.
    Enroll {
        unit_name: String,
        from: ParentId,
        /// Whether the account is moved to the root first: controls let nobody make the execution role where it sits.
        is_governed: bool,
    },
    /// Its product is applied again, in the unit where it should be.
    Update {
        product: Product,
        purpose: Purpose,
        unit_name: String,
    },
    /// What a failed try has left behind is taken away; the enrollment follows.
    Terminate { product: Product },
    /// It is moved into a unit whose accounts Control Tower enrolls.
    Move {
        from: ParentId,
        to: ParentId,
        change: Change,
    },
    /// It will be moved there once Control Tower is not at work on another account of the unit.
    AwaitTurn { change: Change, words: String },
    /// Control Tower enrolls it, because it sits in such a unit.
    AwaitBaseline {
        change: Change,
        unit: ParentId,
        #[serde(skip)]
        unseen: u32,
    },
    /// Control Tower has missed the move, or broken off: the account is moved out of its unit, to be moved in again.
    Leave { from: ParentId, change: Change },
}

/// A provisioned product as far as a plan needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Product {
    pub id: ProvisionedProductId,
    /// Its name, without e-mail addresses.
    pub name: String,
}

/// How an operation has failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all_fields = "PascalCase")]
pub enum Ending {
    /// Control Tower had no room for it.
    NoRoom { words: String },
    /// Control Tower did not see the execution role: it may be too new.
    RoleNotSeen,
    /// Somebody has to look at it.
    Final {
        /// AWS's words, without e-mail addresses.
        words: String,
        remedy: Option<&'static str>,
    },
}

impl Product {
    pub(crate) fn of(product: &ProvisionedProduct) -> Self {
        Self {
            id: product.id.clone(),
            name: redact_emails(&product.name),
        }
    }
}

impl fmt::Display for Product {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "provisioned product {} ({})", self.name, self.id)
    }
}

impl answer::Plan for Plan {
    fn is_empty(&self) -> bool {
        matches!(self, Self::Settled { .. })
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settled { .. } => {
                formatter.write_str("nothing to do: the account is enrolled where it should be")
            }
            Self::RemoveRole { .. } => write!(
                formatter,
                "remove the role {EXECUTION_ROLE}, unless a control guards it"
            ),
            Self::Wait { what } => write!(formatter, "wait for {what}"),
            Self::Queue { words } => write!(formatter, "wait for {}", room(words)),
            Self::Follow { record, .. } => {
                write!(formatter, "follow record {record} of this execution")
            }
            Self::Failed { ending, .. } => write!(formatter, "decide after a failure: {ending}"),
            Self::Enroll {
                unit_name,
                from,
                is_governed,
            } => {
                let way = if *is_governed {
                    " by way of the root"
                } else {
                    ""
                };
                write!(
                    formatter,
                    "enroll the account from {from}{way} into {unit_name}"
                )
            }
            Self::Update {
                product,
                purpose: Purpose::Move,
                unit_name,
            } => write!(formatter, "move {product} into {unit_name}"),
            Self::Update { product, .. } => write!(formatter, "apply {product} again"),
            Self::Terminate { product } => {
                write!(formatter, "terminate {product}, then enroll the account")
            }
            Self::Move { from, to, .. } => write!(
                formatter,
                "move the account from {from} to {to}, which enrolls it"
            ),
            Self::AwaitTurn { words, .. } => write!(formatter, "wait for {words}"),
            Self::Leave { from, .. } => write!(
                formatter,
                "move the account from {from} to the root and in again, which enrolls it"
            ),
            Self::AwaitBaseline { unit, .. } => write!(formatter, "wait for {}", baseline(unit)),
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRoom { words } | Self::Final { words, .. } => formatter.write_str(words),
            Self::RoleNotSeen => {
                write!(formatter, "the role {EXECUTION_ROLE} could not be assumed")
            }
        }
    }
}

/// What an operation waits for in the queue.
pub(crate) fn room(words: &str) -> String {
    format!("room among the account operations of Control Tower ({words})")
}

/// What a moved account waits for.
pub(crate) fn baseline(unit: &ParentId) -> String {
    format!("the baseline of the account, which Control Tower enrolls because it sits in {unit}")
}
