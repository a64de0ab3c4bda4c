//! What has to change, as plain data: made from what was found, shown, then applied.
//! Of contacts it knows what is to be done and nothing of what they say.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use avm_core::contract::answer;
use avm_core::domain::Region;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_settings::{ContactKind, RegionStatus};
use avm_core::rules::budget::Change;
use serde::{Serialize, Serializer};

use crate::ContactOutcome;

/// Quota of AWS Account Management: concurrent region-opt requests per account.
const CHANGING_AT_ONCE: usize = 6;

/// What has to change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Plan {
    /// The contacts that differ from what they should be.
    pub(crate) set: BTreeSet<ContactKind>,
    /// The wanted regions that are disabled.
    pub(crate) enable: Vec<Region>,
    /// The wanted regions that are changing, with their status.
    #[serde(serialize_with = "in_words")]
    pub(crate) waiting: BTreeMap<Region, RegionStatus>,
    /// What the budget needs.
    #[serde(
        serialize_with = "each_in_words",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub(crate) budget: Vec<Change>,
    /// What will have been done about each contact.
    #[serde(skip)]
    pub(crate) contacts: BTreeMap<ContactKind, ContactOutcome>,
    /// How many more regions AWS can change now.
    #[serde(skip)]
    pub(crate) room: usize,
}

impl Plan {
    /// The contacts that are not as they should be are to be set.
    pub(crate) fn without_regions(contacts: BTreeMap<ContactKind, ContactOutcome>) -> Self {
        let to_set = contacts
            .iter()
            .filter(|(_, outcome)| **outcome == ContactOutcome::Set);
        Self {
            set: to_set.map(|(kind, _)| *kind).collect(),
            enable: Vec::new(),
            waiting: BTreeMap::new(),
            budget: Vec::new(),
            contacts,
            room: 0,
        }
    }

    /// And what takes the account from the regions that were found to all wanted ones enabled. Fails with
    /// `InvalidConfiguration` and every region that the account does not have, enabled or not.
    pub(crate) fn with_regions(
        mut self,
        wanted: &BTreeSet<Region>,
        found: &BTreeMap<Region, RegionStatus>,
    ) -> Result<Self, Failure> {
        let mut unknown = Vec::new();
        for region in wanted {
            match found.get(region) {
                None => unknown.push(region.as_str()),
                Some(RegionStatus::Enabled) => {}
                Some(RegionStatus::Disabled) => self.enable.push(region.clone()),
                Some(status) => {
                    self.waiting.insert(region.clone(), status.clone());
                }
            }
        }
        if !unknown.is_empty() {
            return Err(Failure::new(
                ErrorName::InvalidConfiguration,
                format!(
                    "optInRegions, stackSets or the platform: AWS has no region {} for this account",
                    unknown.join(", ")
                ),
            ));
        }
        let changing = found
            .values()
            .filter(|status| matches!(status, RegionStatus::Enabling | RegionStatus::Disabling))
            .count();
        self.room = CHANGING_AT_ONCE.saturating_sub(changing);
        Ok(self)
    }
}

fn in_words<S: Serializer>(
    waiting: &BTreeMap<Region, RegionStatus>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(
        waiting
            .iter()
            .map(|(region, status)| (region, status.to_string())),
    )
}

fn each_in_words<S: Serializer>(changes: &[Change], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(changes.iter().map(Change::to_string))
}

impl answer::Plan for Plan {
    fn is_empty(&self) -> bool {
        self.set.is_empty()
            && self.budget.is_empty()
            && self.enable.is_empty()
            && self.waiting.is_empty()
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let contacts = self.set.iter().map(|kind| format!("set {kind} contact"));
        let budget = self.budget.iter().map(Change::to_string);
        let enabled = self.enable.iter();
        let enabled = enabled.map(|region| format!("enable {region}"));
        let waiting = self.waiting.iter();
        let waiting =
            waiting.map(|(region, status)| format!("wait for {region}, which is {status}"));
        let lines: Vec<String> = contacts
            .chain(budget)
            .chain(enabled)
            .chain(waiting)
            .collect();
        if lines.is_empty() {
            formatter.write_str("nothing to change")
        } else {
            formatter.write_str(&lines.join("; "))
        }
    }
}
