//! What was found and what is written, as plain data: made from what was read, shown, then applied.
//! The marks of a vend, its name and time, are written by each: alone they are nothing to do.

use std::fmt;

use avm_core::contract::answer;
use avm_core::error::Failure;
use serde::{Serialize, Serializer};

use crate::tags::TagPlan;
use crate::verification::Check;

/// What has to happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Plan {
    /// What is as it should be, in words.
    pub(crate) verified: Vec<String>,
    /// What is not, in words: nothing is written beside it.
    pub(crate) differences: Vec<String>,
    /// What no wait makes right: the vend fails with it.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "in_words")]
    pub(crate) refusal: Option<Failure>,
    /// Another vend of the account that has to end first, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) waits_for: Option<String>,
    pub(crate) tags: TagPlan,
}

impl Plan {
    pub(crate) fn new(
        checks: [Check; 7],
        refusal: Option<Failure>,
        waits_for: Option<String>,
        tags: TagPlan,
    ) -> Self {
        let mut plan = Self {
            verified: Vec::new(),
            differences: Vec::new(),
            refusal,
            waits_for,
            tags,
        };
        for check in checks {
            plan.verified.extend(check.verified);
            plan.differences.extend(check.differences);
        }
        plan
    }
}

impl answer::Plan for Plan {
    fn is_empty(&self) -> bool {
        self.differences.is_empty() && self.refusal.is_none() && self.tags.changes().is_empty()
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if let Some(failure) = &self.refusal {
            parts.push(format!("fail with {}: {}", failure.name(), failure.cause()));
        }
        if !self.differences.is_empty() {
            parts.push(format!("wait while {}", self.differences.join(", ")));
        }
        parts.extend(
            self.waits_for
                .iter()
                .map(|words| format!("wait for {words}")),
        );
        parts.extend(self.tags.changes());
        if parts.is_empty() {
            return formatter.write_str("nothing to do: the account is verified and tagged");
        }
        formatter.write_str(&parts.join("; "))
    }
}

#[allow(clippy::ref_option)] // serde hands a reference.
fn in_words<S: Serializer>(refusal: &Option<Failure>, serializer: S) -> Result<S::Ok, S::Error> {
    let words = refusal.as_ref().map(ToString::to_string);
    words.serialize(serializer)
}
