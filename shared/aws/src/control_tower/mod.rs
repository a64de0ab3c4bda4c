//! AWS Control Tower, in its home region, with a role of the management account; only reads.
//! `ListEnabledBaselines` takes five targets and shows accounts only where children are asked for.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use aws_config::SdkConfig;
use aws_sdk_controltower::Client;
use aws_sdk_controltower::types::{
    EnabledBaselineDriftStatus, EnabledBaselineFilter, EnabledBaselineSummary, EnablementStatus,
    LandingZoneDetail, LandingZoneStatus, RemediationType,
};

use super::call::{Answered, Called, NO_STATUS, all_pages, first_in_pages, in_region};
use super::organizations::incomplete;
use avm_core::domain::Region;
use avm_core::error::Failure;
use avm_core::ports::control_tower::{
    BaselineStatus, ControlTower, EnabledBaseline, LandingZoneState,
};

const LIST_ENABLED: &str = "controltower:ListEnabledBaselines";
const LIST_CONTROLS: &str = "controltower:ListEnabledControls";
const LIST_BASELINES: &str = "controltower:ListBaselines";
const LIST_LANDING_ZONES: &str = "controltower:ListLandingZones";
const GET_LANDING_ZONE: &str = "controltower:GetLandingZone";
const GET_OPERATION: &str = "controltower:GetBaselineOperation";

const MISSING: &str = "ResourceNotFoundException";

/// The baseline by which the Account Factory goes; others (of backups, of Config) say nothing about its enrollments.
const BASELINE: &str = "AWSControlTowerBaseline";

/// Control Tower as the client's role can see it.
#[derive(Clone, Debug)]
pub struct ControlTowerApi {
    client: Client,
    region: Region,
    memory: BaselineMemory,
}

/// The region and the ARN of the baseline in it, once a warm function has seen it: AWS never changes it.
pub type BaselineMemory = Arc<OnceLock<(Region, String)>>;

impl ControlTowerApi {
    /// Calls with this configuration, credentials of a role in the management account, in this region.
    pub fn in_region(configuration: &SdkConfig, region: &Region, memory: &BaselineMemory) -> Self {
        Self {
            client: Client::new(&in_region(configuration, region)),
            region: region.clone(),
            memory: Arc::clone(memory),
        }
    }

    /// The baselines of units and accounts that the filter lets through, all pages.
    async fn list_enabled(
        &self,
        filter: EnabledBaselineFilter,
    ) -> Result<Vec<EnabledBaselineSummary>, Failure> {
        let enabled = self
            .client
            .list_enabled_baselines()
            .filter(filter)
            .include_children(true)
            .into_paginator()
            .items()
            .send();
        Ok(all_pages(LIST_ENABLED, enabled).await?)
    }

    async fn list_on(&self, targets: &[&str]) -> Result<Vec<EnabledBaselineSummary>, Failure> {
        let wanted = targets.iter().map(|&target| target.to_owned()).collect();
        let filter = EnabledBaselineFilter::builder()
            .set_target_identifiers(Some(wanted))
            .build();
        let mut found = self.list_enabled(filter).await?;
        found.retain(|baseline| targets.contains(&baseline.target_identifier.as_str()));
        Ok(found)
    }

    /// The ARN of the baseline in this region: it ends in an id that no document fixes.
    async fn find_baseline(&self) -> Result<String, Failure> {
        // An order may name another region than the one before it.
        if let Some((region, known)) = self.memory.get()
            && *region == self.region
        {
            return Ok(known.clone());
        }
        let baselines = self.client.list_baselines().into_paginator().items().send();
        let found = first_in_pages(LIST_BASELINES, baselines, |baseline| {
            (baseline.name == BASELINE).then_some(baseline.arn)
        });
        let found = found.await?;
        let found = found.ok_or_else(|| incomplete(LIST_BASELINES, BASELINE))?;
        let _ = self.memory.set((self.region.clone(), found.clone()));
        Ok(found)
    }
}

/// The landing zone: an organization has one at most.
pub(super) async fn landing_zone(client: &Client) -> Result<Option<LandingZoneDetail>, Failure> {
    let zones = client.list_landing_zones().send().await;
    let zones = zones.of_call(LIST_LANDING_ZONES)?.landing_zones;
    let Some(arn) = zones.into_iter().find_map(|zone| zone.arn) else {
        return Ok(None);
    };
    let zone = client.get_landing_zone().landing_zone_identifier(arn);
    let answer = zone.send().await.of_call(GET_LANDING_ZONE);
    let answer = answer.unless(&[MISSING])?;
    Ok(answer.and_then(|answer| answer.landing_zone))
}

