//! What became of the account's tags, for the message and the log.
//! Only an account that a step has found for the order is marked; one that only the request names may be anybody's.

use std::collections::BTreeSet;
use std::fmt;

use avm_core::error::Failure;

/// What became of the account's tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marking {
    /// There is no account to mark.
    NoAccount,
    /// The account carries the failure and no completion tags.
    Marked,
    /// The same, but for these tags, which it has no room for.
    MarkedInPart(BTreeSet<String>),
    /// The account was left alone: no step has found that it is the one of the request.
    LeftAlone,
    /// The account was left alone: its tags, as told here, name another owner by now.
    Anothers(String),
    /// The account could not be marked.
    Refused(Failure),
}

impl fmt::Display for Marking {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAccount => formatter.write_str("no account"),
            Self::Marked => formatter.write_str("marked"),
            Self::MarkedInPart(left_out) => {
                write!(formatter, "marked, but for {} tags", left_out.len())
            }
            Self::LeftAlone => formatter.write_str("left alone"),
            Self::Anothers(tags) => write!(formatter, "left alone, it is another's: {tags}"),
            Self::Refused(failure) => write!(formatter, "refused: {failure}"),
        }
    }
}
