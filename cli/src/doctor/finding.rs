//! One thing that is not as it should be, where, and what to do about it.
//! The names of the checks are for scripts: they stay.

use avm_core::error::Failure;

/// What was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    Document,
    Placeholder,
    Parameter,
    Stack,
    Drift,
    Version,
    Function,
    Trust,
    Principal,
    Secret,
    Key,
    StackSet,
    Region,
    Quota,
    Notice,
    Organization,
    Protection,
    /// It could not be looked at.
    Unknown,
}

impl Check {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Placeholder => "placeholder",
            Self::Parameter => "parameter",
            Self::Stack => "stack",
            Self::Drift => "drift",
            Self::Version => "version",
            Self::Function => "function",
            Self::Trust => "trust",
            Self::Principal => "principal",
            Self::Secret => "secret",
            Self::Key => "key",
            Self::StackSet => "stack-set",
            Self::Region => "region",
            Self::Quota => "quota",
            Self::Notice => "notice",
            Self::Organization => "organization",
            Self::Protection => "protection",
            Self::Unknown => "unknown",
        }
    }
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub check: Check,
    /// The stack, the role, the document …
    pub place: String,
    pub found: String,
    pub remedy: String,
}

impl Finding {
    pub fn new(
        check: Check,
        place: impl Into<String>,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            check,
            place: place.into(),
            found: found.into(),
            remedy: remedy.into(),
        }
    }

    /// What could not be looked at is not well.
    pub fn unknown(place: &str, failure: &Failure) -> Self {
        let found = format!("could not be looked at: {}", failure.cause());
        let remedy = "sign in as somebody who may read this, and run the command again";
        Self::new(Check::Unknown, place, found, remedy)
    }
}