impl ControlTower for ControlTowerApi {
    async fn baselines_on(
        &self,
        targets: &[&str],
    ) -> Result<BTreeMap<String, EnabledBaseline>, Failure> {
        let found = self.list_on(targets).await?;
        if found.is_empty() {
            return Ok(BTreeMap::new());
        }
        let wanted = self.find_baseline().await?;
        let wanted = found
            .into_iter()
            .filter(|one| one.baseline_identifier == wanted);
        Ok(wanted
            .map(|baseline| (baseline.target_identifier.clone(), read(baseline)))
            .collect())
    }

    async fn all_baselines_on(
        &self,
        targets: &[&str],
    ) -> Result<BTreeMap<String, Vec<EnabledBaseline>>, Failure> {
        let mut by_target: BTreeMap<String, Vec<EnabledBaseline>> = BTreeMap::new();
        for found in self.list_on(targets).await? {
            let target = found.target_identifier.clone();
            by_target.entry(target).or_default().push(read(found));
        }
        Ok(by_target)
    }

    async fn has_controls(&self, units: &[&str]) -> Result<bool, Failure> {
        for &unit in units {
            let controls = self.client.list_enabled_controls().target_identifier(unit);
            let controls = controls.into_paginator().items().send();
            let found = first_in_pages(LIST_CONTROLS, controls, Some).await;
            // No document says what is answered for a unit that Control Tower does not know.
            if found.unless(&[MISSING])?.flatten().is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn accounts_under_change(&self, units: &[&str]) -> Result<BTreeSet<String>, Failure> {
        let units = units.iter().map(|&unit| unit.to_owned()).collect();
        let filter = EnabledBaselineFilter::builder()
            .set_parent_identifiers(Some(units))
            .statuses(EnablementStatus::UnderChange)
            .build();
        let found = self.list_enabled(filter).await?.into_iter();
        Ok(found.map(|one| one.target_identifier).collect())
    }

    async fn count_accounts_under_change(&self) -> Result<usize, Failure> {
        let filter = EnabledBaselineFilter::builder()
            .statuses(EnablementStatus::UnderChange)
            .build();
        let found = self.list_enabled(filter).await?;
        let targets = found.iter().map(|baseline| &baseline.target_identifier);
        // An account may have several baselines under change.
        let accounts: BTreeSet<&String> = targets.filter(|target| is_account(target)).collect();
        Ok(accounts.len())
    }

    async fn find_landing_zone(&self) -> Result<Option<LandingZoneState>, Failure> {
        let zone = landing_zone(&self.client).await?;
        Ok(zone.map(|zone| LandingZoneState {
            enrolls_moved_accounts: zone
                .remediation_types()
                .contains(&RemediationType::InheritanceDrift),
            is_processing: zone.status == Some(LandingZoneStatus::Processing),
            version: zone.version,
        }))
    }

    async fn find_operation_message(&self, operation: &str) -> Result<Option<String>, Failure> {
        let answer = self
            .client
            .get_baseline_operation()
            .operation_identifier(operation)
            .send()
            .await
            .of_call(GET_OPERATION)
            .unless(&[MISSING])?;
        Ok(answer
            .and_then(|answer| answer.baseline_operation?.status_message)
            .filter(|message| !message.is_empty()))
    }
}

/// `arn:aws:organizations::333333333333:account/o-…/111111111111`, not that of a unit.
fn is_account(target: &str) -> bool {
    target
        .splitn(6, ':')
        .nth(5)
        .is_some_and(|resource| resource.starts_with("account/"))
}

fn read(summary: EnabledBaselineSummary) -> EnabledBaseline {
    let of_status = summary.status_summary;
    let status = of_status.as_ref().and_then(|summary| summary.status());
    let drift = summary.drift_status_summary.and_then(|drift| drift.types);
    let drift = drift.and_then(|types| types.inheritance?.status);
    EnabledBaseline {
        is_drifted: drift == Some(EnabledBaselineDriftStatus::Drifted),
        arn: summary.arn,
        parent: summary.parent_identifier,
        status: BaselineStatus::from(status.map_or(NO_STATUS, EnablementStatus::as_str)),
        operation: of_status.and_then(|summary| summary.last_operation_identifier),
    }
}
