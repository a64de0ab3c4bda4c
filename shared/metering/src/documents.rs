//! The documents of a month: a report for each account, the manifest over all of them, and the pointer to the manifest.
//! Neither times nor numbers of requests are in the first two: the same month gives the same bytes.

mod accounts;

use std::collections::{BTreeMap, BTreeSet};

use avm_core::config::{Filter, Metering, Metric};
use avm_core::domain::{AccountId, Month};
use avm_core::error::{ErrorName, Failure};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::bill::Sums;
use crate::line::Line;
use crate::money::{Amount, Cents, Currency};
use crate::plan::{PlanCoverage, PlanKind};
use crate::record::RecordType;
use crate::time::Moment;

pub use accounts::{AccountState, Owner, OwnerSource, owner_of};

macro_rules! schema_name {
    ($(#[$meta:meta])* $name:ident = $text:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        pub enum $name {
            #[serde(rename = $text)]
            V1,
        }
    };
}
schema_name!(
    /// Says that a document is a report.
    ReportSchema = "avm/tenant-usage-report/1"
);
schema_name!(
    /// Says that a document is a manifest.
    ManifestSchema = "avm/organization-usage-report/1"
);
schema_name!(
    /// Says that a document is a pointer.
    PointerSchema = "avm/usage-report-pointer/1"
);

/// How far a month is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It changes from day to day.
    Estimated,
    /// It changes only by another version.
    Final,
}

impl Status {
    /// As documents, keys and rows have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Estimated => "estimated",
            Self::Final => "final",
        }
    }
}

/// What is charged back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FairChargeback {
    pub reserved_instances: bool,
    pub savings_plans: bool,
}

impl FairChargeback {
    /// What the settings charge back.
    pub const fn of(settings: &Metering) -> Self {
        Self {
            reserved_instances: settings.reserved_instance_fair_chargeback,
            savings_plans: settings.savings_plan_fair_chargeback,
        }
    }
}

/// The report of one account and month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "Tenant usage report")]
pub struct Report {
    pub schema: ReportSchema,
    pub month: Month,
    pub status: Status,
    /// 0 while the month is estimated.
    pub version: u32,
    /// The version that this one replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<u32>,
    pub account_id: AccountId,
    pub account_name: String,
    pub account_state: AccountState,
    /// Who pays; none: nobody is known.
    #[serde(deserialize_with = "Option::deserialize")]
    pub owner: Option<Owner>,
    /// Who paid the month before, where that was somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_owner: Option<Owner>,
    pub currency: Currency,
    pub metric: Metric,
    pub filter: Filter,
    pub fair_chargeback: FairChargeback,
    pub plan_data: PlanCoverage,
    pub lines: Vec<Line>,
    pub total: Sums,
}

/// The manifest of a month: what its documents are, and the sums that prove them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "Organization usage report")]
pub struct Manifest {
    pub schema: ManifestSchema,
    pub month: Month,
    pub status: Status,
    pub version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<u32>,
    pub currency: Currency,
    pub metric: Metric,
    pub filter: Filter,
    pub fair_chargeback: FairChargeback,
    /// The other settings of the chargeback, where they are not the usual ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fair_chargeback_since: Option<Month>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub fair_chargeback_excluded_accounts: BTreeSet<AccountId>,
    pub plan_data: PlanCoverage,
    pub total: Sums,
    pub controls: Controls,
    pub plans: Vec<ManifestPlan>,
    pub accounts: BTreeMap<AccountId, ManifestAccount>,
    pub unassigned: Unassigned,
    pub unattributed: Vec<Line>,
    pub csv_sha256: String,
}

impl Manifest {
    /// The settings that it was made with, as far as they decide what is in it; a final month keeps them.
    #[must_use]
    pub fn settings(&self, others: &Metering) -> Metering {
        Metering {
            filter: self.filter,
            metric: self.metric,
            reserved_instance_fair_chargeback: self.fair_chargeback.reserved_instances,
            savings_plan_fair_chargeback: self.fair_chargeback.savings_plans,
            fair_chargeback_since: self.fair_chargeback_since,
            fair_chargeback_excluded_accounts: self.fair_chargeback_excluded_accounts.clone(),
            ..others.clone()
        }
    }
}

