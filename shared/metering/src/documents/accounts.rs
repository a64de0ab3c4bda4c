//! Whose an account is, and how far its life has come, as a report says it.
//! The tags are those of the whole machine: the completion's, else the owner's that a failed vend leaves.

use std::collections::BTreeMap;

use avm_core::domain::{COMPLETION_KEYS, OWNER_KEYS};
use avm_core::ports::accounts::AccountState as OfOrganizations;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How far the life of an account has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AccountState {
    PendingActivation,
    Active,
    Suspended,
    PendingClosure,
    Closed,
    /// The organization does not know it any more.
    Gone,
    /// AWS says something that nobody knew when this was written.
    Unknown,
}

impl From<&OfOrganizations> for AccountState {
    fn from(state: &OfOrganizations) -> Self {
        match state {
            OfOrganizations::PendingActivation => Self::PendingActivation,
            OfOrganizations::Active => Self::Active,
            OfOrganizations::Suspended => Self::Suspended,
            OfOrganizations::PendingClosure => Self::PendingClosure,
            OfOrganizations::Closed => Self::Closed,
            OfOrganizations::Other(_) => Self::Unknown,
        }
    }
}

/// Who pays for an account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    pub workspace: String,
    pub project: String,
    /// What says so.
    pub source: OwnerSource,
}

/// What says who pays for an account.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum OwnerSource {
    /// The tags of a completed vend.
    CompletionTags,
    /// The tags that are written at the creation.
    OwnerTags,
    /// The last report that names the account, which is closed or gone.
    LastKnown,
}

impl Owner {
    /// Whether it is the same workspace and project, whatever says so.
    pub fn is_same(&self, other: &Self) -> bool {
        (&self.workspace, &self.project) == (&other.workspace, &other.project)
    }
}

/// The owner that the tags of an account name. Half a pair names nobody.
pub fn owner_of(tags: &BTreeMap<String, String>) -> Option<Owner> {
    let value = |key: &str| tags.get(key).filter(|value| !value.is_empty()).cloned();
    let pair = |[workspace, project]: [&str; 2], source| {
        Some(Owner {
            workspace: value(workspace)?,
            project: value(project)?,
            source,
        })
    };
    pair(COMPLETION_KEYS, OwnerSource::CompletionTags)
        .or_else(|| pair(OWNER_KEYS, OwnerSource::OwnerTags))
}
