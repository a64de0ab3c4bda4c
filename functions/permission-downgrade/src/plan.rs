//! What has to change on the role, as plain data: made from what was found, shown, then applied.
//! An empty plan means that the role already carries the minimum and nothing else.

use std::fmt;

use avm_core::domain::{AttachedPolicy, PolicyDocument};
use avm_core::rules::minimum_policy::{MINIMUM_POLICY, PoliciesOfRole};

/// Why the minimum is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Put {
    /// It is there as it should be: it is not put.
    No,
    /// The role has none.
    Missing,
    /// The role has another: somebody changed it, or the landing zone asks for another one now.
    Different,
}

/// The changes, in the order in which they are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    minimum: PolicyDocument,
    put: Put,
    delete: Vec<String>,
    detach: Vec<AttachedPolicy>,
}

impl Plan {
    /// What takes a role from what was found to the minimum alone.
    #[must_use]
    pub fn of(found: &PoliciesOfRole, minimum: PolicyDocument) -> Self {
        let put = match &found.minimum {
            Some(document) if *document == minimum => Put::No,
            Some(_) => Put::Different,
            None => Put::Missing,
        };
        Self {
            minimum,
            put,
            delete: found.other_inline().cloned().collect(),
            detach: found.attached.iter().cloned().collect(),
        }
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.put == Put::No && self.delete.is_empty() && self.detach.is_empty()
    }

    /// Whether the minimum has to be put.
    #[must_use]
    pub fn puts_minimum(&self) -> bool {
        self.put != Put::No
    }

    /// The document that the role keeps.
    #[must_use]
    pub const fn minimum(&self) -> &PolicyDocument {
        &self.minimum
    }

    /// The inline policies that go.
    #[must_use]
    pub fn inline_to_delete(&self) -> &[String] {
        &self.delete
    }

    /// The managed policies that go.
    #[must_use]
    pub fn to_detach(&self) -> &[AttachedPolicy] {
        &self.detach
    }

    /// The plan in words, a line for each change.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let put = match self.put {
            Put::No => None,
            Put::Missing => Some(format!(
                "put inline policy {MINIMUM_POLICY}, which was missing"
            )),
            Put::Different => Some(format!(
                "put inline policy {MINIMUM_POLICY}, which was different"
            )),
        };
        let deleted = self
            .delete
            .iter()
            .map(|name| format!("delete inline policy {name}"));
        let detached = self
            .detach
            .iter()
            .map(|policy| format!("detach managed policy {}", policy.arn));
        put.into_iter().chain(deleted).chain(detached).collect()
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            formatter.write_str("nothing to change")
        } else {
            formatter.write_str(&self.lines().join("; "))
        }
    }
}