/// What must add up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Controls {
    /// The figures of the control query.
    pub amortized: Amount,
    pub unblended: Amount,
    pub upfront_payments: Amount,
    pub upfront_discounts: Amount,
    pub partition: Vec<PartitionControl>,
    /// How far what is charged is from what was billed; only where all upfronts are charged back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cash_difference: Option<Amount>,
}

/// A record type: what the control query says, and what the accounts' lines lack of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PartitionControl {
    pub record_type: RecordType,
    pub amortized: Amount,
    pub unblended: Amount,
    pub difference: Amount,
    /// The same of the billed figure, where there is one.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub unblended_difference: Amount,
}

/// Serde gives a reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_nothing(amount: &Amount) -> bool {
    amount.is_zero()
}

/// A plan of the month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ManifestPlan {
    pub id: String,
    pub kind: PlanKind,
    pub account_id: AccountId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    pub payment_option: String,
    pub start: Moment,
    pub end: Moment,
    pub upfront: Amount,
    pub amortized_upfront: Amount,
    pub amortized_recurring: Amount,
    /// It was given back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub returned: bool,
}

/// An account of the month: its document, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ManifestAccount {
    pub sha256: String,
    pub name: String,
    pub state: AccountState,
    #[serde(deserialize_with = "Option::deserialize")]
    pub owner: Option<Owner>,
    pub amount: Amount,
    pub rounded: Cents,
    pub billed: Amount,
}

/// The accounts without an owner.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Unassigned {
    pub accounts: Vec<AccountId>,
    pub rounded: Cents,
}

/// What readers follow to the manifest. Times and requests are here and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "Usage report pointer")]
pub struct Pointer {
    pub schema: PointerSchema,
    pub month: Month,
    pub status: Status,
    pub version: u32,
    /// The key of the manifest.
    pub manifest: String,
    /// SHA-256 of the manifest.
    pub sha256: String,
    pub started_at: Moment,
    pub published_at: Moment,
    pub requests: u32,
    /// In US dollars.
    pub request_cost: Cents,
    /// The versions before this one, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<Replaced>,
}

/// A version of a final month that another one has replaced; its documents stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Replaced {
    pub version: u32,
    pub manifest: String,
    pub sha256: String,
}

impl Pointer {
    /// The versions that a pointer has replaced which takes the place of this one.
    pub fn with_itself(&self) -> Vec<Replaced> {
        let mut versions = self.replaced.clone();
        versions.push(Replaced {
            version: self.version,
            manifest: self.manifest.clone(),
            sha256: self.sha256.clone(),
        });
        versions
    }
}

/// A document as it is stored: two spaces for each level, and a line's end.
pub fn text_of(document: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(document)
        .map(|text| text + "\n")
        .map_err(|error| Failure::new(ErrorName::Internal, format!("a document: {error}")))
}

/// Reads a document that was stored under that key.
///
/// # Errors
/// `InvalidState`: it is not what was written there.
pub fn read<Document: DeserializeOwned>(key: &str, text: &str) -> Result<Document, Failure> {
    serde_json::from_str(text).map_err(|error| {
        Failure::new(ErrorName::InvalidState, format!("{key}: {error}"))
            .with_remedy("look who has written to the bucket of the reports")
    })
}

/// The JSON Schemas of the documents, by the names of their files.
pub fn schemas() -> [(&'static str, String); 3] {
    let text = |schema: schemars::Schema| avm_core::config::schema_text(&schema.to_value());
    [
        (
            "organization-usage-report.schema.json",
            text(schemars::schema_for!(Manifest)),
        ),
        (
            "tenant-usage-report.schema.json",
            text(schemars::schema_for!(Report)),
        ),
        (
            "usage-report-pointer.schema.json",
            text(schemars::schema_for!(Pointer)),
        ),
    ]
}
