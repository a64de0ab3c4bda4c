//! AWS Control Tower, in its home region, with a role of the management account; only reads.
//! `ListEnabledBaselines` takes five targets and shows accounts only where children are asked for.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use aws_config::SdkConfig;
use aws_sdk_controltower::Client;
use aws_sdk_controltower::types::{
    EnabledBaselineFilter, EnabledBaselineSummary, EnablementStatus, RemediationType,
};

use super::failure::{ServiceError, failure};
use avm_core::domain::Region;
use avm_core::error::{ErrorName, Failure};
use avm_core::ports::control_tower::{
    BaselineStatus, ControlTower, EnabledBaseline, LandingZoneState,
};

const LIST_ENABLED: &str = "controltower:ListEnabledBaselines";
const LIST_BASELINES: &str = "controltower:ListBaselines";
const LIST_LANDING_ZONES: &str = "controltower:ListLandingZones";
const GET_LANDING_ZONE: &str = "controltower:GetLandingZone";
const GET_OPERATION: &str = "controltower:GetBaselineOperation";

/// The baseline of units and accounts; others (of backups, of Config) say nothing about enrollment.
const BASELINE: &str = "AWSControlTowerBaseline";

/// Control Tower as the client's role can see it.
#[derive(Clone, Debug)]
pub struct ControlTowerApi {
    client: Client,
}

impl ControlTowerApi {
    /// Calls with this configuration, credentials of a role in the management account, in this region.
    #[must_use]
    pub fn in_region(configuration: &SdkConfig, region: &Region) -> Self {
        let configuration = aws_sdk_controltower::config::Builder::from(configuration)
            .region(aws_sdk_controltower::config::Region::new(
                region.as_str().to_owned(),
            ))
            .build();
        Self {
            client: Client::from_conf(configuration),
        }
    }

    /// The baselines of units and accounts that the filter lets through, all pages.
    async fn list_enabled(
        &self,
        filter: EnabledBaselineFilter,
    ) -> Result<Vec<EnabledBaselineSummary>, Failure> {
        let pages = self
            .client
            .list_enabled_baselines()
            .filter(filter)
            .include_children(true)
            .into_paginator()
            .items()
            .send();
        pages
            .collect::<Result<_, _>>()
            .await
            .map_err(|error| failure(LIST_ENABLED, &error))
    }

    /// The ARN of the baseline in this region: it ends in an id that no document fixes.
    async fn find_baseline(&self) -> Result<String, Failure> {
        let mut baselines = self.client.list_baselines().into_paginator().items().send();
        while let Some(baseline) = baselines.next().await {
            let baseline = baseline.map_err(|error| failure(LIST_BASELINES, &error))?;
            if baseline.name == BASELINE {
                return Ok(baseline.arn);
            }
        }
        Err(Failure::new(
            ErrorName::Internal,
            format!("{LIST_BASELINES} answered without {BASELINE}"),
        ))
    }
}

impl ControlTower for ControlTowerApi {
    async fn baselines_on(
        &self,
        targets: &[&str],
    ) -> Result<BTreeMap<String, EnabledBaseline>, Failure> {
        let filter = EnabledBaselineFilter::builder()
            .set_target_identifiers(Some(
                targets.iter().map(|&target| target.to_owned()).collect(),
            ))
            .build();
        let mut found = self.list_enabled(filter).await?;
        found.retain(|baseline| targets.contains(&baseline.target_identifier.as_str()));
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
        let answer = self
            .client
            .list_landing_zones()
            .send()
            .await
            .map_err(|error| failure(LIST_LANDING_ZONES, &error))?;
        let Some(arn) = answer.landing_zones.into_iter().find_map(|zone| zone.arn) else {
            return Ok(None);
        };
        let answer = self
            .client
            .get_landing_zone()
            .landing_zone_identifier(arn)
            .send()
            .await;
        match answer {
            Ok(answer) => Ok(answer.landing_zone.map(|zone| LandingZoneState {
                enrolls_moved_accounts: zone
                    .remediation_types()
                    .contains(&RemediationType::InheritanceDrift),
                version: zone.version,
            })),
            Err(error) => {
                let error = ServiceError::of(GET_LANDING_ZONE, &error);
                if error.code == "ResourceNotFoundException" {
                    Ok(None)
                } else {
                    Err(error.into_failure())
                }
            }
        }
    }

    async fn find_operation_message(&self, operation: &str) -> Result<Option<String>, Failure> {
        let answer = self
            .client
            .get_baseline_operation()
            .operation_identifier(operation)
            .send()
            .await;
        match answer {
            Ok(answer) => Ok(answer
                .baseline_operation
                .and_then(|operation| operation.status_message)
                .filter(|message| !message.is_empty())),
            Err(error) => {
                let error = ServiceError::of(GET_OPERATION, &error);
                if error.code == "ResourceNotFoundException" {
                    Ok(None)
                } else {
                    Err(error.into_failure())
                }
            }
        }
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
    EnabledBaseline {
        arn: summary.arn,
        parent: summary.parent_identifier,
        status: match status {
            Some(EnablementStatus::Succeeded) => BaselineStatus::Succeeded,
            Some(EnablementStatus::Failed) => BaselineStatus::Failed,
            Some(EnablementStatus::UnderChange) => BaselineStatus::UnderChange,
            other => BaselineStatus::Other(
                other
                    .map_or("without a status", EnablementStatus::as_str)
                    .to_owned(),
            ),
        },
        operation: of_status.and_then(|summary| summary.last_operation_identifier),
    }
}
