//! What AWS Control Tower says of its landing zone, and of the units and accounts that it governs; only reads.
//! The Account Factory goes by `AWSControlTowerBaseline` alone; moves enroll by every baseline of the unit (landing zone 4.0).

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::wire_enum;
use crate::error::Failure;

wire_enum! {
    /// How far a baseline is on its target.
    BaselineStatus {
        /// It is on.
        Succeeded = "SUCCEEDED",
        /// It could not be put on.
        Failed = "FAILED",
        /// It is being put on, changed, or taken away.
        UnderChange = "UNDER_CHANGE",
    }
}

/// A baseline on a unit or an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnabledBaseline {
    pub arn: String,
    /// The ARN of the unit's, of which an account's is a child.
    pub parent: Option<String>,
    /// How far it is.
    pub status: BaselineStatus,
    /// Whether it is no longer what the unit's says (inheritance drift).
    pub is_drifted: bool,
    /// The last operation on it.
    pub operation: Option<String>,
}

/// The landing zone of the organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LandingZoneState {
    pub version: String,
    /// Whether an account that is moved into a registered unit is enrolled (`INHERITANCE_DRIFT` among its remediations).
    pub enrolls_moved_accounts: bool,
    /// Whether it is being set up, updated or repaired (`PROCESSING` of `GetLandingZone`).
    pub is_processing: bool,
}

/// AWS Control Tower.
///
/// All calls fail with what means the same in every service.
pub trait ControlTower {
    /// `AWSControlTowerBaseline` on each of these targets that has it, by the target's ARN. Five targets at most.
    async fn baselines_on(
        &self,
        targets: &[&str],
    ) -> Result<BTreeMap<String, EnabledBaseline>, Failure>;

    /// All baselines on each of these targets that has some, by the target's ARN. Five targets at most.
    async fn all_baselines_on(
        &self,
        targets: &[&str],
    ) -> Result<BTreeMap<String, Vec<EnabledBaseline>>, Failure>;

    /// Whether a control is enabled on one of these units: since landing zone 4.0 a unit may have controls and no baseline.
    async fn has_controls(&self, units: &[&str]) -> Result<bool, Failure>;

    /// The accounts, by their ARNs, that Control Tower is bringing to one of these baselines of units. Five at most.
    async fn accounts_under_change(&self, units: &[&str]) -> Result<BTreeSet<String>, Failure>;

    /// On how many accounts Control Tower is at work.
    async fn count_accounts_under_change(&self) -> Result<usize, Failure>;

    /// The landing zone; `None` if this region has none.
    async fn find_landing_zone(&self) -> Result<Option<LandingZoneState>, Failure>;

    /// What Control Tower says of an operation on a baseline, if anything.
    async fn find_operation_message(&self, operation: &str) -> Result<Option<String>, Failure>;
}
