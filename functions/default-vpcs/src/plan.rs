//! What has to be deleted, region by region, as plain data: made from what the look shows, shown, then applied.
//! What a region hides is said, too; whether a default VPC is in use shows only when it is to go.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use avm_core::contract::answer;
use avm_core::domain::Region;
use avm_core::error::Failure;
use avm_core::ports::default_vpcs::{FoundVpc, Look};
use serde::{Serialize, Serializer};

use crate::Call;
use crate::outcome::Outcome;
use crate::remains::grouped;
use crate::survey::Looks;

/// What has to happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Plan {
    /// The landing zone keeps default VPCs.
    Keep,
    /// It does not.
    Clear(Clear),
}

/// What has to be deleted, and what is known of the other regions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Clear {
    /// The default VPCs.
    #[serde(serialize_with = "by_region")]
    pub(crate) delete: Vec<FoundVpc>,
    /// The regions without one.
    pub(crate) clean: BTreeSet<Region>,
    /// The regions that a service control policy closes.
    pub(crate) closed: BTreeSet<Region>,
    /// The regions into which nobody could look, and why.
    #[serde(serialize_with = "causes")]
    pub(crate) unseen: BTreeMap<Region, Failure>,
    /// The regions of the landing zone that are not enabled yet.
    pub(crate) not_enabled: BTreeSet<Region>,
}

impl Plan {
    /// Whether there are regions that are enabled in the same vend, with a default VPC that nobody sees yet.
    #[must_use]
    pub fn awaits_regions(&self) -> bool {
        matches!(self, Self::Clear(clear) if !clear.not_enabled.is_empty())
    }
}

impl Clear {
    pub(crate) fn new(call: &Call, looks: Looks) -> Self {
        let mut clear = Self::default();
        // Later calls look at the regions that are left, and no list of all.
        if call.progress.is_none() {
            let opt_in = call.order.landing_zone.settings.opt_in_regions.iter();
            let not_enabled = opt_in.filter(|region| !looks.contains_key(*region));
            clear.not_enabled = not_enabled.cloned().collect();
        }
        for (region, look) in looks {
            match look {
                Ok(Look::Nothing) => {
                    clear.clean.insert(region);
                }
                Ok(Look::Closed(_)) => {
                    clear.closed.insert(region);
                }
                Ok(Look::Found(found)) => clear.delete.push(found),
                Err(failure) => {
                    clear.unseen.insert(region, failure);
                }
            }
        }
        clear
    }

    /// What came of the regions in which nothing is to be deleted, and the VPCs of the others.
    pub(crate) fn outcomes(self) -> (BTreeMap<Region, Outcome>, Vec<FoundVpc>) {
        let clean = self
            .clean
            .into_iter()
            .map(|region| (region, Outcome::Clean));
        let closed = self
            .closed
            .into_iter()
            .map(|region| (region, Outcome::Closed));
        let unseen = self.unseen.into_iter();
        let unseen = unseen.map(|(region, failure)| (region, Outcome::failed(None, failure)));
        (clean.chain(closed).chain(unseen).collect(), self.delete)
    }
}

fn by_region<S: Serializer>(found: &[FoundVpc], serializer: S) -> Result<S::Ok, S::Error> {
    let vpcs = found.iter().map(|found| &found.vpc);
    serializer.collect_map(vpcs.map(|vpc| (vpc.region(), vpc.id())))
}

fn causes<S: Serializer>(
    unseen: &BTreeMap<Region, Failure>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(
        unseen
            .iter()
            .map(|(region, failure)| (region, failure.cause())),
    )
}

impl answer::Plan for Plan {
    /// Regions that are not enabled yet are the business of account-settings.
    fn is_empty(&self) -> bool {
        match self {
            Self::Keep => true,
            Self::Clear(clear) => clear.delete.is_empty() && clear.unseen.is_empty(),
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keep => formatter.write_str("nothing to do: the landing zone keeps default VPCs"),
            Self::Clear(clear) => clear.fmt(formatter),
        }
    }
}

impl fmt::Display for Clear {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = Vec::new();
        if !self.delete.is_empty() {
            let vpcs = self.delete.iter().map(|found| &found.vpc);
            let vpcs: Vec<String> = vpcs
                .map(|vpc| format!("{} in {}", vpc.id(), vpc.region()))
                .collect();
            words.push(format!("delete {}", vpcs.join(", ")));
        }
        if !self.unseen.is_empty() {
            let unseen = self.unseen.iter();
            let unseen = unseen.map(|(region, failure)| (region.to_string(), failure.cause()));
            words.push(format!("look again into {}", grouped(unseen)));
        }
        if words.is_empty() {
            words.push("nothing to do: no region has a default VPC".to_owned());
        }
        if !self.closed.is_empty() {
            let closed = named(&self.closed);
            words.push(format!("closed by a service control policy: {closed}"));
        }
        if !self.not_enabled.is_empty() {
            let not_enabled = named(&self.not_enabled);
            words.push(format!(
                "known once account-settings has enabled them: {not_enabled}"
            ));
        }
        formatter.write_str(&words.join("; "))
    }
}

fn named(regions: &BTreeSet<Region>) -> String {
    let names: Vec<&str> = regions.iter().map(Region::as_str).collect();
    names.join(", ")
}
