//! What has to change, as plain data: made from what was found, shown, then applied.
//! Of contacts it knows what is to be done and nothing of what they say.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use avm_core::domain::Region;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::account_settings::{ContactKind, RegionStatus};

use crate::ContactOutcome;

/// Quota of AWS Account Management: concurrent region-opt requests per account.
const CHANGING_AT_ONCE: usize = 6;

/// The whole plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// What is, or was, to be done about each contact.
    pub(crate) contacts: BTreeMap<ContactKind, ContactOutcome>,
    /// Whether the contacts are still to be done.
    pub(crate) is_new: bool,
    /// What is to be done about the regions.
    pub(crate) regions: RegionPlan,
}

impl Plan {
    /// The contacts that differ from what they should be.
    pub(crate) fn contacts_to_set(&self) -> impl Iterator<Item = ContactKind> {
        self.contacts
            .iter()
            .filter(|(_, outcome)| self.is_new && **outcome == ContactOutcome::Set)
            .map(|(kind, _)| *kind)
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let contacts = self
            .contacts_to_set()
            .map(|kind| format!("set {kind} contact"));
        let enabled = self
            .regions
            .to_enable
            .iter()
            .map(|region| format!("enable {region}"));
        let waiting = self
            .regions
            .waiting
            .iter()
            .map(|(region, status)| format!("wait for {region}, which is {status}"));
        let lines: Vec<String> = contacts.chain(enabled).chain(waiting).collect();
        if lines.is_empty() {
            formatter.write_str("nothing to change")
        } else {
            formatter.write_str(&lines.join("; "))
        }
    }
}

/// What is to be done about the regions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RegionPlan {
    /// The disabled ones.
    pub(crate) to_enable: Vec<Region>,
    /// How many of them AWS can take now.
    pub(crate) room: usize,
    /// Those that are changing, with their status.
    pub(crate) waiting: BTreeMap<Region, RegionStatus>,
}

impl RegionPlan {
    /// What takes the account from what was found to all wanted regions enabled.
    ///
    /// # Errors
    /// `InvalidConfiguration` with every region that the account does not have, enabled or not.
    pub(crate) fn of(
        wanted: &BTreeSet<Region>,
        found: &BTreeMap<Region, RegionStatus>,
    ) -> Result<Self, Failure> {
        let mut plan = Self::default();
        let mut unknown = Vec::new();
        for region in wanted {
            match found.get(region) {
                None => unknown.push(region.as_str()),
                Some(RegionStatus::Enabled) => {}
                Some(RegionStatus::Disabled) => plan.to_enable.push(region.clone()),
                Some(status) => {
                    plan.waiting.insert(region.clone(), status.clone());
                }
            }
        }
        if !unknown.is_empty() {
            return Err(Failure::new(
                ErrorName::InvalidConfiguration,
                format!(
                    "optInRegions: AWS has no region {} for this account",
                    unknown.join(", ")
                ),
            ));
        }
        let changing = found
            .values()
            .filter(|status| matches!(status, RegionStatus::Enabling | RegionStatus::Disabling))
            .count();
        plan.room = CHANGING_AT_ONCE.saturating_sub(changing);
        Ok(plan)
    }
}
