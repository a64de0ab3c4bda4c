//! What has to change on the role, as plain data: made from what was found, shown, then applied.
//! An empty plan means that the role already carries the minimum and nothing else.

use std::fmt;

use avm_core::config::DowngradePolicy;
use avm_core::contract::answer;
use avm_core::domain::{AttachedPolicy, PolicyDocument};
use avm_core::rules::minimum_policy::{MINIMUM_POLICY, PoliciesOfRole};
use serde::Serialize;

use crate::Summary;

/// Why the minimum is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
enum Put {
    /// It is there as it should be: it is not put.
    No,
    /// The role has none.
    Missing,
    /// The role has another: somebody changed it, or the landing zone asks for another one now.
    Different,
}

/// The changes, in the order in which they are made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Plan {
    policy: DowngradePolicy,
    found: Summary,
    /// The document of the policy.
    #[serde(skip)]
    minimum: PolicyDocument,
    put: Put,
    delete: Vec<String>,
    detach: Vec<AttachedPolicy>,
    /// What the role keeps its power for: then nothing is changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept_for: Option<String>,
}

impl Plan {
    /// What takes a role from what was found to the minimum alone.
    pub(crate) fn new(
        policy: DowngradePolicy,
        minimum: PolicyDocument,
        found: &PoliciesOfRole,
        summary: Summary,
    ) -> Self {
        let put = match &found.minimum {
            Some(document) if *document == minimum => Put::No,
            Some(_) => Put::Different,
            None => Put::Missing,
        };
        Self {
            policy,
            found: summary,
            minimum,
            put,
            delete: found.other_inline().cloned().collect(),
            detach: found.attached.iter().cloned().collect(),
            kept_for: None,
        }
    }

    /// The plan that changes nothing, for these states.
    pub(crate) fn keeping(self, states: &str) -> Self {
        Self {
            put: Put::No,
            delete: Vec::new(),
            detach: Vec::new(),
            kept_for: Some(states.to_owned()),
            ..self
        }
    }

    /// Whether the role is down already.
    pub(crate) const fn is_settled(&self) -> bool {
        !self.puts_minimum() && self.delete.is_empty() && self.detach.is_empty()
    }

    pub(crate) const fn puts_minimum(&self) -> bool {
        !matches!(self.put, Put::No)
    }

    /// How powerful the role is after it, for a notice.
    pub(crate) fn told(&self) -> String {
        match &self.kept_for {
            None => format!("The access role is at its minimum, {}.", self.policy),
            Some(states) => format!(
                "The access role keeps its power: it was never taken down, and the same request needs it again for {states}. \
                 Where the StackSet is in the account, the function PermissionDowngrade takes it down."
            ),
        }
    }

    pub(crate) const fn policy(&self) -> DowngradePolicy {
        self.policy
    }

    pub(crate) const fn found(&self) -> &Summary {
        &self.found
    }

    pub(crate) const fn minimum(&self) -> &PolicyDocument {
        &self.minimum
    }

    pub(crate) fn inline_to_delete(&self) -> &[String] {
        &self.delete
    }

    pub(crate) fn to_detach(&self) -> &[AttachedPolicy] {
        &self.detach
    }

    /// A line for each change.
    pub(crate) fn lines(&self) -> Vec<String> {
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

impl answer::Plan for Plan {
    fn is_empty(&self) -> bool {
        self.is_settled()
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(states) = &self.kept_for {
            return write!(
                formatter,
                "nothing to change yet: the role was never taken down, and {states} would need its power again"
            );
        }
        if self.is_settled() {
            return write!(
                formatter,
                "nothing to change: the role has the policy {} and no other",
                self.policy
            );
        }
        formatter.write_str(&self.lines().join("; "))
    }
}
