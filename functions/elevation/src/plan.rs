//! Whether the power is given, as plain data.
//! Where it is not, the reason is told.

use std::fmt;

use avm_core::contract::answer;
use serde::Serialize;

/// What has to happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all_fields = "PascalCase")]
pub enum Plan {
    /// The role is left as it is, for that reason.
    Nothing(String),
    /// It gets its power back, for these states.
    Give { given_for: String },
    /// It was given, and IAM does not show it yet.
    Await { given_for: String },
    /// It was given, and IAM shows it.
    Given { given_for: String },
}

impl answer::Plan for Plan {
    fn is_empty(&self) -> bool {
        matches!(self, Self::Nothing(_) | Self::Given { .. })
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing(reason) => {
                write!(formatter, "the access role gets no power back: {reason}")
            }
            Self::Give { given_for } => write!(
                formatter,
                "give the access role its power back until the end of the vend, for {given_for}"
            ),
            Self::Await { given_for } | Self::Given { given_for } => {
                write!(
                    formatter,
                    "the access role has its power back for {given_for}"
                )
            }
        }
    }
}
