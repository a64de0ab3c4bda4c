//! What the step notes for its next call: what it waits for, and what this execution has tried already.
//! Every new try of an operation has a token of its own, made of it.

use avm_core::domain::RecordId;
use serde::{Deserialize, Serialize};

use crate::Change;

/// What is waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "Doing", rename_all_fields = "PascalCase")]
pub enum Notes {
    /// What is to do shows at the next look.
    Look {
        #[serde(default, skip_serializing_if = "Attempts::is_first")]
        attempts: Attempts,
        /// Whether Control Tower has no room for one more operation: one cheap look tells when it has some.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        queued: bool,
    },
    /// An operation of the Account Factory that this execution started.
    Record {
        record: RecordId,
        purpose: Purpose,
        #[serde(default, skip_serializing_if = "Attempts::is_first")]
        attempts: Attempts,
    },
    /// The baseline of an account that sits in its unit.
    Baseline {
        /// What was done with the account.
        change: Change,
        /// At how many looks Control Tower was not seen at work on the account since it was moved.
        #[serde(default, skip_serializing_if = "is_zero")]
        unseen: u32,
    },
}

impl Notes {
    /// What was tried.
    pub(crate) fn attempts(&self) -> Attempts {
        match self {
            Self::Look { attempts, .. } | Self::Record { attempts, .. } => attempts.clone(),
            Self::Baseline { .. } => Attempts::default(),
        }
    }
}

/// What an operation of the Account Factory is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// The account is enrolled.
    Enroll,
    /// It is moved to another unit.
    Move,
    /// Its provisioned product is applied again.
    Repair,
    /// What a failed try has left behind is taken away.
    Remove,
}

/// What this execution has tried already.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Attempts {
    /// How often Control Tower had no room for one more operation.
    #[serde(skip_serializing_if = "is_zero")]
    pub without_room: u32,
    /// How often the execution role could not be assumed.
    #[serde(skip_serializing_if = "is_zero")]
    pub role_not_seen: u32,
    /// Whether what an earlier try had left behind was taken away.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub repairs: bool,
    /// Whether the account was moved to the root, to be enrolled from there.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub freed: bool,
    /// Whether one of them was to move the account: it may sit in its unit since, though the operation has failed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub moves: bool,
}

impl Attempts {
    pub(crate) fn is_first(&self) -> bool {
        *self == Self::default()
    }

    /// What was done with the account once an operation for that purpose has succeeded.
    pub(crate) const fn change(&self, purpose: Purpose) -> Change {
        match purpose {
            Purpose::Enroll if self.repairs => Change::Repaired,
            Purpose::Enroll => Change::Enrolled,
            Purpose::Move => Change::Moved,
            Purpose::Repair if self.moves => Change::Moved,
            Purpose::Repair | Purpose::Remove => Change::Repaired,
        }
    }
}

// The form that serde asks for.
#[allow(clippy::trivially_copy_pass_by_ref)]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}
