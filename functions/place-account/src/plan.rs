//! Where the account sits and where it is to sit, as plain data: made from what was read, shown, then done.
//! Where its enrollment moves the account, the plan says so and nothing is done here.

use std::fmt;

use avm_core::contract::answer;
use avm_core::domain::ParentId;
use serde::Serialize;

/// What has to happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all_fields = "PascalCase")]
pub enum Plan {
    /// The account sits where its landing zone wants it.
    Stay { organizational_unit_id: ParentId },
    /// The account sits elsewhere, and its enrollment moves it.
    LeaveToEnrollment { organizational_unit_id: ParentId },
    /// The account sits elsewhere.
    Move { from: ParentId, to: ParentId },
    /// The unit that the account is to sit in does not exist.
    MakeUnits(MissingUnits),
}

/// The end of a path that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct MissingUnits {
    /// The last unit of the path that exists, or the root.
    pub below: ParentId,
    /// The names of the path that exist.
    pub found: Vec<String>,
    /// The names of the path that do not, from the top.
    pub missing: Vec<String>,
    /// Where the account sits until then.
    pub from: ParentId,
}

impl MissingUnits {
    /// The whole paths of the missing units, in the order in which they are made.
    pub(crate) fn paths(&self) -> impl Iterator<Item = Vec<String>> {
        (1..=self.missing.len()).map(|end| [&self.found[..], &self.missing[..end]].concat())
    }
}

impl answer::Plan for Plan {
    fn is_empty(&self) -> bool {
        matches!(self, Self::Stay { .. })
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stay {
                organizational_unit_id,
            } => write!(
                formatter,
                "nothing to do: the account sits in {organizational_unit_id}"
            ),
            Self::LeaveToEnrollment {
                organizational_unit_id,
            } => write!(
                formatter,
                "its enrollment moves the account to {organizational_unit_id}"
            ),
            Self::Move { from, to } => write!(formatter, "move the account from {from} to {to}"),
            Self::MakeUnits(units) => {
                let paths: Vec<String> = units.paths().map(|path| path.join("/")).collect();
                let (paths, from) = (paths.join(", "), &units.from);
                write!(
                    formatter,
                    "make the organizational units {paths}, and move the account there from {from}"
                )
            }
        }
    }
}
