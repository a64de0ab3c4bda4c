//! What has to happen for the account of an order, as plain data: use one, wait for one, or ask AWS for one.
//! On the wire it tells no address, and of the tags only the keys.

use std::fmt;

use avm_core::contract::answer;
use avm_core::domain::{Account, LandingZoneName, Moment, redact_emails};
use avm_core::error::Failure;
use avm_core::ports::accounts::NewAccount;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::{Known, Notes};

/// What has to happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all_fields = "PascalCase")]
pub enum Plan {
    /// The account exists, is active, is the one that was asked for and nobody else's.
    Use(Found),
    /// The account, or a creation of it, is there and not yet far enough.
    Wait {
        waiting_for: String,
        /// What the next call has to know.
        notes: Notes,
    },
    /// Another vend of the account was started before this one and still runs.
    WaitForTurn { waiting_for: String },
    /// AWS has no room for the account now.
    WaitForRoom { waiting_for: String },
    /// The same, and so many ask for room that AWS does not answer.
    WaitInCrowd { waiting_for: String },
    /// There is no such account, and no creation of it.
    Create(#[serde(serialize_with = "all_but_address_and_values")] NewAccount),
}

/// The account of the order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Found {
    #[serde(flatten, serialize_with = "id_and_name")]
    pub account: Account,
    /// The landing zone that this vend takes the account out of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leaves: Option<Leave>,
    /// Which of `AccountName` and `AccountEmail` are others in AWS Organizations than in the order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differs: Vec<String>,
    /// Since when the organization has the account.
    #[serde(skip)]
    pub joined: Option<Moment>,
    /// Whether it was there before the organization had it.
    #[serde(skip)]
    pub is_invited: bool,
    /// Why the vend could not write its tags in the end.
    #[serde(skip)]
    pub full_of_tags: Option<Failure>,
    /// Whether this execution has made it.
    #[serde(skip)]
    pub created: bool,
}

/// The landing zone that an account leaves, and what allows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Leave {
    pub landing_zone: LandingZoneName,
    pub allowed_by: String,
}

impl From<Known> for Found {
    fn from(known: Known) -> Self {
        Self {
            account: known.account,
            leaves: None,
            differs: known.differs,
            joined: known.joined,
            is_invited: known.is_invited,
            full_of_tags: None,
            created: known.created,
        }
    }
}

impl Plan {
    pub(crate) const fn wait(waiting_for: String, notes: Notes) -> Self {
        Self::Wait { waiting_for, notes }
    }

    /// The same, of a creation that this execution has asked for, or has found.
    pub(crate) fn of_creation(mut self, has_asked: bool) -> Self {
        match &mut self {
            Self::Use(found) => found.created = has_asked,
            Self::Wait { notes, .. } => notes.has_asked = has_asked,
            Self::WaitForTurn { .. }
            | Self::WaitForRoom { .. }
            | Self::WaitInCrowd { .. }
            | Self::Create(_) => {}
        }
        self
    }
}

impl answer::Plan for Plan {
    fn is_empty(&self) -> bool {
        matches!(self, Self::Use(found) if found.leaves.is_none())
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Use(found) => found.fmt(formatter),
            Self::Wait { waiting_for, .. }
            | Self::WaitForTurn { waiting_for }
            | Self::WaitForRoom { waiting_for }
            | Self::WaitInCrowd { waiting_for } => {
                write!(formatter, "wait for {waiting_for}")
            }
            Self::Create(account) => write!(
                formatter,
                "create the account {:?} with the role {} and the tags {}",
                name(account),
                account.access_role,
                tag_keys(account).join(", ")
            ),
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = &self.account.account_id;
        match &self.leaves {
            None => write!(
                formatter,
                "nothing to do: account {id} is the one of the order"
            )?,
            Some(leave) => write!(
                formatter,
                "take account {id} out of the landing zone {}, as {} allows",
                leave.landing_zone, leave.allowed_by
            )?,
        }
        if self.differs.is_empty() {
            return Ok(());
        }
        let fields = self.differs.join(" and ");
        write!(formatter, "; AWS Organizations shows another {fields}")
    }
}

/// A name or a key may be any text, also an address.
fn name(account: &NewAccount) -> String {
    redact_emails(account.name.as_str())
}

fn tag_keys(account: &NewAccount) -> Vec<String> {
    account.tags.keys().map(|key| redact_emails(key)).collect()
}

fn id_and_name<S: Serializer>(account: &Account, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(2))?;
    map.serialize_entry("AccountId", &account.account_id)?;
    map.serialize_entry("AccountName", &redact_emails(&account.account_name))?;
    map.end()
}

fn all_but_address_and_values<S: Serializer>(
    account: &NewAccount,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(3))?;
    map.serialize_entry("AccountName", &name(account))?;
    map.serialize_entry("AccessRole", &account.access_role)?;
    map.serialize_entry("TagKeys", &tag_keys(account))?;
    map.end()
}
