//! What AWS keeps about an account itself: its alternate contacts and its enabled regions.
//! Asked from the management account, so it works whatever roles the account still has. Contacts never come out.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::{AccountId, AlternateContact, Region, wire_enum};
use crate::error::Failure;

/// What a contact is responsible for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContactKind {
    Billing,
    Operations,
    Security,
}

impl ContactKind {
    /// Every kind there is.
    pub const ALL: [Self; 3] = [Self::Billing, Self::Operations, Self::Security];

    /// Its name in configuration documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Billing => "billing",
            Self::Operations => "operations",
            Self::Security => "security",
        }
    }
}

impl fmt::Display for ContactKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

wire_enum! {
    /// How a region stands for an account.
    RegionStatus {
        /// It can be used, because it was opted into or is for everybody.
        Enabled = "ENABLED" | "ENABLED_BY_DEFAULT",
        /// It is being enabled: minutes for most accounts, hours for some.
        Enabling = "ENABLING",
        /// It is being disabled: only after that it can be enabled.
        Disabling = "DISABLING",
        Disabled = "DISABLED",
    }
}

/// What came of enabling a region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Enabling {
    /// AWS is at it.
    Started,
    /// AWS does not do it at this moment (its limits, or the region is changing or has changed); in AWS's words.
    NotNow(String),
}

/// Reads and writes the settings of member accounts.
pub trait AccountSettings {
    /// Whether the contact of that kind is exactly this one.
    ///
    /// # Errors
    /// `AccessDenied`, also without trusted access.
    async fn has_contact(
        &self,
        account: &AccountId,
        kind: ContactKind,
        contact: &AlternateContact,
    ) -> Result<bool, Failure>;

    /// Sets the contact of that kind, in place of any other.
    ///
    /// # Errors
    /// `InvalidConfiguration` with the field, where AWS refuses the contact; `AccessDenied`.
    async fn set_contact(
        &self,
        account: &AccountId,
        kind: ContactKind,
        contact: &AlternateContact,
    ) -> Result<(), Failure>;

    /// Every region that there is for the account, and how it stands.
    ///
    /// # Errors
    /// `AccessDenied`, also without trusted access.
    async fn list_regions(
        &self,
        account: &AccountId,
    ) -> Result<BTreeMap<Region, RegionStatus>, Failure>;

    /// Begins to enable a region.
    ///
    /// # Errors
    /// `InvalidConfiguration` with the field, where AWS does not enable such a region; `AccessDenied`.
    async fn start_enabling(
        &self,
        account: &AccountId,
        region: &Region,
    ) -> Result<Enabling, Failure>;
}
